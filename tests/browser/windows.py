"""Windows of a worker's Chromium, each lent to one test after the other as if it were new.

A new one starts a process, which loads its fonts and compiles every script again: that costs more than
all else that most tests ask of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, ViewportSize

# A small phone's: the narrowest that many people have.
SIZE: ViewportSize = {"width": 360, "height": 800}
# Where a window rests: of the product's own origin, since another would be another process.
REST = "/static/blu/img/favicon.svg"
# What a page does as it is left: save what was typed. The test that typed it is over.
SILENCE = """() => {
    for (const event of ["pagehide", "visibilitychange"])
        addEventListener(event, (left) => left.stopImmediatePropagation(), true);
}"""
# Empties what a window keeps from page to page; says whether its clock is the machine's.
FORGET = """() => {
    localStorage.clear();
    sessionStorage.clear();
    return !("__pwClock" in globalThis);
}"""

Heard = Callable[[str, str], None]


@dataclass
class Window:
    """One tab in a profile of its own."""

    page: Page
    heard: Heard | None = None

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))

    def _hear(self, kind: str, text: str) -> None:
        if self.heard:
            self.heard(kind, text)

    def rest(self, url: str) -> None:
        """Leave the page, and forget all that a test can leave behind; raises where it can't be."""
        page, context = self.page, self.page.context
        self.heard = None
        for other in context.pages:
            if other != page:
                other.close()
        page.unroute_all()
        page.evaluate(SILENCE)
        page.goto(url + REST)
        context.clear_cookies()
        context.clear_permissions()
        page.set_viewport_size(SIZE)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert page.evaluate(FORGET), "a test that sets a clock asks for a window apart"


@dataclass
class Windows:
    """Lends windows to a test, and takes them back."""

    free: list[Window] = field(default_factory=list)
    lent: list[Window] = field(default_factory=list)
    apart: list[Window] = field(default_factory=list)

    def lend(self, browser: Browser, heard: Heard, *, apart: bool = False) -> Page:
        """The page of a window that nobody looks through; what its console says is told to `heard`.

        One that is `apart` is new, and closed afterwards: for a test that sets its clock, or plugs something in.
        """
        window = self.free.pop() if self.free and not apart else Window(_new(browser))
        window.heard = heard
        (self.apart if apart else self.lent).append(window)
        return window.page

    @property
    def pages(self) -> list[Page]:
        """What is open in all that is lent."""
        return [page for one in self.lent + self.apart for page in one.page.context.pages]

    def take_back(self, url: str) -> None:
        """Whatever was lent is free again, having left its pages; closed if it can't be as new."""
        while self.apart:
            _close(self.apart.pop())
        while self.lent:
            window = self.lent.pop()
            try:
                window.rest(url)
            except BaseException:
                _close(window)
                raise
            self.free.append(window)


def _close(window: Window) -> None:
    window.heard = None
    window.page.context.close()


def _new(browser: Browser) -> Page:
    return browser.new_context(
        viewport=SIZE, locale="pt-BR", reduced_motion="reduce", color_scheme="light"
    ).new_page()
