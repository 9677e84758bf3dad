"""`manage.py watch`: goes round for what is due, one leader at a time over all nodes."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from blu import rounds
from blu.lib import clock

log = structlog.get_logger()

EVERY = 2.0  # seconds between two rounds
LEADER = 0x626C75  # the advisory lock's number: "blu"


class Command(BaseCommand):
    """Dispatch until told to stop; several may run, one of them leads."""

    help = "Rings for every session, launch and import that is due."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go round until SIGTERM; a database that is away is waited for."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        while not stop.wait(max(0.1, clock.scaled(EVERY))):
            try:
                if leads():
                    rounds.go_round()
            except (OperationalError, InterfaceError) as error:
                log.warning("database_away", error=type(error).__name__)
                connection.close()


def leads() -> bool:
    """True where this connection holds the leader's lock; it goes with the connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
            " AND pid = pg_backend_pid()",
            [LEADER],
        )
        if cursor.fetchone()[0]:
            return True
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER])
        return bool(cursor.fetchone()[0])
