"""Every wait of the simulator in seconds, at real scale; `scaled` shortens them by BLU_TIME_SCALE."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass
class PageTiming:
    """Waits of the WhatsApp Web page. The real ones are longer."""

    boot: float = 0.8
    qr_loading: float = 1.5
    ref_rotation: float = 20.0
    refs: int = 6
    code_life: float = 160.0
    sync: float = 2.0
    starting_chat: float = 0.3
    starting_dialog: float = 0.25
    before_wire: float = 0.1
    notice_cut: float = 90.0

    def scaled(self, scale: float) -> dict[str, float]:
        """The same waits times `scale`, as the page receives them; the number of refs stays."""
        values = {name: value * scale for name, value in dataclasses.asdict(self).items()}
        return values | {"refs": self.refs}


@dataclass
class Behaviour:
    """What recipients do. Shares are between 0 and 1, and always pick the same phones."""

    deliver_after: float = 0.5
    deliver_share: float = 1.0
    read_after: float = 3.0
    read_share: float = 0.7
    reply_after: float = 6.0
    reply_share: float = 0.1


@dataclass(frozen=True)
class Linking:
    """What goes wrong, on demand, while a page is being linked.

    `screen` stands in place of the QR code until "try again" is pressed: too_many_attempts,
    database_error. `ignored_presses`: how many of the first presses of each button come to nothing.
    `country` fills itself in so many (scaled) seconds after the entry is shown, whatever stands
    there; a typed "+" is dropped then.
    """

    screen: str = ""
    ignored_presses: int = 0
    country: str = "BR"
    country_after: float = 0.0


SCREENS = ("", "too_many_attempts", "database_error")
COUNTRIES = ("BR", "US", "PT", "MX")


def linking(values: dict[str, Any]) -> Linking:
    """The settings of a body over the usual ones; ValueError names a bad one."""
    known = {field.name for field in dataclasses.fields(Linking)}
    if unknown := set(values) - known:
        raise ValueError(f"unknown setting {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    chosen = Linking(**values)
    numbers = (chosen.ignored_presses, chosen.country_after)
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in numbers):
        raise ValueError("ignored_presses and country_after must be numbers")
    if chosen.screen not in SCREENS or chosen.country not in COUNTRIES:
        raise ValueError(f"screen must be one of {SCREENS}, country of {COUNTRIES}")
    return chosen


def change(target: PageTiming | Behaviour, values: dict[str, Any]) -> None:
    """Set known fields from a JSON body; ValueError names an unknown one or a bad value."""
    known = {field.name: field for field in dataclasses.fields(target)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown setting {name}; known: {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{name} must be a number of at least 0")
        setattr(target, name, value)
