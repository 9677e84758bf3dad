"""What is costly to count is cached for a while: the longer, the longer it took.

All that features keep is in `pages`, a cache that may forget: what is counted to be refused lives
elsewhere (blu.db.limits_cache), where nobody's pages can push it out.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils.connection import ConnectionProxy

# Each thread has its own behind it, as behind Django's `cache`.
pages: BaseCache = ConnectionProxy(caches, "pages")  # type: ignore[assignment]

T = TypeVar("T")
# Below this many people a count is quick enough to make while a page waits for it.
QUICK = 100_000


def get_or_make(memory: str, make: Callable[[], T], *, least: int, factor: int) -> T:
    """Returns what `make` gives, cached for `least` seconds, or `factor` times as long as it took to make."""
    known: T | None = pages.get(memory)
    if known is None:
        start = time.perf_counter()
        known = make()
        pages.set(memory, known, max(least, round(factor * (time.perf_counter() - start))))
    return known
