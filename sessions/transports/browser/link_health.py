"""When a link must be proven again, and when a session has gone wrong too often to go on."""

from __future__ import annotations

import math
import time

from sessions.interfaces import InDoubt, NotSent
from sessions.transports.browser import reasons

PULSE_SECONDS = 40.0
"""Without any sign from WhatsApp for so long, the page is asked for one: with the answer's 15 s a
silent cut is noticed within a minute (the page itself shows nothing for 90 s)."""
ANSWER_SECONDS = 15.0
STRIKES = 3
"""So many messages in a row that the page didn't take, or that stay under the clock, are no accident."""

PAGE_FAULTS = (
    reasons.NO_EFFECT,
    reasons.DRAFT_DIFFERS,
    reasons.PAGE_COVERED,
    reasons.WRONG_CHAT,
    reasons.UNKNOWN_CHAT,
    reasons.CHAT_DID_NOT_OPEN,
)


class LinkHealth:
    """What is known of the link's health since the opening. Pure: it only counts and remembers."""

    def __init__(self, time_scale: float) -> None:
        self._pause = max(2.0, PULSE_SECONDS * time_scale)
        self._proven_at = -math.inf
        self._asked_at = time.monotonic()
        self._doubted = False
        self._odd: set[object] = set()
        self._unconfirmed = 0
        self._unreadable = False

    @property
    def proven_at(self) -> float:
        """When WhatsApp answered last (monotonic seconds)."""
        return self._proven_at

    @property
    def doubted(self) -> bool:
        """Whether something happened since the last proof that a working link would not show."""
        return self._doubted

    def proven(self, at: float | None = None) -> None:
        """WhatsApp answered, now or `at`: a tick, a reply, a number looked up, a frame that came in."""
        self._proven_at = self._asked_at = max(self._proven_at, at or time.monotonic())
        self._doubted = False

    def is_news(self, told_at: float) -> bool:
        """Whether the last proof is enough younger than the reported one to be reported."""
        return self._proven_at - told_at > self._pause

    def asked(self) -> None:
        """Note that the page was asked, and its answer proves nothing."""
        self._asked_at = time.monotonic()
        self._doubted = False

    def confirmed(self) -> None:
        """Note that a message went, or its tick came: forget earlier failures."""
        self.proven()
        self._odd.clear()
        self._unconfirmed = 0

    def waiting(self) -> None:
        """Count a message that stays under the clock."""
        self._unconfirmed += 1

    def went_wrong(self, outcome: NotSent | InDoubt, about: object = None) -> None:
        """Count a message (of the row `about`) that didn't go, or is in doubt."""
        self._unconfirmed += outcome.reason == reasons.NO_TICK
        self._unreadable = self._unreadable or outcome.reason == reasons.NO_ROW
        if outcome.reason in PAGE_FAULTS:
            self._odd.add(about if about is not None else len(self._odd))
        self._doubted = outcome.reason in (reasons.NO_TICK, reasons.CHAT_DID_NOT_OPEN)

    def due(self, *, idle: bool) -> bool:
        """Whether the link must be proven now. `idle`: the drive waits for news, so there is time for it."""
        return self._doubted or (idle and time.monotonic() - self._asked_at > self._pause)

    def verdict(self) -> str:
        """Why nothing more should be sent in this opening, as a code, or ""."""
        if self._unreadable:
            return reasons.UNKNOWN_PAGE
        if self._unconfirmed >= STRIKES:
            return reasons.NO_CONFIRMATION
        return reasons.PAGE_ODD if len(self._odd) >= STRIKES else ""
