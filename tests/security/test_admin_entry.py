"""The admin asks for a second factor of the day, and again who it is before somebody's access is touched."""

import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from blu.accounts.models import User
from blu.support import entry
from tests import support
from tests.clients import Client
from tests.factories import PASSWORD, make_business, make_membership, make_user
from tests.security.admin_world import (
    addresses,
    changed,
    every_row,
    make_rows,
    pages,
    quiet,
    site_addresses,
)

pytestmark = pytest.mark.django_db
LATE = "O que você enviou não foi salvo"
HOUR = 3600


def make_support(**fields: Any) -> User:
    return make_user(is_staff=True, is_superuser=True, **fields)


def asks_for(answer: Any) -> str:
    """The name of the page that somebody is led to, "" for none."""
    for name in ("mfa_index", "mfa_reauthenticate", "account_reauthenticate", "account_login"):
        if answer.status_code == 302 and answer["Location"].split("?")[0] == reverse(name):
            return name
    return ""


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_of_the_admin_asks_for_a_second_factor(
    client: Client, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    make_rows()
    quiet(monkeypatch)
    client.force_login(make_support())
    before = every_row()
    own = [one for one in site_addresses() if one.name not in ("login", "logout")]
    asked = [*own, *(one for page in pages() for one in addresses(page))]
    for address in {one.path: one for one in reversed(asked)}.values():
        answer = getattr(client, method)(address.path, address.body)
        refused = method == "post" and answer.status_code == 403
        assert asks_for(answer) == "mfa_index" or refused, address
    assert not changed(before)


def test_the_page_of_second_factors_says_why(client: Client) -> None:
    client.force_login(make_support())
    page = client.get("/admin/", follow=True).content.decode()
    assert "O suporte só abre com verificação em duas etapas." in page
    support.give_app(make_user("ana@clinica.com.br"))
    client.force_login(User.objects.get(email="ana@clinica.com.br"))
    assert "suporte" not in client.get(reverse("mfa_index")).content.decode().lower()


def test_the_first_superuser_of_a_production_is_led_all_the_way(
    client: Client, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    call_command("createsuperuser", email="chefe@blu.com.br", interactive=False, stdout=StringIO())
    user = User.objects.get()
    user.set_password(PASSWORD)
    user.save()
    entrance = "/conta/entrar/?next=/admin/"
    client.post(entrance, {"login": user.email, "password": PASSWORD})
    [link] = re.findall(r"https?://[^/]+(/conta/email/confirmar/\S+)", mailoutbox[-1].body)
    client.post(link)
    client.post(entrance, {"login": user.email, "password": PASSWORD})
    assert asks_for(client.get("/admin/")) == "mfa_index"
    making = reverse("mfa_activate_totp")
    led = client.get(making)
    assert asks_for(led) == "account_reauthenticate"
    client.post(led["Location"], {"password": PASSWORD})
    secret = client.get(making).context["form"].secret
    client.post(making, {"code": support.code_of(secret)})
    led = client.get("/admin/")
    assert asks_for(led) == "mfa_reauthenticate"
    client.post(led["Location"], {"code": support.code_of(secret)})
    assert client.get("/admin/").status_code == 200


def test_whoever_has_no_factor_can_still_leave(client: Client) -> None:
    client.force_login(make_support())
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session


def test_codes_to_keep_alone_are_no_second_factor(client: Client) -> None:
    user = make_support()
    RecoveryCodes.activate(user)
    client.force_login(user)
    assert asks_for(client.get("/admin/")) == "mfa_index"


def test_a_password_alone_opens_nothing_and_the_code_does(client: Client) -> None:
    user = make_support()
    secret = support.give_app(user)
    client.post("/conta/entrar/", {"login": user.email, "password": PASSWORD})
    assert client.get("/admin/").url.startswith("/conta/entrar/")
    client.post("/conta/etapas/entrar/", {"code": support.code_of(secret)})
    assert client.get("/admin/").status_code == 200


def test_a_code_to_keep_opens_it_as_well(client: Client) -> None:
    user = make_support()
    support.give_app(user)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    client.post("/conta/entrar/", {"login": user.email, "password": PASSWORD})
    client.post("/conta/etapas/entrar/", {"code": code})
    assert client.get("/admin/").status_code == 200


def test_a_factor_that_was_made_in_this_web_session_is_asked_for_once_and_leads_back(
    client: Client,
) -> None:
    user = make_support()
    client.force_login(user)
    secret = support.give_app(user)
    led = client.get("/admin/contacts/contact/?q=ana")
    assert asks_for(led) == "mfa_reauthenticate"
    answer = client.post(led["Location"], {"code": support.code_of(secret)})
    assert answer["Location"] == "/admin/contacts/contact/?q=ana"
    assert client.get(answer["Location"]).status_code == 200


def test_who_has_only_a_passkey_is_asked_for_that(client: Client) -> None:
    user = make_support()
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    client.force_login(user)
    assert client.get("/admin/").url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_a_password_again_is_no_second_factor(client: Client) -> None:
    user = make_support()
    support.give_app(user)
    client.force_login(user)
    client.post(f"{reverse('account_reauthenticate')}?next=/admin/", {"password": PASSWORD})
    assert asks_for(client.get("/admin/")) == "mfa_reauthenticate"


@pytest.mark.parametrize(("hours", "page"), [(7.9, ""), (8.1, "mfa_reauthenticate")])
def test_a_factor_is_good_for_a_working_day(client: Client, hours: float, page: str) -> None:
    support.sign_in(client, make_support(), factor_ago=hours * HOUR)
    assert asks_for(client.get("/admin/")) == page


def test_a_factor_of_somebody_else_s_web_session_is_none(client: Client) -> None:
    support.sign_in(client, make_support())
    records = dict(client.session.items())
    other = make_support()
    support.give_app(other)
    client.force_login(other)
    web_session = client.session
    web_session[support.METHODS] = records[support.METHODS]
    web_session[support.WHOSE] = records[support.WHOSE]
    web_session.save()
    assert asks_for(client.get("/admin/")) == "mfa_reauthenticate"


def test_a_factor_that_was_taken_away_opens_nothing_any_more(client: Client) -> None:
    user = support.sign_in(client, make_support())
    assert client.get("/admin/").status_code == 200
    Authenticator.objects.filter(user=user).delete()
    support.give_app(user)
    assert asks_for(client.get("/admin/")) == "mfa_reauthenticate"


# Who it is, again


def test_every_form_of_access_asks_again_who_it_is_and_no_list_does(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rows()
    quiet(monkeypatch)
    support.sign_in(client, make_support(), sure_ago=HOUR)
    before, asked = every_row(), set()
    for page in pages():
        if page.opts.label not in ACCESS:
            continue
        for address in addresses(page):
            if address.path.endswith(("/add/", "/change/", "/password/", "/delete/")):
                assert asks_for(client.get(address.path)) == "account_reauthenticate", address
            sent = client.post(address.path, address.body)
            assert asks_for(sent) == "account_reauthenticate" or sent.status_code == 403, address
        name = f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist"
        assert client.get(reverse(name)).status_code == 200
        asked.add(page.opts.label)
    assert asked == ACCESS
    assert not changed(before)


ACCESS = {
    "accounts.User",
    "accounts.Membership",
    "accounts.Business",  # its members are below it
    "account.EmailAddress",
    "mfa.Authenticator",
    "auth.Group",
}


def test_a_table_that_signs_people_in_is_one_of_those() -> None:
    """Also one that a library brings tomorrow."""
    found = {page.opts.label for page in pages() if entry._is_of_access(page)}
    assert found == ACCESS


def test_what_was_sent_too_late_is_not_done_and_whoever_sent_it_is_led_back_and_told(
    client: Client,
) -> None:
    user = support.sign_in(client, make_support(), sure_ago=HOUR)
    form = "/admin/auth/group/add/"
    led = client.post(form, {"name": "Atendimento"})
    assert asks_for(led) == "account_reauthenticate"
    back = client.post(led["Location"], {"password": PASSWORD})
    assert back["Location"] == form
    assert not Group.objects.exists()
    assert LATE in client.get(form).content.decode()
    assert LATE not in client.get(form).content.decode()
    client.post(form, {"name": "Atendimento"})
    assert Group.objects.get().name == "Atendimento"
    assert user.is_superuser


def test_a_code_of_the_app_is_as_good_as_the_password(client: Client) -> None:
    user = make_support()
    secret = support.give_app(user)
    support.sign_in(client, user, sure_ago=HOUR)
    address = f"/admin/accounts/user/{user.pk}/password/"
    led = client.get(address)
    other = re.search(
        r'href="([^"]*etapas/confirme[^"]*)"', client.get(led["Location"]).content.decode()
    )
    assert other
    answer = client.post(other[1].replace("&amp;", "&"), {"code": support.code_of(secret)})
    assert answer["Location"] == address
    assert client.get(address).status_code == 200


def test_other_tables_ask_for_nothing_more(client: Client) -> None:
    support.sign_in(client, make_support(), sure_ago=HOUR)
    make_membership(make_business())
    for path in ("", "contacts/contact/", "campaigns/sessionlimits/add/", "accounts/user/"):
        assert client.get(f"/admin/{path}").status_code == 200, path


def test_who_may_only_look_is_not_asked_again(client: Client) -> None:
    support.sign_in(client, make_user(is_staff=True), sure_ago=HOUR)
    business = make_membership(make_business()).business
    assert client.get(f"/admin/accounts/business/{business.pk}/change/").status_code == 200
