"""Getting in: by password, after confirming the address, with a second step, with a new password."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
)
from django.core import mail

from blu.accounts.models import User
from tests import support
from tests.blu.accounts.test_sign_up import answers
from tests.clients import Client
from tests.factories import PASSWORD, make_membership, make_user

pytestmark = pytest.mark.django_db
PAGE = "/conta/entrar/"
NEW_PASSWORD = "outra senha bem comprida"


def member() -> User:
    user = make_membership().user
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"https?://[^/]+(/\S+)", str(message.body))
    assert found
    return found[1]


def test_the_right_password_opens_the_first_page(client: Client) -> None:
    user = member()
    page = client.post(PAGE, {"login": user.email, "password": PASSWORD}, follow=True)
    assert page.resolver_match.url_name == "dashboard"


def test_a_wrong_password_says_so_without_saying_which(client: Client) -> None:
    for email in (member().email, "ninguem@exemplo.com.br"):
        page = client.post(PAGE, {"login": email, "password": "errada"})
        assert "E-mail ou senha não conferem." in page.content.decode()


def test_a_page_asked_for_is_opened_after_signing_in(client: Client) -> None:
    user = member()
    page = f"/n/{user.memberships.get().business.slug}/empresa/"
    asked = client.get(page)
    assert asked["Location"] == f"/conta/entrar/?next={page}"
    answer = client.post(asked.url, {"login": user.email, "password": PASSWORD, "next": page})
    assert answer["Location"] == page


def test_too_many_wrong_passwords_have_to_wait(client: Client) -> None:
    user = member()
    pages = [client.post(PAGE, {"login": user.email, "password": "errada"}) for _ in range(11)]
    assert pages[0].status_code == 200
    last = pages[-1]
    assert last.status_code == 429 or "Espere alguns minutos" in last.content.decode()


def test_signing_out_needs_a_press(client: Client) -> None:
    client.force_login(member())
    assert client.get("/conta/sair/").status_code == 200
    assert client.get("/empresa/").status_code == 200
    client.post("/conta/sair/")
    assert client.get("/empresa/").status_code == 302


@pytest.fixture
def mandatory(settings: object) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("mandatory")
def test_in_production_nobody_gets_in_before_confirming_the_address(client: Client) -> None:
    page = client.post("/conta/criar/", answers(), follow=True)
    assert "Falta confirmar seu e-mail" in page.content.decode()
    assert client.get("/").status_code == 302
    link = link_in(mail.outbox[0])
    client.get(link)
    client.post(link)
    assert EmailAddress.objects.get().verified
    answer = client.post(PAGE, {"login": "ana@exemplo.com.br", "password": PASSWORD}, follow=True)
    assert answer.resolver_match.url_name == "dashboard"


def test_a_confirmation_link_works_once_and_a_made_up_one_never(client: Client) -> None:
    page = client.get("/conta/email/confirmar/inventado/")
    assert "Este link não vale mais" in page.content.decode()


def test_a_forgotten_password_is_replaced_through_the_link(client: Client) -> None:
    user = member()
    client.post("/conta/senha/recuperar/", {"email": user.email})
    link = link_in(mail.outbox[0])
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    again = Client().get(link, follow=True)
    assert "Este link não vale mais" in again.content.decode()


def test_asking_for_a_link_never_tells_who_has_an_account(client: Client) -> None:
    user = member()
    known = client.post("/conta/senha/recuperar/", {"email": user.email}, follow=True)
    unknown = Client().post(
        "/conta/senha/recuperar/", {"email": "ninguem@exemplo.com.br"}, follow=True
    )
    assert known.resolver_match.url_name == unknown.resolver_match.url_name
    assert "Veja seu e-mail" in unknown.content.decode()


def test_the_second_step_asks_for_the_code_of_the_app(client: Client) -> None:
    user = member()
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(user, secret)
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))
    page = client.post(PAGE, {"login": user.email, "password": PASSWORD}, follow=True)
    assert "Falta a segunda etapa" in page.content.decode()
    assert client.get("/").status_code == 302
    refused = client.post("/conta/etapas/entrar/", {"code": "000000"})
    assert "O código não confere" in refused.content.decode()
    code = support.code_of(secret)
    page = client.post("/conta/etapas/entrar/", {"code": code}, follow=True)
    assert page.resolver_match.url_name == "dashboard"


def test_someone_without_a_business_is_led_to_create_one(client: Client) -> None:
    client.force_login(make_user())
    page = client.get("/", follow=True)
    assert page.resolver_match.url_name == "business_new"
