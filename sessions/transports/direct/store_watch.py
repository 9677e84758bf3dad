"""Says at once that the store is away: what the library hears without it, it can't read, and has acknowledged all the same.

WhatsApp keeps for a device that is not there what is written to it; so no line stays open then.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

log = structlog.get_logger()

ASK_EVERY = 1.0  # seconds, where the server doesn't say by itself that it ends
ANSWERS_WITHIN = 3.0  # seconds: a pooler whose server is gone has those who ask wait
CONNECTS_WITHIN = 10  # seconds, also where it takes the connection and says nothing more
COME_AGAIN = 0.5  # seconds between two tries while it is away


class StoreWatch:
    """Looks after one database for all links of a process, with a thread and a connection of its own.

    `ended` is called before whoever else hears that it is away.
    """

    def __init__(self, url: str, ended: Callable[[], None]) -> None:
        self._url, self._ended = url, ended
        self._lock = threading.Lock()
        self._hears: set[Callable[[], None]] = set()
        self._thread: threading.Thread | None = None

    def add(self, hears: Callable[[], None]) -> None:
        """Have this called whenever the store goes away, from the watch's own thread."""
        with self._lock:
            self._hears.add(hears)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="store", daemon=True)
                self._thread.start()

    def remove(self, hears: Callable[[], None]) -> None:
        """It need not be called any more."""
        with self._lock:
            self._hears.discard(hears)

    def _watch(self) -> None:
        while True:
            try:
                with psycopg.connect(
                    self._url,
                    autocommit=True,
                    prepare_threshold=None,
                    connect_timeout=CONNECTS_WITHIN,
                ) as own:
                    _until_away(own)
            except psycopg.Error as error:
                log.warning("store_away", error=type(error).__name__)
            self._tell()
            time.sleep(COME_AGAIN)

    def _tell(self) -> None:
        self._ended()
        with self._lock:
            hears = list(self._hears)
        for one in hears:
            one()


def _until_away(own: psycopg.Connection[Any]) -> None:
    """Raises psycopg.Error once the server is gone: it closes the connection, or doesn't answer a question in time."""
    while True:
        select.select([own.fileno()], [], [], ASK_EVERY)
        own.pgconn.send_query(b"SELECT 1")
        while (answer := _answer(own)) is not None:
            if answer.status != ExecStatus.TUPLES_OK:
                raise psycopg.OperationalError("refused")


def _answer(own: psycopg.Connection[Any]) -> PGresult | None:
    while own.pgconn.is_busy():
        if not select.select([own.fileno()], [], [], ANSWERS_WITHIN)[0]:
            own.close()  # nothing else may be asked on it
            raise psycopg.OperationalError("no answer")
        own.pgconn.consume_input()
    return own.pgconn.get_result()
