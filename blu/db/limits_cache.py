"""What is counted to be refused (attempts, mails, requests) lives in a table that nothing pushes out.

It is Django's `default` cache, because allauth counts there; no feature of blü keeps anything in it
(they have blu.db.cached_by_cost.pages). A row leaves when its time is over, never because there are many: one
address of the network makes a few hundred at most, since what it asks for is itself counted first.
"""

import base64
import pickle
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone

FOREVER = datetime(3000, 1, 1, tzinfo=UTC)
# How allauth names what it counts by address of the network.
OF_AN_ADDRESS = ":ip:"
A_LOCK = ":lock"


class LimitsCache(DatabaseCache):
    """Django's DatabaseCache, but a set or add is one statement, raises errors, and evicts nothing.

    allauth locks what it counts by `add`, which therefore has exactly one winner, also where the
    lock of a killed process has run out.
    """

    def delete(self, key: str, version: int | None = None) -> bool:
        """As Django's, but counts by IP address stay, and False is returned.

        allauth forgets it after any success from there, and whoever guesses at many accounts has one
        of their own to succeed with.
        """
        if OF_AN_ADDRESS in key and not key.endswith(A_LOCK):
            return False
        return super().delete(key, version)

    def remove_expired(self) -> int:
        """Delete the expired counts. Returns the number deleted."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._quoted} WHERE expires < %s", [timezone.now()])
            removed: int = cursor.rowcount
        return removed

    _table: str

    @property
    def _quoted(self) -> str:
        return connection.ops.quote_name(self._table)

    def _base_set(
        self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        """The one statement behind add, set and touch. Returns whether it wrote the row."""
        until = self.get_backend_timeout(timeout)
        expires = FOREVER if until is None else datetime.fromtimestamp(until, UTC)
        kept = base64.b64encode(pickle.dumps(value)).decode()
        row: dict[str, Any] = {"key": key, "value": kept, "expires": expires, "now": timezone.now()}
        with connection.cursor() as cursor:
            cursor.execute(self._STATEMENTS[mode].format(table=self._quoted), row)
            return bool(cursor.rowcount == 1)

    _SET = """
        INSERT INTO {table} (cache_key, value, expires) VALUES (%(key)s, %(value)s, %(expires)s)
        ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires
    """
    _STATEMENTS: ClassVar[dict[str, str]] = {
        "set": _SET,
        "add": _SET + "WHERE {table}.expires < %(now)s",
        "touch": "UPDATE {table} SET expires = %(expires)s WHERE cache_key = %(key)s",
    }


def remove_expired() -> int:
    """Delete the counts whose time is over. Returns the number deleted."""
    limits = caches["default"]
    assert isinstance(limits, LimitsCache)
    return limits.remove_expired()
