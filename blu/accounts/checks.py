"""System checks: settings that would show strangers which addresses have an account."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks


def sign_up_tells_nothing(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """Warn where verification isn't mandatory: then a sign-up shows whether an address has an account."""
    if settings.TRIAL or settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
        return []
    return [
        checks.Warning(
            "Signing up tells whether an e-mail address already has an account.",
            hint="Unset BLU_EMAIL_VERIFICATION and set EMAIL_URL to a server that sends mail.",
            id="accounts.W001",
        )
    ]
