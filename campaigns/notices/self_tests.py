"""The test to oneself: the campaign's words to the number that a member has proven to hold.

What is asked here the triggers of `campaigns_notice` ask again of everybody.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from blu.accounts.models import User
from blu.accounts.refused import Refused
from blu.web import dates
from campaigns import lifecycle
from campaigns.limits import pacing
from campaigns.messages import content, merge_fields
from campaigns.models import Campaign, Notice, NumberProof
from campaigns.models.notice_rules import DAY_IN, TESTS_A_DAY
from campaigns.notices.refusals import NoticeRefusal
from contacts import segments
from sessions.models import Chat, WhatsAppSession


@transaction.atomic
def send_self_test(*, campaign: Campaign, actor: User) -> Notice:
    """Queue the campaign's text to the actor's proven number, filled from the first contact.

    Each press is an event of its own; Refused without a proven number, a session or a text without
    faults, beyond TESTS_A_DAY, and where it would open a new chat beyond the day's quota.
    """
    phone = NumberProof.number_of(business=campaign.business, user=actor)
    if not phone:
        raise Refused(NoticeRefusal.NO_NUMBER)
    session = linked_session(campaign)
    if lifecycle.Lack.TEXT in lifecycle.lacks_of_text(campaign):
        raise Refused(NoticeRefusal.NO_TEXT)
    content.sendable(campaign.business, campaign.body)
    if asked_today(actor, Notice.Kind.SELF_TEST) >= TESTS_A_DAY:
        raise Refused(NoticeRefusal.MANY_TESTS, n=TESTS_A_DAY)
    refuse_beyond_new_chats(session, phone)
    notice = Notice(
        business=campaign.business,
        session_id=session.pk,
        kind=Notice.Kind.SELF_TEST,
        cause=f"{campaign.pk}:{actor.pk}:{timezone.now().isoformat()}",
        phone=phone,
        text=content.text_of(campaign, _example(campaign)),
        asked_by=actor,
    )
    try:
        with transaction.atomic():
            notice.save()
    except (
        IntegrityError
    ) as refusal:  # the rule of its kind: a stop or a doubt since the number was proven
        raise Refused(NoticeRefusal.WANTS_NOTHING) from refusal
    return notice


def linked_session(campaign: Campaign) -> WhatsAppSession:
    """The campaign's session; Refused where there is none, or none that is linked."""
    session = lifecycle.linked_session(campaign)
    if session is None:
        raise Refused(NoticeRefusal.NO_SESSION)
    return session


def asked_today(actor: User, kind: str) -> int:
    """How many notices of a kind the actor asked for today, in any business (index notice_asked).

    For use in a transaction: whoever asks at the same moment waits, and counts the first one.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    return Notice.objects.filter(asked_by=actor, kind=kind, queued_at__gte=today()).count()


def today() -> datetime:
    """When the day began on the clock of DAY_IN, as the triggers reckon it."""
    zone = ZoneInfo(DAY_IN)
    return datetime.combine(timezone.now().astimezone(zone).date(), time(0), tzinfo=zone)


def refuse_beyond_new_chats(session: WhatsAppSession, phone: str) -> None:
    """Refused where a message to this number would open a new chat that today's quota has no room for."""
    limits, now = pacing.limits_of(session.pk), timezone.now()
    again = pacing.new_chats_again(limits, now=now)
    if again is None or again <= now + pacing.SOON:
        return
    open_already = Q(warm_at__isnull=False) | Q(opened_at__isnull=False)
    if Chat.objects.filter(open_already, session=session, phone=phone).exists():
        return
    forbidden = limits.left == 0
    code = NoticeRefusal.NO_NEW_CHATS if forbidden else NoticeRefusal.NEW_CHATS_SPENT
    raise Refused(code, when=dates.at(again))


def _example(campaign: Campaign) -> dict[str, str]:
    """Returns the data of the audience's first contact; {} where the audience is empty."""
    if campaign.topic is None:
        return {}
    used = merge_fields.used(campaign.business, campaign.body)
    audience = segments.audience(
        business=campaign.business, topic=campaign.topic, segment=campaign.segment
    )
    first: dict[str, str] | None = (
        audience.annotate(frozen=merge_fields.frozen(used)).values_list("frozen", flat=True).first()
    )
    return first or {}
