"""Which account a session may be linked to: its own, or any while nothing has gone out or come in.

Chats, the day's new ones and a restriction are an account's. A session that has them stays with its account, so that
another number begins as new as it is, and one account's limits are counted in one place.
"""

from django.db import connection
from django.db.models import Q

from blu.text import phone as phones
from blu.web.phone_display import readable
from sessions.driving.link_updates import differ
from sessions.models import Chat, WhatsAppSession
from sessions.reasons import Code

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('account:' || %s, 0))"


class OtherAccount(Exception):
    """A session may not be linked to the account of `phone`: why, as a code with its params."""

    def __init__(self, phone: str, reason: Code, **params: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = {"phone": readable(phone)} | params


def check(session: WhatsAppSession, phone: str, *, link_id: int) -> None:
    """Raise OtherAccount where the session may not be linked to the account of `phone`, "" where that isn't known.

    `link_id` is the link of it that was paired. For use in a transaction: who links the same number waits.
    """
    if not phone:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [phones.with_ninth_digit(phone)])
    beside = session.links.filter(linked_at__isnull=False).exclude(pk=link_id)
    if any(differ(phone, number) for number in beside.values_list("phone", flat=True)):
        raise OtherAccount(phone, Code.OTHER_ACCOUNT)
    if differ(phone, session.phone) and _has_a_past(session):
        raise OtherAccount(phone, Code.NEW_NUMBER, own=readable(session.phone))
    # A session that was unlinked still counts what its account did; another business's only while it is linked.
    counts = Q(business=session.business_id) | Q(links__linked_at__isnull=False)
    others = WhatsAppSession.objects.filter(counts, phone__in=phones.forms(phone))
    other = others.exclude(pk=session.pk).first()
    if other and other.business_id == session.business_id:
        raise OtherAccount(phone, Code.OTHER_SESSION, name=other.name)
    if other:
        raise OtherAccount(phone, Code.OTHER_BUSINESS)


def _has_a_past(session: WhatsAppSession) -> bool:
    talked = Q(opened_at__isnull=False) | Q(warm_at__isnull=False)
    return bool(session.restriction) or Chat.objects.filter(talked, session=session).exists()
