"""What people and drives do to sessions."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from blu.accounts.models import User
from blu.accounts.refused import Refused
from blu.jobs import queue
from sessions.driving import account_limits, history, leases, link_updates
from sessions.events import Link, LinkChange
from sessions.interfaces import LeaseLost, Opened
from sessions.linking import services
from sessions.models import Lease, Pairing, SessionEvent, State, WhatsAppSession
from sessions.models import Link as SessionLink
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.leasing import hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What was enqueued."""
    tasks: list[tuple[object, ...]] = []
    monkeypatch.setattr(queue, "enqueue", lambda *args, **_to: tasks.append(args))
    return tasks


@pytest.fixture
def actor(db: None) -> User:
    return factories.make_user(name="Ana")


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(factories.make_business())


@pytest.fixture
def unlinked(actor: User) -> WhatsAppSession:
    """A session whose terms are accepted and that nobody has linked yet."""
    session = services.create_session(
        business=factories.make_business(), name="Recepção", actor=actor
    )
    services.accept_terms(session=session, actor=actor)
    return session


def state_of(session: WhatsAppSession) -> str:
    session.refresh_from_db()
    return session.state


@pytest.mark.parametrize(("url", "pacing"), [("http://sim", "trial"), ("", "real")])
def test_a_new_session_has_limits_unless_it_is_on_the_simulator(
    settings: Settings, actor: User, url: str, pacing: str
) -> None:
    settings.SIMULATOR_URL = url
    business = factories.make_business()
    session = services.create_session(business=business, name=" Recepção ", actor=actor)
    assert (session.name, session.pacing, session.state) == ("Recepção", pacing, State.UNLINKED)
    assert Lease.objects.get(session=session).fence == 0
    assert "Criado por Ana" in SessionEvent.objects.get(session=session).explanation


def test_a_name_is_used_once_in_a_business(unlinked: WhatsAppSession, actor: User) -> None:
    with pytest.raises(Refused, match="Já existe"):
        services.create_session(business=unlinked.business, name="Recepção", actor=actor)
    services.create_session(business=factories.make_business(), name="Recepção", actor=actor)


def test_two_sessions_never_share_a_home(actor: User) -> None:
    businesses = [factories.make_business(slug=f"clinica-{number}") for number in range(3)]
    homes = {
        services.create_session(business=business, name="A", actor=actor).link.home
        for business in businesses
    }
    assert len(homes) == 3


# Pairing


def test_the_terms_come_first(actor: User, enqueued: list[tuple[object, ...]]) -> None:
    session = services.create_session(business=factories.make_business(), name="A", actor=actor)
    with pytest.raises(Refused, match="termos"):
        services.request_pairing(session=session, actor=actor)
    assert enqueued == []


def test_the_terms_are_accepted_once(unlinked: WhatsAppSession, actor: User) -> None:
    first = unlinked.terms_accepted_at
    services.accept_terms(session=unlinked, actor=factories.make_user())
    unlinked.refresh_from_db()
    assert (unlinked.terms_accepted_at, unlinked.terms_accepted_by) == (first, actor)


def test_an_attempt_is_rung_for_once_it_is_committed(
    unlinked: WhatsAppSession,
    actor: User,
    enqueued: list[tuple[object, ...]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.request_pairing(session=unlinked, actor=actor)
        assert enqueued == []
    assert enqueued == [("blu.tasks.pair",)]
    assert state_of(unlinked) == State.PAIRING


def test_a_second_request_joins_the_open_attempt(
    unlinked: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]]
) -> None:
    first = services.request_pairing(session=unlinked, actor=actor)
    assert services.request_pairing(session=unlinked, actor=factories.make_user()) == first


def test_another_way_to_link_ends_the_open_attempt(
    unlinked: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]]
) -> None:
    first = services.request_pairing(session=unlinked, actor=actor)
    second = services.request_pairing(session=unlinked, actor=actor, phone="+5511987654321")
    first.refresh_from_db()
    assert first.status == Pairing.Status.EXPIRED
    assert second.phone == "+5511987654321"
    assert not services.show_code(first.pk, code="2@late")
    assert state_of(unlinked) == State.PAIRING


@pytest.mark.parametrize("state", [State.ONLINE, State.OFFLINE, State.RESTING, State.RESTRICTED])
def test_a_link_that_works_is_not_displaced(
    session: WhatsAppSession, actor: User, state: str
) -> None:
    factories.change_session(session, state=state, terms_accepted_at=timezone.now())
    with pytest.raises(Refused, match="já está conectado"):
        services.request_pairing(session=session, actor=actor)


@pytest.mark.parametrize("state", [State.LOGGED_OUT, State.CONFLICT])
def test_a_link_that_is_gone_is_made_again(
    session: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]], state: str
) -> None:
    factories.change_session(session, state=state, terms_accepted_at=timezone.now())
    assert services.request_pairing(session=session, actor=actor).pk


def test_a_code_is_encrypted_and_forgotten_at_the_end(
    unlinked: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]]
) -> None:
    pairing = services.request_pairing(session=unlinked, actor=actor)
    assert services.show_code(pairing.pk, code="ABCD1234")
    pairing.refresh_from_db()
    assert (pairing.code, pairing.status) == ("ABCD1234", Pairing.Status.SHOWING)
    raw = Pairing.objects.extra(select={"raw": "code"}).values_list("raw", flat=True).get()
    assert "ABCD1234" not in raw
    services.cancel_pairing(pairing=pairing)
    pairing.refresh_from_db()
    assert (pairing.code, pairing.status) == ("", Pairing.Status.EXPIRED)
    assert state_of(unlinked) == State.UNLINKED


def test_linking_lets_the_session_rest_until_it_is_visited(
    unlinked: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]]
) -> None:
    pairing = services.request_pairing(session=unlinked, actor=actor)
    services.linked(pairing, token=hold(unlinked.pk), phone="+5511980000000")
    assert state_of(unlinked) == State.RESTING
    assert (unlinked.phone, unlinked.link.node) == ("+5511980000000", "a")
    assert unlinked.linked_at is not None


def test_an_attempt_that_was_given_up_links_nothing(
    unlinked: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]]
) -> None:
    pairing = services.request_pairing(session=unlinked, actor=actor)
    token = hold(unlinked.pk)
    services.cancel_pairing(pairing=pairing)
    with pytest.raises(LeaseLost):
        services.linked(pairing, token=token, phone="+5511980000000")
    assert state_of(unlinked) == State.UNLINKED
    assert unlinked.linked_at is None


@pytest.mark.django_db(transaction=True)
def test_two_people_asking_at_once_share_one_attempt(
    unlinked: WhatsAppSession, actor: User, enqueued: list[tuple[object, ...]]
) -> None:
    with owner_connection() as line:
        line.execute("SELECT 1 FROM wa_sessions_link FOR UPDATE")
        both = [
            Beside(lambda: services.request_pairing(session=unlinked, actor=actor))
            for _number in range(2)
        ]
        for one in both:
            one.waits()
        line.rollback()
        first, second = (one.result() for one in both)
    assert first == second
    assert len(enqueued) == 1


# State


def test_every_change_of_state_is_an_event(session: WhatsAppSession) -> None:
    token = hold(session.pk)
    until = timezone.now() + timedelta(hours=1)
    assert history.set_state(
        session.link.pk, State.RESTRICTED, "no_new_chats", until=until, token=token
    )
    event = SessionEvent.objects.latest("id")
    assert (event.state, event.reason, event.fence) == (
        State.RESTRICTED,
        "no_new_chats",
        token.fence,
    )
    session.refresh_from_db()
    assert (session.state_reason, session.state_until) == ("no_new_chats", until)


def test_the_same_state_again_is_no_event(session: WhatsAppSession) -> None:
    history.set_state(session.link.pk, State.OFFLINE, "unreachable")
    assert not history.set_state(session.link.pk, State.OFFLINE, "unreachable")
    assert SessionEvent.objects.filter(session=session).count() == 1


def test_an_old_fence_changes_no_state(session: WhatsAppSession) -> None:
    token = hold(session.pk)
    Lease.objects.update(fence=token.fence + 1)
    with pytest.raises(LeaseLost):
        history.set_state(session.link.pk, State.OFFLINE, token=token)
    assert state_of(session) == State.RESTING


def test_unlinking_forgets_the_account_and_ends_whoever_drives_it(
    session: WhatsAppSession,
    actor: User,
    settings: Settings,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    settings.VAR = tmp_path
    home = tmp_path / "homes" / session.link.home
    home.mkdir(parents=True)
    token = hold(session.pk)
    with django_capture_on_commit_callbacks(execute=True):
        services.unlink(session=session, actor=actor)
    assert state_of(session) == State.UNLINKED
    assert (session.link.phone, session.linked_at) == ("", None)
    assert session.phone, "whose its chats are"
    assert not leases.release(token)
    assert not home.exists()


def test_who_was_overtaken_tells_neither_quota_nor_proof_nor_number(
    session: WhatsAppSession,
) -> None:
    old, link, phone = hold(session.pk), session.link, session.phone
    Lease.objects.update(fence=old.fence + 1)
    WhatsAppSession.objects.update(new_chats_left=3)
    SessionLink.objects.update(proven_at=None, visited_at=None)
    for tells in (
        lambda: account_limits.keep(link, LinkChange(Link.ONLINE, quota=100), token=old),
        lambda: link_updates.proven(old),
        lambda: link_updates.opened(old, Opened(Link.ONLINE, phone="+5511999990000")),
        lambda: link_updates.rest(old, idle_until=None),
    ):
        with pytest.raises(LeaseLost):
            tells()
    session.refresh_from_db()
    assert (session.new_chats_left, session.phone) == (3, phone)
    assert (session.proven_at, session.visited_at) == (None, None)


def test_a_proof_keeps_the_number_that_whatsapp_told(session: WhatsAppSession) -> None:
    SessionLink.objects.update(proven_at=None)
    token = hold(session.pk)
    link_updates.proven(token)
    session.refresh_from_db()
    assert session.proven_at is not None
    assert session.phone
    link_updates.opened(token, Opened(Link.ONLINE, phone="+5511999990000"))
    session.refresh_from_db()
    assert session.phone == "+5511999990000"
