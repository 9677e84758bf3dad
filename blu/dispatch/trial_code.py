"""The second step of a trial's support person: a factor made with the account, and its codes for who tries blü.

In a trial only: whoever can run this has the data folder with every secret in it anyway.
"""

import sys
import time
from pathlib import Path

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.conf import settings

from blu.accounts.models import User

STAFF_EMAIL = "equipe@blu.local"


class NoTrial(Exception):
    """There is no such person to speak for, or this is no trial."""


def give(person: User) -> None:
    """An app of codes, unless the person has one."""
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        totp.TOTP.activate(person, totp.generate_totp_secret())


def secret() -> str:
    """What an authenticator app is given to show the codes. Raises NoTrial."""
    if not settings.EMBEDDED_DATABASE:
        raise NoTrial("this is no trial: codes come from the app of whoever signs in")
    found = Authenticator.objects.filter(
        user__email=STAFF_EMAIL, type=Authenticator.Type.TOTP
    ).first()
    if found is None:
        raise NoTrial(f"{STAFF_EMAIL} has no second step yet: start blü once (make run)")
    return str(decrypt(found.data["secret"]))


def code() -> tuple[str, int]:
    """The six digits of now, and for how many seconds the app would still show them. Raises NoTrial."""
    counter, into = divmod(int(time.time()), app_settings.TOTP_PERIOD)
    digits = totp.format_hotp_value(totp.hotp_value(secret(), counter))
    return digits, app_settings.TOTP_PERIOD - into


def command() -> str:
    """What to type for a code, from this folder."""
    python = Path(sys.executable)
    here = python.relative_to(settings.BASE) if python.is_relative_to(settings.BASE) else python
    elsewhere = "" if settings.VAR == settings.BASE / "var" else f"BLU_VAR={settings.VAR} "
    return f"{elsewhere}{here} manage.py trial_code"
