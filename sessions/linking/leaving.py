"""Taking unlinked devices off the phone's list, by the hosts that drove them."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db.models import F, Q
from django.db.models.functions import Now

from blu.db import clock
from sessions.driving.runners import Heartbeat, Held
from sessions.interfaces import LinkLost, LogsOut
from sessions.models import Link
from sessions.registry import RunsIn, backend_of, kinds_in
from sessions.states import State

log = structlog.get_logger()

TRY_AGAIN = 300.0  # seconds after which WhatsApp is asked again that couldn't be reached


def leave_next(runner: Heartbeat, *, rest: Callable[[], None] = lambda: None) -> bool:
    """Log out the next device whose link was unlinked; False where none waits."""
    link = _next()
    held = runner.take(link.pk) if link else None
    if link is None or held is None:
        return False
    try:
        _left(link, held, rest)
    except LinkLost as lost:
        log.warning("not_logged_out", link=link.pk, reason=lost.reason)
    finally:
        runner.give_back(held)
    return True


def _next() -> Link | None:
    """Who has been tried least lately; nobody who is being linked anew: that logs the old device out too."""
    waiting = Link.objects.select_related("session").filter(
        Q(retry_at=None) | Q(retry_at__lte=Now()),
        is_leaving=True, state=State.UNLINKED, transport__in=kinds_in(RunsIn.HOST),
    )  # fmt: skip
    return waiting.order_by(F("retry_at").asc(nulls_first=True), "pk").first()


def _left(link: Link, held: Held, rest: Callable[[], None]) -> None:
    pause = timedelta(seconds=clock.scaled(TRY_AGAIN))
    Link.objects.filter(pk=link.pk).update(retry_at=Now() + pause)
    transport = backend_of(link).make(link)
    rest()
    try:
        if isinstance(transport, LogsOut):
            transport.log_out()
    finally:
        transport.close()
    if not held.is_set():
        Link.objects.filter(pk=link.pk).update(is_leaving=False, retry_at=None)
        log.info("logged_out", link=link.pk)
