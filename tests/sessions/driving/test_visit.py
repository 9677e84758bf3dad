"""Visits over the simulated transport and a real simulator: what happens to the ledger, and to the session."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from campaigns import lifecycle
from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, NumberProof, Reply
from campaigns.models.ledger_states import Status
from campaigns.notices import own_number
from contacts.models import Contact
from contacts.models import State as Subscribed
from sessions.driving import link_updates, visit
from sessions.driving.drive import Signal
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.driving.visit import Throttled, Visited
from sessions.events import Link
from sessions.interfaces import Idle, LeaseToken, Opened, Outgoing
from sessions.linking import services
from sessions.models import Lease, SessionEvent, State, WhatsAppSession
from sessions.models import Link as SessionLink
from sessions.transports.simulated import SimulatedTransport
from tests import factories
from tests.leasing import hold, leased
from tests.sessions.linked_account import new_person
from tests.sessions.linked_session import make_linked_session
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = [
    pytest.mark.nodes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("on_simulator"),
]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("visits"), time_scale=0.02) as simulator:
        simulator.set_behaviour(deliver_share=1, read_share=1, reply_share=0)
        yield simulator


@pytest.fixture
def session(simulator: SimulatorProcess) -> WhatsAppSession:
    return make_linked_session(simulator)


def recipient(campaign: Campaign, **fields: object) -> Delivery:
    contact = factories.make_contact(campaign.business, phone=new_person())
    return factories.make_delivery(campaign, contact, **fields)


def visited(session: WhatsAppSession, stop: Signal | None = None) -> Visited:
    done = visit.visit(
        only=session.pk, work=WORK, outbox=LedgerOutbox(), stop=stop or threading.Event()
    )
    session.refresh_from_db()
    return done


def status_of(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.status


def arrived(simulator: SimulatorProcess, contact: Contact) -> list[str]:
    return [message["text"] for message in simulator.messages(to=contact.phone)]


def test_everything_due_is_sent_and_its_ticks_are_seen(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    rows = [recipient(campaign) for _number in range(3)]
    assert visited(session) == Visited("done", 3)
    for row in rows:
        assert status_of(row) == Status.READ
        assert arrived(simulator, row.contact) == ["Olá, Lúcia Prado!"]
        assert row.message_id
        assert row.delivered_at is not None
    assert session.state == State.RESTING
    assert session.visited_at is not None
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.DONE
    assert Lease.objects.get(session=session).expires_at is None


def test_a_visit_stays_until_a_test_to_oneself_has_arrived_and_keeps_what_was_told_of_badges(
    simulator: SimulatorProcess, session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimulatedTransport, "keeps_badges", False, raising=False)
    notice = factories.make_notice(session, phone=new_person(), text="Olá, Ana!")
    assert visited(session) == Visited("done", 1)
    notice.refresh_from_db()
    assert notice.delivered_at is not None
    assert session.link.keeps_badges is False


def test_a_member_who_writes_the_word_has_proven_their_number(
    simulator: SimulatorProcess, session: WhatsAppSession
) -> None:
    member, mine = factories.make_membership(session.business), new_person()
    word = own_number.ask_for_word(membership=member, session=session)
    simulator.say(mine, session.phone, own_number.to_write(word))
    assert visited(session).outcome == "done"
    assert NumberProof.number_of(business=session.business, user=member.user) == mine
    assert not Reply.objects.exists()


def test_a_second_visit_sends_nothing_again(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    visited(session)
    assert visited(session) == Visited("done", 0)
    assert len(arrived(simulator, row.contact)) == 1


def test_who_wrote_sair_before_the_visit_is_not_written_to(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    stopped, other = recipient(campaign), recipient(campaign)
    simulator.say(stopped.contact.phone, session.phone, "SAIR")
    assert visited(session).outcome == "done"
    assert status_of(stopped) == Status.SKIPPED
    assert status_of(other) == Status.READ
    assert Reply.objects.get().kind == Reply.Kind.STOP
    assert arrived(simulator, stopped.contact) == [Notice.objects.get().text]
    assert Notice.objects.get().kind == Notice.Kind.STOP_CONFIRMATION


def test_who_writes_sair_in_the_middle_of_a_visit_is_not_written_to(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    _first, second = recipient(campaign), recipient(campaign)

    class Telling(LedgerOutbox):
        """After the first message, whatever became of it, the second person asks to stop."""

        told = False

        def settle(self, *values: object, **more: object) -> None:
            super().settle(*values, **more)  # type: ignore[arg-type]
            if not self.told:
                self.told = True
                simulator.say(second.contact.phone, session.phone, "parar")

    visit.visit(only=session.pk, work=WORK, outbox=Telling(), stop=threading.Event())
    assert status_of(second) == Status.SKIPPED
    assert "Olá" not in "".join(arrived(simulator, second.contact))


def test_a_reply_is_kept_and_the_person_goes_first_next_time(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign, status=Status.READ, sent_at=timezone.now())
    later = recipient(
        factories.make_campaign(session.business, Campaign.Status.PAUSED, session=session)
    )
    Delivery.objects.filter(pk=later.pk).update(contact=row.contact, phone=row.phone)
    simulator.say(row.contact.phone, session.phone, "Quero saber mais")
    visited(session)
    reply = Reply.objects.get()
    assert (reply.text, reply.contact, reply.delivery) == ("Quero saber mais", row.contact, row)
    later.refresh_from_db()
    assert later.warm


def test_a_number_without_whatsapp_fails_and_the_others_go_on(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    absent, other = recipient(campaign), recipient(campaign)
    simulator.mark_absent(absent.contact.phone)
    assert visited(session).outcome == "done"
    assert (status_of(absent), absent.reason) == (Status.FAILED, "not_on_whatsapp")
    assert status_of(other) == Status.READ


def test_a_number_registered_without_its_ninth_digit_is_reached_under_whatsapps_id(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    simulator.mark_short(row.contact.phone)
    visited(session)
    assert status_of(row) == Status.READ
    assert session.chats.get(phone=row.phone).wa_id == row.phone[1:5] + row.phone[6:]
    simulator.say(row.contact.phone, session.phone, "SAIR")
    visited(session)
    assert row.contact.subscriptions.get().state == Subscribed.REVOKED


# What ends a visit early


def test_a_phone_that_unlinks_us_stops_the_session_and_fails_nobody(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    simulator.unlink(session.phone)
    assert visited(session) == Visited("link lost", 0)
    assert session.state == State.LOGGED_OUT
    assert status_of(row) == Status.QUEUED
    assert visited(session) == Visited("not due")
    assert SessionEvent.objects.filter(session=session, state=State.LOGGED_OUT).count() == 1


def test_a_conflict_waits_for_a_person(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    simulator.set_fault(session.phone, "conflict")
    assert visited(session).outcome == "link lost"
    assert session.state == State.CONFLICT
    assert status_of(row) == Status.QUEUED
    assert visited(session) == Visited("not due")


def test_a_restriction_ends_at_its_time_and_the_owner_resumes(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    until = timezone.now() + timedelta(hours=1)
    simulator.set_fault(session.phone, "timelock", until=until.timestamp())
    assert visited(session).outcome == "link lost"
    assert session.state == State.RESTRICTED
    assert session.state_until is not None
    assert abs(session.state_until - until) < timedelta(seconds=1)
    assert status_of(row) == Status.QUEUED
    assert visited(session) == Visited("not due")
    simulator.clear_faults(session.phone)
    SessionLink.objects.update(state_until=timezone.now() - timedelta(seconds=1))
    Delivery.objects.update(not_before=timezone.now())
    assert visited(session).outcome == "done"
    assert status_of(row) == Status.QUEUED
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.PAUSED
    lifecycle.resume(campaign=campaign, actor=factories.make_user())
    assert visited(session).outcome == "done"
    assert status_of(row) == Status.READ


def test_a_restriction_without_an_end_is_looked_at_again_after_a_day(
    session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restricted(_self: SimulatedTransport) -> Opened:
        return Opened(Link.RESTRICTED, reason="Restrita.")

    monkeypatch.setattr(SimulatedTransport, "open", restricted)
    assert visited(session).outcome == "link lost"
    assert session.state == State.RESTRICTED
    assert session.state_until is not None
    assert session.state_until - timezone.now() > timedelta(hours=23)


def test_a_simulator_that_is_down_leaves_everything_queued(
    settings: Settings, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    settings.WHATSAPP_WEB_URL = "http://127.0.0.1:9"
    assert visited(session) == Visited("link lost", 0)
    assert session.state == State.OFFLINE
    assert session.state_reason
    assert (status_of(row), row.attempts) == (Status.QUEUED, 0)


def test_without_a_simulator_a_session_of_the_trial_sends_nothing(
    settings: Settings, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    settings.SIMULATOR_URL = ""
    assert visited(session) == Visited("link lost", 0)
    assert "só para testes" in session.explanation
    assert status_of(row) == Status.QUEUED


def test_a_stop_ends_the_visit_gracefully(session: WhatsAppSession, campaign: Campaign) -> None:
    rows = [recipient(campaign) for _number in range(3)]
    stop = threading.Event()

    class Stopping(LedgerOutbox):
        """Somebody asks to stop while the first message is in hand."""

        def before_wire(self, *values: object) -> None:
            stop.set()
            super().before_wire(*values)  # type: ignore[arg-type]

    done = visit.visit(only=session.pk, work=WORK, outbox=Stopping(), stop=stop)
    assert done == Visited("done", 1)
    statuses = [status_of(row) for row in rows]
    assert statuses[1:] == [Status.QUEUED, Status.QUEUED]
    assert statuses[0] in (Status.SENT, Status.DELIVERED, Status.READ)
    assert Lease.objects.get(session=session).expires_at is None


def test_a_visit_whose_time_is_over_claims_no_more(
    session: WhatsAppSession, campaign: Campaign, settings: Settings
) -> None:
    settings.VISIT_SECONDS = 0
    row = recipient(campaign)
    assert (visited(session), status_of(row)) == (Visited("done", 0), Status.QUEUED)


def test_a_session_that_somebody_drives_is_left_to_them(
    session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    assert leased(session.pk) is not None
    assert visited(session) == Visited("busy")
    assert status_of(row) == Status.QUEUED


def test_a_session_unlinked_by_a_person_is_not_visited(
    session: WhatsAppSession, campaign: Campaign
) -> None:
    services.unlink(session=session, actor=factories.make_user())
    assert visited(session) == Visited("not due")


def test_a_session_unlinked_in_the_middle_stops_at_the_next_step(
    session: WhatsAppSession, campaign: Campaign
) -> None:
    rows = [recipient(campaign) for _number in range(2)]

    class Unlinking(LedgerOutbox):
        """The owner takes the account off while a message is being composed."""

        def before_wire(self, *values: object) -> None:
            services.unlink(session=session, actor=factories.make_user())
            super().before_wire(*values)  # type: ignore[arg-type]

    done = visit.visit(only=session.pk, work=WORK, outbox=Unlinking(), stop=threading.Event())
    assert done == Visited("lease lost", 0)
    assert {status_of(row) for row in rows} <= {Status.QUEUED, Status.SENDING}
    session.refresh_from_db()
    assert session.state == State.UNLINKED


def test_a_claim_whose_answer_was_lost_ends_the_visit_and_the_next_one_sends_it(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    class LosesTheAnswer(LedgerOutbox):
        def next(self, token: LeaseToken) -> Outgoing | Idle:
            super().next(token)
            raise OperationalError("terminating connection due to administrator command")

    row, outbox = recipient(campaign), RetryingOutbox(LosesTheAnswer())
    with pytest.raises(OperationalError):
        visit.visit(only=session.pk, work=WORK, outbox=outbox, stop=threading.Event())
    assert status_of(row) == Status.SENDING
    assert visited(session) == Visited("done", 1)
    assert arrived(simulator, row.contact) == ["Olá, Lúcia Prado!"]


def test_rows_of_a_dead_holder_are_recovered_before_anything_is_claimed(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    pressed, untouched = recipient(campaign), recipient(campaign)
    WhatsAppSession.objects.update(fence=3)
    Delivery.objects.update(status=Status.SENDING, fence=3)
    Delivery.objects.filter(pk=pressed.pk).update(pressed_at=timezone.now())
    assert visited(session).outcome == "done"
    assert (status_of(pressed), pressed.reason) == (Status.UNCERTAIN, "crash")
    assert arrived(simulator, pressed.contact) == []
    assert status_of(untouched) == Status.READ


def test_rows_of_a_dead_holder_are_settled_also_where_nobody_may_open_the_session(
    session: WhatsAppSession, campaign: Campaign
) -> None:
    pressed, unpressed = recipient(campaign), recipient(campaign)
    WhatsAppSession.objects.filter(pk=session.pk).update(fence=5)
    now = timezone.now()
    Delivery.objects.update(status=Status.SENDING, fence=5, sending_at=now)
    Delivery.objects.filter(pk=pressed.pk).update(pressed_at=now)
    SessionLink.objects.update(state=State.LOGGED_OUT)
    assert visited(session) == Visited("recovered")
    assert (status_of(pressed), status_of(unpressed)) == (Status.UNCERTAIN, Status.QUEUED)
    assert session.state == State.LOGGED_OUT
    assert visited(session) == Visited("not due")


def test_a_link_that_does_not_come_online_keeps_nothing_in_hand(
    settings: Settings, session: WhatsAppSession, campaign: Campaign
) -> None:
    row = recipient(campaign)
    Delivery.objects.update(status=Status.SENDING, fence=0, sending_at=timezone.now())
    settings.WHATSAPP_WEB_URL = "http://127.0.0.1:9"
    assert visited(session) == Visited("link lost", 0)
    assert status_of(row) == Status.QUEUED


def test_a_session_woken_during_its_visit_is_not_put_to_sleep(session: WhatsAppSession) -> None:
    SessionLink.objects.update(retry_at=timezone.now())
    tomorrow = timezone.now() + timedelta(days=1)
    token = hold(session.pk)
    link_updates.rest(token, idle_until=tomorrow)
    session.refresh_from_db()
    assert session.idle_until == tomorrow
    link_updates.wake(session.pk)
    link_updates.rest(token, idle_until=tomorrow)
    session.refresh_from_db()
    assert session.idle_until is None


def test_proofs_are_written_once_in_a_while() -> None:
    calls: list[int] = []
    proof = Throttled(lambda: calls.append(1), every=60)
    for _number in range(5):
        proof()
    assert calls == [1]
