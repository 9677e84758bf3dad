"""Linking an account: by the QR picture, or by eight characters typed on the phone."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from sessions.events import Link
from sessions.interfaces import Opened, PairingCode
from sessions.transports.browser import reasons, screens
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.screens import Screen, Shown
from sessions.transports.browser.text import strip_marks

NAMES = (*screens.ALL, "passkey_says")
STEP_SECONDS = 0.5
PRESS_AGAIN_SECONDS = 2.0
"""The page takes no notice of a press that comes too early: it is made again."""
REFUSED_SECONDS = 1.0
PRESSES = 2
ENDS = {
    Screen.TOO_MANY_ATTEMPTS: reasons.TOO_MANY_ATTEMPTS,
    Screen.DATABASE_ERROR: reasons.DATABASE_ERROR,
}
"""Screens that no code leads away from."""


@dataclass(frozen=True)
class Step:
    """What one look at the linking screens gave: a code to show, or the end of the pairing."""

    code: PairingCode | None = None
    opened: Opened | None = None


class Pairing:
    """One pairing on one page. `phone` (E.164) asks for the code in place of the QR."""

    def __init__(self, page: WebPage, phone: str) -> None:
        self._page = page
        self._phone = phone
        self._asked = 0
        self._pressed_at = 0.0

    def step(self) -> Step:
        """Wait for the page's next change, do what the screen asks for, and say what it shows."""
        shown: Shown = self._page.wait(STEP_SECONDS, "look", NAMES)
        screens.dismiss(self._page, shown)
        screen = screens.screen_of(shown)
        if screen is Screen.PASSKEY:
            # A server has no authenticator: neither the picture nor the code leads any further.
            said = strip_marks(shown.get("passkey_says", shown["passkey"])["text"].split("\n")[0])
            return _ended(Link.NEEDS_PASSKEY, reasons.PASSKEY_ASKED, said)
        if screen in ENDS:
            return _ended(Link.NEEDS_PAIRING, ENDS[screen])
        opened = screens.classify(shown)
        if opened is not None and opened.link is not Link.NEEDS_PAIRING:
            return self._linked(opened)
        return self._by_phone(shown, screen) if self._phone else self._by_qr(shown)

    def _linked(self, opened: Opened) -> Step:
        # A banner right after linking is the first sync's, not a lost link.
        if opened.link is Link.OFFLINE:
            return Step()
        return Step(
            opened=Opened(opened.link, screens.own_phone(self._page), opened.reason, opened.until)
        )

    def _by_qr(self, shown: Shown) -> Step:
        if "qr_expired" in shown:
            # The code under the overlay is a dead one.
            self._press("qr_expired")
            return Step()
        ref = shown.get("qr", {}).get("ref", "")
        return Step(code=PairingCode("qr", ref)) if ref else Step()

    def _by_phone(self, shown: Shown, screen: Screen) -> Step:
        if screen is Screen.CODE:
            return Step(code=self._code(shown))
        if screen is Screen.CODE_EXPIRED:
            self._asked = 0
            self._press("new_code")
        elif "phone_error" in shown and self._is_refused(shown):
            return self._wrong_number(strip_marks(shown["phone_error"]["text"]))
        elif "phone_input" in shown:
            self._ask_for_code(shown)
        elif "link_by_phone" in shown:
            # Back here after the code has expired: a fresh one is asked for.
            self._asked = 0
            self._press("link_by_phone")
        return Step()

    def _press(self, name: str) -> bool:
        """Press, and again after a while where the page took no notice."""
        if time.monotonic() - self._pressed_at < PRESS_AGAIN_SECONDS:
            return False
        pressed = self._page.click(name)
        if pressed:
            self._pressed_at = time.monotonic()
        return pressed

    def _wrong_number(self, said: str) -> Step:
        why = {"said": said}
        return Step(
            PairingCode("code", "", reasons.PHONE_REFUSED, why),
            Opened(Link.NEEDS_PAIRING, reason=reasons.PHONE_REFUSED, params=why),
        )

    def _ask_for_code(self, shown: Shown) -> None:
        """Have exactly this number in the field, then go on.

        A country that comes late by location drops the plus and keeps its own digits before ours.
        """
        if self._is_ours(shown):
            self._asked += self._press("phone_next")
        elif self._page.ask("focus", "phone_input"):
            # The field comes filled with a country's prefix: the whole number takes its place.
            self._page.key("Control+A")
            self._page.write(self._phone)
            self._pressed_at, self._asked = 0.0, 0

    def _is_refused(self, shown: Shown) -> bool:
        """Was exactly our number asked for, and heard? What stands there may be an earlier one's error:
        the country came in between, or the press did nothing."""
        settled = time.monotonic() - self._pressed_at > REFUSED_SECONDS
        return self._asked >= PRESSES and settled and self._is_ours(shown)

    def _is_ours(self, shown: Shown) -> bool:
        """Does the field hold the number that was asked for?"""
        field = shown.get("phone_input", {}).get("text", "")
        return _digits(field) == _digits(self._phone)

    @staticmethod
    def _code(shown: Shown) -> PairingCode | None:
        said = shown["pairing_code"]["code"] or shown["pairing_code"]["text"]
        letters = "".join(letter for letter in said if letter.isalnum())
        return PairingCode("code", letters) if len(letters) == 8 else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _ended(link: Link, reason: str, said: str = "") -> Step:
    params = {"said": said} if said else {}
    return Step(opened=Opened(link, reason=reason, params=params))
