"""A visit of a link that is not the active one: it hears and proves for its session, and sends nothing."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, Reply
from campaigns.models.ledger_states import REACHED, Status
from sessions.driving import leases, visit
from sessions.driving.visit import Visited
from sessions.interfaces import InDoubt
from sessions.linking import services
from sessions.models import Link, State, WhatsAppSession
from sessions.transports.simulated import SimulatedTransport
from tests import factories
from tests.campaigns.ledger.claiming import claim
from tests.leasing import take_link
from tests.sessions.linked_account import new_person
from tests.sessions.linked_session import link_to, make_linked_session
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = [
    pytest.mark.nodes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("on_simulator"),
]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("links"), time_scale=0.02) as simulator:
        simulator.set_behaviour(deliver_share=1, read_share=1, reply_share=0)
        yield simulator


@pytest.fixture
def session(simulator: SimulatorProcess) -> WhatsAppSession:
    return make_linked_session(simulator)


@pytest.fixture
def old(session: WhatsAppSession) -> Link:
    """The link that the session had until another takes its place."""
    return session.link


def recipient(campaign: Campaign) -> Delivery:
    contact = factories.make_contact(campaign.business, phone=new_person())
    return factories.make_delivery(campaign, contact)


def switch_over(simulator: SimulatorProcess, session: WhatsAppSession) -> Link:
    """A second device of the same account sends from now on."""
    new = factories.make_link(session, visited_at=timezone.now())
    link_to(simulator, new.home, session.phone)
    assert services.switch(link=new)
    session.refresh_from_db()
    return new


def visited() -> Visited:
    """A ticket's visit, of whatever link is due."""
    return visit.visit(work=WORK, outbox=LedgerOutbox(), stop=threading.Event())


def due_by_itself(link: Link) -> None:
    """Long enough since its last visit."""
    Link.objects.filter(pk=link.pk).update(visited_at=timezone.now() - timedelta(hours=1))


def status_of(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.status


def test_the_old_link_hears_what_comes_and_sends_nothing_that_waits(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign, old: Link
) -> None:
    stopping, other = recipient(campaign), recipient(campaign)
    new = switch_over(simulator, session)
    simulator.say(stopping.contact.phone, session.phone, "SAIR")
    busy = take_link(new.pk)
    assert busy is not None
    due_by_itself(old)
    before = timezone.now()
    assert visited() == Visited("done", 0)
    assert Reply.objects.get().kind == Reply.Kind.STOP
    assert Notice.objects.get().status == Status.QUEUED
    assert (status_of(stopping), status_of(other)) == (Status.SKIPPED, Status.QUEUED)
    assert simulator.messages(to=other.contact.phone) == []
    old.refresh_from_db()
    assert old.state == State.RESTING
    assert old.visited_at is not None
    assert old.visited_at > before
    session.refresh_from_db()
    assert session.active_link_id == new.pk
    # The active one sends it, and knows of the stop.
    leases.release(busy.token)
    assert visited() == Visited("done", 2)
    assert (status_of(stopping), status_of(other)) == (Status.SKIPPED, Status.READ)
    assert len(simulator.messages(to=other.contact.phone)) == 1


def test_the_old_link_proves_what_is_in_doubt_since_it_sent(
    simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign, old: Link
) -> None:
    row, outbox = recipient(campaign), LedgerOutbox()
    driven = take_link(old.pk)
    assert driven is not None
    message = claim(driven.token, outbox)
    outbox.before_wire(driven.token, message.key)
    transport = SimulatedTransport(simulator.url, old.home)
    transport.open()
    transport.send(message, lambda _id="": None)
    transport.close()
    outbox.settle(driven.token, message.key, InDoubt("no_tick"))
    leases.release(driven.token)
    new = switch_over(simulator, session)
    assert take_link(new.pk)
    due_by_itself(old)
    assert status_of(row) == Status.UNCERTAIN
    assert visited() == Visited("done", 0)
    assert status_of(row) in REACHED[Status.SENT]
    assert len(simulator.messages(to=row.contact.phone)) == 1
