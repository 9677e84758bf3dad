"""When each link of a host is stepped next; only those whose time has come are looked at, not all that a host holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from sessions.driving.hosted import Hosted


@dataclass
class Turns:
    """The moments at which links come due, and those that are busy; for use under the host's lock."""

    busy: set[Hosted] = field(default_factory=set)
    # A link has as many here as it was given; only the last one counts.
    _moments: list[tuple[float, int, Hosted]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def comes_due(self, hosted: Hosted, at: float) -> None:
        """Its next step is then (monotonic seconds), and no more when it was before."""
        hosted.due_at = at
        heappush(self._moments, (at, next(self._numbers), hosted))

    def comes_due_by(self, hosted: Hosted, at: float) -> None:
        """Its next step is no later than that: one that waits for its turn already keeps it, whatever it hears meanwhile."""
        if at < hosted.due_at:
            self.comes_due(hosted, at)

    def begins(self, hosted: Hosted) -> None:
        """It is busy from here on."""
        hosted.busy = True
        self.busy.add(hosted)

    def ends(self, hosted: Hosted) -> None:
        """It is not busy any more, and must be given its next moment."""
        hosted.busy = False
        self.busy.discard(hosted)

    def leaves(self, hosted: Hosted) -> None:
        """It is this host's no more, and never due again."""
        hosted.busy = True
        self.busy.discard(hosted)

    def due(self, now: float, most: int) -> list[Hosted]:
        """The links whose time has come, longest due first, at most so many; each is busy from here on."""
        found: list[Hosted] = []
        while len(found) < most and self.next_moment() <= now:
            hosted = heappop(self._moments)[2]
            self.begins(hosted)
            hosted.woken = False
            found.append(hosted)
        return found

    def next_moment(self) -> float:
        """When the next link comes due that isn't busy (monotonic seconds), infinite where none does."""
        while self._moments:
            at, _number, hosted = self._moments[0]
            if at == hosted.due_at and not hosted.busy:
                return at
            heappop(self._moments)
        return float("inf")
