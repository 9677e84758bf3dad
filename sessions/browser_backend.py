"""A browser for a link, with the settings of this machine and the looks of the database."""

from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings

from blu.lib import encryption
from sessions import homes
from sessions.browser_looks import LinkLooks
from sessions.interfaces import Awaiting, LinkLost
from sessions.models import Link
from sessions.reasons import Code
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.launch import kill_on, pids_on
from sessions.transports.browser.looks import LookStore
from sessions.transports.browser.selectors import BadSelectors

log = structlog.get_logger()

DYING = 10.0  # seconds that a killed browser may take to be gone


def make(
    link: Link,
    *,
    awaiting: Awaiting,
    wake: Callable[[], None],
    stopping: Callable[[], bool],
) -> BrowserTransport:
    """WhatsApp Web on the link's profile; LinkLost where the selectors of this machine are broken."""
    try:
        return browser_on(
            homes.path_of(link),
            settings.WHATSAPP_WEB_URL,
            awaiting=awaiting,
            looks=LinkLooks(link.pk),
            stopping=stopping,
        )
    except BadSelectors as problem:
        log.error("selectors_unusable", error=str(problem))
        raise LinkLost(Code.BAD_SELECTORS) from None


def evict(link: Link) -> bool:
    """End the browser that a dead or lost holder left on the link's profile; False while it does not die.

    Never a worker, nor a process that drives other accounts.
    """
    profile = homes.path_of(link)
    kill_on(profile, DYING)
    return not pids_on(profile)


def browser_on(
    profile: Path,
    base_url: str,
    *,
    awaiting: Awaiting = tuple,
    looks: LookStore | None = None,
    stopping: Callable[[], bool] = bool,
) -> BrowserTransport:
    """A browser of this machine's on any folder; BadSelectors where their override can't be used."""
    return BrowserTransport(
        profile,
        base_url,
        executable=settings.BROWSER or None,
        without_sandbox=settings.BROWSER_WITHOUT_SANDBOX,
        selector_file=Path(settings.SELECTORS) if settings.SELECTORS else None,
        time_scale=settings.TIME_SCALE,
        screenshots=settings.VAR / "screenshots",
        seal=encryption.seal,
        # Less than a home needs to be opened: what just opened is not closed at once.
        least_free=settings.LEAST_FREE // 2,
        awaiting=awaiting,
        looks=looks,
        stopping=stopping,
    )
