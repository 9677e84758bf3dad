"""What a drive tells of its link, and what wakes one: the sessions' part of every visit."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, Exists, Value, When
from django.db.models.functions import Cast, Now

from blu.db import prepared_sql
from blu.text import phone as phones
from blu.web.phone_display import readable
from sessions import events
from sessions.driving import leases
from sessions.driving.history import set_state
from sessions.interfaces import KeepsBadges, LeaseLost, LeaseToken, LinkLost, Opened
from sessions.models import Link, WhatsAppSession
from sessions.reasons import UNTIL, Code
from sessions.states import State

WOKEN = "blu_woken"  # the channel on which hosts hear that something new may be due

# One statement, as a host does it for hundreds of links.
_PROVEN = f"""
WITH held AS MATERIALIZED ({leases.OF_ANY_LINK_SQL} {leases.LOCK_SQL})
UPDATE wa_sessions_link link SET proven_at = statement_timestamp() FROM held WHERE link.id = %(link)s
"""


def proven(token: LeaseToken) -> None:
    """Note that WhatsApp answered on this link just now. Raises LeaseLost under an old fence."""
    values = {"session": token.session_id, "fence": token.fence, "link": token.link_id}
    if prepared_sql.count(_PROVEN, values) == 0:
        raise LeaseLost


@transaction.atomic
def opened(token: LeaseToken, found: Opened) -> None:
    """A link came up: whose it is, and whether WhatsApp answered on it or it only looks well.

    LinkLost for one that was opened as another account than the session's: what
    is heard there is no answer to what the session sends. LeaseLost where somebody newer drives it.
    """
    leases.hold(token)
    if found.phone and differ(found.phone, _known_number(token)):
        why = {"phone": readable(found.phone)}
        raise LinkLost(Code.OTHER_ACCOUNT, events.Link.STOPPED, params=why)
    if found.proven:
        proven(token)
    if found.phone:
        Link.objects.filter(pk=token.link_id).update(phone=found.phone)
        WhatsAppSession.objects.filter(active_link=token.link_id).update(phone=found.phone)


def _known_number(token: LeaseToken) -> str:
    """The session's number, where this link may be of no other account: an account may get another number, but only
    an active link whose own was known before tells of it.
    """
    free = Link.objects.filter(pk=token.link_id, session__active_link=token.link_id).exclude(
        phone=""
    )
    if free.exists():
        return ""
    return str(WhatsAppSession.objects.values_list("phone", flat=True).get(pk=token.session_id))


def record_badges(link_id: int, transport: object) -> None:
    """Keep whether the opening that ended could set the chats it read back to unread, where it knows."""
    if isinstance(transport, KeepsBadges) and (keeps := transport.keeps_badges) is not None:
        Link.objects.filter(pk=link_id).update(keeps_badges=keeps)


@transaction.atomic
def rest(token: LeaseToken, *, idle_until: datetime | None) -> None:
    """A fine visit is over. Nothing can be claimed before `idle_until`, None where nothing waits.

    A session that was woken during its visit (nothing keeps it from a retry then) is not put to sleep
    again. LeaseLost where somebody newer drives the link.
    """
    leases.hold(token)
    still = Link.objects.filter(pk=token.link_id, retry_at__isnull=False)
    WhatsAppSession.objects.filter(active_link=token.link_id).update(
        idle_until=Case(
            When(Exists(still), then=Cast(Value(idle_until), DateTimeField())), default=None
        )
    )
    Link.objects.filter(pk=token.link_id).update(visited_at=Now(), retry_at=None)


def put_to_sleep(token: LeaseToken, *, until: datetime) -> None:
    """Nothing can be claimed before `until`. A session that was woken since the last look stays awake.

    Waking empties `idle_until` and `retry_at`. Who wakes it while this is being written is seen by the
    second statement, who does so afterwards has the last word.
    """
    session = WhatsAppSession.objects.filter(active_link=token.link_id)
    session.filter(active_link__retry_at__isnull=False).update(idle_until=until)
    session.filter(active_link__retry_at__isnull=True, idle_until=until).update(idle_until=None)


def offer(link_id: int) -> None:
    """Whoever has room for a link that was just given back may take it at once."""
    Link.objects.filter(pk=link_id, retry_at__gt=Now()).update(retry_at=Now())
    _tell_hosts()


def wake(session_id: int | None) -> None:
    """Something new may be due: the next ticket looks at once."""
    if session_id is not None:
        WhatsAppSession.objects.filter(pk=session_id).update(idle_until=None)
        Link.objects.filter(session=session_id).update(retry_at=None)
        _tell_hosts()


def _tell_hosts() -> None:
    """Hosts listen; who misses it finds out within seconds all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WOKEN])


def look_again(session_id: int) -> bool:
    """Visit a session that stopped by itself before its time is up; False where it hasn't.

    One that WhatsApp restricted without saying until when stays restricted meanwhile, and is only visited sooner.
    """
    waiting = (State.STOPPED, State.OUTDATED)
    link = Link.objects.get(pk=leases.active_link(session_id))
    if link.state == State.RESTRICTED:
        endless = Link.objects.filter(pk=link.pk, state=State.RESTRICTED, state_until__gt=Now())
        if UNTIL in link.state_params or not endless.update(state_until=Now()):
            return False
        wake(session_id)
        return True
    if not set_state(
        link.pk, State.OFFLINE, link.state_reason, params=link.state_params, only_from=waiting
    ):
        return False
    wake(session_id)
    return True


def differ(one: str, other: str) -> bool:
    """Whether two numbers, "" where one isn't known, are surely of two accounts."""
    return bool(one and other) and other not in phones.forms(one)
