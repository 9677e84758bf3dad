"""What must not run in production is refused before anything starts."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from sessions.registry import BACKENDS


def node_has_a_plain_name(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """A node's name becomes part of queues, files and processes."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}", settings.NODE):
        return []
    return [
        checks.Error(
            f"NODE is {settings.NODE!r}.",
            hint="Use up to 30 letters, digits and dashes.",
            id="sessions.E002",
        )
    ]


def links_can_be_driven(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """What each kind of link says of this machine."""
    return [problem for backend in BACKENDS.values() for problem in backend.checks()]


def simulator_only_in_trial(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The simulator, its simulated transport and trial pacing need DEBUG."""
    if settings.SIMULATOR_URL and not settings.DEBUG:
        return [
            checks.Error(
                "BLU_SIMULATOR_URL is set while DEBUG is off.",
                hint="Unset it: sessions would send to a simulator, without limits.",
                id="sessions.E001",
            )
        ]
    return []
