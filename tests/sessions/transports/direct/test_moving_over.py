"""An account moves to a direct link and back while its campaign runs, in real processes: what people saw is what
the ledger says, nobody twice and nobody lost.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import REACHED, Status
from sessions.driving import visit as visits
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.linking import moves, services
from sessions.models import LinkMove, Pairing, WhatsAppSession
from tests import factories
from tests.eventually import SELDOM, eventually
from tests.forked import Fork, Forked, Tell, stall
from tests.sessions.linked_account import new_person
from tests.sessions.linked_session import link_to
from tests.sessions.simulator.multidevice.standard_clients import neonize_package
from tests.sessions.transports.direct.test_direct_host_faults import settled
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

MANY, FEW = 500, 30
SOME = 10


def host(_tell: Tell) -> None:
    """Until SIGTERM."""
    call_command("run_host")


def visitor(tell: Tell, stalls: bool) -> None:
    """Visits whatever is due, one after the other, until it is killed; may stall once, just before the wire."""

    class Stalling(LedgerOutbox):
        has_stalled = not stalls

        def before_wire(self, *values: Any) -> None:
            super().before_wire(*values)
            if not Stalling.has_stalled:
                Stalling.has_stalled = True
                stall(tell, "pressed")

    stop = threading.Event()
    while not stop.wait(SELDOM):
        visits.visit(work=WORK, outbox=RetryingOutbox(Stalling()), stop=stop)


@pytest.fixture
def begin(
    transactional_db: None, fork: Fork, simulator: SimulatorProcess, device_store: str
) -> Callable[..., Forked]:
    """Starts a host, or a visitor, on this test's database."""
    neonize_package()
    common = {"TIME_SCALE": 0.1, "DEVICE_STORE_URL": device_store, "simulator": simulator.url}

    def start(work: Callable[..., object], *args: object) -> Forked:
        role = "blu_host" if work is host else "blu_jobs"
        return fork(work, *args, role=role, **common)

    return start


@pytest.fixture
def simulated(transactional_db: None, simulator: SimulatorProcess, account: str) -> WhatsAppSession:
    """A session of a kind that visits drive without a browser."""
    session = factories.make_session(
        factories.make_business(), phone=account, terms_accepted_at=timezone.now()
    )
    link_to(simulator, session.link.home, account)
    return session


def campaign_to(session: WhatsAppSession, number: int) -> Campaign:
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    for _one in range(number):
        contact = factories.make_contact(session.business, phone=new_person())
        factories.make_delivery(campaign, contact)
    return campaign


def sent(campaign: Campaign) -> int:
    return Delivery.objects.filter(campaign=campaign, status__in=REACHED[Status.SENT]).count()


def moved(
    session: WhatsAppSession, simulator: SimulatorProcess, transport: str = "direct"
) -> LinkMove:
    """Ask for a move as the page does, have the phone scan the code; who drives the new link proves and switches."""
    actor = factories.make_user()
    move = moves.begin(session=session, transport=transport, actor=actor)
    attempt = services.request_pairing(session=session, actor=actor, link=move.new)
    code = eventually(lambda: Pairing.objects.get(pk=attempt.pk).code)
    simulator.scan(code, session.phone)
    eventually(lambda: LinkMove.objects.get(pk=move.pk).has_switched, every=SELDOM)
    return move


def back(session: WhatsAppSession) -> None:
    moves.go_back(session=session, actor=factories.make_user())


def finish(campaign: Campaign, simulator: SimulatorProcess, *, doubtful: int = 0) -> None:
    """Wait until nothing is left to send or to prove: each person has seen the message of their row, once, and nobody
    else anything; so many may stay in doubt that were under way when their link was taken away.
    """
    rows = Delivery.objects.filter(campaign=campaign)
    under_way = rows.filter(status__in=(Status.QUEUED, Status.SENDING))
    enough = rows.count() - doubtful
    eventually(lambda: sent(campaign) >= enough and not under_way.exists(), every=SELDOM)
    settled(simulator, campaign, doubtful=doubtful)
    assert campaign.session is not None
    seen = {one["to"] for one in simulator.messages(account=campaign.session.phone)}
    assert seen <= set(rows.values_list("phone", flat=True))


def test_an_account_moves_there_and_back_in_the_middle_of_a_campaign_to_500(
    begin: Callable[..., Forked], simulated: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = campaign_to(simulated, MANY)
    # So that neither kind sends all of it before the next deed.
    simulator.set_fault(simulated.phone, "late_tick", seconds=1.0)
    begin(host)
    begin(visitor, False)
    eventually(lambda: sent(campaign) >= SOME, every=SELDOM)
    simulator.set_fault(simulated.phone, "late_tick", seconds=10.0)
    moved(simulated, simulator)
    simulator.set_fault(simulated.phone, "late_tick", seconds=1.0)
    by_then = sent(campaign)
    assert by_then < MANY, "all was sent before the switch"
    eventually(lambda: sent(campaign) >= by_then + SOME, every=SELDOM)
    back(simulated)
    assert sent(campaign) < MANY, "all was sent before the way back"
    simulator.clear_faults(simulated.phone)
    finish(campaign, simulator)
    assert len(simulator.phone(simulated.phone)["devices"]) == 2


def test_an_old_link_that_falls_silent_before_the_wire_sends_only_what_it_had_pressed(
    begin: Callable[..., Forked], simulated: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = campaign_to(simulated, FEW)
    old = begin(visitor, True)
    old.stalls_at("pressed")
    begin(host)
    moved(simulated, simulator)
    eventually(lambda: sent(campaign) == FEW - 1, every=SELDOM)
    # It wakes after all others were sent by the new link.
    old.send(signal.SIGUSR1)
    finish(campaign, simulator)


def test_a_new_link_that_dies_before_the_ack_is_left_by_one_button(
    begin: Callable[..., Forked], simulated: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = campaign_to(simulated, FEW)
    new = begin(host)
    simulator.set_fault(simulated.phone, "late_tick", seconds=3600.0)
    moved(simulated, simulator)
    eventually(lambda: simulator.messages(account=simulated.phone))
    new.kill()
    simulator.clear_faults(simulated.phone)
    back(simulated)
    begin(visitor, False)
    finish(campaign, simulator)


def test_a_new_link_that_the_phone_takes_off_in_its_first_minute_loses_nothing(
    begin: Callable[..., Forked], simulated: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = campaign_to(simulated, FEW)
    begin(host)
    # So that it doesn't send all of it before it is taken off.
    simulator.set_fault(simulated.phone, "late_tick", seconds=10.0)
    move = moved(simulated, simulator)
    eventually(lambda: sent(campaign) > 0)
    device = simulator.phone(simulated.phone)["devices"][-1]
    simulator.unlink(simulated.phone, device["device"])
    assert sent(campaign) < FEW, "all was sent before it was taken off"
    simulator.clear_faults(simulated.phone)
    back(simulated)
    begin(visitor, False)
    finish(campaign, simulator, doubtful=1)
    move.old.refresh_from_db()
    assert move.old.linked_at is not None
