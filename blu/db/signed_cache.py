"""Django's cache in a table, of which only what blü itself wrote is read.

What is kept is pickled, and unpickling runs what it is told to. So each value is signed together with
its key: who can write to the table, as any role of the database can, gets no code run by it, and moves
no value to another key.
"""

import base64
import hmac
import pickle
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

FOREVER = datetime(3000, 1, 1, tzinfo=UTC)
_SIGNATURE = 32  # bytes, SHA-256


class NotOurs(Exception):
    """A value that blü did not write under this key."""


class SignedCache(DatabaseCache):
    """Django's DatabaseCache, with signed values; a set or add is one statement."""

    _table: str

    @property
    def _quoted(self) -> str:
        return connection.ops.quote_name(self._table)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """As Django's; what blü did not write is not there."""
        asked = {self.make_and_validate_key(key, version=version): key for key in keys}
        with connection.cursor() as cursor:
            cursor.execute(self._GET.format(table=self._quoted), [list(asked), timezone.now()])
            rows = cursor.fetchall()
        found = {}
        for key, kept in rows:
            try:
                found[asked[key]] = _opened(key, kept)
            except NotOurs:
                continue
        return found

    def _base_set(
        self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        """The one statement behind add, set and touch. Returns whether it wrote the row."""
        until = self.get_backend_timeout(timeout)
        expires = FOREVER if until is None else datetime.fromtimestamp(until, UTC)
        kept = _signed(key, value)
        row: dict[str, Any] = {"key": key, "value": kept, "expires": expires, "now": timezone.now()}
        with connection.cursor() as cursor:
            cursor.execute(self._STATEMENTS[mode].format(table=self._quoted), row)
            return bool(cursor.rowcount == 1)

    _GET = "SELECT cache_key, value FROM {table} WHERE cache_key = ANY(%s) AND expires >= %s"
    _SET = """
        INSERT INTO {table} (cache_key, value, expires) VALUES (%(key)s, %(value)s, %(expires)s)
        ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires
    """
    _STATEMENTS: ClassVar[dict[str, str]] = {
        "set": _SET,
        "add": _SET + "WHERE {table}.expires < %(now)s",
        "touch": "UPDATE {table} SET expires = %(expires)s WHERE cache_key = %(key)s",
    }


class PagesCache(SignedCache):
    """What features keep: it has so many rows at most, and may forget."""

    _max_entries: int

    def _base_set(
        self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        """As a signed cache's; False where the database refuses, which costs a page no more than time."""
        try:
            with transaction.atomic():
                self._make_room()
                return super()._base_set(mode, key, value, timeout)
        except DatabaseError:
            return False

    def _make_room(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self._quoted}")
            (number,) = cursor.fetchone()
            if number > self._max_entries:
                self._cull(connection.alias, cursor, timezone.now(), number)  # type: ignore[attr-defined]  # Django's own


def _signed(key: str, value: Any) -> str:
    pickled = pickle.dumps(value)
    return base64.b64encode(_signature(key, pickled) + pickled).decode()


def _opened(key: str, kept: str) -> Any:
    try:
        raw = base64.b64decode(kept, validate=True)
    except ValueError as error:
        raise NotOurs from error
    signature, pickled = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(key, pickled)):
        raise NotOurs
    return pickle.loads(pickled)


def _signature(key: str, pickled: bytes) -> bytes:
    return salted_hmac(f"{__name__} {key}", pickled, algorithm="sha256").digest()
