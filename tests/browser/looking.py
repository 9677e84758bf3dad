"""Opening pages in a real Chromium, and what every page must pass there.

    def test_the_list_of_contacts(look: Look) -> None:
        membership = make_membership()
        page = look("/contatos/", membership.user)
        check_everywhere(page)

`look` is a fixture of tests/browser/conftest.py: it signs in, opens the address on the live server
and collects whatever the browser complains of (a blocked inline style, a missing file).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from playwright.sync_api import Browser, Page, ViewportSize

from blu.accounts.models import User
from tests import clients, support
from tests.browser.contrast import pale
from tests.browser.windows import SIZE, Windows
from tests.clients import Client

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# The width that a window has anyway: each other one draws the page anew.
PHONE: tuple[int, Scheme] = (SIZE["width"], "light")
DESKTOP: tuple[int, Scheme] = (1280, "dark")
NARROWEST = 320
HEAVIEST = 150_000
COMPLAINTS = ("error", "warning")
AXE = "/static/axe/axe.min.js"
# Waits until the colours of a new scheme are drawn: half-way ones would be measured.
SETTLE = """async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    await Promise.all(document.getAnimations()
        .filter((animation) => animation instanceof CSSTransition)
        .map((animation) => animation.finished.catch(() => {})));
}"""
# A reporter of our own, since axe's finds a path to one place of each rule that was kept. Of style sheets, which take as
# long to read anew as all the rest, only rules would know that are off: axe holds them for experiments.
VIOLATIONS = """() => {
    axe.configure({reporter: (rules, options, done) => done(rules.flatMap(({id, violations}) =>
        violations.map(({node}) => `${id}: ${node.selector}`)))});
    return axe.run({preload: {assets: ["media"]}, rules: {"color-contrast": {enabled: false}}});
}"""
# Parts of cards that are wider than their card, which hides what goes beyond it, or lets it stick out.
UNFIT = """(width) => [
    ...document.scrollingElement.scrollWidth > width ? ["the page scrolls sideways"] : [],
    ...[...document.querySelectorAll("main .card")]
        .filter((card) => card.scrollWidth > card.clientWidth)
        .map((card) => card.outerHTML.slice(0, 120)),
]"""

# What has the focus shows its ring; a card that hides what is beyond it hides a part of the ring, too.
CUT_RINGS = """() => {
    const cut = [...document.querySelectorAll("main .card--flush :is(a, button, summary, [tabindex])")].filter((thing) => {
        if (!thing.checkVisibility() || thing.disabled) return false;
        thing.focus();
        const {outlineWidth, outlineOffset} = getComputedStyle(thing);
        const reach = parseFloat(outlineWidth) + parseFloat(outlineOffset) - 0.5;
        const ring = thing.getBoundingClientRect(), edge = thing.closest(".card--flush").getBoundingClientRect();
        return ring.left - reach < edge.left || ring.right + reach > edge.right
            || ring.top - reach < edge.top || ring.bottom + reach > edge.bottom;
    });
    document.activeElement.blur();
    return cut.map((thing) => thing.outerHTML.slice(0, 120));
}"""


@dataclass
class Look:
    """Opens pages as a person would see them; one profile for each call."""

    browser: Browser
    url: str
    windows: Windows
    complaints: list[str] = field(default_factory=list)

    def __call__(
        self, path: str, user: User | None = None, *, width: int = 1280, apart: bool = False
    ) -> Page:
        """The page at `path`, signed in as `user` if there is one; fails on an error page.

        A test that sets the page's clock or plugs something in asks for a window `apart`.
        """
        page = self._window(user, apart=apart)
        self._go(page, whole(path, user))
        resize(page, width)
        return page

    def each(self, paths: Iterable[str], user: User | None = None) -> Iterator[Page]:
        """The pages at these paths, one after the other in one window of a small phone, as for one path."""
        page = self._window(user)
        for path in paths:
            self._go(page, whole(path, user))
            yield page
            self._measure(page)

    def _window(self, user: User | None, *, apart: bool = False) -> Page:
        page = self.windows.lend(self.browser, self._heard, apart=apart)
        if user:
            page.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": key_of(user), "url": self.url}]
            )
        return page

    def _go(self, page: Page, path: str) -> None:
        response = page.goto(self.url + path, wait_until="load")
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"
        self._measure(page)

    def _measure(self, page: Page) -> None:
        """Complain of a page that a small phone scrolls sideways; at its end too, with all it fetched.

        Support works at a desk: the admin need not fit a phone.
        """
        if "/admin/" in page.url:
            return
        # Who has just gone on from a page has its address, and not yet its styles.
        page.wait_for_load_state("load")
        resize(page, SIZE["width"])
        if scrolls_sideways(page):
            self.complaints.append(f"wider than {SIZE['width']} px: {page.url}")

    def _heard(self, kind: str, text: str) -> None:
        if kind in COMPLAINTS:
            self.complaints.append(text)

    def close(self) -> None:
        """Leave what was opened, after a last look."""
        for page in self.windows.pages:
            self._measure(page)
        self.windows.take_back(self.url)


def whole(path: str, user: User | None) -> str:
    """The address of a page said as in tests/clients.py."""
    return clients.of_business(clients.slug_of(user), path) if user else path


def key_of(user: User) -> str:
    """A web session of this user, as the cookie carries it; support passed its second factor."""
    client = Client()
    if user.is_staff:
        support.sign_in(client, user)
    else:
        client.force_login(user)
        support.confirm_again(client, user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def check_everywhere(page: Page, *, thorough: bool = False) -> None:
    """Fails with what `faults` finds."""
    assert faults(page, thorough=thorough) == []


def faults(page: Page, *, thorough: bool = False) -> list[str]:
    """What axe finds on a phone and on a desktop, words that are too pale, and what is wider than its place.

    Colours are looked at in light on the phone and in dark on the desktop; `thorough` crosses them.
    """
    found = []
    for width, usual in (PHONE, DESKTOP):
        resize(page, width)
        for scheme in SCHEMES if thorough else (usual,):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.evaluate(SETTLE)
            found += [f"{width} px, {scheme}: {one}" for one in pale(page)]
        found += [f"{width} px: {one}" for one in violations(page)]
        found += too_wide(page, width)
    return found + too_wide(page, NARROWEST)


def offenders(pages: Iterable[Page], *more: Callable[[Page], Iterable[str]]) -> list[str]:
    """The faults of each page, and what `more` finds there as it was opened, each after its address."""
    return [
        f"{page.url}: {fault}" for page in pages for look in (*more, faults) for fault in look(page)
    ]


def resize(page: Page, width: int) -> None:
    """Give the window this width; the page is not drawn anew for one that it has."""
    size: ViewportSize = {"width": width, "height": SIZE["height"]}
    if page.viewport_size != size:
        page.set_viewport_size(size)


def too_wide(page: Page, *widths: int) -> list[str]:
    """What does not fit a window of one of these widths, or its card there."""
    found = []
    for width in widths:
        resize(page, width)
        found += [f"{width} px: {one}" for one in page.evaluate(UNFIT, width)]
    return found


def violations(page: Page) -> list[str]:
    """What axe finds: the rule, and where. A page takes it in once, however often it is looked at.

    Colours are judged apart: they are most of what it costs, and the only thing that the scheme changes.
    """
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(url=AXE)
    return list(page.evaluate(VIOLATIONS))


def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the window was asked to be: a phone's own grows with the page."""
    assert page.viewport_size is not None
    return bool(
        page.evaluate("document.scrollingElement.scrollWidth") > page.viewport_size["width"]
    )


def weight(page: Page) -> int:
    """Bytes of the page and all it loads, as they lie on the disk (uncompressed); without what looks at it."""
    script = """(axe) => [...performance.getEntriesByType("navigation"),
                          ...performance.getEntriesByType("resource")]
                         .filter((entry) => !entry.name.endsWith(axe))
                         .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
    return int(page.evaluate(script, AXE))


def too_heavy(page: Page) -> list[str]:
    """A page that loads more than HEAVIEST."""
    bytes_loaded = weight(page)
    return [f"{bytes_loaded} bytes"] if bytes_loaded >= HEAVIEST else []


def small_targets(page: Page) -> Iterator[str]:
    """Things on a line of their own that a thumb would miss: lower than 44 px."""
    script = """() => [...document.querySelectorAll("main a.button, main button, nav a, summary")]
        .filter((thing) => thing.checkVisibility() && thing.getBoundingClientRect().height < 43.5)
        .map((thing) => thing.outerHTML.slice(0, 120))"""
    yield from page.evaluate(script)


def cut_rings(page: Page) -> Iterator[str]:
    """Things whose ring, when they have the focus, goes beyond the edge of their card."""
    yield from page.evaluate(CUT_RINGS)
