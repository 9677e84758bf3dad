"""The page as the driver speaks to it: questions to the reader, presses, letters."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessions.interfaces import LinkLost
from sessions.transports.browser import reasons
from sessions.transports.browser.selectors import Selectors

if TYPE_CHECKING:
    from playwright.sync_api import Page

log = logging.getLogger(__name__)

READER = Path(__file__).with_name("reader")
PARTS = ("nodes.js", "texts.js", "messages.js", "list.js", "modules.js", "answers.js")
GO_SECONDS = 30.0
ASK_SECONDS = 15.0
"""How long a question may go unanswered while the page reloads before the page is given up."""

CHATS = ("chat", "survey", "arrival")
"""Questions whose answer has the rows of the open chat."""

RELOADING = ("context was destroyed", "Cannot find context", "navigating", "frame was detached")

# As JSON: Playwright's own way to carry an answer visits each value of it several times.
ASK = "([name, args]) => window.bluReader ? JSON.stringify(window.bluReader.ask(name, args)) : null"
MODULES = "([name, ms, args]) => window.bluReader ? window.bluReader.module(name, ms, args) : null"
UNROLL = "() => window.bluReader?.unroll()"
WAIT = "async ([ms, name, args, deed]) => window.bluReader ? JSON.stringify(await window.bluReader.wait(ms, name, args, deed)) : null"


def reader_script(selectors: Selectors) -> str:
    """The script that must be in the page before anything else runs there: its content security policy
    refuses scripts that come later."""
    parts = "\n".join((READER / part).read_text(encoding="utf-8") for part in PARTS)
    known = json.dumps({"elements": selectors.elements, "modules": selectors.modules})
    return f"((data) => {{ if (window.top !== window) return;\n{parts}\n}})({known})"


def _is_partial(answer: dict[str, Any]) -> bool:
    """Are there messages in the open chat that the page has not drawn whole, too far from sight or too long?"""
    rows = answer.get("rows") or answer.get("chat", {}).get("rows") or ()
    return any(row.get("kind") == "shell" or row.get("cut") for row in rows)


class WebPage:
    """One page with the reader in it. All methods belong to the browser's thread."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.matched: dict[str, int] = {}

    def go(self, url: str) -> None:
        """Load an address. Raises LinkLost where nothing answers there, or with an error."""
        try:
            response = self.page.goto(url, wait_until="domcontentloaded", timeout=GO_SECONDS * 1000)
        except Exception as error:
            log.info("%s: %s", url, str(error).splitlines()[0])
            raise LinkLost(reasons.UNREACHABLE) from error
        if response is not None and response.status >= 400:
            log.info("%s: HTTP %s", url, response.status)
            raise LinkLost(reasons.UNREACHABLE)

    def ask(self, name: str, *args: Any) -> Any:
        """The reader's answer now. Survives reloads; LinkLost when the page stays silent."""
        answer = self._answered(ASK, [name, list(args)])
        if name not in CHATS or not _is_partial(answer):
            return answer
        self._evaluate(UNROLL, None)
        return self._answered(ASK, [name, list(args)])

    def wait(self, seconds: float, name: str, *args: Any, deed: Sequence[Any] = ()) -> Any:
        """The reader's answer after the page's next change, at most `seconds` from now.

        `deed` is asked for first, in the same breath: what it leads to is the change that is waited for.
        """
        return self._answered(WAIT, [max(0.0, seconds) * 1000, name, list(args), list(deed)])

    def rest(self, seconds: float) -> bool:
        """Whether the page changed within so many seconds; returns as soon as it does, and nothing is read."""
        return bool(self.wait(seconds, "changed"))

    def module(self, name: str, seconds: float = 5.0, *args: Any) -> Any:
        """What the page's own modules say; None where the page can't be asked."""
        return self._evaluate(MODULES, [name, seconds * 1000, list(args)])

    def click(self, name: str) -> bool:
        """Press the middle of an element; False when it isn't there or something covers it."""
        return self.press_at(self.ask("point", name))

    def press_at(self, point: dict[str, float] | None) -> bool:
        """Press a point that the reader gave; False when it gave none."""
        if point is None:
            return False
        self.page.mouse.click(point["x"], point["y"])
        return True

    def hover(self, point: dict[str, float]) -> None:
        """Rest the pointer on a point that the reader gave."""
        self.page.mouse.move(point["x"], point["y"])

    def key(self, name: str) -> None:
        """Press one key or chord, such as "Shift+Enter"."""
        self.page.keyboard.press(name)

    def write(self, text: str) -> None:
        """Write one line into the focused field, letter by letter as it were."""
        self.page.keyboard.insert_text(text)

    def paste(self, text: str, title: str) -> dict[str, Any] | None:
        """Put a text into the box of the chat of that title, as if from the clipboard; what the chat is then.

        None where that chat isn't open, or has no box that takes letters: nothing is written.
        """
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        chat: dict[str, Any] | None = self.ask("paste", plain, title)
        return chat

    def _answered(self, script: str, argument: list[Any]) -> Any:
        limit = time.monotonic() + ASK_SECONDS
        while True:
            said = self._evaluate(script, argument)
            if said is not None:
                reply = json.loads(said)
                self.matched |= reply["matched"]
                return reply["answer"]
            if time.monotonic() > limit:
                raise LinkLost(reasons.UNREACHABLE)
            self.page.wait_for_timeout(50)

    def _evaluate(self, script: str, argument: list[Any] | None) -> Any:
        """What the page answers; None while it reloads."""
        try:
            return self.page.evaluate(script, argument)
        except Exception as error:
            if not any(sign in str(error) for sign in RELOADING):
                raise
            return None
