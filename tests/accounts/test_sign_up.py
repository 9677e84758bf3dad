"""Signing up makes a person and their business."""

import pytest
from django.core import mail
from django.test import Client

from blu.accounts.models import Business, Membership, Role, User
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


def test_a_known_address_is_told_to_sign_in_and_creates_nothing(client: Client) -> None:
    make_user("ana@exemplo.com.br")
    page = client.post(PAGE, answers())
    assert "Já existe uma conta com este e-mail" in page.content.decode()
    assert not Business.objects.exists()


def test_a_password_that_anybody_guesses_is_refused(client: Client) -> None:
    page = client.post(PAGE, answers(password1="12345678"))
    assert page.status_code == 200
    assert not User.objects.exists()
