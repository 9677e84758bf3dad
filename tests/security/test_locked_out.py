"""Who knows an address locks its owner out of nothing: tries are counted as one network's, of all far higher."""

from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core import mail
from django.test import RequestFactory
from django.urls import reverse

from blu.accounts.adapter import AccountAdapter
from blu.accounts.models import User
from tests.clients import Client
from tests.factories import PASSWORD, confirm, make_membership

pytestmark = pytest.mark.django_db
STRANGER, OWNER = "203.0.113.7", "198.51.100.20"


@pytest.fixture
def user() -> User:
    return confirm(make_membership().user)


def signs_in(user: User, password: str, network: str = OWNER) -> Any:
    answers = {"login": user.email, "password": password}
    return Client(REMOTE_ADDR=network).post(reverse("account_login"), answers)


def asks_for_a_link(user: User, network: str = OWNER) -> bool:
    mail.outbox.clear()
    Client(REMOTE_ADDR=network).post(reverse("account_reset_password"), {"email": user.email})
    return bool(mail.outbox)


def fail(user: User, times: int) -> None:
    """As many failed tries of as many networks."""
    for number in range(times):
        request = RequestFactory().post("/", REMOTE_ADDR=f"192.0.{number // 250}.{number % 250}")
        AccountAdapter(request).pre_authenticate(request, email=user.email)


def test_a_strangers_failures_keep_the_owner_out_of_nothing(user: User) -> None:
    for _ in range(20):
        signs_in(user, "errada", STRANGER)
    assert "Espere alguns minutos" in signs_in(user, PASSWORD, STRANGER).content.decode()
    assert signs_in(user, PASSWORD).status_code == 302


def test_a_strangers_requests_leave_the_owner_their_links(user: User) -> None:
    assert [asks_for_a_link(user, STRANGER) for _ in range(6)].count(True) == 3
    assert asks_for_a_link(user)


def test_nobody_learns_by_that_whether_there_is_an_account() -> None:
    nobody = User(email="ninguem@exemplo.com.br")
    client = Client(REMOTE_ADDR=STRANGER)
    said = [
        client.post(reverse("account_reset_password"), {"email": nobody.email}) for _ in range(4)
    ]
    assert [answer.status_code for answer in said] == [302, 302, 302, 200]
    assert "Espere alguns minutos" in said[-1].content.decode()


def test_all_networks_together_have_an_end_too(user: User) -> None:
    fail(user, 100)
    assert "Espere alguns minutos" in signs_in(user, PASSWORD).content.decode()


def test_who_chooses_a_new_password_then_signs_in_all_the_same(user: User) -> None:
    fail(user, 100)
    key = default_token_generator.make_token(user)
    link = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    client = Client(REMOTE_ADDR=OWNER)
    address = client.get(link, follow=True).redirect_chain[-1][0]
    new = "outra senha bem comprida 9"
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert signs_in(user, new).status_code == 302


def test_right_passwords_are_counted_nowhere(user: User) -> None:
    for number in range(110):
        request = RequestFactory().post("/", REMOTE_ADDR=f"192.0.2.{number}")
        adapter = AccountAdapter(request)
        adapter.pre_authenticate(request, email=user.email)
        adapter._rollback_login_failed_rl_usage()
    assert signs_in(user, PASSWORD).status_code == 302


def test_the_addresses_of_one_subscriber_are_one_network(user: User) -> None:
    for number in range(30):
        signs_in(user, "errada", f"2001:db8:77:{number:x}::{number:x}")
    said = signs_in(user, PASSWORD, "2001:db8:77:ff::1").content.decode()
    assert "Muitas tentativas" in said
    for number in range(80):
        signs_in(user, "errada", f"2001:db8:77:{number:x}::1")
    assert signs_in(user, PASSWORD).status_code == 302
