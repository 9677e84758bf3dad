"""Support changes who works where in the admin, and leaves no business without an owner."""

import pytest

from blu.accounts import invitations
from blu.accounts.models import Business, Membership, Role, User
from tests.clients import Client
from tests.factories import confirm, make_business, make_membership

pytestmark = pytest.mark.django_db
LAST = "Todo negócio precisa de alguém responsável. Dê antes esse papel a outra pessoa."
PAGE = "/admin/accounts/membership/"


@pytest.fixture
def last() -> Membership:
    """The only owner of a business in which another person works too."""
    member = make_membership(make_business("Clínica do Sol"))
    make_membership(member.business, Role.VIEWER)
    return member


def change(client: Client, member: Membership, **others: object) -> str:
    data = {"user": member.user_id, "business": member.business_id, "role": member.role}
    answer = client.post(f"{PAGE}{member.pk}/change/", data | others, follow=True)
    return answer.content.decode()


def save_business(
    client: Client, business: Business, *, delete: bool = False, **others: object
) -> str:
    """Save the page of a business with its only two members, the first of them changed."""
    data: dict[str, object] = {
        "name": business.name, "slug": business.slug, "time_zone": business.time_zone,
        "memberships-TOTAL_FORMS": 2, "memberships-INITIAL_FORMS": 2,
    }  # fmt: skip
    for n, member in enumerate(business.memberships.order_by("pk")):
        row = {
            "id": member.pk,
            "business": business.pk,
            "user": member.user_id,
            "role": member.role,
        }
        row |= others if n == 0 else {}
        data |= {f"memberships-{n}-{name}": value for name, value in row.items()}
    if delete:
        data["memberships-0-DELETE"] = "on"
    address = f"/admin/accounts/business/{business.pk}/change/"
    return client.post(address, data, follow=True).content.decode()


def owners(business: Business) -> list[Membership]:
    return list(business.memberships.filter(role=Role.OWNER))


def test_the_last_owner_gets_no_other_role(client: Client, staff: User, last: Membership) -> None:
    assert LAST in change(client, last, role="viewer")
    assert owners(last.business) == [last]


def test_the_last_owner_goes_to_no_other_business(
    client: Client, staff: User, last: Membership
) -> None:
    assert LAST in change(client, last, business=make_business("Outra").pk)
    assert owners(last.business) == [last]


def test_the_last_owner_is_not_deleted(client: Client, staff: User, last: Membership) -> None:
    address = f"{PAGE}{last.pk}/delete/"
    assert client.get(address).status_code == 200
    answer = client.post(address, {"post": "yes"}, follow=True)
    assert LAST in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"{PAGE}{last.pk}/change/"
    assert owners(last.business) == [last]


def test_the_ticked_rows_are_all_kept_where_the_last_owner_is_among_them(
    client: Client, staff: User, last: Membership
) -> None:
    second = make_membership(last.business)
    pks = list(Membership.objects.values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": pks, "post": "yes"}
    page = client.post(PAGE, data, follow=True).content.decode()
    assert LAST in page
    assert owners(last.business) == [last, second]
    data["_selected_action"] = [second.pk]
    client.post(PAGE, data)
    assert owners(last.business) == [last]


@pytest.mark.parametrize("wish", [{"role": "viewer"}, {"delete": True}])
def test_the_page_of_a_business_takes_its_last_owner_no_more_than_that_of_the_membership(
    client: Client, staff: User, last: Membership, wish: dict[str, object]
) -> None:
    assert LAST in save_business(client, last.business, **wish)
    assert owners(last.business) == [last]


@pytest.mark.parametrize("wish", [{"role": "viewer"}, {"delete": True}])
def test_where_another_owner_stays_support_changes_access_and_open_invitations_end(
    client: Client, staff: User, last: Membership, wish: dict[str, object]
) -> None:
    business = last.business
    confirm(last.user)
    invitations.invite(business=business, email="bia@exemplo.com.br", role="owner", by=last.user)
    Membership.objects.filter(business=business).exclude(pk=last.pk).update(role=Role.OWNER)
    assert LAST not in save_business(client, business, **wish)
    assert last not in owners(business)
    assert not invitations.of_business(business).exists()


def test_a_business_without_an_owner_gets_one(client: Client, staff: User) -> None:
    viewer = make_membership(make_business("Sem dono"), Role.VIEWER)
    assert LAST not in change(client, viewer, role="owner")
    assert owners(viewer.business) == [viewer]
