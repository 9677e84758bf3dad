"""Passkeys and the app of codes, with a browser that has a fingerprint of its own."""

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page, expect

from blu.accounts.models import User
from tests import support
from tests.browser.looking import Look, check_everywhere
from tests.factories import PASSWORD, make_membership, make_user

pytestmark = pytest.mark.browser


def give_fingerprint(page: Page) -> None:
    """The browser gets an authenticator that always agrees."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def member(*, verified: bool = True) -> User:
    """Somebody who confirmed their address or not: the second step is for those who did."""
    user = make_membership(user=make_user(name="Ana Ribeiro")).user
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def sign_in(look: Look, user: User, *, apart: bool = False) -> Page:
    page = look("/conta/entrar/", apart=apart)
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page.get_by_role("heading", name="Sua primeira campanha")).to_be_visible()
    return page


def open_confirmed(look: Look, page: Page, path: str) -> None:
    """A page that first asks again for the password."""
    page.goto(look.url + path)
    expect(page.get_by_role("heading", name="Confirme que é você")).to_be_visible()
    check_everywhere(page)
    page.get_by_label("Sua senha").fill(PASSWORD)
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("heading", name="Confirme que é você")).to_have_count(0)


def test_a_passkey_is_made_and_opens_the_account_without_a_password(look: Look) -> None:
    page = sign_in(look, member(), apart=True)
    give_fingerprint(page)
    open_confirmed(look, page, "/conta/chaves/nova/")
    check_everywhere(page)
    page.get_by_label("Nome").fill("Celular da Ana")
    page.get_by_label("Entrar só com esta chave").check()
    page.get_by_role("button", name="Criar chave").click()
    expect(page.get_by_role("heading", name="Criar chave de acesso")).to_have_count(0)
    page.goto(f"{look.url}/conta/chaves/")
    expect(page.get_by_text("Celular da Ana")).to_be_visible()
    check_everywhere(page)
    page.goto(f"{look.url}/conta/sair/")
    page.locator("main").get_by_role("button", name="Sair").click()
    page.goto(f"{look.url}/conta/entrar/")
    page.get_by_role("button", name="Entrar com chave de acesso").click()
    expect(page.get_by_role("heading", name="Sua primeira campanha")).to_be_visible()


def test_the_app_of_codes_is_turned_on_and_gives_codes_to_keep(look: Look) -> None:
    page = sign_in(look, member())
    open_confirmed(look, page, "/conta/etapas/aplicativo/ligar/")
    check_everywhere(page)
    secret = page.locator(".code-block").inner_text()
    code = support.code_of(secret)
    page.get_by_label("Código de 6 números").fill(code)
    page.get_by_role("button", name="Ligar").click()
    expect(page.get_by_role("heading", name="Códigos de reserva")).to_be_visible()
    check_everywhere(page)
    page.goto(f"{look.url}/conta/etapas/")
    expect(page.get_by_text("Em uso")).to_be_visible()


def test_who_has_not_confirmed_the_address_is_told_to_do_that_first(look: Look) -> None:
    page = sign_in(look, member(verified=False))
    page.goto(f"{look.url}/conta/etapas/aplicativo/ligar/")
    expect(page.get_by_role("alert")).to_contain_text("Confirme antes o e-mail da conta.")
    check_everywhere(page)
