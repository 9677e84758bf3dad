"""Which kinds of link a business may choose from now, and the choice."""

from django.db import transaction
from django.db.models.functions import Now

from blu.accounts.models import User
from blu.accounts.refused import Refused
from sessions import registry
from sessions.driving import leases, runners
from sessions.linking import services
from sessions.linking.refusals import LinkRefusal
from sessions.models import Link, WhatsAppSession
from sessions.registry import Backend
from sessions.states import State


def offered() -> dict[str, Backend]:
    """The kinds that somebody here links and drives, the best first."""
    return registry.offered(hosted=runners.host_lives())


def other(session: WhatsAppSession) -> str:
    """The kind that the account of a session may move to, by a phone's code; "" where there is none."""
    found = [
        kind for kind, one in offered().items() if kind != session.transport and not one.key_form
    ]
    return "" if session.linked_by_key else next(iter(found), "")


def default() -> str:
    """Of a new session: the direct one where a host runs."""
    return next(iter(offered()), registry.DEFAULT)


@transaction.atomic
def choose(*, session: WhatsAppSession, transport: str, actor: User) -> None:
    """An account that isn't linked is to be linked by another kind: by another link of the session.

    Refused for a kind that isn't offered, while it is linked, and for an account that WhatsApp restricts or has banned.
    """
    session = leases.locked(session.pk)
    if session.transport == transport:
        return
    if transport not in offered():
        raise Refused(LinkRefusal.NOT_OFFERED)
    if session.restriction:
        raise Refused(LinkRefusal.RESTRICTED)
    if not session.may_pair:
        raise Refused(LinkRefusal.LINKED_ALREADY)
    fences = leases.end_all(session.pk)
    link = session.link
    if link.home_fence == 0:  # nothing was ever linked by it
        services.end_attempts(link)
        Link.objects.filter(pk=link.pk).update(transport=transport, node="", credentials="")
        return
    services.forget(link, fence=fences[link.pk], actor=actor)
    unused = session.links.filter(transport=transport, state=State.UNLINKED).first()
    link = unused or services.add_link(session=session, transport=transport)
    session.moves.filter(ended_at=None).update(ended_at=Now())
    WhatsAppSession.objects.filter(pk=session.pk).update(active_link=link)
