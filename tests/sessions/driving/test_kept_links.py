"""A link that an account has moved away from: it sleeps, is opened once a day, and for what is in doubt."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from blu.accounts.models import User
from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign
from sessions.driving import homes, leases, moving, runners
from sessions.driving.claim_due import claim_due, claim_for_host
from sessions.interfaces import InDoubt, LeaseLost, LeaseToken, Outgoing
from sessions.linking import moves, services
from sessions.models import HomeArchive, Link, LinkMove, WhatsAppSession
from sessions.states import State
from sessions.transports.inprocess import InProcessTransport
from tests import factories
from tests.leasing import take_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(db: None) -> User:
    return factories.make_user()


@pytest.fixture
def kind() -> str:
    return "simulated"


@pytest.fixture
def session(db: None, kind: str) -> WhatsAppSession:
    """A session with a running campaign of one row."""
    session = factories.make_session(
        factories.make_business(),
        transport=kind,
        visited_at=timezone.now(),
        terms_accepted_at=timezone.now(),
    )
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    factories.make_delivery(campaign)
    return session


def moved(session: WhatsAppSession, transport: str, actor: User) -> LinkMove:
    """The session's move to a link of this kind, which was linked and has proven itself."""
    move = moves.begin(session=session, transport=transport, actor=actor)
    attempt = services.request_pairing(session=session, actor=actor, link=move.new)
    token = held(move.new)
    services.linked(attempt, token=token, phone=session.phone)
    Link.objects.filter(pk=move.new.pk).update(proven_at=timezone.now() + timedelta(seconds=1))
    assert moving.go_over(token, InProcessTransport())
    move.refresh_from_db()
    return move


def held(link: Link) -> LeaseToken:
    taken = take_link(link.pk)
    assert taken is not None
    return taken.token


def claim(token: LeaseToken) -> Outgoing:
    claimed = LedgerOutbox().next(token)
    assert isinstance(claimed, Outgoing)
    return claimed


@pytest.mark.parametrize("kind", ["simulated", "browser"])
def test_the_kept_link_sleeps_for_a_day_wakes_for_a_doubt_and_sends_nothing(
    session: WhatsAppSession, actor: User, runner: runners.Heartbeat
) -> None:
    outbox = LedgerOutbox()
    driving = held(session.link)
    pressed = claim(driving)
    outbox.before_wire(driving, pressed.key)
    move = moved(session, "inprocess", actor)
    Link.objects.filter(pk=move.old.pk).update(visited_at=timezone.now() - timedelta(hours=1))
    assert claim_due(runner, WORK, limit=5) == [], "an hour is no day"
    # The new one's driver can't know what became of it: the old one may look.
    assert outbox.recover(held(move.new)) == 1
    (due,) = claim_due(runner, WORK, limit=5)
    assert due.held.token.link_id == move.old.pk
    with pytest.raises(LeaseLost):
        outbox.next(due.held.token)
    moving.rest(due.held.token)
    runner.give_back(due.held)
    assert claim_due(runner, WORK, limit=5) == []
    Link.objects.filter(pk=move.old.pk).update(visited_at=timezone.now() - timedelta(days=2))
    (due,) = claim_due(runner, WORK, limit=5)
    assert due.held.token.link_id == move.old.pk


def test_a_doubt_from_before_the_switch_is_looked_for_by_a_link_that_no_visit_ended_well_on(
    session: WhatsAppSession, actor: User, runner: runners.Heartbeat
) -> None:
    earlier = timezone.now() - timedelta(hours=1)
    Link.objects.filter(pk=session.link.pk).update(visited_at=None, proven_at=earlier)
    outbox, driving = LedgerOutbox(), held(session.link)
    pressed = claim(driving)
    outbox.before_wire(driving, pressed.key)
    outbox.settle(driving, pressed.key, InDoubt("no_tick"))
    move = moved(session, "inprocess", actor)
    (due,) = claim_due(runner, WORK, limit=5)
    assert due.held.token.link_id == move.old.pk


def test_a_host_leaves_a_kept_link_asleep_too(
    session: WhatsAppSession, actor: User, runner: runners.Heartbeat
) -> None:
    Link.objects.filter(pk=session.link.pk).update(transport="inprocess", visited_at=None)
    move = moved(session, "simulated", actor)
    assert claim_for_host(runner, WORK, limit=5).due == []
    Link.objects.filter(pk=move.old.pk).update(visited_at=timezone.now() - timedelta(days=2))
    assert len(claim_for_host(runner, WORK, limit=5).due) == 1
    assert moving.is_kept(move.old.pk)
    assert not moving.is_kept(move.new.pk)


@pytest.mark.parametrize("kind", ["browser"])
def test_a_browser_that_nobody_goes_back_to_leaves_neither_profile_nor_archive(
    session: WhatsAppSession,
    actor: User,
    settings: Settings,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    settings.VAR = tmp_path
    move = moved(session, "inprocess", actor)
    opened = held(move.old)
    homes.make_ready(move.old, opened)
    assert homes.keep(move.old, opened)
    leases.release(opened)
    with django_capture_on_commit_callbacks(execute=True):
        assert moves.end_due() == 0
    assert move.old.home_folder.is_dir()
    LinkMove.objects.update(kept_until=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert moves.end_due() == 1
    assert not move.old.home_folder.exists()
    assert not HomeArchive.objects.exists()
    move.old.refresh_from_db()
    # No page takes itself off the phone's list: its owner is asked to (tests/sessions/linking/test_move_pages).
    assert (move.old.state, move.old.is_leaving) == (State.UNLINKED, False)
