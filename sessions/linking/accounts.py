"""Which account a session may be linked to: its own, or any while nothing has gone out or come in.

Chats, the day's new ones and a restriction are an account's. A session that has them stays with its account, so that
another number begins as new as it is, and one account's limits are counted in one place.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from blu.text import phone as phones
from blu.web.phone_display import readable
from sessions.driving.link_updates import differ
from sessions.models import Chat, WhatsAppSession
from sessions.reasons import Code
from sessions.states import LINKED

_A_DAY = timedelta(hours=24)
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('account:' || %s, 0))"


class OtherAccount(Exception):
    """A session may not be linked to the account of `phone`: why, as a code with its params."""

    def __init__(self, phone: str, reason: Code, **params: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = {"phone": readable(phone)} | params


def check(session: WhatsAppSession, phone: str, *, link_id: int, is_held: bool = False) -> None:
    """Raise OtherAccount where the session may not be linked to the account of `phone`, "" where that isn't known.

    `link_id` is the link of it that is paired; `is_held` where whoever asks has the phone: nobody else is told of another
    business. For use in a transaction: who links the same number waits.
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
    same = WhatsAppSession.objects.filter(phone__in=phones.forms(phone)).exclude(pk=session.pk)
    linked = Q(links__state__in=LINKED, links__linked_at__isnull=False)
    ours = same.filter(business=session.business_id)
    # One that was unlinked still counts what its account did; not where both have, as of before there was this rule.
    is_new_here = session.phone not in phones.forms(phone)
    if other := (ours if is_new_here else ours.filter(linked)).first():
        raise OtherAccount(phone, Code.OTHER_SESSION, name=other.name)
    if is_held and same.filter(linked).exists():
        raise OtherAccount(phone, Code.OTHER_BUSINESS)
    theirs = same.exclude(business=session.business_id)
    # They are counted by session: a number that goes from business to business would have as many a day of each.
    if is_held and theirs.filter(chats__opened_at__gt=Now() - _A_DAY).exists():
        raise OtherAccount(phone, Code.BEGAN_ELSEWHERE)


def take_over_restriction(session: WhatsAppSession, phone: str) -> None:
    """What WhatsApp told another session of this account, of whatever business, and is not over, stands here too."""
    restricted = WhatsAppSession.Restriction.RESTRICTED
    told = WhatsAppSession.objects.filter(phone__in=phones.forms(phone), restriction=restricted)
    told = told.exclude(pk=session.pk).exclude(restricted_until__lte=Now())
    if not session.restriction and (one := told.order_by("restricted_until").last()):
        session.restriction, session.restricted_until = restricted, one.restricted_until
        session.save(update_fields=["restriction", "restricted_until"])


def _has_a_past(session: WhatsAppSession) -> bool:
    talked = Q(opened_at__isnull=False) | Q(warm_at__isnull=False)
    return bool(session.restriction) or Chat.objects.filter(talked, session=session).exists()
