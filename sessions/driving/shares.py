"""How many links each host keeps: all hosts share them evenly, and those of one machine connect them one by one."""

from dataclasses import dataclass
from time import monotonic

from blu.db import clock

# A second, of all hosts of one machine together. WhatsApp is to see no more than 20 in any second, and what sets out
# evenly arrives less so: up to a sixth more in one.
CONNECTS = 16.0

# A host's even share of all links that hosts may open, as `links`, and the number of hosts on this node, as
# `beside`; no number where no host gives a sign of life. Those with room for fewer have fewer, and the others share the rest:
# from the smallest on, the first is looked for that has room for an even part of what the smaller ones leave.
SHARE_SQL = """
living AS (
    SELECT id, node, capacity,
           ceil((links.number - coalesce(sum(capacity) OVER smaller, 0))::numeric / count(*) OVER others) AS even
      FROM wa_sessions_runner,
           (SELECT count(*) AS number FROM wa_sessions_link
             WHERE transport = ANY(%(kinds)s) AND linked_at IS NOT NULL AND state = ANY(%(visited)s)) links
     WHERE capacity IS NOT NULL AND heartbeat > statement_timestamp() - make_interval(secs => %(ttl)s)
    WINDOW smaller AS (ORDER BY capacity, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           others AS (ORDER BY capacity, id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)),
share AS (
    SELECT coalesce((array_agg(even ORDER BY capacity, id) FILTER (WHERE even <= capacity))[1], max(capacity))::int
               AS links,
           count(*) FILTER (WHERE node = %(node)s) AS beside
      FROM living)
"""


@dataclass
class Spaced:
    """Moments for things that are done one after the other, `per_second` on this machine; `beside` hosts do them."""

    per_second: float = CONNECTS
    beside: int = 1
    _next: float = float("-inf")

    def number(self, seconds: float) -> float:
        """How many moments there are in so many seconds."""
        apart = self._apart()
        return clock.scaled(seconds) / apart if apart else float("inf")

    def room(self, seconds: float) -> float:
        """How many moments are left in the next seconds."""
        now, apart = monotonic(), self._apart()
        free = now + clock.scaled(seconds) - max(now, self._next)
        return max(0.0, free) / apart if apart else float("inf")

    def moment(self) -> float:
        """The next, in monotonic seconds."""
        moment = max(monotonic(), self._next)
        self._next = moment + self._apart()
        return moment

    def again(self, since: float) -> None:
        """Whatever moments were given from this one on are given again: others do it beside, or in another order."""
        self._next = since

    def _apart(self) -> float:
        return clock.scaled(max(1, self.beside) / self.per_second)
