"""What web processes are told of a link, by its kind's webhooks.

A web process holds no lease. Receipts, failures and replies need none. News of the link are written under the lease
of whoever drives it now, who then has to open the link anew, and so sees for itself.
"""

from sessions import events
from sessions.driving import account_limits, leases, link_losses, link_updates
from sessions.events import Event, Incoming, LinkChange
from sessions.interfaces import LeaseToken, LinkLost
from sessions.models import Lease, Link
from sessions.outbox import make_outbox


def hear(link: Link, event: Event) -> None:
    """Keep what was told of a link; the same again changes nothing."""
    if isinstance(event, LinkChange):
        _hear_of_the_link(link, event)
        return
    make_outbox().record_event(link.session_id, event)
    if isinstance(event, Incoming):
        link_updates.wake(link.session_id)  # it may have to be answered at once


def _hear_of_the_link(link: Link, told: LinkChange) -> None:
    """Whoever drives the link now lets go of it, unless it is only said what it may begin.

    LeaseLost where somebody has just begun to drive it: the sender tells it again, if it is still so.
    """
    fence = Lease.objects.values_list("fence", flat=True).get(link=link)
    token = LeaseToken(link.session_id, fence, link.pk)
    if told.link is events.Link.ONLINE:
        account_limits.keep(link, told, token=token)
        return
    link_losses.keep(token, LinkLost(told.reason, told.link, told.until, params=told.params))
    leases.expire(token)
