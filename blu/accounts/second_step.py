"""Failures of the second step, counted in the person's row: it locks, for longer each time.

Whoever gets as far as the code knows the password, so its failures are no matter of a network address
that can be changed. A try is taken before its code is looked at; tries at once pass no more codes than
one after the other. A passkey is no code: it can't be guessed, isn't counted, and opens also meanwhile.
"""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from blu.accounts.models import SecondStepLock, User

FREE = 10  # codes between one lock and the next
LOCKS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24))
# A code of the app is right for three of its periods (MFA_TOTP_TOLERANCE), and good for one use.
REMEMBERED = 120


def take_a_try(user: User) -> SecondStepLock:
    """One more try, counted as failed until `held`. Raises ValidationError while the step is locked."""
    SecondStepLock.objects.get_or_create(user=user)
    row = SecondStepLock.objects.filter(user=user)
    with transaction.atomic():
        counted = row.exclude(locked_until__gt=Now()).update(
            failures=F("failures") + 1, locked_until=_next_lock()
        )
        lock = row.get()
    if not counted:
        raise _locked(lock)
    return lock


def _next_lock() -> Case:
    """The lock that one more failure brings; from the third lock on, one try a day."""
    first, second, last = (Now() + Value(length) for length in LOCKS)
    return Case(
        When(failures=FREE - 1, then=first),
        When(failures=2 * FREE - 1, then=second),
        When(failures__gte=3 * FREE - 1, then=last),
        default=None,
    )


def held(user: User) -> None:
    """The code was right: earlier failures are forgotten."""
    SecondStepLock.objects.filter(user=user).update(failures=0, locked_until=None)


def failed(lock: SecondStepLock) -> None:
    """The code of this try was wrong. Raises ValidationError if that locks the step.

    The person is told by mail when it locks for the first time: somebody has their password.
    """
    if lock.failures == FREE:
        get_adapter().send_notification_mail(
            "mfa/email/second_step_locked", lock.user, {"until": lock.locked_until}
        )
    if lock.locked_until:
        raise _locked(lock)


def _locked(lock: SecondStepLock) -> ValidationError:
    said = _(
        "Muitos códigos errados. Por segurança, nenhum código vale agora: tente daqui a %(time)s."
    )
    until = lock.locked_until or timezone.now()  # a right code may just have opened it
    return ValidationError(said % {"time": timeuntil(until, depth=1)}, code="locked")


class Counted:
    """A form that asks for a code."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        """The code, if the step isn't locked and it is right."""
        lock = take_a_try(self.user)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            failed(lock)
            raise
        _remember(self.authenticator, code)
        held(self.user)
        return code


def _remember(authenticator: Authenticator, code: str) -> None:
    """Remember a used code for as long as it is valid: allauth forgets it after a third of that."""
    if authenticator.type == Authenticator.Type.TOTP:
        cache.set(authenticator.wrap()._get_used_cache_key(code), "y", REMEMBERED)


class CountedAuthenticateForm(Counted, AuthenticateForm):
    """The code at the sign-in."""


class CountedReauthenticateForm(Counted, ReauthenticateForm):
    """The code of a fresh confirmation."""
