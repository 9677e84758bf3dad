"""One attempt to link, from ringing to its end, over the simulated transport and a real simulator."""

import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from blu.jobs import queue
from sessions.linking import job, services
from sessions.models import Lease, Link, Pairing, State, WhatsAppSession
from tests import factories
from tests.concurrency.waiting import Beside
from tests.eventually import eventually
from tests.leasing import leased
from tests.sessions.linked_account import new_account
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("pairing"), time_scale=0.02) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def on_simulator(
    settings: Settings, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = simulator.url
    monkeypatch.setattr(queue, "enqueue", lambda *_args, **_to: "")


def asked(phone: str = "") -> Pairing:
    """An open attempt on a fresh simulated session."""
    actor = factories.make_user()
    session = services.create_session(
        business=factories.make_business(), name="Recepção", actor=actor
    )
    Link.objects.filter(session=session).update(transport="simulated")
    services.accept_terms(session=session, actor=actor)
    return services.request_pairing(session=session, actor=actor, phone=phone)


def code_shown(attempt: Pairing) -> str:
    """The code that the page would show by now."""
    return eventually(lambda: Pairing.objects.get(pk=attempt.pk).code)


def run(attempt: Pairing, stop: threading.Event | None = None) -> Beside:
    return Beside(lambda: job.pair(only=attempt.pk, stop=stop or threading.Event()))


def state_of(attempt: Pairing) -> str:
    return WhatsAppSession.objects.get(pk=attempt.link.session_id).state


def test_a_scanned_qr_links_the_session(simulator: SimulatorProcess) -> None:
    attempt, account = asked(), new_account()
    running = run(attempt)
    simulator.scan(code_shown(attempt), account)
    assert running.result() == Pairing.Status.LINKED
    session = WhatsAppSession.objects.get(pk=attempt.link.session_id)
    assert (session.state, session.phone) == (State.RESTING, account)
    assert session.linked_at is not None
    attempt.refresh_from_db()
    assert attempt.code == ""
    assert Lease.objects.get(session=session).expires_at is None


def test_a_typed_code_links_the_session(simulator: SimulatorProcess) -> None:
    account = new_account()
    attempt = asked(phone=account)
    running = run(attempt)
    code = code_shown(attempt)
    assert len(code.replace("-", "")) == 8
    simulator.enter_code(code, account)
    assert running.result() == Pairing.Status.LINKED


def test_nobody_coming_ends_the_attempt_with_plain_words(settings: Settings) -> None:
    settings.TIME_SCALE = 0.002
    attempt = asked()
    assert run(attempt).result() == Pairing.Status.EXPIRED
    attempt.refresh_from_db()
    assert "Ninguém" in attempt.explanation
    assert state_of(attempt) == State.UNLINKED


@pytest.fixture
def one_code(simulator: SimulatorProcess) -> Iterator[None]:
    """No second code shows within the test."""
    simulator.set_page(ref_rotation=60_000)
    yield
    simulator.set_page(ref_rotation=20)


@pytest.mark.usefixtures("one_code")
@pytest.mark.parametrize("phone", ["", "+5511987654321"], ids=["qr", "code"])
def test_a_person_who_gives_up_frees_the_session_without_waiting_for_a_code(phone: str) -> None:
    attempt = asked(phone)
    running = run(attempt)
    code_shown(attempt)
    services.cancel_pairing(pairing=attempt)
    assert running.result() == Pairing.Status.EXPIRED
    attempt.refresh_from_db()
    assert attempt.explanation == "Alguém parou de esperar pelo celular."
    assert state_of(attempt) == State.UNLINKED
    assert Lease.objects.get(session=attempt.link.session_id).expires_at is None


@pytest.mark.usefixtures("one_code")
def test_another_kind_of_code_is_rung_for_as_soon_as_the_first_attempt_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempt = asked()
    running = run(attempt)
    code_shown(attempt)
    assert attempt.requested_by is not None
    second = services.request_pairing(
        session=attempt.session, actor=attempt.requested_by, phone="+5511987654321"
    )
    enqueued: list[str] = []
    monkeypatch.setattr(queue, "enqueue", lambda task, **_to: enqueued.append(task))
    assert running.result() == Pairing.Status.EXPIRED
    assert enqueued == ["blu.tasks.pair"]
    assert state_of(attempt) == State.PAIRING
    again = run(second)
    assert len(code_shown(second).replace("-", "")) == 8
    services.cancel_pairing(pairing=second)
    assert again.result() == Pairing.Status.EXPIRED


def test_whatsapp_out_of_reach_fails_the_attempt(settings: Settings) -> None:
    settings.WHATSAPP_WEB_URL = "http://127.0.0.1:9"
    attempt = asked()
    assert run(attempt).result() == Pairing.Status.FAILED
    assert state_of(attempt) == State.UNLINKED


def test_a_session_of_the_trial_links_nothing_without_a_simulator(settings: Settings) -> None:
    attempt = asked()
    settings.SIMULATOR_URL = ""
    assert run(attempt).result() == Pairing.Status.FAILED
    attempt.refresh_from_db()
    assert "só para testes" in attempt.explanation
    assert state_of(attempt) == State.UNLINKED


def test_an_attempt_that_is_over_is_left_alone() -> None:
    attempt = asked()
    services.cancel_pairing(pairing=attempt)
    assert run(attempt).result() == ""
    assert Lease.objects.get(session=attempt.link.session_id).fence == 0


def test_two_tickets_run_an_attempt_once() -> None:
    attempt = asked()
    assert leased(attempt.link.session_id) is not None
    assert run(attempt).result() == ""


def test_a_cluster_that_stops_leaves_the_attempt_open_for_another() -> None:
    attempt, stop = asked(), threading.Event()
    running = run(attempt, stop)
    code_shown(attempt)
    stop.set()
    assert running.result() == Pairing.Status.WAITING
    attempt.refresh_from_db()
    assert attempt.code == ""
