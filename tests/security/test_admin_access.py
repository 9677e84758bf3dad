"""How support signs in is a superuser's matter; customers are helped, and told."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db.models import Model, Q

from blu.accounts.models import User
from tests import support
from tests.clients import Client
from tests.factories import PASSWORD, make_membership, make_user
from tests.security.admin_world import addresses, body_of, make_rows, pages, quiet

pytestmark = pytest.mark.django_db
OF_STAFF = Q(is_staff=True) | Q(is_superuser=True)
NEW = "Outra senha comprida 7"


@pytest.fixture
def boss() -> User:
    """A superuser, who owns a business as well, and signs in with an app."""
    user = make_user("chefe@blu.com.br", name="Chefe", is_staff=True, is_superuser=True)
    return with_access(make_membership(user=user).user)


@pytest.fixture
def customer() -> User:
    """An owner who has nothing to do with the support."""
    return with_access(make_membership(user=make_user("ana@clinica.com.br", name="Ana")).user)


@pytest.fixture
def helper(client: Client, boss: User, customer: User) -> User:
    """Support with every permission that there is, signed in; no superuser."""
    user = make_user("ajuda@blu.com.br", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return support.sign_in(client, user)


def with_access(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    support.give_app(user)
    return user


def how_staff_signs_in() -> dict[str, list[Any]]:
    """All that makes somebody staff, and lets them in."""
    people = User.objects.filter(OF_STAFF).order_by("pk")
    return {
        "people": [{**row, "last_login": None} for row in people.values()],
        "of": list(people.values_list("pk", "groups", "user_permissions").order_by("pk")),
        "groups": list(Group.objects.values_list("pk", "name", "permissions").order_by("pk")),
        **{
            model.__name__: list(model.objects.filter(user__in=people).order_by("pk").values())
            for model in (EmailAddress, Authenticator)
        },
    }


def rows_of_staff(model: type[Model]) -> list[Model]:
    """Those of a table that are somebody of the support, belong to one, or say what they may."""
    if model is Group:
        return list(Group.objects.all())
    if model is User:
        return list(User.objects.filter(OF_STAFF))
    fields = {field.name: field for field in model._meta.fields}
    if "user" not in fields or fields["user"].related_model is not User:
        return []
    people = User.objects.filter(OF_STAFF)
    return list(model._default_manager.filter(user__in=people))


def test_with_every_permission_nobody_but_a_superuser_touches_how_staff_signs_in(
    client: Client, helper: User, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rows()
    quiet(monkeypatch)
    group = str(Group.objects.get().pk)
    more = {"email": "ladrao@exemplo.com.br", "verified": "on", "is_active": "", "groups": [group]}
    wishes: tuple[dict[str, Any], ...] = ({}, more)
    before, tried = how_staff_signs_in(), set()
    for page in pages():
        for row in rows_of_staff(page.model):
            for address in addresses(page, row):
                for wish in wishes:
                    client.post(address.path, address.body | wish)
            assert how_staff_signs_in() == before, row
            tried.add(page.model)
    assert tried >= {User, EmailAddress, Authenticator, Group}


def test_the_pages_of_staff_refuse_in_so_many_words(
    client: Client, helper: User, boss: User
) -> None:
    person = f"/admin/accounts/user/{boss.pk}"
    assert client.get(f"{person}/password/").status_code == 403
    assert client.post(f"{person}/password/", {"password1": NEW}).status_code == 403
    assert client.get(f"{person}/change/").status_code == 200
    assert client.post(f"{person}/change/", {"name": "x"}).status_code == 403
    assert client.get("/admin/auth/group/add/").status_code == 403


@pytest.mark.parametrize("wish", ["is_active", "is_staff"])
def test_one_s_own_page_of_the_admin_is_one_of_staff(
    client: Client, helper: User, wish: str
) -> None:
    assert client.post(f"/admin/accounts/user/{helper.pk}/change/", {wish: "on"}).status_code == 403


def test_nobody_gets_an_address_of_the_support(
    client: Client, helper: User, boss: User, customer: User
) -> None:
    before = how_staff_signs_in()
    new = {"user": boss.pk, "email": "ladrao@exemplo.com.br", "verified": "on"}
    assert client.post("/admin/account/emailaddress/add/", new).status_code == 403
    address = EmailAddress.objects.get(user=customer)
    moved = {"user": boss.pk, "email": address.email, "verified": "on"}
    client.post(f"/admin/account/emailaddress/{address.pk}/change/", moved)
    page = next(one for one in pages() if one.model is User)
    for email in ("chefe@blu.com.br", "CHEFE@blu.com.br"):
        taken = {"user": customer.pk, "email": email, "verified": "on"}
        client.post("/admin/account/emailaddress/add/", taken)
        client.post(f"/admin/account/emailaddress/{address.pk}/change/", taken)
        body = body_of(page, customer) | {"email": email}
        client.post(f"/admin/accounts/user/{customer.pk}/change/", body)
        client.post("/admin/accounts/user/add/", body_of(page, None) | {"email": email})
    assert how_staff_signs_in() == before
    assert User.objects.filter(email__iexact=boss.email).count() == 1
    assert EmailAddress.objects.filter(email__iexact=boss.email).count() == 1


def test_a_new_person_of_the_support_is_made_by_superusers_only(
    client: Client, helper: User
) -> None:
    page = next(one for one in pages() if one.model is User)
    more = {"email": "novo@exemplo.com.br", "is_staff": "on", "is_superuser": "on"}
    client.post("/admin/accounts/user/add/", body_of(page, None) | more)
    made = User.objects.get(email="novo@exemplo.com.br")
    assert not made.is_staff
    assert not made.is_superuser


def test_an_address_of_staff_is_confirmed_by_no_action(
    client: Client, helper: User, boss: User, customer: User
) -> None:
    rows = EmailAddress.objects.filter(user__in=(boss, customer))
    ticked = {"action": "make_verified", "_selected_action": [row.pk for row in rows]}
    page = client.post("/admin/account/emailaddress/", ticked, follow=True).content.decode()
    assert "1 endereço não pôde ser confirmado." in page
    assert [row.user for row in rows.filter(verified=True)] == [customer]
    ticked["action"] = "delete_selected"
    assert client.post("/admin/account/emailaddress/", ticked | {"post": "yes"}).status_code == 403
    assert rows.count() == 2


def test_an_address_that_signs_somebody_of_the_support_in_is_confirmed_for_nobody_else(
    client: Client, helper: User, customer: User
) -> None:
    chief = make_user("diretora@blu.com.br", is_staff=True, is_superuser=True)
    claimed = EmailAddress.objects.create(user=customer, email="Diretora@blu.com.br")
    ticked = {"action": "make_verified", "_selected_action": [claimed.pk]}
    client.post("/admin/account/emailaddress/", ticked)
    claimed.refresh_from_db()
    assert not claimed.verified
    assert chief.email == "diretora@blu.com.br"


def test_a_superuser_does_all_of_it(client: Client, staff: User, boss: User) -> None:
    change = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    client.post(f"/admin/accounts/user/{boss.pk}/password/", change)
    boss.refresh_from_db()
    assert boss.check_password(NEW)
    client.post("/admin/auth/group/add/", {"name": "Atendimento"})
    assert Group.objects.exists()


# Customers are helped, and told.


def mails_to(address: str) -> str:
    return "\n".join(one.body for one in mail.outbox if address in one.to)


def committed(capture: Any) -> Any:
    return capture(execute=True)


def test_a_customer_whose_password_support_changes_is_told_and_it_is_logged(
    client: Client, helper: User, customer: User, django_capture_on_commit_callbacks: Any
) -> None:
    change = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    with committed(django_capture_on_commit_callbacks):
        client.post(f"/admin/accounts/user/{customer.pk}/password/", change)
    customer.refresh_from_db()
    assert customer.check_password(NEW)
    assert "A senha da sua conta foi trocada." in mails_to("ana@clinica.com.br")
    assert LogEntry.objects.filter(object_id=str(customer.pk), user=helper).exists()


def test_a_customer_whose_email_support_changes_is_told_at_the_old_one(
    client: Client, helper: User, customer: User, django_capture_on_commit_callbacks: Any
) -> None:
    page = next(one for one in pages() if one.model is User)
    body = body_of(page, customer) | {"email": "Outra@clinica.com.br"}
    with committed(django_capture_on_commit_callbacks):
        client.post(f"/admin/accounts/user/{customer.pk}/change/", body)
    customer.refresh_from_db()
    assert customer.email == "outra@clinica.com.br"
    assert customer.check_password(PASSWORD)
    assert "agora é outra@clinica.com.br" in mails_to("ana@clinica.com.br")


@pytest.mark.parametrize("act", ["add", "verify", "delete", "factor"])
def test_a_customer_is_told_of_addresses_and_second_factors(
    client: Client, helper: User, customer: User, act: str, django_capture_on_commit_callbacks: Any
) -> None:
    address = EmailAddress.objects.get(user=customer).pk
    factor = Authenticator.objects.get(user=customer).pk
    list_ = "/admin/account/emailaddress/"
    done: dict[str, tuple[str, dict[str, Any]]] = {
        "add": (f"{list_}add/", {"user": customer.pk, "email": "b@b.com", "verified": "on"}),
        "verify": (list_, {"action": "make_verified", "_selected_action": [address]}),
        "delete": (f"{list_}{address}/delete/", {"post": "yes"}),
        "factor": (f"/admin/mfa/authenticator/{factor}/delete/", {"post": "yes"}),
    }
    path, body = done[act]
    with committed(django_capture_on_commit_callbacks):
        client.post(path, body)
    assert "Foi o suporte do blü" in mails_to("ana@clinica.com.br")
    assert LogEntry.objects.filter(user=helper).count() == 1
