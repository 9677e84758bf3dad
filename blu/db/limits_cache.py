"""What is counted to be refused (attempts, mails, requests) lives in a table that nothing pushes out.

It is Django's `default` cache, because allauth counts there; no feature of blü keeps anything in it
(they have blu.db.cached_by_cost.pages). A row leaves when its time is over, never because there are many: one
address of the network makes a few hundred at most, since what it asks for is itself counted first.
"""

from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from blu.db.signed_cache import SignedCache

# How allauth names what it counts by address of the network.
OF_AN_ADDRESS = ":ip:"
A_LOCK = ":lock"


class LimitsCache(SignedCache):
    """A cache that evicts nothing and raises errors.

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


def remove_expired() -> int:
    """Delete the counts whose time is over. Returns the number deleted."""
    limits = caches["default"]
    assert isinstance(limits, LimitsCache)
    return limits.remove_expired()
