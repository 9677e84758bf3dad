"""Pessoas com acesso: roles changed and access taken away by owners, and never without an owner left."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from blu.accounts import invitations, members
from blu.accounts.models import Invitation, Membership, Role
from blu.accounts.refused import Refused
from tests import support
from tests.clients import Client
from tests.concurrency.waiting import Beside
from tests.factories import confirm, make_business, make_membership, make_user

PAGE = "/empresa/pessoas/"
LAST = "Todo negócio precisa de alguém responsável."


def page_of(member: Membership) -> str:
    return f"{PAGE}{member.pk}/"


@pytest.mark.django_db
def test_the_owner_sees_everybody_with_role_and_address(client: Client, owner: Membership) -> None:
    caio = make_membership(owner.business, Role.VIEWER, make_user(name="Caio Lima"))
    page = client.get(PAGE).content.decode()
    for said in ("Caio Lima", caio.user.email, str(Role.VIEWER.label), owner.user.email):
        assert said in page
    assert client.get("/empresa/").content.decode().count(f'{PAGE}"') > 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.VIEWER])
def test_nobody_but_an_owner_touches_access(client: Client, role: str) -> None:
    member = make_membership(role=role)
    other = make_membership(member.business, Role.VIEWER)
    client.force_login(member.user)
    support.confirm_again(client, member.user)
    assert client.get(PAGE).status_code == 403
    assert client.post(page_of(member), {"role": "owner"}).status_code == 403
    assert client.post(f"{page_of(other)}tirar/").status_code == 403
    assert PAGE not in client.get("/", follow=True).content.decode()
    member.refresh_from_db()
    assert (member.role, Membership.objects.count()) == (role, 2)


@pytest.mark.django_db
def test_a_new_role_counts_at_once_and_is_kept_in_the_history(
    client: Client, owner: Membership
) -> None:
    caio = make_membership(owner.business, Role.VIEWER)
    assert client.post(page_of(caio), {"role": "receptionist"})["Location"].endswith(PAGE)
    caio.refresh_from_db()
    assert caio.role == Role.RECEPTIONIST
    change = caio.history.first()
    assert (change.role, change.history_user) == (Role.RECEPTIONIST, owner.user)


@pytest.mark.django_db
def test_a_made_up_role_is_refused(client: Client, owner: Membership) -> None:
    caio = make_membership(owner.business, Role.VIEWER)
    assert client.post(page_of(caio), {"role": "king"}).status_code == 200
    caio.refresh_from_db()
    assert caio.role == Role.VIEWER


@pytest.mark.django_db
def test_who_is_removed_is_out_with_the_next_request(client: Client, owner: Membership) -> None:
    caio = make_membership(owner.business, Role.RECEPTIONIST)
    theirs = Client()
    theirs.force_login(caio.user)
    support.confirm_again(theirs, caio.user)
    assert theirs.get("/contatos/").status_code == 200
    client.post(f"{page_of(caio)}tirar/")
    assert theirs.get("/contatos/").status_code == 404
    assert theirs.get("/")["Location"] == "/empresa/nova/"
    assert theirs.get("/api/v1/campaigns/").status_code == 404
    gone = Membership.history.filter(id=caio.pk).first()
    assert (gone.history_type, gone.history_user) == ("-", owner.user)


@pytest.mark.django_db
def test_the_last_owner_can_neither_leave_nor_be_lowered(client: Client, owner: Membership) -> None:
    make_membership(owner.business, Role.RECEPTIONIST)
    assert LAST in client.post(page_of(owner), {"role": "viewer"}).content.decode()
    assert LAST in client.post(f"{page_of(owner)}tirar/", follow=True).content.decode()
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


@pytest.mark.django_db
def test_an_owner_who_can_not_sign_in_is_none(owner: Membership) -> None:
    make_membership(owner.business, user=make_user(is_active=False))
    with pytest.raises(Refused):
        members.remove(business=owner.business, pk=owner.pk)


@pytest.mark.django_db
def test_an_owner_of_another_business_is_none_either(owner: Membership) -> None:
    make_membership(make_business("Outra"))
    with pytest.raises(Refused):
        members.remove(business=owner.business, pk=owner.pk)


@pytest.mark.django_db
def test_an_owner_may_leave_to_another_one(client: Client, owner: Membership) -> None:
    make_membership(owner.business)
    answer = client.post(f"{page_of(owner)}tirar/", follow=True)
    assert answer.resolver_match.url_name == "business_new"


def lower(member: Membership) -> None:
    members.change_role(business=member.business, pk=member.pk, role=Role.VIEWER)


def remove(member: Membership) -> None:
    members.remove(business=member.business, pk=member.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [lower, remove])
def test_two_owners_who_act_at_once_leave_one(act: Callable[[Membership], None]) -> None:
    first = make_membership()
    second = make_membership(first.business)
    with transaction.atomic():
        act(first)
        other = Beside(partial(act, second))
        other.waits()
    with pytest.raises(Refused):
        other.result()
    assert list(Membership.objects.filter(role=Role.OWNER)) == [second]


def invite(by: Membership) -> None:
    invitations.invite(
        business=by.business, email="bia@exemplo.com.br", role=Role.OWNER, by=by.user
    )


def renew(by: Membership) -> None:
    open_one = Invitation.objects.get(email="caio@exemplo.com.br")
    invitations.renew(business=by.business, pk=open_one.pk, by=by.user)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [invite, renew])
@pytest.mark.parametrize("end", [lower, remove])
def test_who_stops_being_an_owner_just_then_invites_nobody(
    act: Callable[[Membership], None], end: Callable[[Membership], None]
) -> None:
    first = make_membership(user=confirm(make_user()))
    second = make_membership(first.business, user=confirm(make_user()))
    invitations.invite(
        business=first.business, email="caio@exemplo.com.br", role=Role.VIEWER, by=first.user
    )
    with transaction.atomic():
        end(second)
        other = Beside(partial(act, second))
        other.waits()
    with pytest.raises(Refused, match="Só quem é responsável"):
        other.result()
    assert Invitation.objects.get().invited_by == first.user
