"""What the page shows as a whole: which screen, and what that says of the link."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

from sessions.events import Link
from sessions.interfaces import LinkLost, Opened
from sessions.transports.browser import words
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.text import strip_marks
from sessions.transports.browser.waits import Limit

SCREENS = ("refusal", "conflict", "link_screen", "pane", "offline", "interstitial", "block_message")
STILL_SECONDS = 0.3
QUIET_SECONDS = 10.0
SETTLE_SECONDS = 4.0
"""The offline banner also shows for a moment after a good start: only one that stays counts."""

Look = dict[str, dict[str, str]]

DATE = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?")
TIME = re.compile(r"(\d{1,2})[:h](\d{2})(?::\d{2})?\s*([ap]m)?", re.IGNORECASE)


def classify(look: Look) -> Opened | None:
    """The link that a screen shows; None while it still loads.

    Raises LinkLost when the page refuses the browser itself.
    """
    if "refusal" in look and "pane" not in look:
        raise LinkLost(words.REFUSED_BROWSER, Link.STOPPED)
    if "conflict" in look:
        return Opened(Link.CONFLICT, reason=words.CONFLICT)
    if "pane" not in look:
        return Opened(Link.NEEDS_PAIRING) if "link_screen" in look else None
    if "block_message" in look:
        until = end_of(look["block_message"]["text"], datetime.now().astimezone())
        return Opened(Link.RESTRICTED, reason=words.RESTRICTED, until=until)
    if "offline" in look:
        return Opened(Link.OFFLINE, reason=words.OFFLINE)
    return Opened(Link.ONLINE)


def wait_for_screen(page: WebPage, limit: Limit) -> Opened:
    """Wait until the page has settled on a screen; LinkLost when it never does."""
    offline_since: float | None = None
    look: Look = page.ask("look", SCREENS)
    while not limit.passed():
        dismiss(page, look)
        opened = classify(look)
        if opened is not None and opened.link is not Link.OFFLINE:
            return opened
        if opened is None:
            offline_since = None
        elif offline_since is None:
            offline_since = time.monotonic()
        elif time.monotonic() - offline_since > SETTLE_SECONDS:
            return opened
        look = page.wait(0.5, "look", SCREENS)
    raise LinkLost(words.NO_ANSWER)


def wait_until_quiet(page: WebPage) -> None:
    """Wait until the chat list has stopped changing: what came in while we were away is there."""
    limit = time.monotonic() + QUIET_SECONDS
    before = page.ask("list")
    while time.monotonic() < limit:
        after = page.wait(STILL_SECONDS, "list")
        if after == before:
            return
        before = after


def dismiss(page: WebPage, look: Look) -> bool:
    """Press the way out of a "Novidades" dialog, if one shows."""
    if "interstitial" not in look:
        return False
    return page.click("interstitial_continue")


def own_phone(page: WebPage) -> str:
    """The linked account's own E.164 number, as the page keeps it, or ""."""
    digits: str = page.ask("me")
    return f"+{digits}" if digits else ""


def end_of(text: str, now: datetime) -> datetime | None:
    """The end time that a restriction's text names, in `now`'s zone, or None.

    Without a date it is the next time the clock shows that hour.
    """
    plain = strip_marks(text)
    clock = TIME.search(plain)
    if clock is None:
        return None
    hour = int(clock[1]) % 12 + 12 * (clock[3].lower() == "pm") if clock[3] else int(clock[1])
    try:
        moment = now.replace(hour=hour, minute=int(clock[2]), second=0, microsecond=0)
        date = DATE.search(plain)
        if date is not None:
            return _on_date(moment, date, american=bool(clock[3]))
    except ValueError:
        return None
    return moment if moment > now else _next_day(moment)


def _on_date(moment: datetime, date: re.Match[str], *, american: bool) -> datetime:
    day, month = (int(date[2]), int(date[1])) if american else (int(date[1]), int(date[2]))
    year = int(date[3] or moment.year)
    return moment.replace(day=day, month=month, year=year + 2000 if year < 100 else year)


def _next_day(moment: datetime) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() + 86_400, moment.tzinfo)


def restriction(data: dict[str, Any]) -> LinkLost:
    """What to raise when the compose box is replaced by a time-lock."""
    until = end_of(data.get("text", ""), datetime.now().astimezone())
    return LinkLost(words.RESTRICTED, Link.RESTRICTED, until)
