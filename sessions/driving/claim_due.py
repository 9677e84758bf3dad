"""The one statement that says what is due, and leases it.

A visit asks for one link, a host for as many as it has room for, and of those that it holds in the
same statement what waits there; `watch` only counts, to know how many tickets its node's free slots need.
"""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from blu.db import clock
from sessions.driving import nodes
from sessions.driving.leases import FREE_SQL, TAKE_SQL, taken_from, values_of
from sessions.driving.runners import Heartbeat, Held
from sessions.driving.shares import SHARE_SQL
from sessions.registry import BACKENDS, RunsIn, kinds_in
from sessions.states import VISITED, VISITED_IN_TIME

RETRY = 30.0  # seconds, a quarter more or less, before a link is tried again whose last visit didn't end well
RETRY_MOST = 300.0  # the same, at most, of one that has been offline for long: half of that time
REPLY_CHECK = 600.0  # seconds between visits of a link with nothing to send
TEST_CHECK = 20.0  # the same while somebody watches for a test, or writes, on their own phone
KEPT_CHECK = (
    86_400.0  # of one that an account has moved away from, so that WhatsApp goes on linking it
)
REPLY_CHECK_TRIAL = 15.0  # the same on the simulator, where somebody is watching


@dataclass(frozen=True)
class Work:
    """What the outbox knows of a session `s`, as SQL conditions: something waits to be sent now, a driver
    that is gone left a row in hand, somebody watches for an answer; `doubts`: something is in doubt that `link` has
    not looked for. `limits` is a text: another one where its limits are others.
    """

    waits: str
    in_hand: str
    watched: str
    doubts: str
    limits: str


@dataclass(frozen=True)
class Due:
    """A link leased because something is due. Where it may not be opened (`opens`), only what its
    dead driver had in hand is settled, which any node may do.
    """

    held: Held
    opens: bool


@dataclass(frozen=True)
class HostWork:
    """What a host has to do: `due` was leased just now; of all that it holds by now, `waiting` are the ids
    of the links for which something waits to be sent, and `limits` what Work says, by session. `share` is how
    many it keeps while all hosts share evenly, and `beside` how many hosts this node has, where that is known.
    """

    due: list[Due] = field(default_factory=list)
    waiting: set[int] = field(default_factory=set)
    limits: dict[int, str] = field(default_factory=dict)
    share: int | None = None
    beside: int = 0


# A profile is opened by its own node; by others once that has been silent for long, and only where the
# silence is not the database's: then one's own node has no long steady life behind it either.
HERE_SQL = """(link.transport <> ALL(%(bound)s) OR link.node IN ('', %(node)s) OR NOT EXISTS (
    SELECT 1 FROM wa_sessions_node home WHERE home.name = link.node
       AND (home.seen_at > statement_timestamp() - make_interval(secs => %(gone)s)
            OR NOT EXISTS (SELECT 1 FROM wa_sessions_node mine WHERE mine.name = %(node)s
                    AND mine.steady_since < statement_timestamp() - make_interval(secs => %(gone)s)))))"""

# Only the active link has work; another is opened to hear, and one that is kept only for a while sleeps. What has work goes before what only has replies
# to hear. Businesses in turn: the one with the fewest links being driven, and of those the one that was
# served longest ago.
_DUE = f"""
known AS (
    SELECT link.id, link.session_id, s.business_id, link.visited_at, NOT {FREE_SQL} AS mine,
           (link.linked_at IS NOT NULL
        AND (link.state = ANY(%(visited)s)
             OR link.state = ANY(%(in_time)s) AND link.state_until <= statement_timestamp())
        AND (kept.id IS NULL OR link.visited_at IS NULL OR {{work.doubts}}
             OR link.visited_at < statement_timestamp() - make_interval(secs => %(kept_check)s))
        AND {HERE_SQL}) AS opens,
           (s.active_link_id = link.id AND {{work.waits}}) AS waits,
           (s.active_link_id = link.id AND {{work.in_hand}}) AS in_hand,
           (%(always)s OR link.visited_at IS NULL
         OR link.visited_at < statement_timestamp() - make_interval(secs =>
                CASE WHEN s.pacing = 'trial' THEN %(trial_check)s
                     WHEN {{work.watched}} THEN %(test_check)s ELSE %(check)s END)) AS replies
      FROM wa_sessions_link link
      JOIN wa_sessions_whatsappsession s ON s.id = link.session_id
      JOIN wa_sessions_lease lease ON lease.link_id = link.id
      LEFT JOIN wa_sessions_linkmove kept ON kept.old_id = link.id AND kept.ended_at IS NULL
                                         AND kept.switched_at IS NOT NULL AND s.active_link_id <> link.id
     WHERE link.transport = ANY(%(kinds)s)
       AND CASE WHEN NOT {FREE_SQL} THEN lease.runner_id = %(runner)s
                WHEN %(only)s::bigint IS NULL
                THEN link.retry_at IS NULL OR link.retry_at <= statement_timestamp()
                ELSE link.id = %(only)s END),
served AS (
    SELECT s.business_id, max(lease.acquired_at) AS served_at,
           count(*) FILTER (WHERE lease.expires_at > statement_timestamp()) AS driven
      FROM wa_sessions_lease lease JOIN wa_sessions_whatsappsession s ON s.id = lease.session_id
     GROUP BY s.business_id),
due AS (
    SELECT known.id, known.opens, known.waits OR known.in_hand AS urgent, known.visited_at, served.served_at,
           served.driven + row_number() OVER (
               PARTITION BY known.business_id
               ORDER BY known.waits OR known.in_hand DESC, known.visited_at NULLS FIRST, known.id) AS turn
      FROM known JOIN served USING (business_id)
     WHERE NOT known.mine AND (known.in_hand OR known.opens AND (known.waits OR known.replies)))
"""

# After a loss of the network links come back a little apart from each other, and the rarer the longer it lasts.
# A host takes no more than its share; what may not be opened is only settled, and counts for nobody.
# A host that is told of work has heard who woke the session: from here on it may be put to sleep again
# (sessions.driving.link_updates.put_to_sleep). Whoever is just being woken is heard at the next look.
_CLAIM = f"""
WITH {_DUE}, {SHARE_SQL},
free AS (
    SELECT lease.link_id, lease.session_id, lease.expires_at, lease.node, due.opens
      FROM wa_sessions_lease lease JOIN due ON due.id = lease.link_id
     WHERE {FREE_SQL}
     ORDER BY due.urgent DESC, due.turn, due.served_at NULLS FIRST, due.visited_at NULLS FIRST, due.id
     LIMIT least(CASE WHEN (SELECT count(*) FROM due WHERE urgent) <= %(first)s THEN %(limit)s ELSE %(first)s END,
           CASE WHEN %(shares)s THEN
           (SELECT greatest(0, share.links - (SELECT count(*) FROM known WHERE mine AND opens))
                   + (SELECT count(*) FROM due WHERE NOT opens) FROM share WHERE share.links IS NOT NULL) END)
       FOR UPDATE OF lease SKIP LOCKED),
{TAKE_SQL},
tried AS (
    UPDATE wa_sessions_link link
       SET retry_at = statement_timestamp() + (0.75 + random() / 2) * make_interval(secs =>
           greatest(%(retry)s, CASE WHEN link.state = 'offline' THEN least(%(retry_most)s, extract(epoch FROM
               statement_timestamp() - (SELECT since.at FROM wa_sessions_sessionevent since
                                         WHERE since.session_id = link.session_id AND since.link_id = link.id
                                         ORDER BY since.id DESC LIMIT 1)) / 2) END))
      FROM taken WHERE link.id = taken.link_id),
heard AS (
    UPDATE wa_sessions_link link SET retry_at = statement_timestamp()
      FROM (SELECT link.id FROM wa_sessions_link link JOIN known ON known.id = link.id
             WHERE %(always)s AND known.mine AND known.waits AND link.retry_at IS NULL
               FOR NO KEY UPDATE OF link SKIP LOCKED) woken
     WHERE link.id = woken.id)
SELECT taken.session_id, taken.fence, known.id, taken.left_open, taken.now,
       known.opens, known.waits, s.id, {{work.limits}}, share.links, share.beside
  FROM share CROSS JOIN known LEFT JOIN taken ON taken.link_id = known.id
  JOIN wa_sessions_whatsappsession s ON s.id = known.session_id
 WHERE known.mine OR taken.link_id IS NOT NULL
 ORDER BY known.waits OR known.in_hand DESC
"""

_COUNT = f"WITH {_DUE} SELECT count(*) FROM (SELECT 1 FROM due LIMIT %(limit)s) counted"


def claim_due(
    runner: Heartbeat,
    work: Work,
    *,
    limit: int,
    kinds: tuple[str, ...] = kinds_in(RunsIn.VISIT),
    always: bool = False,
    only: int | None = None,
) -> list[Due]:
    """Lease up to `limit` links of these kinds for which something is due, businesses in turn.

    `always` takes all that may be opened and isn't driven, as a host does; `only` asks for one link,
    whatever was tried before.
    """
    return _claimed(runner, work, _values(limit, kinds, always=always, only=only)).due


def claim_for_host(
    runner: Heartbeat, work: Work, *, limit: int, first: int | None = None
) -> HostWork:
    """Lease up to `limit` links that no other runner drives, within an even share of all of them, and see what
    waits on all that this one holds. Where more than `first` have work, only so many, so that other
    hosts take their part of it.
    """
    values = _values(limit, kinds_in(RunsIn.HOST), always=True, only=None)
    more = {"first": limit if first is None else min(first, limit), "shares": True}
    return _claimed(runner, work, values | more)


def _claimed(runner: Heartbeat, work: Work, values: dict[str, Any]) -> HostWork:
    started = runner.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(work=work), values | values_of(runner.id))
        rows = cursor.fetchall()
    found = HostWork(share=rows[0][-2], beside=rows[0][-1]) if rows else HostWork()
    for session_id, fence, link_id, left_open, now, opens, waits, owner_id, limits, *_share in rows:
        if fence is not None:
            held = runner.holds(
                taken_from(session_id, fence, link_id, left_open, now), since=started
            )
            if held is None:
                continue
            found.due.append(Due(held, opens))
        if waits:
            found.waiting.add(link_id)
        found.limits[owner_id] = limits
    return found


def count_due(work: Work, *, limit: int) -> int:
    """How many links are due that a visit on this node might drive, counted up to `limit`."""
    kinds = kinds_in(RunsIn.VISIT)
    with connection.cursor() as cursor:
        values = _values(limit, kinds, always=False, only=None) | {"runner": None}
        cursor.execute(_COUNT.format(work=work), values)
        return int(cursor.fetchone()[0])


def here() -> dict[str, Any]:
    """The parameters of HERE_SQL for this node."""
    return {
        "bound": [kind for kind, backend in BACKENDS.items() if backend.bound],
        "node": settings.NODE,
        "gone": nodes.gone_after(),
    }


def _values(
    limit: int, kinds: tuple[str, ...], *, always: bool, only: int | None
) -> dict[str, Any]:
    return here() | {
        "limit": limit,
        "first": limit,
        "kinds": list(kinds),
        "always": always,
        "only": only,
        "shares": False,
        "visited": list(VISITED),
        "in_time": list(VISITED_IN_TIME),
        "retry": clock.scaled(RETRY),
        "retry_most": clock.scaled(RETRY_MOST),
        "check": clock.scaled(REPLY_CHECK),
        "test_check": clock.scaled(TEST_CHECK),
        "kept_check": clock.scaled(KEPT_CHECK),
        "trial_check": clock.scaled(REPLY_CHECK_TRIAL),
    }
