"""The exclusive right to drive a link: taken by a growing fence, kept alive, given back.

Everything by the database's clock, so that nodes whose clocks disagree still agree on who drives.
A lease belongs to a runner (sessions.driving.runners), which keeps all of its leases alive at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from blu.db import clock
from sessions.driving import runner_clock
from sessions.interfaces import LeaseLost, LeaseToken
from sessions.models import Lease, Link, WhatsAppSession

TTL = 30.0  # seconds a lease lives without being renewed

# Whether a lease is somebody's now, and whether nobody's, so that it may be taken.
IS_HELD_SQL = "lease.expires_at > statement_timestamp()"
FREE_SQL = f"(({IS_HELD_SQL}) IS NOT TRUE)"

# The rule of a lease, for the statements of others, with the parameters session and fence: a row where
# it is held now, on the session's active link; the same, locked, so that a new holder, and whoever makes
# another link the active one, waits for what is done under it. Only the lease's row is locked, and a
# switch writes that row too: what waited for it asks again, and finds it ended.
OF_ANY_LINK_SQL = """
    SELECT 1 FROM wa_sessions_lease lease
     WHERE lease.session_id = %(session)s AND lease.fence = %(fence)s"""
# A row where no newer fence was drawn, even if it expired.
NEWEST_SQL = f"""{OF_ANY_LINK_SQL}
       AND lease.link_id = (SELECT active_link_id FROM wa_sessions_whatsappsession WHERE id = %(session)s)"""
# Whoever takes the lease, or ends it, locks its row FOR UPDATE and waits for this; a heartbeat does not.
LOCK_SQL = "FOR KEY SHARE"
HOLDS_SQL = f"{NEWEST_SQL} AND {IS_HELD_SQL}"
HELD_SQL = f"{HOLDS_SQL} {LOCK_SQL}"
# What a link that isn't active may do too: to hear, and to prove what is in doubt.
HELD_ON_ANY_LINK_SQL = f"{OF_ANY_LINK_SQL} AND {IS_HELD_SQL} {LOCK_SQL}"

# For those that take leases: from `free` (link_id, session_id, expires_at, node), whose lease rows are
# locked, `taken`, with the parameters of `values_of`. Rows are locked in the order lease, session, link
# everywhere. Only who gives a lease back empties expires_at: whoever else ended it left something open.
TAKE_SQL = """
numbered AS (
    SELECT free.*, row_number() OVER (PARTITION BY session_id ORDER BY link_id) AS number FROM free),
drawn AS (
    UPDATE wa_sessions_whatsappsession owner SET fence = owner.fence + asked.number
      FROM (SELECT session_id, count(*) AS number FROM numbered GROUP BY session_id) asked
     WHERE owner.id = asked.session_id
 RETURNING owner.id, owner.fence - asked.number AS before),
taken AS (
    UPDATE wa_sessions_lease lease
       SET fence = drawn.before + numbered.number, runner_id = %(runner)s, node = %(node)s,
           acquired_at = statement_timestamp(),
           expires_at = statement_timestamp() + make_interval(secs => %(ttl)s)
      FROM numbered JOIN drawn ON drawn.id = numbered.session_id WHERE lease.link_id = numbered.link_id
 RETURNING lease.session_id, lease.fence, lease.link_id,
           numbered.expires_at IS NOT NULL AND numbered.node = %(node)s AS left_open,
           statement_timestamp() AS now)"""

_IS_HELD = Q(expires_at__gt=Now())

_TAKE = f"""
WITH free AS (
    SELECT lease.link_id, lease.session_id, lease.expires_at, lease.node FROM wa_sessions_lease lease
     WHERE lease.link_id = %(link)s AND {FREE_SQL} FOR UPDATE SKIP LOCKED),
{TAKE_SQL}
SELECT session_id, fence, link_id, left_open, now FROM taken
"""

_RENEW = f"""
WITH beat AS (
    UPDATE wa_sessions_runner SET heartbeat = statement_timestamp() WHERE id = %(runner)s RETURNING id),
ours AS (
    SELECT lease.session_id, lease.fence, lease.link_id FROM beat, wa_sessions_lease lease
      JOIN unnest(%(sessions)s::bigint[], %(fences)s::bigint[]) AS held (session_id, fence)
           ON lease.session_id = held.session_id AND lease.fence = held.fence
     WHERE lease.runner_id = beat.id AND {IS_HELD_SQL}),
-- One row that somebody keeps locked must not cost all others their time.
free AS (
    SELECT ours.link_id, ours.fence FROM wa_sessions_lease lease JOIN ours USING (link_id)
       FOR NO KEY UPDATE OF lease SKIP LOCKED),
renewed AS (
    UPDATE wa_sessions_lease lease
       SET expires_at = statement_timestamp() + make_interval(secs => %(ttl)s)
      FROM free WHERE lease.link_id = free.link_id AND lease.fence = free.fence
       AND lease.runner_id = %(runner)s AND {IS_HELD_SQL}
 RETURNING lease.link_id)
SELECT session_id, fence, link_id, renewed.link_id IS NOT NULL FROM ours LEFT JOIN renewed USING (link_id)
"""

_RELEASE = """
UPDATE wa_sessions_lease SET expires_at = NULL, runner_id = NULL
 WHERE session_id = %(session)s AND fence = %(fence)s
"""


@dataclass(frozen=True)
class Taken:
    """A lease just taken. `left_open`: its last holder, on this node, did not give it back."""

    token: LeaseToken
    left_open: bool


def take(link_id: int, runner: UUID) -> Taken | None:
    """Take the lease where it is free or expired. Returns None where another runner holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values_of(runner) | {"link": link_id})
        row = cursor.fetchone()
    return taken_from(*row) if row else None


def values_of(runner: UUID) -> dict[str, Any]:
    """The parameters of TAKE_SQL for leases that go to this runner."""
    return {"runner": runner, "node": settings.NODE, "ttl": clock.scaled(TTL)}


def taken_from(session_id: int, fence: int, link_id: int, left_open: bool, now: datetime) -> Taken:
    """A row of `taken`; agrees with the database on what time it is."""
    runner_clock.agree(now)
    return Taken(LeaseToken(session_id, fence, link_id), left_open)


def active_link(session_id: int) -> int:
    """The id of the session's active link."""
    link_id = WhatsAppSession.objects.values_list("active_link_id", flat=True).get(pk=session_id)
    assert link_id is not None
    return link_id


def renew(runner: UUID, held: Collection[LeaseToken]) -> dict[LeaseToken, bool]:
    """A runner's sign of life: prolongs those of these leases that it still holds.

    Returns them, each with whether it was prolonged: one whose row somebody keeps locked lives as long as
    it did before, and is asked for again at the next beat.

    What has expired stays so: somebody may be about to take it. So does a lease whose taking was never
    answered: nobody drives under it.
    """
    values: dict[str, Any] = {
        "runner": runner,
        "ttl": clock.scaled(TTL),
        "sessions": [token.session_id for token in held],
        "fences": [token.fence for token in held],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, values)
        return {LeaseToken(*row): renewed for *row, renewed in cursor.fetchall()}


def hold(token: LeaseToken) -> None:
    """Keep the lease from being taken or ended until the transaction's end; for use in one, before its other rows.

    LeaseLost where somebody newer has it.
    """
    with connection.cursor() as cursor:
        values = {"session": token.session_id, "fence": token.fence}
        cursor.execute(f"{OF_ANY_LINK_SQL} {LOCK_SQL}", values)
        if cursor.fetchone() is None:
            raise LeaseLost


def is_held(link_id: int) -> bool:
    """Returns whether any runner holds the link's lease now."""
    return held().filter(link=link_id).exists()


def held() -> QuerySet[Lease]:
    """Returns the leases that are held now."""
    return Lease.objects.filter(_IS_HELD)


def free() -> QuerySet[Lease]:
    """The leases that may be taken."""
    return Lease.objects.exclude(_IS_HELD)


def release(token: LeaseToken) -> bool:
    """Give the lease back; False when it was no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"session": token.session_id, "fence": token.fence})
        return bool(cursor.rowcount)


def expire(token: LeaseToken) -> bool:
    """End the lease without giving it back: its next holder looks for what was left running.

    False when it was no longer ours.
    """
    ours = Lease.objects.filter(session=token.session_id, fence=token.fence)
    return bool(ours.update(expires_at=Now(), runner=None))


def locked(session_id: int) -> WhatsAppSession:
    """The session, after its leases, locked until the transaction's end: in the order of all statements."""
    list(Lease.objects.select_for_update().filter(session=session_id).order_by("pk"))
    return WhatsAppSession.objects.select_for_update(of=("self",)).get(pk=session_id)


def end_all(session_id: int) -> dict[int, int]:
    """End the leases of all links of a session under new fences; gives the fence of each link.

    For use in a transaction. Whoever drives one of them finds LeaseLost at its next step, and was not
    asked to give it back: who takes it next looks for what was left running.
    """
    return _ended(session_id, Lease.objects.filter(session=session_id))


def end(link: Link) -> int:
    """End the lease of one link, as `end_all`; gives its fence."""
    return _ended(link.session_id, Lease.objects.filter(link=link))[link.pk]


def _ended(session_id: int, rows: QuerySet[Lease]) -> dict[int, int]:
    links = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    owner = WhatsAppSession.objects.filter(pk=session_id)
    owner.update(fence=F("fence") + len(links))
    last = owner.values_list("fence", flat=True).get()
    fences = {link: last - number for number, link in enumerate(reversed(links))}
    for link, fence in fences.items():
        Lease.objects.filter(pk=link).update(fence=fence, runner=None)
    held().filter(pk__in=links).update(expires_at=Now())
    return fences
