"""A kind that WhatsApp itself meters is held by WhatsApp's quota, its business's own, hours and consent: by no interval."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits import forecast, pacing, services
from campaigns.limits.forecast import Work
from campaigns.limits.pacing import Closed, Gate
from campaigns.models import Campaign, Delivery, SessionLimits
from contacts import consent
from contacts.models import Source
from sessions.driving import account_limits as told_limits
from sessions.driving import link_updates
from sessions.events import Link as Of
from sessions.events import LinkChange
from sessions.interfaces import Idle
from sessions.models import Chat, Link, WhatsAppSession
from sessions.registry import BACKENDS, PacingProfile
from tests import factories
from tests.clients import Client
from tests.cloud.line import CLOUD, IN_FLIGHT
from tests.cloud.queued import api, count, queue
from tests.cloud.server import Api
from tests.eventually import GENEROUS, eventually
from tests.leasing import hold
from tests.sessions.driving.test_host_looks import driven, host, quick

__all__ = ["api", "driven", "host", "quick"]

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=SAO_PAULO)
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=SAO_PAULO)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    """Linked today, and paced as its kind says."""
    return factories.make_session(
        owner.business, transport="cloud", pacing="real", linked_at=timezone.now()
    )


def sleeps() -> bool:
    """Whether the host has found that nothing goes for a long time, and what was in hand then has been answered."""
    until = WhatsAppSession.objects.get().idle_until
    is_late = until is not None and until > timezone.now() + timedelta(minutes=1)
    return is_late and not count(status="sending")


# Several in hand


@pytest.mark.django_db(transaction=True)
def test_no_more_than_the_days_messages_leave_though_several_are_in_hand(
    api: Api, driven: Callable[[], Any]
) -> None:
    together = threading.Barrier(IN_FLIGHT, timeout=GENEROUS)

    def answers() -> None:
        if len(api.taken) <= IN_FLIGHT:
            together.wait()

    api.answers = answers
    queue(3 * IN_FLIGHT, pacing="real", daily=IN_FLIGHT + 3)
    driven()
    eventually(sleeps)
    assert (len(api.taken), api.most) == (IN_FLIGHT + 3, IN_FLIGHT)
    assert (count(status="sent"), count(status="queued")) == (IN_FLIGHT + 3, 2 * IN_FLIGHT - 3)


@pytest.mark.django_db(transaction=True)
def test_whatsapps_own_quota_is_counted_from_when_it_was_told(
    api: Api, driven: Callable[[], Any]
) -> None:
    now = timezone.now()
    session = queue(
        2 * IN_FLIGHT, pacing="real", new_chats_left=5, new_chats_until=now + AN_HOUR,
        new_chats_told_at=now,
    )  # fmt: skip
    for minutes in (-10, -20):  # before: WhatsApp has deducted these
        earlier = now + timedelta(minutes=minutes)
        Chat.objects.create(session=session, phone=factories.make_phone(), opened_at=earlier)
    driven()
    eventually(sleeps)
    assert (len(api.taken), count(status="sent")) == (5, 5)
    # Told anew, it goes on.
    WhatsAppSession.objects.update(new_chats_left=3, new_chats_told_at=timezone.now())
    link_updates.wake(session.pk)
    eventually(lambda: count(status="sent") == 8 and sleeps())
    assert len(api.taken) == 8


@pytest.mark.django_db
def test_what_is_in_hand_counts_until_it_is_back(session: WhatsAppSession) -> None:
    SessionLimits.objects.create(session=session, daily=2)
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    rows = [factories.make_delivery(campaign, status="sending") for _number in range(2)]
    limits = pacing.limits_of(session.pk)
    assert pacing.gate(limits, now=MONDAY_NOON) == Closed(MONDAY_NOON + pacing.SOON)
    Delivery.objects.filter(pk=rows[0].pk).update(status="failed")
    assert isinstance(pacing.gate(limits, now=MONDAY_NOON), Gate)


@pytest.mark.django_db
def test_a_new_chat_in_hand_counts_towards_whatsapps_quota(session: WhatsAppSession) -> None:
    until = MONDAY_NOON + AN_HOUR
    limits = replace(
        pacing.limits_of(session.pk), left=1, left_until=until, left_told_at=MONDAY_NOON - AN_HOUR
    )
    assert pacing.new_chats_again(limits, now=MONDAY_NOON) is None
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    row = factories.make_delivery(campaign, status="sending")
    assert pacing.new_chats_again(limits, now=MONDAY_NOON) == MONDAY_NOON + pacing.SOON
    Chat.objects.create(session=session, phone=row.phone, opened_at=MONDAY_NOON)
    assert pacing.new_chats_again(limits, now=MONDAY_NOON) == until


@pytest.mark.django_db
def test_when_a_quota_was_told_is_kept_with_it(session: WhatsAppSession) -> None:
    token = hold(session.pk)
    change = LinkChange(Of.ONLINE, "new_chats_spent", quota=7)
    told_limits.keep(session.link, change, token=token)
    limits = pacing.limits_of(session.pk)
    assert limits.left == 7
    assert limits.left_told_at is not None


# What holds for it as for a phone, and what doesn't


@pytest.mark.django_db
def test_neither_an_interval_nor_a_young_links_few_chats_hold_it(session: WhatsAppSession) -> None:
    WhatsAppSession.objects.update(last_sent_at=MONDAY_NOON)
    SessionLimits.objects.create(session=session, interval_seconds=3600, new_chats=1)
    Chat.objects.bulk_create(
        Chat(session=session, phone=factories.make_phone(), opened_at=MONDAY_NOON)
        for _number in range(30)
    )
    assert pacing.gate(pacing.limits_of(session.pk), now=MONDAY_NOON) == Gate()


@pytest.mark.django_db
def test_hours_and_sundays_hold_it(session: WhatsAppSession) -> None:
    limits = pacing.limits_of(session.pk)
    assert isinstance(pacing.gate(limits, now=SUNDAY), Closed)
    assert isinstance(pacing.gate(limits, now=MONDAY_NOON.replace(hour=23)), Closed)
    SessionLimits.objects.create(session=session, closes="11:00")
    noon = pacing.gate(pacing.limits_of(session.pk), now=MONDAY_NOON)
    assert isinstance(noon, Gate)
    assert "11" in noon.closed_area_codes


@pytest.mark.django_db
def test_who_has_left_gets_nothing_by_it() -> None:
    session = queue(1, pacing="real")
    delivery = Delivery.objects.get()
    consent.revoke_all(contact=delivery.contact, source=Source.WHATSAPP)
    token = hold(session.pk)
    assert isinstance(LedgerOutbox().next(token), Idle)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == ("skipped", "no_consent")


@pytest.mark.django_db
def test_only_a_kind_that_says_so_is_paced_by_quota(session: WhatsAppSession) -> None:
    """Another link of the session makes it a phone again, whatever the account sent before."""
    phones = {kind for kind, one in BACKENDS.items() if one.default_pacing is PacingProfile.PHONE}
    assert phones == set(BACKENDS) - {"cloud"}
    assert CLOUD.default_pacing is PacingProfile.QUOTA
    for kind in phones:
        Link.objects.filter(session=session).update(transport=kind)
        limits = pacing.limits_of(session.pk)
        assert (limits.by_quota, limits.interval) == (False, timedelta(seconds=20))
        assert pacing.quota(limits, now=timezone.now()) == 20


# What the pages say


@pytest.mark.django_db
def test_its_forecast_reckons_with_what_the_api_takes(session: WhatsAppSession) -> None:
    limits = pacing.limits_of(session.pk)
    found = forecast.reckon(limits, Work(new=80 * 60), now=MONDAY_NOON)
    assert found.ends_at == MONDAY_NOON + timedelta(minutes=1)
    some = replace(limits, left=80, left_until=MONDAY_NOON + timedelta(days=1))
    assert forecast.reckon(some, Work(new=81), now=MONDAY_NOON).ends_at != found.ends_at


@pytest.mark.django_db
def test_its_pages_speak_of_no_seconds_and_ask_for_none(
    client: Client, session: WhatsAppSession
) -> None:
    page = client.get(session.business.address("session_detail", session.pk)).content.decode()
    assert "Uma atrás da outra, das 8h às 20h" in page
    assert "segundos" not in page
    address = session.business.address("session_limits", session.pk)
    form = client.get(address).content.decode()
    assert 'name="daily"' in form
    assert "interval_seconds" not in form
    answer = client.post(address, {"opens": "09:00", "closes": "18:00", "daily": "500"})
    assert answer.status_code == 302
    own = services.of_session(session)
    assert (own.daily, own.interval_seconds, own.new_chats) == (500, 20, None)
