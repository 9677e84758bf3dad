"""The loop of `manage.py run_host`: one process that keeps the links open which need no browser, and drives them."""

from collections.abc import Callable
from functools import partial
from threading import Event, Thread

from django.db import Error, connection

from blu.db import shared_connections
from blu.dispatch.host_pairings import Pairings
from campaigns.ledger.due import WORK
from campaigns.limits.fresh_limits import FreshLimits
from sessions.driving import runners
from sessions.driving.host import LOOK_EVERY, Host
from sessions.driving.link_updates import WOKEN
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.outbox import make_outbox

# To the database for all links together; heartbeat, look, listener, the store of devices and its watch have their own.
CONNECTIONS = 5
LISTEN_AGAIN = 5.0  # seconds, where the database is away


def run(stop: Event, capacity: int) -> None:
    """Keep links open and drive them until `stop`. RuntimeError where too many of them hang."""
    shared_connections.share(CONNECTIONS)
    limits = FreshLimits(oldest=2 * LOOK_EVERY)  # which the host's looks keep fresh
    with runners.running(capacity) as runner:
        _give_back()
        host = Host(
            runner,
            WORK,
            outbox=lambda then: RetryingOutbox(make_outbox(limits), after=partial(_rest, then)),
            limits=limits.seen,
            forget=limits.forget,
            capacity=capacity,
        )
        listener = Thread(target=_listen, args=(host, stop), name="listen", daemon=True)
        listener.start()
        Pairings(runner, stop, _give_back).begin()
        host.run(stop)
    if not stop.is_set():
        raise RuntimeError("too many links hang")


def _rest(then: Callable[[], None]) -> None:
    _give_back()
    then()


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
