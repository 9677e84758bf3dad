"""What goes wrong between a host and WhatsApp: each is a state or an outcome of its own, and no message goes twice."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Campaign, Reply
from campaigns.models.ledger_states import Status
from sessions.driving import leases
from sessions.health import ONLINE_FOR
from sessions.models import Lease, Link, Runner, SessionEvent, WhatsAppSession
from sessions.states import State
from tests import factories
from tests.clients import Client
from tests.eventually import eventually
from tests.forked import Forked
from tests.full_disk import small_disk
from tests.nodes.pooler import MISSING, store_pooler
from tests.sessions.linked_account import new_account, new_person
from tests.sessions.transports.direct.test_direct_host import (
    begin,
    host,
    linked,
    new_session,
    session,
)
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

__all__ = ["begin", "host", "session"]

Begin = Callable[..., Forked]
Several = Callable[[int], list[WhatsAppSession]]


@pytest.fixture
def online(
    host: Forked, session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> WhatsAppSession:
    """Linked by a host that drives it."""
    linked(session, simulator, account)
    eventually(lambda: state_of(session) == State.ONLINE)
    return session


def state_of(session: WhatsAppSession) -> str:
    session.refresh_from_db()
    return session.state


def launched(session: WhatsAppSession, recipients: int = 5, **fields: Any) -> Campaign:
    """A campaign that runs; all of it at once, as a host takes one that has nothing more to send for done."""
    with transaction.atomic():
        campaign = factories.make_campaign(session.business, "running", session=session)
        for _one in range(recipients):
            factories.make_delivery(campaign, **fields)
    return campaign


def reached(campaign: Campaign) -> bool:
    """Whether everybody of it has the message."""
    return not campaign.deliveries.exclude(status__in=(Status.DELIVERED, Status.READ)).exists()


def seen_as_told(
    simulator: SimulatorProcess, campaign: Campaign, *, doubtful: Collection[str] = ()
) -> None:
    """What its recipients saw is what the ledger says, each once; of those in doubt it says nothing."""
    rows = campaign.deliveries.exclude(phone__in=doubtful).values_list("phone", "message_id")
    told = {phone: [message] for phone, message in rows}
    seen: dict[str, list[str]] = {phone: [] for phone in told}
    for one in simulator.messages():
        if one["to"] in seen:
            seen[one["to"]].append(one["id"])
    assert seen == told


def settled(simulator: SimulatorProcess, campaign: Campaign, *, doubtful: int = 1) -> None:
    """All of it is over; the message that was under way when a process stopped may stay in doubt, as nobody can prove it (decision 0047)."""
    under_way = Q(status__in=(Status.QUEUED, Status.SENDING))
    eventually(lambda: not campaign.deliveries.filter(under_way).exists())
    in_doubt = list(
        campaign.deliveries.filter(status=Status.UNCERTAIN).values_list("phone", flat=True)
    )
    assert len(in_doubt) <= doubtful
    assert all(len(simulator.messages(to=phone)) <= 1 for phone in in_doubt)
    seen_as_told(simulator, campaign, doubtful=in_doubt)


@pytest.fixture
def several(host: Forked, session: WhatsAppSession, simulator: SimulatorProcess) -> Several:
    """So many links of businesses of their own, in the hands of one host."""

    def made(number: int) -> list[WhatsAppSession]:
        actor = factories.make_user()
        sessions = [new_session(actor) for _one in range(number)]
        for one in sessions:
            linked(one, simulator, new_account())
        for one in sessions:
            eventually(lambda one=one: state_of(one) == State.ONLINE)
        return sessions

    return made


def test_late_and_early_and_double_words_and_a_515_change_nothing(
    several: Several, simulator: SimulatorProcess
) -> None:
    faults: dict[str, dict[str, float]] = {
        "receipt_first": {"seconds": 5.0},
        "late_tick": {"seconds": 10.0},
        "double_receipts": {},
        "restart_required": {},
    }
    under = dict(zip(faults, several(len(faults)), strict=True))
    for fault, values in faults.items():
        simulator.set_fault(under[fault].phone, fault, **values)
    campaigns = {fault: launched(one) for fault, one in under.items()}
    for fault, campaign in campaigns.items():
        eventually(lambda campaign=campaign: reached(campaign))
        seen_as_told(simulator, campaign)
        assert state_of(under[fault]) == State.ONLINE, fault


def test_what_was_never_acknowledged_is_proven_by_its_receipt(
    online: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    """The line breaks meanwhile, so that nobody waits for the acknowledgement any more."""
    simulator.set_fault(account, "no_ack")
    campaign = launched(online, 1)
    eventually(lambda: simulator.messages(account=account))
    simulator.clear_faults(account)
    simulator.set_fault(account, "restart_required")
    eventually(lambda: reached(campaign))
    seen_as_told(simulator, campaign)


def test_what_a_silent_cut_has_swallowed_stays_in_doubt_and_the_rest_goes_on(
    online: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    before = launched(online, 1)
    eventually(lambda: reached(before))
    simulator.set_fault(account, "silent_cut")
    campaign = launched(online, 3)
    eventually(lambda: campaign.deliveries.filter(status=Status.SENDING).exists())
    simulator.clear_faults(account)
    doubtful = Q(status=Status.UNCERTAIN)
    eventually(lambda: not campaign.deliveries.exclude(doubtful | Q(status=Status.READ)).exists())
    assert campaign.deliveries.filter(doubtful).count() <= 1
    assert (
        len(simulator.messages(account=account))
        == 1 + campaign.deliveries.exclude(doubtful).count()
    )
    assert state_of(online) == State.ONLINE


def test_whatsapp_that_restarts_in_mid_campaign_loses_and_repeats_nothing(
    online: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    simulator.set_fault(account, "receipt_first", seconds=2.0)
    campaign = launched(online, 20)
    eventually(lambda: campaign.deliveries.filter(sent_at__isnull=False).count() >= 3)
    simulator.kill()
    simulator.restart()
    settled(simulator, campaign)


def test_after_a_463_new_chats_wait_and_warm_ones_go_on(
    online: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    friend = factories.make_contact(online.business, phone=new_person())
    simulator.say(friend.phone, account, "Oi")
    eventually(lambda: online.chats.filter(warm_at__isnull=False).exists())
    simulator.set_fault(account, "timelock")
    new = launched(online, 1)
    eventually(lambda: SessionEvent.objects.filter(session=online, reason="no_new_chats").exists())
    warm = launched(online, 1, contact=friend)
    eventually(lambda: reached(warm))
    seen_as_told(simulator, warm)
    assert new.deliveries.get().status == Status.QUEUED
    assert state_of(online) == State.ONLINE
    assert online.new_chats_left == 0


@pytest.mark.parametrize("what", ["lookup", "message"])
def test_after_a_429_a_message_waits(
    online: WhatsAppSession, simulator: SimulatorProcess, account: str, what: str
) -> None:
    simulator.set_fault(account, "rate_limit", what=what)
    campaign = launched(online, 2)
    later = campaign.deliveries.filter(status=Status.QUEUED, not_before__gt=timezone.now())
    eventually(lambda: later.filter(attempts__gt=0).exists())
    assert simulator.messages(account=account) == []
    assert state_of(online) == State.ONLINE


def test_what_ends_a_link_is_told_once_and_never_worked_around(
    several: Several, simulator: SimulatorProcess
) -> None:
    ends: dict[State, tuple[str, dict[str, float]]] = {
        State.LOGGED_OUT: ("logout", {}),
        State.RESTRICTED: ("refused", {"reason": 402, "seconds": 6000.0}),
        State.BANNED: ("refused", {"reason": 403}),
        State.OUTDATED: ("refused", {"reason": 405}),
        State.CONFLICT: ("conflict", {}),
    }
    ended = dict(zip(ends, several(len(ends)), strict=True))
    for state, (fault, values) in ends.items():
        simulator.set_fault(ended[state].phone, fault, **values)
        eventually(lambda state=state: state_of(ended[state]) == state)
    came = {state: simulator.came(one.phone) for state, one in ended.items()}
    campaigns = {state: launched(one, 1) for state, one in ended.items()}
    beat = Runner.objects.get().heartbeat
    # The host goes on, and looks for work several times.
    eventually(lambda: Runner.objects.get().heartbeat > beat)
    for state, one in ended.items():
        assert state_of(one) == state
        assert simulator.came(one.phone) == came[state] != [], state
        assert campaigns[state].deliveries.get().attempts == 0, state
        assert SessionEvent.objects.filter(session=one, state=state).count() == 1, state
        devices = simulator.phone(one.phone)["devices"]
        assert bool(devices) == (state is not State.LOGGED_OUT), state


def test_a_host_that_stood_still_closes_what_another_drives_by_then(
    begin: Begin, host: Forked, online: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    simulator.set_fault(account, "receipt_first", seconds=5.0)
    campaign = launched(online, 12)
    eventually(lambda: campaign.deliveries.filter(status=Status.SENDING).exists())
    host.send(signal.SIGSTOP)
    begin()
    eventually(lambda: campaign.deliveries.filter(sent_at__isnull=False).count() >= 6)
    host.send(signal.SIGCONT)
    settled(simulator, campaign)
    assert len(simulator.phone(account)["devices"]) == 1


def test_a_lone_host_that_stood_still_goes_on_under_a_new_fence_and_meanwhile_nobody_is_told_that_all_is_well(
    host: Forked,
    online: WhatsAppSession,
    simulator: SimulatorProcess,
    account: str,
    client: Client,
) -> None:
    simulator.set_fault(account, "receipt_first", seconds=2.0)
    campaign = launched(online, 8)
    eventually(lambda: campaign.deliveries.filter(sent_at__isnull=False).count() >= 2)
    lease = Lease.objects.get(link=online.link)
    host.send(signal.SIGSTOP)
    eventually(lambda: not leases.is_held(lease.link_id))
    client.force_login(factories.make_membership(business=online.business).user)
    page = f"/whatsapp/{online.pk}/"
    Link.objects.update(proven_at=timezone.now() - ONLINE_FOR - timedelta(seconds=1))
    assert "Não confirmado desde" in client.get(page).content.decode()
    host.send(signal.SIGCONT)
    settled(simulator, campaign)
    eventually(lambda: state_of(online) == State.ONLINE and leases.is_held(lease.link_id))
    assert Lease.objects.get(pk=lease.pk).fence > lease.fence
    assert "Tudo certo" in client.get(page).content.decode()
    assert len(simulator.phone(account)["devices"]) == 1


def test_a_host_whose_disk_is_full_links_and_sends(
    begin: Begin,
    session: WhatsAppSession,
    simulator: SimulatorProcess,
    account: str,
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", 2) as disk:
        disk.fill()
        host = begin(VAR=disk.path)
        linked(session, simulator, account)
        campaign = launched(session)
        eventually(lambda: reached(campaign))
        seen_as_told(simulator, campaign)
        host.send(signal.SIGTERM)
        assert host.wait() == 0


@pytest.mark.skipif(MISSING, reason="pgbouncer is missing: install it")
def test_a_pooler_before_the_store_that_is_restarted_loses_and_repeats_nothing(
    begin: Begin, session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    with store_pooler() as pooler:
        begin(DEVICE_STORE_URL=pooler.url)
        linked(session, simulator, account)
        simulator.set_fault(account, "receipt_first", seconds=2.0)
        campaign = launched(session, 15)
        eventually(lambda: campaign.deliveries.filter(sent_at__isnull=False).count() >= 4)
        pooler.kill()
        pooler.restart()
        # One was under way, and perhaps another was pressed before the link heard of it.
        settled(simulator, campaign, doubtful=2)
        eventually(lambda: state_of(session) == State.ONLINE)


@pytest.mark.skipif(MISSING, reason="pgbouncer is missing: install it")
def test_what_people_write_while_the_store_is_away_is_heard_when_it_is_back(
    begin: Begin, session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    """The library can't read it then, and has told WhatsApp that it has it; so it has no line while the store is away."""
    with store_pooler() as pooler:
        begin(DEVICE_STORE_URL=pooler.url)
        linked(session, simulator, account)
        person = factories.make_contact(session.business, phone=new_person()).phone
        simulator.say(person, account, "Oi")
        eventually(lambda: Reply.objects.filter(session=session).exists())
        pooler.kill()
        # What comes in the moment until then may be acknowledged and unread: nobody can have it again.
        eventually(lambda: state_of(session) == State.OFFLINE)
        said = {simulator.say(person, account, text)["id"] for text in ("Oi", "Tudo bem?", "SAIR")}
        pooler.restart()
        heard = Reply.objects.filter(session=session, message_id__in=said)
        eventually(lambda: set(heard.values_list("message_id", flat=True)) == said)
