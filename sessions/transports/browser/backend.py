"""A browser for a link, with the settings of this machine and the looks of the database."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import structlog
from django.conf import settings
from django.core.checks import CheckMessage, Error

from sessions.evidence import store
from sessions.evidence.captured import Keep
from sessions.interfaces import Awaiting, LinkLost
from sessions.models import Link
from sessions.reasons import Code
from sessions.transports.browser import BrowserTransport, look_store, selectors
from sessions.transports.browser.chat_looks import LookStore
from sessions.transports.browser.launch import kill_on, pids_on
from sessions.transports.browser.look_store import LinkLooks
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
            link.home_folder,
            settings.WHATSAPP_WEB_URL,
            awaiting=awaiting,
            looks=LinkLooks(link.pk),
            keep_evidence=partial(store.keep, link.pk),
            stopping=stopping,
        )
    except BadSelectors as problem:
        log.error("selectors_unusable", error=str(problem))
        raise LinkLost(Code.BAD_SELECTORS) from None


def processes_on(home: Path) -> list[int]:
    """The browsers that run on a home on this machine."""
    return list(pids_on(home)) if home.is_dir() else []


def sweep() -> None:
    """Delete looks and evidence that are past their time."""
    look_store.sweep()
    store.sweep()


def checks() -> Sequence[CheckMessage]:
    """An override of the selectors that can't be used would stop every visit."""
    try:
        selectors.load(Path(settings.SELECTORS) if settings.SELECTORS else None)
    except BadSelectors as problem:
        hint = "Mend the file that BLU_SELECTORS names, or unset it."
        return [Error(str(problem), hint=hint, id="sessions.E003")]
    return []


def evict(link: Link) -> bool:
    """Kill the browser that an earlier holder left on the link's profile. Returns False while it lives.

    Never a worker, nor a process that drives other accounts.
    """
    profile = link.home_folder
    kill_on(profile, DYING)
    return not pids_on(profile)


def browser_on(
    profile: Path,
    base_url: str,
    *,
    awaiting: Awaiting = tuple,
    looks: LookStore | None = None,
    keep_evidence: Keep = lambda _evidence: None,
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
        keep_evidence=keep_evidence,
        # Less than a home needs to be opened: what just opened is not closed at once.
        least_free=settings.LEAST_FREE // 2,
        awaiting=awaiting,
        looks=looks,
        stopping=stopping,
    )
