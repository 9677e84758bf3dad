"""Wrong codes lock the second step, in the person's row: no cache, address or second browser matters."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib import admin
from django.core import mail
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from blu.accounts import second_step
from blu.accounts.models import SecondStepLock, User
from tests.clients import Client
from tests.factories import PASSWORD, confirm, make_membership, make_user

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
LOCKED = "nenhum código vale agora"


@pytest.fixture
def user() -> User:
    found = confirm(make_membership().user)
    TOTP.activate(found, SECRET)
    RecoveryCodes.activate(found)
    return found


def right_code(ahead: int = 0) -> str:
    """That of the app now, which stays right while another period begins; or of the next period."""
    _last, now, coming = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(SECRET, (now, coming)[ahead]))


def forget_limits() -> None:
    """As if every limit of minutes were over: the lock lasts without them."""
    caches["default"].clear()


def enter(user: User, code: str) -> Any:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client.post(reverse("mfa_authenticate"), {"code": code})


def again(user: User, code: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(reverse("mfa_reauthenticate"), {"code": code})


def fail(user: User, times: int) -> None:
    for _ in range(times):
        forget_limits()
        enter(user, "000000")


@pytest.mark.parametrize("ask", [enter, again])
@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_after_ten_wrong_codes_the_right_one_is_refused_and_told_when(
    user: User, ask: Any, kind: str
) -> None:
    for _ in range(second_step.FREE):
        forget_limits()
        last = ask(user, "000000")
    assert LOCKED in last.content.decode()
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap()
    code = right_code() if kind == "totp" else recovery.get_unused_codes()[0]
    for also in (enter, again):
        forget_limits()
        page = also(user, code)
        assert LOCKED in page.content.decode()
        assert "14\xa0minutos" in page.content.decode()


def test_the_lock_grows_with_each_one_and_a_right_code_ends_it(user: User) -> None:
    fail(user, 1)
    row = SecondStepLock.objects.filter(user=user)
    for number, length in enumerate((*second_step.LOCKS, second_step.LOCKS[-1]), 1):
        row.update(failures=number * second_step.FREE - 1, locked_until=None)
        fail(user, 1)
        lock = row.get()
        assert lock.locked_until is not None
        assert abs(lock.locked_until - timezone.now() - length) < timedelta(minutes=1)
    SecondStepLock.objects.filter(user=user).update(locked_until=timezone.now())
    forget_limits()
    assert enter(user, right_code()).status_code == 302
    lock.refresh_from_db()
    assert (lock.failures, lock.locked_until) == (0, None)


def test_the_person_is_told_once_that_somebody_has_the_password(user: User) -> None:
    mail.outbox.clear()
    fail(user, second_step.FREE + 3)
    (message,) = mail.outbox
    assert message.to == [user.email]
    assert message.subject == "Alguém tem a sua senha do blü"
    assert reverse("account_reset_password") in message.body


def test_nine_wrong_codes_lock_nothing(user: User) -> None:
    fail(user, second_step.FREE - 1)
    forget_limits()
    assert enter(user, right_code()).status_code == 302


def test_another_person_is_not_locked(user: User) -> None:
    other = confirm(make_membership().user)
    TOTP.activate(other, SECRET)
    fail(user, second_step.FREE)
    forget_limits()
    assert enter(other, right_code()).status_code == 302


def test_the_code_that_opened_opens_nothing_again_as_long_as_it_would_be_right(user: User) -> None:
    code = right_code(ahead=1)
    assert enter(user, code).status_code == 302
    key = Authenticator.objects.get(user=user, type="totp").wrap()._get_used_cache_key(code)
    kept = caches["default"]
    assert kept.get(key)
    # Three periods of 30 seconds: the one it is meant for, and the tolerance on both sides.
    kept.touch(key, kept_for(key) - 89)
    assert "não confere" in enter(user, code).content.decode()


def kept_for(key: str) -> float:
    """How many seconds the cache keeps it from now on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM blu_limits WHERE cache_key LIKE %s", [f"%{key}"])
        (expires,) = cursor.fetchone()
    return (expires - timezone.now()).total_seconds()


def test_every_form_that_asks_for_a_code_is_counted() -> None:
    """Each form of allauth with a code, but the one that proves a secret the page itself shows."""
    from allauth.mfa import app_settings
    from allauth.mfa.base import forms
    from django.utils.module_loading import import_string

    asked = {"authenticate": forms.AuthenticateForm, "reauthenticate": forms.ReauthenticateForm}
    assert {
        form for form in subclasses(forms.BaseAuthenticateForm) if "allauth" in form.__module__
    } == set(asked.values())
    for name, form in asked.items():
        ours = import_string(app_settings.FORMS[name])
        assert issubclass(ours, second_step.Counted)
        assert issubclass(ours, form)


def subclasses(kind: type) -> set[type]:
    direct: set[type] = set(kind.__subclasses__())
    return direct.union(*map(subclasses, direct)) if direct else direct


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_pass_no_more_codes_than_one_after_the_other() -> None:
    user = make_user()

    def one(_number: int) -> bool:
        try:
            second_step.take_a_try(user)
        except ValidationError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(one, range(40))) == second_step.FREE


def test_support_sees_the_lock() -> None:
    assert admin.site.is_registered(SecondStepLock)
