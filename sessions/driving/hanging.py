"""Links of a host whose step hangs: it may never end, and holds a thread until it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

import structlog

from blu.db import clock
from sessions.driving.hosted import Hosted
from sessions.driving.leases import TTL

log = structlog.get_logger()

HANGS_AFTER = 3 * TTL  # seconds of one step; longer than any wait for the database
HANG_MOST = 20  # openings; with more the threads that are left are too few for the others
HANG_AGAIN = 2  # openings of one link; with more it would end the host again and again
ASK_EVERY = 1.0  # seconds, never scaled, between two looks through all links


@dataclass
class Hanging:
    """Those that were let go and whose step has not ended; for use under the host's lock."""

    _links: list[Hosted] = field(default_factory=list)
    _asked_at: float = float("-inf")

    def found(self, driven: dict[int, Hosted]) -> list[Hosted]:
        """Take those that hang by now out of the driven ones, where it was not asked a moment ago."""
        now, longest = monotonic(), clock.scaled(HANGS_AFTER)
        if now - self._asked_at < ASK_EVERY:
            return []
        self._asked_at = now
        hang = [
            link_id
            for link_id, one in driven.items()
            if one.stepping_since is not None and now - one.stepping_since > longest
        ]
        let_go = [driven.pop(link_id) for link_id in hang]
        for hosted in let_go:
            log.error("link_let_go", session=hosted.held.token.session_id)
        self._links += let_go
        return let_go

    def __iter__(self) -> Iterator[Hosted]:
        """Forgets those whose step has ended."""
        self._links = [one for one in self._links if one.step and not one.step.done()]
        return iter(self._links)

    def __len__(self) -> int:
        """How many there are."""
        return len(list(iter(self)))
