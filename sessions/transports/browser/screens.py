"""Which screen of WhatsApp Web the page shows, by the elements of selectors.json on it, and what that says of the link."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable

from sessions.events import Link
from sessions.interfaces import LinkLost, Opened
from sessions.transports.browser import reasons
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.timeouts import Limit

SCREENS = ("refusal", "conflict", "link_screen", "passkey", "pane", "offline", "interstitial")
"""What is looked at all the time, once an account is linked."""
LOADING = ("splash", "sync")
LINKING = (
    "too_many_attempts",
    "database_error",
    "code_expired",
    "passkey_prompt",
    "passkey_waiting",
    "passkey_code",
    "pairing_code",
    "phone_input",
    "phone_error",
    "qr_expired",
    "qr",
    "link_by_phone",
)
ALL = (*SCREENS, *LOADING, *LINKING)
STILL_SECONDS = 0.3
QUIET_SECONDS = 10.0
LINE_SECONDS = 3.0
SILENT_SECONDS = 1.0
SETTLE_SECONDS = 4.0
"""The offline banner also shows for a moment after a good start: only one that stays counts."""

STATES = {
    "CONFLICT": (Link.CONFLICT, reasons.CONFLICT),
    "TOS_BLOCK": (Link.STOPPED, reasons.TERMS_ASKED),
    "SMB_TOS_BLOCK": (Link.STOPPED, reasons.TERMS_ASKED),
    "SCREEN_LOCKED": (Link.STOPPED, reasons.SCREEN_LOCKED),
}
"""What the page's own module calls a line on which nothing can be sent, whatever the page shows."""

Shown = dict[str, dict[str, str]]


class Screen(enum.Enum):
    """Which screen the page shows, in one word."""

    REFUSED = "refused"
    CONFLICT = "conflict"
    CHATS = "chats"
    PASSKEY = "passkey"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    DATABASE_ERROR = "database_error"
    CODE_EXPIRED = "code_expired"
    CODE = "code"
    PHONE_REFUSED = "phone_refused"
    PHONE = "phone"
    QR_EXPIRED = "qr_expired"
    QR = "qr"
    LINKING = "linking"
    SYNC = "sync"
    SPLASH = "splash"
    UNKNOWN = "unknown"


_BY_ELEMENT = (
    ("passkey", Screen.PASSKEY),
    ("too_many_attempts", Screen.TOO_MANY_ATTEMPTS),
    ("database_error", Screen.DATABASE_ERROR),
    ("pairing_code", Screen.CODE),
    ("code_expired", Screen.CODE_EXPIRED),
    ("phone_error", Screen.PHONE_REFUSED),
    ("phone_input", Screen.PHONE),
    ("qr_expired", Screen.QR_EXPIRED),
    ("qr", Screen.QR),
    ("link_screen", Screen.LINKING),
    ("sync", Screen.SYNC),
    ("splash", Screen.SPLASH),
)


def screen_of(shown: Shown) -> Screen:
    """The screen of a look at `ALL` elements."""
    if "conflict" in shown:
        return Screen.CONFLICT
    if "pane" in shown:
        return Screen.CHATS
    if "refusal" in shown:
        return Screen.REFUSED
    return next((screen for name, screen in _BY_ELEMENT if name in shown), Screen.UNKNOWN)


def classify(shown: Shown) -> Opened | None:
    """The link that a screen shows; None while it still loads.

    Raises LinkLost when the page refuses the browser itself.
    """
    screen = screen_of(shown)
    if screen is Screen.REFUSED:
        raise LinkLost(reasons.REFUSED_BROWSER, Link.STOPPED)
    if screen is Screen.CONFLICT:
        return Opened(Link.CONFLICT, reason=reasons.CONFLICT)
    if screen is Screen.CHATS:
        offline = "offline" in shown
        return Opened(Link.OFFLINE, reason=reasons.OFFLINE) if offline else Opened(Link.ONLINE)
    loading = screen in (Screen.SYNC, Screen.SPLASH, Screen.UNKNOWN)
    return None if loading else Opened(Link.NEEDS_PAIRING)


def wait_for_screen(page: WebPage, limit: Limit) -> Opened:
    """Wait until the page has settled on a screen.

    LinkLost when it never does: stopped where it shows something that nobody has described.
    """
    offline_since: float | None = None
    shown: Shown = page.ask("look", ALL)
    while not limit.passed():
        dismiss(page, shown)
        opened = classify(shown)
        if opened is not None and opened.link is not Link.OFFLINE:
            return opened
        if opened is None:
            offline_since = None
        elif offline_since is None:
            offline_since = time.monotonic()
        elif time.monotonic() - offline_since > SETTLE_SECONDS:
            return opened
        shown = page.wait(0.5, "look", ALL)
    if screen_of(shown) is Screen.UNKNOWN and page.ask("says"):
        raise LinkLost(reasons.UNKNOWN_PAGE, Link.STOPPED)
    raise LinkLost(reasons.NO_ANSWER)


def wait_until_quiet(page: WebPage, last_frame: Callable[[], float]) -> None:
    """Wait until the chat list has stopped changing: what came in while we were away is there.

    The list is drawn from the disk before the line is up: `last_frame` says when something came in on it
    (monotonic seconds), where that can be seen.
    """
    began = now = time.monotonic()
    before: object = None
    while now - began < QUIET_SECONDS:
        changed = page.rest(STILL_SECONDS)
        now, came = time.monotonic(), last_frame()
        if not (now - came > SILENT_SECONDS if came > 0 else now - began > LINE_SECONDS):
            continue
        if not changed:
            return  # nor has the list, which needs no reading
        after = page.ask("list")
        if after == before:
            return
        before = after


def dismiss(page: WebPage, shown: Shown) -> bool:
    """Press the way out of a "Novidades" dialog, if one shows."""
    if "interstitial" not in shown:
        return False
    return page.click("interstitial_continue")


def own_phone(page: WebPage) -> str:
    """The linked account's own E.164 number, as the page keeps it, or ""."""
    digits: str = page.ask("me")
    return f"+{digits}" if digits else ""
