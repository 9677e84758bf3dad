"""`manage.py run_host`: one process that keeps the links open which need no browser, and drives them."""

import signal
from argparse import ArgumentParser
from threading import Event, Thread
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import Error, connection

from blu.lib import shared_connections
from blu.lib.quick_exit import leave
from campaigns.due import WORK
from campaigns.fresh_limits import FreshLimits
from sessions import runners
from sessions.host import CAPACITY, LOOK_EVERY, Host
from sessions.outbox import make_outbox
from sessions.retrying_outbox import RetryingOutbox
from sessions.services import WOKEN

log = structlog.get_logger()

CONNECTIONS = (
    7  # to the database for all links together; heartbeat, look and listener have their own
)
LISTEN_AGAIN = 5.0  # seconds, where the database is away


class Command(BaseCommand):
    help = "Keeps links that need no browser open, and sends what they have to send, until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--capacity", type=int, default=CAPACITY, help="links at most")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        shared_connections.share(CONNECTIONS)
        try:
            _run(stop, options["capacity"])
        except Exception:
            log.exception("host_failed")
            leave(1)
        # A thread that hangs in a transport would keep the interpreter for ever.
        leave()


def _run(stop: Event, capacity: int) -> None:
    limits = FreshLimits(oldest=2 * LOOK_EVERY)  # which the host's looks keep fresh
    with runners.running() as runner:
        _give_back()
        host = Host(
            runner,
            WORK,
            outbox=lambda: RetryingOutbox(make_outbox(limits), after=_give_back),
            limits=limits.seen,
            forget=limits.forget,
            capacity=capacity,
        )
        listener = Thread(target=_listen, args=(host, stop), name="listen", daemon=True)
        listener.start()
        host.run(stop)
    if not stop.is_set():
        raise RuntimeError("too many links hang")


def _listen(host: Host, stop: Event) -> None:
    """Tell the host at once where something new may be due; without it the host finds out by itself."""
    shared_connections.keep_own()
    while not stop.is_set():
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {WOKEN}")
            while not stop.is_set():
                with connection.wrap_database_errors:
                    for _notice in connection.connection.notifies(timeout=1.0):
                        host.look_soon()
        except Error:
            connection.close()
            stop.wait(LISTEN_AGAIN)
    connection.close()


def _give_back() -> None:
    if not connection.in_atomic_block:
        connection.close()
