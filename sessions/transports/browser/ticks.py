"""What the little icons beside a message mean.

The names mislead: `wds-ic-delivered` is one tick (sent), `wds-ic-read` two (delivered), and read
is `wds-ic-read` in blue. The meaning is data, in `selectors.json`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sessions.events import Tick
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import strip_marks

ORDER = list(Tick)


@dataclass(frozen=True)
class Icon:
    """One icon of a row: its name, its aria-label and whether it is drawn in blue."""

    name: str
    label: str = ""
    blue: bool = False


def state_of(icons: Sequence[Icon], selectors: Selectors) -> str:
    """What the icons say: read, delivered, sent or pending; "" when none is a known tick."""
    for state, candidates in selectors.ticks.items():
        for candidate in candidates:
            if any(_matches(icon, candidate) for icon in icons):
                return state
    return ""


def tick_of(icons: Sequence[Icon], selectors: Selectors) -> Tick | None:
    """The tick beyond pending that the icons show, or None."""
    state = state_of(icons, selectors)
    return None if state in ("", "pending") else Tick(state)


def unknown_icons(icons: Sequence[Icon], selectors: Selectors) -> list[str]:
    """Names of icons that are neither ticks nor known to mean nothing about delivery."""
    quiet = re.compile("|".join(selectors.quiet_icons))
    return [
        icon.name
        for icon in icons
        if icon.name and not quiet.search(icon.name) and not state_of([icon], selectors)
    ]


def further(tick: Tick, known: Tick | None) -> bool:
    """Is `tick` news, given the furthest one known?"""
    return known is None or ORDER.index(tick) > ORDER.index(known)


def _matches(icon: Icon, candidate: dict[str, object]) -> bool:
    if "name" in candidate and icon.name != candidate["name"]:
        return False
    if "label" in candidate:
        pattern = str(candidate["label"])
        if not re.search(pattern, strip_marks(icon.label), re.IGNORECASE):
            return False
    return not candidate.get("blue") or icon.blue
