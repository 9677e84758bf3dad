"""Signing up makes a person and their business."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail

from blu.accounts.checks import sign_up_tells_nothing
from blu.accounts.models import Business, Membership, Role, User
from tests.clients import Client
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
PAGE = "/conta/criar/"


def answers(**changes: str) -> dict[str, str]:
    return {
        "name": "Ana Ribeiro",
        "email": "ana@exemplo.com.br",
        "password1": PASSWORD,
        "business_name": "Clínica Horizonte",
        "time_zone": "America/Manaus",
        "default_area_code": "92",
    } | changes


def test_sign_up_creates_the_person_the_business_and_its_owner(client: Client) -> None:
    response = client.post(PAGE, answers())
    assert response.status_code == 302
    business = Business.objects.get()
    assert (business.name, business.slug) == ("Clínica Horizonte", "clinica-horizonte")
    assert (business.time_zone, business.default_area_code) == ("America/Manaus", "92")
    membership = Membership.objects.get()
    assert (membership.user.name, membership.role) == ("Ana Ribeiro", Role.OWNER)


def test_who_signed_up_lands_on_the_first_page_of_the_business(client: Client) -> None:
    page = client.post(PAGE, answers(), follow=True)
    assert page.resolver_match.url_name == "dashboard"
    assert "Clínica Horizonte" in page.content.decode()
    assert "Ana" in page.content.decode()


def test_a_link_to_confirm_the_address_is_sent(client: Client) -> None:
    client.post(PAGE, answers())
    assert [message.to for message in mail.outbox] == [["ana@exemplo.com.br"]]
    assert mail.outbox[0].subject == "Confirme seu e-mail no blü"


@pytest.mark.parametrize("code", ["20", "1", "abc"])
def test_an_area_code_that_does_not_exist_is_refused(client: Client, code: str) -> None:
    page = client.post(PAGE, answers(default_area_code=code))
    assert "não existe" in page.content.decode()
    assert not User.objects.exists()


def test_the_area_code_may_be_left_out_or_start_with_zero(client: Client) -> None:
    client.post(PAGE, answers(default_area_code="011"))
    assert Business.objects.get().default_area_code == "11"


def test_two_businesses_of_one_name_get_different_slugs(client: Client) -> None:
    client.post(PAGE, answers())
    Client().post(PAGE, answers(email="bia@exemplo.com.br"))
    assert set(Business.objects.values_list("slug", flat=True)) == {
        "clinica-horizonte",
        "clinica-horizonte-2",
    }


def test_in_trial_a_known_address_is_told_to_sign_in_and_creates_nothing(client: Client) -> None:
    make_user("ana@exemplo.com.br")
    page = client.post(PAGE, answers())
    assert "Já existe uma conta com este e-mail" in page.content.decode()
    assert not Business.objects.exists()


@pytest.fixture
def mandatory(settings: object) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def seen(email: str) -> tuple[list[tuple[str, int]], str, set[str]]:
    """All that a visitor gets: the way, the page without its secrets, the cookies."""
    client = Client()
    page = client.post(PAGE, answers(email=email), follow=True)
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", page.content.decode())
    return page.redirect_chain, text.replace(email, "E-MAIL"), set(client.cookies)


@pytest.mark.usefixtures("mandatory")
def test_in_production_sign_up_never_tells_who_has_an_account() -> None:
    make_user("conhecida@exemplo.com.br")
    assert seen("nova@exemplo.com.br") == seen("conhecida@exemplo.com.br")
    assert Business.objects.count() == 1
    assert Membership.objects.get().user.email == "nova@exemplo.com.br"
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["nova@exemplo.com.br"], "Confirme seu e-mail no blü"),
        (["conhecida@exemplo.com.br"], "Você já tem conta no blü"),
    ]


@pytest.mark.usefixtures("mandatory")
def test_a_known_address_takes_as_long_as_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(real(self, password, salt))

    make_user("conhecida@exemplo.com.br")
    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    seen("nova@exemplo.com.br")
    new = len(hashed)
    seen("conhecida@exemplo.com.br")
    assert len(hashed) == 2 * new


@pytest.mark.parametrize(
    ("trial", "verification", "warned"),
    [(True, "optional", False), (False, "mandatory", False), (False, "optional", True)],
)
def test_a_sign_up_that_would_tell_is_warned_of(
    settings: object, trial: bool, verification: str, warned: bool
) -> None:
    settings.TRIAL = trial
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    assert bool(sign_up_tells_nothing()) is warned


def test_a_password_that_anybody_guesses_is_refused(client: Client) -> None:
    page = client.post(PAGE, answers(password1="12345678"))
    assert page.status_code == 200
    assert not User.objects.exists()
