"""When a time-lock ends, as WhatsApp's own details of it say: opened where its bar stands, read, closed again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sessions.transports.browser.page import WebPage
from sessions.transports.browser.timeouts import Timeouts

SHOWN_SECONDS = 3.0
CLOCK = re.compile(r"^(\d{1,2})\D{1,4}(\d{2})\D{1,4}(\d{2})\D{0,2}$")
DAYS = re.compile(r"^(\d{1,3}) (dias?|days?|d[ií]as?)$", re.IGNORECASE)


def end(page: WebPage, timeouts: Timeouts) -> datetime | None:
    """When the time-lock of the open chat ends; None where the page doesn't say.

    Beyond a day the page counts days, the begun one among them: it is over then at the latest.
    """
    if not page.click("timelock_details"):
        return None
    limit = timeouts.until(SHOWN_SECONDS)
    shown = page.ask("look", ("timelock_modal",))
    while not shown and not limit.passed():
        shown = page.wait(0.2, "look", ("timelock_modal",))
    now = datetime.now().astimezone()
    if not page.click("popup_ok"):
        page.key("Escape")
    left = _left(shown["timelock_modal"]["text"]) if shown else None
    return now + left if left else None


def _left(text: str) -> timedelta | None:
    """The time left by the first line that counts down; 0 for a lock without an end."""
    for line in map(str.strip, text.splitlines()):
        if clock := CLOCK.match(line):
            hours, minutes, seconds = map(int, clock.groups())
            return timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if days := DAYS.match(line):
            return timedelta(days=int(days[1]))
    return None
