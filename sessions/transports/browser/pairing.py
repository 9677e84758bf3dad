"""Linking an account: by the QR picture, or by eight characters typed on the phone."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.events import Link
from sessions.interfaces import Opened, PairingCode
from sessions.transports.browser import screens, words
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.screens import SCREENS, Look
from sessions.transports.browser.text import strip_marks

NAMES = (
    *SCREENS,
    "qr",
    "qr_expired",
    "link_by_phone",
    "phone_input",
    "phone_next",
    "phone_error",
    "pairing_code",
)
STEP_SECONDS = 0.5


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
        self._asked = False

    def step(self) -> Step:
        """Wait for the page's next change, do what the screen asks for, and say what it shows."""
        look: Look = self._page.wait(STEP_SECONDS, "look", NAMES)
        screens.dismiss(self._page, look)
        opened = screens.classify(look)
        if opened is not None and opened.link is not Link.NEEDS_PAIRING:
            return self._linked(opened)
        return self._by_phone(look) if self._phone else self._by_qr(look)

    def _linked(self, opened: Opened) -> Step:
        # A banner right after linking is the first sync's, not a lost link.
        if opened.link is Link.OFFLINE:
            return Step()
        return Step(
            opened=Opened(opened.link, screens.own_phone(self._page), opened.reason, opened.until)
        )

    def _by_qr(self, look: Look) -> Step:
        if "qr_expired" in look:
            self._page.click("qr_expired")
            return Step()
        ref = look.get("qr", {}).get("ref", "")
        return Step(code=PairingCode("qr", ref)) if ref else Step()

    def _by_phone(self, look: Look) -> Step:
        if "pairing_code" in look:
            return Step(code=self._code(look))
        if "phone_error" in look and self._asked:
            return self._wrong_number(strip_marks(look["phone_error"]["text"]))
        if "phone_input" in look:
            self._ask_for_code()
        elif "link_by_phone" in look:
            # Back here after the code has expired: a fresh one is asked for.
            self._asked = False
            self._page.click("link_by_phone")
        return Step()

    def _wrong_number(self, said: str) -> Step:
        why = {"said": said}
        return Step(
            PairingCode("code", "", words.PHONE_REFUSED, why),
            Opened(Link.NEEDS_PAIRING, reason=words.PHONE_REFUSED, params=why),
        )

    def _ask_for_code(self) -> None:
        if self._asked or not self._page.ask("focus", "phone_input"):
            return
        # The field comes filled with a country's prefix: the whole number takes its place.
        self._page.key("Control+A")
        self._page.write(self._phone)
        self._asked = self._page.click("phone_next")

    @staticmethod
    def _code(look: Look) -> PairingCode | None:
        shown = look["pairing_code"]["code"] or look["pairing_code"]["text"]
        letters = "".join(letter for letter in shown if letter.isalnum())
        return PairingCode("code", letters) if len(letters) == 8 else None
