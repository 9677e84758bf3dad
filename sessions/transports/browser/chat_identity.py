"""Whose the open chat is, by what the page shows of it: pure, over the reader's values.

The header has a title and perhaps a subtitle (members, followers, presence), the box a label that names
its chat, the drawer a card. No single one is always there, so they are asked in turn; what none of them
says stays unknown.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any

from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import (
    OWN_CHAT,
    digits_of,
    masked_agrees,
    same_name,
    strip_marks,
)

USERNAME = re.compile(r"^@([\w.]{1,40})$")


class Kind(enum.Enum):
    """Who is on the other side of a chat."""

    PERSON = "person"
    GROUP = "group"
    CHANNEL = "channel"
    OWN = "own"
    UNKNOWN = "unknown"

    @property
    def is_many(self) -> bool:
        """Never a person: neither written to nor heard."""
        return self in (Kind.GROUP, Kind.CHANNEL)


@dataclass(frozen=True)
class Card:
    """What the drawer says: whether it came, whose it is ("person", "group", "channel", "") and numbers."""

    there: bool
    kind: str
    numbers: tuple[str, ...]

    def digits_beside(self, title: str) -> str:
        """The one number of a person's card; "" where it has none, or is the card of many.

        The card repeats the title: where that looks like a number and another one stands there too, the
        contact was saved under a number as a name.
        """
        if self.kind in ("group", "channel"):
            return ""
        found = {digits_of(number) for number in self.numbers} - {""}
        if len(found) > 1:
            found -= {digits_of(title)}
        return found.pop() if len(found) == 1 else ""


def kind_of(chat: dict[str, Any], selectors: Selectors) -> Kind:
    """Who is on the other side, by the box's label, or else by the header.

    A subtitle may be a person's own words, or a company's name: where the box names the chat it isn't asked, and
    names with commas between them say nothing certain (`may_be_many`).
    """
    title, texts = strip_marks(chat["title"]), selectors.texts
    if OWN_CHAT.search(title):
        return Kind.OWN
    before = label_before_name(chat, selectors)
    if before is not None:
        return Kind.GROUP if _says(texts["group_label"], before) else Kind.PERSON
    subtitle = strip_marks(chat.get("subtitle", ""))
    if subtitle and not _says(texts["presence"], subtitle):
        if _says(texts["followers"], subtitle):
            return Kind.CHANNEL
        if _says(texts["members"], subtitle):
            return Kind.GROUP
    return Kind.UNKNOWN


def may_be_many(chat: dict[str, Any], selectors: Selectors) -> bool:
    """Does the subtitle look like names of members where the box tells nothing? The card tells then."""
    subtitle = strip_marks(chat.get("subtitle", ""))
    doubtful = kind_of(chat, selectors) is Kind.UNKNOWN and _says(
        selectors.texts["names"], subtitle
    )
    return doubtful and not _says(selectors.texts["presence"], subtitle)


def label_before_name(chat: dict[str, Any], selectors: Selectors) -> str | None:
    """What the box's label says before the chat's name; None where that isn't the name it ends in.

    "… para Ana Souza" ends in "Souza" too: in the languages that are known nothing else may stand before
    a name; in others it is at least a word of its own.
    """
    title = OWN_CHAT.sub("", strip_marks(chat["title"]))
    label = OWN_CHAT.sub("", strip_marks(chat.get("label", "")))
    if not title:
        return None
    starts = (place for place in range(len(label)) if same_name(label[place:], title))
    place = next(starts, None)
    if place is None:
        return None
    before, texts = label[:place], selectors.texts
    known = _says(texts["known_label"], before)
    whole = _says(texts["before_name"], before.strip()) if known else label[place].isspace()
    return before.strip() if whole or not before.strip() else None


def box_is_anothers(chat: dict[str, Any], selectors: Selectors) -> bool:
    """Does the box name another chat than the header? A box without a name says nothing."""
    label = strip_marks(chat.get("label", ""))
    nameless = label == strip_marks(chat.get("placeholder", "")) or _says(
        selectors.texts["any_label"], label
    )
    return bool(label) and not nameless and label_before_name(chat, selectors) is None


def number_in_title(title: str) -> str:
    """The digits of a title that WhatsApp itself wrote as a number; "" of names, numbers among them.

    A contact may be saved under a number: WhatsApp's own begin with a plus.
    """
    plain = strip_marks(title)
    return digits_of(title) if plain.startswith("+") else ""


def username_in_title(title: str) -> str:
    """The name without its @, of a title that is one."""
    found = USERNAME.match(strip_marks(title))
    return found[1] if found else ""


def may_hide(title: str, phone: str) -> bool:
    """May this title stand for a person with that number, who hides it? A masked number must agree."""
    return masked_agrees(strip_marks(title), phone)


def card_of(answer: dict[str, Any]) -> Card:
    """The reader's answer about the drawer."""
    return Card(answer["there"], answer["kind"], tuple(answer["numbers"]))


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
