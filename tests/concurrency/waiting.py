"""A second connection that works beside the test's own, and proof that it waits for a lock."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from blu.ops import dev_secrets
from tests.eventually import GENEROUS, eventually


def owner_connection() -> psycopg.Connection:
    """A connection of its own to the test's database, as the owner; nothing autocommits."""
    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(dev_secrets.database_url(settings.VAR, "blu_owner", database=name))


class Beside:
    """Runs `step` in a thread with its own connection; `result()` waits for what it gave or raised."""

    def __init__(self, step: Callable[[], Any]) -> None:
        self._step = step
        self._given: Any = None
        self._raised: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._given = self._step()
        except BaseException as error:  # noqa: BLE001  (result() raises it in the test)
            self._raised = error
        finally:
            connection.close()

    def result(self) -> Any:
        """What the step gave; raises what it raised."""
        self._thread.join(GENEROUS)
        assert not self._thread.is_alive(), "it never came back"
        if self._raised:
            raise self._raised
        return self._given

    def waits(self, *, beside: int = 0) -> None:
        """Return once somebody waits for a lock in this database, `beside` so many others; fails when the step just ends."""
        eventually(lambda: _waiting() > beside or not self._thread.is_alive())
        assert self._thread.is_alive(), f"it did not wait: {self._given!r} {self._raised!r}"


def _waiting() -> int:
    with connection.cursor() as cursor:
        # A transaction that looked once would go on seeing the connections of then.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE datname = current_database() AND NOT granted"
        )
        return int(cursor.fetchone()[0])
