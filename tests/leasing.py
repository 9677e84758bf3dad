"""Leases held by a runner elsewhere, which gives no further sign of life."""

from sessions.driving import leases
from sessions.driving.leases import Taken
from sessions.interfaces import LeaseToken
from sessions.models import Runner


def take_link(link_id: int) -> Taken | None:
    """Take a link's lease; None where somebody else drives it."""
    runner = Runner.objects.create(node="b", host="elsewhere", pid=1, born=0)
    lease = leases.take(link_id, runner.pk)
    if lease is None:
        runner.delete()
    return lease


def leased(session_id: int) -> LeaseToken | None:
    """Lease a session's active link for one TTL; None where somebody else drives it."""
    lease = take_link(leases.active_link(session_id))
    return lease.token if lease else None


def hold(session_id: int | None) -> LeaseToken:
    """Lease a session's active link for one TTL, which nobody else drives."""
    assert session_id is not None
    token = leased(session_id)
    assert token is not None
    return token
