"""What is costly to count is kept for a while: the longer, the longer it took."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

T = TypeVar("T")


def kept(memory: str, make: Callable[[], T], *, least: int, factor: int) -> T:
    """What `make` gives, kept for `least` seconds, or `factor` times as long as it took to make."""
    known: T | None = cache.get(memory)
    if known is None:
        start = time.perf_counter()
        known = make()
        cache.set(memory, known, max(least, round(factor * (time.perf_counter() - start))))
    return known
