"""A host links an account without a browser, and drives it: what the ledger says is what people saw."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

import pytest
from django.core.management import call_command
from django.db import transaction

from blu.accounts.models import User
from blu.jobs import queue
from campaigns.models import Delivery, Reply
from campaigns.models.ledger_states import Status
from sessions.linking import services
from sessions.models import Link, Pairing, WhatsAppSession
from sessions.states import State
from tests import factories
from tests.eventually import eventually
from tests.forked import Fork, Forked, Tell
from tests.sessions.simulator.multidevice.standard_clients import neonize_package
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

RECIPIENTS = 8


def run(_tell: Tell) -> None:
    """Until SIGTERM."""
    call_command("run_host")


@pytest.fixture
def begin(
    transactional_db: None, fork: Fork, simulator: SimulatorProcess, device_store: str
) -> Callable[..., Forked]:
    """Starts a host, with further settings."""
    neonize_package()
    settings = {"TIME_SCALE": 0.1, "DEVICE_STORE_URL": device_store}
    return partial(fork, run, role="blu_host", simulator=simulator.url, **settings)


@pytest.fixture
def host(begin: Callable[[], Forked]) -> Forked:
    return begin()


@pytest.fixture
def session(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> WhatsAppSession:
    """A session of the kind, whose account is yet to be linked; no ticket is needed for that."""
    monkeypatch.setattr(queue, "enqueue", lambda *_args, **_to: "")
    return new_session(factories.make_user())


def new_session(actor: User) -> WhatsAppSession:
    """The same, of a business of its own."""
    session = services.create_session(
        business=factories.make_business(), name="Recepção", actor=actor
    )
    Link.objects.filter(session=session).update(transport="direct")
    WhatsAppSession.objects.filter(pk=session.pk).update(pacing="trial")
    services.accept_terms(session=session, actor=actor)
    session.refresh_from_db()
    return session


def linked(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str, phone: str = ""
) -> None:
    """Ask for a code as the page does, and have the phone take it."""
    actor = factories.make_user()
    pairing = services.request_pairing(session=session, actor=actor, phone=phone)

    def code() -> str:
        return Pairing.objects.get(pk=pairing.pk).code

    eventually(code)
    (simulator.enter_code if phone else simulator.scan)(code(), account)
    eventually(lambda: Pairing.objects.get(pk=pairing.pk).status == Pairing.Status.LINKED)


def send_one(session: WhatsAppSession) -> None:
    """A campaign to one person; a host takes one that has nothing more to send for done."""
    with transaction.atomic():
        campaign = factories.make_campaign(session.business, "running", session=session)
        factories.make_delivery(campaign)


@pytest.mark.parametrize("by_number", [False, True])
def test_an_account_is_linked_by_a_host_and_its_campaign_goes_out_once(
    host: Forked, session: WhatsAppSession, simulator: SimulatorProcess, account: str, by_number: bool
) -> None:  # fmt: skip
    linked(session, simulator, account, phone=account if by_number else "")
    session.refresh_from_db()
    assert session.phone == account
    with transaction.atomic():
        campaign = factories.make_campaign(session.business, "running", session=session)
        rows = [factories.make_delivery(campaign) for _one in range(RECIPIENTS)]
    eventually(
        lambda: Delivery.objects.filter(campaign=campaign, status=Status.READ).count() == RECIPIENTS
    )
    seen = simulator.messages(account=account)
    ledger = Delivery.objects.filter(campaign=campaign).values_list("message_id", flat=True)
    assert sorted(one["id"] for one in seen) == sorted(ledger)
    assert len({one["to"] for one in seen}) == RECIPIENTS
    simulator.say(rows[0].phone, account, "SAIR")
    eventually(lambda: Reply.objects.filter(session=session, kind=Reply.Kind.STOP).exists())
    host.send(signal.SIGTERM)
    assert host.wait() == 0
    session.link.refresh_from_db()
    assert session.link.state in (State.ONLINE, State.RESTING)


def test_a_killed_hosts_account_goes_on_in_another_without_a_code(
    host: Forked,
    session: WhatsAppSession,
    simulator: SimulatorProcess,
    account: str,
    begin: Callable[[], Forked],
) -> None:
    linked(session, simulator, account)
    sent = Delivery.objects.filter(session_id=session.pk, sent_at__isnull=False)
    send_one(session)
    eventually(lambda: sent.count() == 1)
    host.kill()
    begin()
    send_one(session)
    eventually(lambda: sent.count() == 2)
    assert len(simulator.messages(account=account)) == 2
    assert len(simulator.phone(account)["devices"]) == 1
    assert simulator.displaced(account) == []


def test_an_unlinked_account_is_logged_out_by_a_host_and_one_linked_anew_leaves_no_ghost(
    host: Forked, session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    linked(session, simulator, account)
    services.unlink(session=session, actor=factories.make_user())
    eventually(lambda: simulator.phone(account)["devices"] == [])
    eventually(lambda: not Link.objects.filter(is_leaving=True).exists())
    linked(session, simulator, account)
    # At once, before any host gets to it: the old device goes all the same.
    services.unlink(session=session, actor=factories.make_user())
    linked(session, simulator, account)
    assert len(simulator.phone(account)["devices"]) == 1
    assert Link.objects.get(session=session).state != State.UNLINKED


def test_who_asked_to_stop_without_a_number_is_not_written_to_once_whatsapp_says_whose_it_is(
    host: Forked, session: WhatsAppSession, simulator: SimulatorProcess, account: str, person: str
) -> None:
    linked(session, simulator, account)
    simulator.set_person(person, hidden=True, username="ana.souza")
    simulator.say(person, account, "SAIR")
    eventually(lambda: Reply.objects.filter(session=session, kind=Reply.Kind.STOP).exists())
    with transaction.atomic():
        campaign = factories.make_campaign(session.business, "running", session=session)
        contact = factories.make_contact(session.business, phone=person)
        row = factories.make_delivery(campaign, contact)

    def status() -> str:
        return Delivery.objects.get(pk=row.pk).status

    eventually(lambda: status() not in (Status.QUEUED, Status.SENDING))
    assert status() == Status.SKIPPED
    # But for the word that it is so.
    seen = [one["text"] for one in simulator.messages(to=person)]
    assert not [text for text in seen if "não vai mais receber mensagens" not in text]
