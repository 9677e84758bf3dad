"""Which transport drives a session, and where its home is."""

from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings

from sessions import homes
from sessions.interfaces import Home, LinkLost, Transport
from sessions.models import Link, WhatsAppSession
from sessions.reasons import Code
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.launch import kill_on, pids_on
from sessions.transports.browser.selectors import BadSelectors
from sessions.transports.memory import MemoryTransport

log = structlog.get_logger()

DYING = 10.0  # seconds that a killed browser may take to be gone


def transport_for(link: Link, stopping: Callable[[], bool] = bool) -> Transport:
    """A fresh transport for one opening of this link, hurried once `stopping` is true.

    LinkLost for a session that was made for the simulator where there is none: it must never meet
    WhatsApp with the simulator's freedom.
    """
    if not settings.SIMULATOR_URL and (
        link.transport == Link.Transport.MEMORY
        or link.session.pacing == WhatsAppSession.Pacing.TRIAL
    ):
        raise LinkLost(Code.ONLY_FOR_TESTS)
    if link.transport == Link.Transport.MEMORY:
        return MemoryTransport(delay=settings.MEMORY_DELAY)
    try:
        return BrowserTransport(
            executable=settings.BROWSER or None,
            without_sandbox=settings.BROWSER_WITHOUT_SANDBOX,
            selector_file=Path(settings.SELECTORS) if settings.SELECTORS else None,
            time_scale=settings.TIME_SCALE,
            screenshots=settings.VAR / "screenshots",
            # Less than a home needs to be opened: what just opened is not closed at once.
            least_free=settings.LEAST_FREE // 2,
            stopping=stopping,
        )
    except BadSelectors as problem:
        log.error("selectors_unusable", error=str(problem))
        raise LinkLost(Code.BAD_SELECTORS) from None


def home_of(link: Link) -> Home:
    """The link's home on this node."""
    return Home(
        account=link.home,
        path=homes.path_of(link),
        base_url=settings.WHATSAPP_WEB_URL,
    )


def evict(link: Link) -> bool:
    """End what a dead or lost holder left running on this link's credentials, on this node.

    Never a worker, nor a process that drives other accounts. False while something does not die.
    """
    if link.transport != Link.Transport.BROWSER:
        return True
    profile = homes.path_of(link)
    kill_on(profile, DYING)
    return not pids_on(profile)
