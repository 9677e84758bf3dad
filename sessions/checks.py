"""What must not run in production is refused before anything starts."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string


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


def selectors_can_be_read(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """An override of the selectors that can't be used would stop every visit."""
    # Found by its name: it is checked where this process starts, and only then loaded.
    load = import_string("sessions.transports.browser.selectors.load")
    try:
        load(Path(settings.SELECTORS) if settings.SELECTORS else None)
    except ValueError as problem:
        hint = "Mend the file that BLU_SELECTORS names, or unset it."
        return [checks.Error(str(problem), hint=hint, id="sessions.E003")]
    return []


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
