"""An outbox that lives for months: cheap while there is nothing, quick to follow what changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Business
from blu.db import prepared_sql
from campaigns.ledger import outbox as outboxes
from campaigns.ledger import sql as statements
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits.fresh_limits import FRESH, FreshLimits
from campaigns.models import Campaign, Delivery, SessionLimits
from campaigns.models.ledger_states import Status
from sessions.events import Receipt, Tick
from sessions.interfaces import Idle, Key, LeaseLost, LeaseToken, Sent
from sessions.models import Lease, WhatsAppSession
from tests import factories
from tests.campaigns.ledger.claiming import claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The outbox's own statements, as they are run."""
    found: list[str] = []
    execute = prepared_sql.execute

    def noted(sql: str, values: object) -> object:
        found.append(sql)
        return execute(sql, values)  # type: ignore[arg-type]

    monkeypatch.setattr(prepared_sql, "execute", noted)
    return found


def test_an_idle_outbox_asks_one_statement_that_writes_nothing(
    campaign: Campaign, token: LeaseToken, asked: list[str], django_assert_num_queries
) -> None:
    factories.make_delivery(campaign, not_before=timezone.now() + timedelta(hours=1))
    outbox = LedgerOutbox()
    outbox.next(token)
    asked.clear()
    with django_assert_num_queries(0):
        assert isinstance(outbox.next(token), Idle)
    (glance,) = asked
    assert not any(word in glance for word in ("UPDATE", "INSERT", "DELETE", "FOR SHARE"))


def test_an_idle_outbox_still_notices_what_comes(campaign: Campaign, token: LeaseToken) -> None:
    outbox = LedgerOutbox()
    other = factories.make_delivery(campaign, not_before=timezone.now() + timedelta(hours=1))
    assert isinstance(outbox.next(token), Idle)
    delivery = factories.make_delivery(campaign)
    assert claim(token, outbox).key == Key("delivery", delivery.pk)
    assert isinstance(outbox.next(token), Idle)
    notice = factories.make_notice(campaign.session, "stop_confirmation", text="Pronto.")
    assert claim(token, outbox).key == Key("notice", notice.pk)
    assert isinstance(outbox.next(token), Idle)
    Delivery.objects.filter(pk=other.pk).update(not_before=timezone.now())
    assert claim(token, outbox).key == Key("delivery", other.pk)


def test_a_claim_looks_for_no_notice_where_the_question_before_it_found_none_due(
    campaign: Campaign, token: LeaseToken, asked: list[str]
) -> None:
    outbox = LedgerOutbox()
    factories.make_delivery(campaign, not_before=timezone.now() + timedelta(hours=1))
    assert isinstance(outbox.next(token), Idle)
    factories.make_delivery(campaign)
    asked.clear()
    claim(token, outbox)
    assert asked == [statements.GLANCE, statements.CLAIM_DELIVERY]
    assert isinstance(outbox.next(token), Idle)
    factories.make_notice(campaign.session, "stop_confirmation", text="Pronto.")
    asked.clear()
    assert claim(token, outbox).key.kind == "notice"
    assert asked == [statements.GLANCE, statements.CLAIM_NOTICE]


def test_an_idle_outbox_still_notices_that_its_lease_is_lost(
    campaign: Campaign, token: LeaseToken
) -> None:
    outbox = LedgerOutbox()
    outbox.next(token)
    Lease.objects.update(fence=token.fence + 1)
    with pytest.raises(LeaseLost):
        outbox.next(token)


def test_a_campaign_whose_last_row_ends_while_nothing_is_left_is_done(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.next(token)
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.RUNNING
    outbox.settle(token, key, Sent("3EB0A", timezone.now()))
    outbox.next(token)
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.DONE


def test_nothing_in_an_outbox_grows_with_what_it_sends_and_hears(
    business: Business, campaign: Campaign, token: LeaseToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "LOOK_AGAIN", 0.0)
    outbox = LedgerOutbox()
    for number in range(30):
        one = factories.make_campaign(business, Campaign.Status.RUNNING, session=campaign.session)
        for row in range(2):
            factories.make_delivery(one)
            key = claim(token, outbox).key
            outbox.before_wire(token, key)
            outbox.record_event(
                token.session_id, Receipt(f"3EB0X{number}{row}", Tick.READ, timezone.now())
            )
            outbox.settle(token, key, Sent(f"3EB0{number}-{row}", timezone.now()))
        Campaign.objects.filter(pk=one.pk).update(status=Campaign.Status.PAUSED)
    kept = [value for value in vars(outbox).values() if isinstance(value, list | dict | set)]
    assert max(len(value) for value in kept) <= 15


@pytest.fixture
def session(business: Business) -> WhatsAppSession:
    return factories.make_session(business, name="Recepção", pacing="real")


def test_a_change_of_the_limits_is_followed_within_five_seconds(session: WhatsAppSession) -> None:
    now = [100.0]
    limits = FreshLimits(seconds=lambda: now[0])
    assert limits.of(session.pk).daily is None
    SessionLimits.objects.create(session=session, daily=7)
    now[0] += FRESH + 0.1
    assert limits.of(session.pk).daily == 7


def test_the_limits_of_many_sessions_are_one_query(
    business: Business, session: WhatsAppSession, django_assert_num_queries
) -> None:
    now = [100.0]
    limits = FreshLimits(seconds=lambda: now[0])
    sessions = [session, *(factories.make_session(business, name=f"{n}") for n in range(4))]
    for one in sessions:
        limits.of(one.pk)
    now[0] += FRESH + 0.1
    with django_assert_num_queries(1):
        for one in sessions:
            limits.of(one.pk)


def test_what_a_hosts_look_saw_says_which_limits_are_read_again(
    business: Business, session: WhatsAppSession, django_assert_num_queries
) -> None:
    limits, other = FreshLimits(), factories.make_session(business, name="Balcão")
    seen = {session.pk: "a", other.pk: "b"}
    assert limits.seen(seen) == {session.pk, other.pk}
    for one in (session, other):
        limits.of(one.pk)
    assert limits.seen(seen) == set()
    SessionLimits.objects.create(session=other, daily=7)
    assert limits.seen(seen | {other.pk: "c"}) == {other.pk}
    with django_assert_num_queries(1):
        assert limits.of(session.pk).daily is None
        assert limits.of(other.pk).daily == 7


def test_looks_spare_the_question_for_the_limits(
    session: WhatsAppSession, django_assert_num_queries
) -> None:
    now = [100.0]
    limits = FreshLimits(seconds=lambda: now[0])
    limits.seen({session.pk: "a"})
    limits.of(session.pk)
    with django_assert_num_queries(0):
        for _look in range(3):
            now[0] += FRESH
            limits.seen({session.pk: "a"})
            limits.of(session.pk)
    now[0] += FRESH + 0.1
    with django_assert_num_queries(1):
        limits.of(session.pk)


def test_a_running_outbox_sends_no_more_than_a_limit_that_was_lowered_meanwhile(
    campaign: Campaign, token: LeaseToken
) -> None:
    now = [100.0]
    outbox = LedgerOutbox(FreshLimits(seconds=lambda: now[0]))
    factories.make_delivery(campaign)
    factories.make_delivery(campaign)
    claim(token, outbox)
    WhatsAppSession.objects.update(last_sent_at=timezone.now(), pacing="real")
    now[0] += FRESH + 0.1
    assert isinstance(outbox.next(token), Idle)
    assert Delivery.objects.filter(status=Status.QUEUED).count() == 1


def test_a_limit_that_was_loosened_is_waited_for_no_longer(
    campaign: Campaign, token: LeaseToken
) -> None:
    now = [100.0]
    outbox = LedgerOutbox(FreshLimits(seconds=lambda: now[0]))
    delivery = factories.make_delivery(campaign)
    WhatsAppSession.objects.update(last_sent_at=timezone.now(), pacing="real")
    idle = outbox.next(token)
    assert isinstance(idle, Idle)
    assert idle.until is not None
    WhatsAppSession.objects.update(pacing="trial")
    now[0] += FRESH + 0.1
    assert claim(token, outbox).key == Key("delivery", delivery.pk)
