"""Two links of one session: one sends, the other hears and proves, and a switch between them."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from blu.accounts.refused import Refused
from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits import pacing
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.driving import account_limits, leases, link_updates, runners
from sessions.driving.claim_due import claim_due
from sessions.events import Link as State
from sessions.events import LinkChange
from sessions.interfaces import InDoubt, LeaseLost, LeaseToken, LinkLost, Opened, Outgoing, Sent
from sessions.linking import job, services
from sessions.models import Lease, Link, Pairing, SessionEvent, WhatsAppSession
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.leasing import take_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session with a running campaign of three rows, and a second link beside its own."""
    session = factories.make_session(factories.make_business(), visited_at=timezone.now())
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    for _number in range(3):
        factories.make_delivery(campaign)
    return session


@pytest.fixture
def second(session: WhatsAppSession) -> Link:
    return factories.make_link(session, visited_at=timezone.now())


def held(link: Link, runner: UUID | None = None) -> LeaseToken:
    taken = leases.take(link.pk, runner) if runner else take_link(link.pk)
    assert taken is not None
    return taken.token


def claim(token: LeaseToken) -> Outgoing:
    claimed = LedgerOutbox().next(token)
    assert isinstance(claimed, Outgoing)
    return claimed


def test_fences_of_both_links_are_drawn_from_one_counter(
    session: WhatsAppSession, second: Link
) -> None:
    fences = []
    for link in (session.link, second, second, session.link):
        token = held(link)
        fences.append(token.fence)
        leases.release(token)
    assert fences == [1, 2, 3, 4]
    assert WhatsAppSession.objects.get(pk=session.pk).fence == 4


def test_a_host_that_takes_both_at_once_gets_different_fences(
    session: WhatsAppSession, second: Link, runner: runners.Heartbeat
) -> None:
    taken = claim_due(runner, WORK, limit=5, always=True)
    assert {one.held.token.link_id for one in taken} == {session.link.pk, second.pk}
    assert {one.held.token.fence for one in taken} == {1, 2}
    tokens = {one.held.token for one in taken}
    assert leases.renew(runner.id, tokens) == dict.fromkeys(tokens, True)


def test_only_the_active_link_claims(session: WhatsAppSession, second: Link) -> None:
    other = held(second)
    with pytest.raises(LeaseLost):
        LedgerOutbox().next(other)
    assert claim(held(session.link))


def test_only_the_active_link_is_due_for_what_waits(
    session: WhatsAppSession, second: Link, runner: runners.Heartbeat
) -> None:
    taken = claim_due(runner, WORK, limit=5)
    assert [one.held.token.link_id for one in taken] == [session.link.pk]
    Link.objects.filter(pk=second.pk).update(visited_at=None)
    assert [one.held.token.link_id for one in claim_due(runner, WORK, limit=5)] == [second.pk]


def test_the_other_link_moves_nothing_that_the_active_one_has_in_hand(
    session: WhatsAppSession, second: Link
) -> None:
    outbox = LedgerOutbox()
    first = held(session.link)
    message = claim(first)
    newer = held(second)
    assert newer.fence > first.fence
    assert outbox.recover(newer) == 0
    outbox.before_wire(first, message.key)
    outbox.settle(first, message.key, Sent("3EB01", timezone.now()))


def test_the_other_link_proves_what_is_in_doubt(session: WhatsAppSession, second: Link) -> None:
    outbox = LedgerOutbox()
    first = held(session.link)
    message = claim(first)
    outbox.before_wire(first, message.key)
    outbox.settle(first, message.key, InDoubt("no_tick"))
    outbox.confirm_sent(held(second), message.key, Sent("3EB01", timezone.now()))
    assert Delivery.objects.get(pk=message.key.id).status == Status.SENT


def test_after_a_switch_the_old_driver_finds_its_lease_lost_at_every_step(
    session: WhatsAppSession, second: Link
) -> None:
    outbox = LedgerOutbox()
    old = held(session.link)
    claimed, pressed = claim(old), claim(old)
    outbox.before_wire(old, pressed.key)
    assert services.switch(link=second)
    with pytest.raises(LeaseLost):
        outbox.next(old)
    with pytest.raises(LeaseLost):
        outbox.before_wire(old, claimed.key)
    with pytest.raises(LeaseLost):
        outbox.settle(old, pressed.key, InDoubt("no_tick"))
    new = held(second)
    assert outbox.recover(new) == 2
    statuses = {row.pk: row.status for row in Delivery.objects.all()}
    assert statuses[claimed.key.id] == Status.QUEUED
    assert statuses[pressed.key.id] == Status.UNCERTAIN
    # A zombie still turns its own row to sent, with proof.
    outbox.settle(old, pressed.key, Sent("3EB01", timezone.now()))
    assert Delivery.objects.get(pk=pressed.key.id).status == Status.SENT
    assert claim(new)


def test_a_switch_ends_the_leases_of_both_under_new_fences_and_says_so(
    session: WhatsAppSession, second: Link, runner: runners.Heartbeat
) -> None:
    old, hearing = held(session.link, runner.id), held(second, runner.id)
    assert services.switch(link=second)
    assert leases.renew(runner.id, {old, hearing}) == {}
    fences = dict(Lease.objects.values_list("link_id", "fence"))
    assert min(fences.values()) > max(old.fence, hearing.fence)
    assert len(set(fences.values())) == 2
    assert SessionEvent.objects.get(session=session).reason == "switched"
    session.refresh_from_db()
    assert session.link == second
    assert not services.switch(link=second)


def test_an_account_goes_back_to_its_first_link(session: WhatsAppSession, second: Link) -> None:
    first = session.link
    services.switch(link=second)
    claimed = claim(held(second))
    services.switch(link=first)
    back = held(first)
    assert LedgerOutbox().recover(back) == 1
    assert Delivery.objects.get(pk=claimed.key.id).status == Status.QUEUED
    assert claim(back)


@pytest.mark.parametrize("state", ["unlinked", "pairing", "logged_out"])
def test_a_link_that_is_not_linked_does_not_become_the_active_one(
    session: WhatsAppSession, state: str
) -> None:
    other = factories.make_link(session, state=state, linked_at=None)
    with pytest.raises(Refused):
        services.switch(link=other)
    session.refresh_from_db()
    assert session.link != other


def test_a_link_of_another_number_does_not_become_the_active_one(session: WhatsAppSession) -> None:
    other = factories.make_link(session, phone="+5511900074199")
    with pytest.raises(Refused, match="outro número"):
        services.switch(link=other)


@pytest.mark.parametrize("state", ["restricted", "banned"])
def test_no_other_link_is_a_way_around_what_whatsapp_restricts(
    session: WhatsAppSession, second: Link, state: str
) -> None:
    factories.lead(session, state)
    with pytest.raises(Refused, match="restringiu ou bloqueou"):
        services.switch(link=second)
    session.refresh_from_db()
    assert session.link != second


def test_the_quota_that_whatsapp_told_one_link_holds_on_the_other(
    session: WhatsAppSession, second: Link
) -> None:
    WhatsAppSession.objects.update(pacing="real")
    spent = LinkChange(
        State.ONLINE, "new_chats_spent", timezone.now() + timedelta(hours=5), quota=0
    )
    account_limits.keep(session.link, spent, token=held(session.link))
    services.switch(link=second)
    assert pacing.limits_of(session.pk).left == 0


def test_a_session_never_sends_by_anothers_link(session: WhatsAppSession) -> None:
    stranger = factories.make_session(session.business).link
    WhatsAppSession.objects.filter(pk=stranger.session_id).update(active_link=None)

    def send_by_it() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            WhatsAppSession.objects.filter(pk=session.pk).update(active_link=stranger)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError):
        send_by_it()


def test_a_person_who_unlinks_ends_every_link_of_the_account(
    session: WhatsAppSession, second: Link, runner: runners.Heartbeat
) -> None:
    never = factories.make_link(session, state="unlinked", linked_at=None, phone="")
    driving, hearing = held(session.link, runner.id), held(second, runner.id)
    Link.objects.filter(pk=second.pk).update(visited_at=None)
    services.unlink(session=session, actor=factories.make_user(name="Ana"))
    rows = (
        Link.objects.filter(session=session).values_list("state", "linked_at", "phone").distinct()
    )
    assert list(rows) == [("unlinked", None, "")]
    assert leases.renew(runner.id, {driving, hearing}) == {}
    assert not leases.release(driving)
    assert not leases.release(hearing)
    told = SessionEvent.objects.filter(reason="unlinked_by").values_list("link_id", flat=True)
    assert set(told) == {session.link.pk, second.pk} != {never.pk}
    assert claim_due(runner, WORK, limit=5) == []


def left_open(link: Link) -> bool:
    """Whether who takes the link's lease now, on the same node, ends what was left running."""
    taken = take_link(link.pk)
    assert taken is not None
    return taken.left_open


def test_who_takes_a_link_after_a_switch_ends_the_browser_of_before(
    session: WhatsAppSession, second: Link
) -> None:
    first, _driver = session.link, held(session.link)
    services.switch(link=second)
    assert not left_open(second), "nobody had it"
    assert left_open(first)
    services.unlink(session=WhatsAppSession.objects.get(pk=session.pk), actor=factories.make_user())
    assert left_open(second)


def test_who_gave_a_link_back_before_a_switch_left_nothing_open(
    session: WhatsAppSession, second: Link
) -> None:
    leases.release(held(session.link))
    services.switch(link=second)
    assert not left_open(session.link)


STRANGE = "+5511900074199"


def test_a_second_link_to_another_account_is_refused_and_its_home_never_opened_again(
    session: WhatsAppSession,
) -> None:
    actor = factories.make_user()
    other = factories.make_link(session, state="pairing", linked_at=None, phone="")
    attempt = Pairing.objects.create(link=other, requested_by=actor)
    token = held(other)
    job._end(attempt, token, Opened(State.ONLINE, phone=STRANGE))
    attempt.refresh_from_db()
    other.refresh_from_db()
    assert (attempt.status, attempt.reason) == (Pairing.Status.FAILED, "other_account")
    assert "90007-4199" in attempt.explanation
    assert (other.state, other.linked_at) == ("unlinked", None)
    assert other.home_fence > token.fence
    assert leases.release(token)


def test_a_second_link_to_the_same_account_is_linked_whatever_form_its_number_has(
    session: WhatsAppSession,
) -> None:
    WhatsAppSession.objects.update(phone="+5511987654321")
    Link.objects.update(phone="+5511987654321")
    other = factories.make_link(session, state="pairing", linked_at=None, phone="")
    attempt = Pairing.objects.create(link=other, requested_by=factories.make_user())
    job._end(attempt, held(other), Opened(State.ONLINE, phone="+551187654321"))
    other.refresh_from_db()
    assert (other.state, other.phone) == ("resting", "+551187654321")
    assert services.switch(link=other)


def test_a_link_that_turns_out_to_be_another_accounts_is_stopped_before_it_is_heard(
    session: WhatsAppSession, second: Link
) -> None:
    online = Opened(State.ONLINE, phone=STRANGE)
    with pytest.raises(LinkLost) as lost:
        link_updates.opened(held(second), online)
    assert (lost.value.link, lost.value.reason) == (State.STOPPED, "other_account")
    assert lost.value.params
    link_updates.opened(held(session.link), online)
    assert WhatsAppSession.objects.get().phone == STRANGE, "its own account has a new number"


@pytest.mark.django_db(transaction=True)
class TestBeside:
    def test_a_switch_waits_for_a_claim_in_flight(
        self, session: WhatsAppSession, second: Link
    ) -> None:
        held(session.link)
        with owner_connection() as claiming:
            claiming.execute(leases.HELD_SQL, {"session": session.pk, "fence": 1})
            switching = Beside(lambda: services.switch(link=second))
            switching.waits()
            claiming.rollback()
            assert switching.result()

    def test_a_claim_that_waits_for_a_switch_finds_its_lease_lost(
        self, session: WhatsAppSession, second: Link
    ) -> None:
        old = held(session.link)
        locked, go_on = threading.Event(), threading.Event()

        def switch() -> bool:
            with transaction.atomic():
                done = services.switch(link=second)
                locked.set()
                go_on.wait(30)
                return done

        switching = Beside(switch)
        assert locked.wait(30)
        claiming = Beside(lambda: LedgerOutbox().next(old))
        claiming.waits()
        go_on.set()
        assert switching.result()
        with pytest.raises(LeaseLost):
            claiming.result()
