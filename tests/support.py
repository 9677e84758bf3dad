"""Signing people in as what they do asks for it: support with a second factor, who gives access sure of it."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY as WHOSE,
)
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp

from blu.accounts.models import User
from tests.clients import Client


def give_app(user: User) -> str:
    """An app of codes that shows this secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


def code_of(secret: str, *, ahead: int = 0) -> str:
    """What the app shows now; `ahead` periods later."""
    now = list(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, now[len(now) // 2] + ahead))


def sign_in(client: Client, user: User, *, factor_ago: float = 0, sure_ago: float = 0) -> User:
    """Signed in with an app of codes; how many seconds ago that was, and the last confirmation."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        give_app(user)
        app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    client.force_login(user)
    factor = {"method": "mfa", "at": time.time() - factor_ago, "id": app.pk, "type": "totp"}
    return confirm_again(client, user, factor, ago=sure_ago)


def confirm_again(client: Client, user: User, *before: dict[str, object], ago: float = 0) -> User:
    """Who is signed in gave the password again so many seconds ago, after what they did `before`."""
    web_session = client.session
    web_session[WHOSE] = user_id_to_str(user)
    sure = {"method": "password", "at": time.time() - ago, "reauthenticated": True}
    web_session[METHODS] = [*before, sure]
    web_session.save()
    return user
