"""What must not run in production is refused before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks


def simulator_only_in_trial(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The simulator, its memory transport and trial pacing need DEBUG."""
    if settings.SIMULATOR_URL and not settings.DEBUG:
        return [
            checks.Error(
                "BLU_SIMULATOR_URL is set while DEBUG is off.",
                hint="Unset it: sessions would send to a simulator, without limits.",
                id="sessions.E001",
            )
        ]
    return []
