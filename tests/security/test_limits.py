"""What is counted to be refused holds, whatever fills the caches and however many try at once."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as conf
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connections
from django.test import RequestFactory
from django.urls import reverse

from blu.accounts import invitations
from blu.accounts.models import Invitation, User
from blu.db import limits_cache
from tests import support
from tests.clients import Client
from tests.factories import PASSWORD, confirm, make_membership

pytestmark = pytest.mark.django_db
ROOT: Path = conf.BASE
# As many keys as a hostile account may make pages keep; they sort around those of the limits.
HOSTILE = ("%d", "!%d", ":1:allauth:rl:%d", "~%d", "throttle_%d", "zz%d")
FEW = 8


class Hasty:
    """A cache of FEW rows that was filled until it pushed some out."""

    def __init__(self, alias: str) -> None:
        self.cache = caches[alias]
        self.cache._max_entries = FEW

    def fill(self) -> None:
        for pattern in HOSTILE:
            for number in range(FEW):
                self.cache.set(pattern % number, "x", 86_400)


@pytest.fixture
def hostile(settings: Any) -> Callable[[], None]:
    """Fills every cache that features write to; called between one try and the next."""
    others = [Hasty(alias) for alias in settings.CACHES if alias != "default"]
    assert others

    def fill() -> None:
        for one in others:
            one.fill()

    return fill


def member() -> User:
    return confirm(make_membership().user)


def refused(response: Any) -> bool:
    said = response.content.decode()
    return response.status_code == 429 or "Espere alguns minutos" in said or "nenhum código" in said


def wrong_passwords() -> Iterator[bool]:
    user = member()
    while True:
        page = Client().post(reverse("account_login"), {"login": user.email, "password": "errada"})
        yield refused(page)


def wrong_codes() -> Iterator[bool]:
    user = member()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    while True:
        client = Client()
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        yield refused(client.post(reverse("mfa_authenticate"), {"code": "000000"}))


def new_passwords_asked_for() -> Iterator[bool]:
    user = member()
    while True:
        mail.outbox.clear()
        Client().post(reverse("account_reset_password"), {"email": user.email})
        yield not mail.outbox


def sign_ups() -> Iterator[bool]:
    number = 0
    while True:
        number += 1
        answers = {
            "name": "Ana", "business_name": "Clínica", "time_zone": "America/Sao_Paulo",
            "email": f"nova{number}@exemplo.com.br", "password1": PASSWORD,
        }  # fmt: skip
        yield refused(Client().post(reverse("account_signup"), answers))


def confirmations() -> Iterator[bool]:
    user = make_membership().user
    client = Client()
    client.force_login(user)
    client.get(reverse("account_email"))
    while True:
        mail.outbox.clear()
        client.post(reverse("account_email"), {"email": user.email, "action_send": ""})
        yield not mail.outbox


def passwords_at_reauthentication() -> Iterator[bool]:
    client = Client()
    client.force_login(member())
    while True:
        yield refused(client.post(reverse("account_reauthenticate"), {"password": "errada"}))


def invitations_sent() -> Iterator[bool]:
    client, user = Client(), member()
    client.force_login(user)
    support.confirm_again(client, user)
    number = 0
    while True:
        number += 1
        asked = {"email": f"convidada{number}@exemplo.com.br", "role": "viewer"}
        client.post("/empresa/pessoas/", asked)
        yield not Invitation.objects.filter(email=asked["email"]).exists()


def calls_of_the_api() -> Iterator[bool]:
    client = Client()
    client.force_login(member())
    while True:
        yield client.get("/api/v1/campaigns/").status_code == 429


TRIES: dict[Callable[[], Iterator[bool]], int] = {
    wrong_passwords: 5,
    wrong_codes: 5,
    new_passwords_asked_for: 3,
    sign_ups: 10,
    confirmations: 1,
    passwords_at_reauthentication: 5,
    invitations_sent: invitations.DAILY,
}


@pytest.mark.parametrize("tries", TRIES, ids=lambda one: one.__name__)
def test_a_limit_holds_while_every_cache_is_overfilled(
    tries: Callable[[], Iterator[bool]], hostile: Callable[[], None]
) -> None:
    attempts = tries()
    passed = 0
    while not next(attempts) and passed < 50:
        passed += 1
        hostile()
    assert passed == TRIES[tries]
    hostile()
    assert next(attempts)


def test_the_api_is_refused_above_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blu.accounts.api.PerPerson.RATES", {"api": "3/m/user"})
    attempts = calls_of_the_api()
    assert [next(attempts) for _ in range(5)] == [False, False, False, True, True]


def test_every_rate_of_allauth_is_on() -> None:
    """A rate without a number is none; only what no page of ours offers may lack one."""
    from allauth.account import app_settings

    rates = app_settings.RATE_LIMITS
    assert all(ratelimit.parse_rates(rate) for rate in rates.values()), rates


def test_no_feature_keeps_anything_among_the_limits() -> None:
    """blu.db.cached_by_cost.pages is theirs; what allauth counts by is written by allauth alone."""
    forbidden = re.compile(
        r"django\.core\.cache import [^\n]*\bcache\b|caches\[.default.\]|cache_page|CacheMiddleware"
        r"|load cache\b"
    )
    allowed = {"blu/db/limits_cache.py", "blu/accounts/second_step.py"}
    found = {
        str(file.relative_to(ROOT))
        for folder in ("blu", "campaigns", "contacts", "sessions", "templates", "demo")
        for file in (ROOT / folder).rglob("*.*")
        if file.suffix in (".py", ".html", ".txt") and forbidden.search(file.read_text())
    }
    assert found == allowed


def test_every_cache_has_a_table_of_its_own_which_preparation_makes() -> None:
    kept = [caches[alias] for alias in conf.CACHES]
    assert all(isinstance(one, BaseDatabaseCache) for one in kept)
    tables = [one._table for one in kept]  # type: ignore[attr-defined]
    assert len(set(tables)) == len(tables)
    assert isinstance(caches["default"], limits_cache.LimitsCache)


def test_the_limits_push_nothing_out_and_forget_only_what_is_over() -> None:
    kept = caches["default"]
    kept._max_entries = FEW  # type: ignore[attr-defined]
    for number in range(2 * FEW):
        kept.set(f"b{number}", number, 60)
    kept.set("over", 1, -1)
    assert all(kept.get(f"b{number}") == number for number in range(2 * FEW))
    kept.set("over", 1, -1)
    assert limits_cache.remove_expired() == 1
    assert kept.get("b0") == 0


def test_an_expired_lock_has_one_next_holder() -> None:
    kept = caches["default"]
    kept.set("one:lock", 1, -1)
    assert [kept.add("one:lock", 1, 10) for _ in range(3)] == [True, False, False]


def test_success_with_an_account_of_ones_own_clears_no_address_of_the_network() -> None:
    thief = member()
    TOTP.activate(thief, "JBSWY3DPEHPK3PXP")
    request = RequestFactory().post("/")
    for number in range(10):
        ratelimit.consume(
            request, app="allauth.account", action="login_failed", key=f"{number}@exemplo.com.br"
        )
    ratelimit.clear(request, app="allauth.account", action="login_failed", key="meu")
    assert not ratelimit.consume(
        request, app="allauth.account", action="login_failed", key="outra@exemplo.com.br"
    )


@pytest.mark.parametrize("written", ["{}", "{}:81", "{}:82", "{}."])
def test_a_host_written_otherwise_counts_for_the_same_account(client: Client, written: str) -> None:
    user = member()
    for host in ("localhost", "localhost:1", "localhost:2", "127.0.0.1", "127.0.0.1:3"):
        wrong(user.email, host=host)
    assert refused(wrong(user.email, host=written.format("localhost")))


@pytest.mark.parametrize("letter", ["S", "ſ"])
def test_a_look_alike_letter_counts_for_the_same_account(letter: str) -> None:
    user = member()
    for _ in range(5):
        wrong(user.email)
    assert refused(wrong(user.email.replace("s", letter)))


def wrong(email: str, host: str = "localhost") -> Any:
    answers = {"login": email, "password": "errada"}
    return Client().post(reverse("account_login"), answers, headers={"host": host})


def test_no_mail_is_asked_for_by_a_look_alike_address() -> None:
    user = member()
    Client().post(reverse("account_reset_password"), {"email": user.email.replace("s", "ſ")})
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_pass_no_more_than_one_after_the_other() -> None:
    def consume(number: int) -> bool:
        try:
            request = RequestFactory().post("/")
            request.META["REMOTE_ADDR"] = f"203.0.113.{number}"
            used = ratelimit.consume(
                request, app="allauth.account", action="login_failed", key="ana@exemplo.com.br"
            )
            return used is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(consume, range(40))) <= 5
