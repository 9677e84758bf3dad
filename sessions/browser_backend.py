"""A browser for a session, with the settings of this machine and the looks of the database."""

from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings

from sessions import homes
from sessions.browser_looks import SessionLooks
from sessions.interfaces import Awaiting, LinkLost
from sessions.models import WhatsAppSession
from sessions.reasons import Code
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.looks import LookStore
from sessions.transports.browser.selectors import BadSelectors

log = structlog.get_logger()


def make(
    session: WhatsAppSession,
    *,
    awaiting: Awaiting,
    wake: Callable[[], None],
    stopping: Callable[[], bool],
) -> BrowserTransport:
    """WhatsApp Web on the session's profile; LinkLost where the selectors of this machine are broken."""
    try:
        return browser_on(
            homes.path_of(session),
            settings.WHATSAPP_WEB_URL,
            awaiting=awaiting,
            looks=SessionLooks(session.pk),
            stopping=stopping,
        )
    except BadSelectors as problem:
        log.error("selectors_unusable", error=str(problem))
        raise LinkLost(Code.BAD_SELECTORS) from None


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
        # Less than a home needs to be opened: what just opened is not closed at once.
        least_free=settings.LEAST_FREE // 2,
        awaiting=awaiting,
        looks=looks,
        stopping=stopping,
    )
