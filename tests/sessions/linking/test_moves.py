"""An account moves over: a link beside, the switch once it has proven itself, the way back, and the end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import User
from blu.accounts.refused import Refused
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.driving import account_limits, history, leases, moving
from sessions.events import Link as Told
from sessions.events import LinkChange
from sessions.interfaces import LeaseLost, LeaseToken, Outgoing
from sessions.linking import moves, services
from sessions.models import Link, LinkMove, SessionEvent, State, WhatsAppSession
from sessions.transports.inprocess import InProcessTransport
from tests import factories
from tests.leasing import take_link

pytestmark = pytest.mark.django_db


class Asks(InProcessTransport):
    """One that proves itself by a question; `answers` says whether WhatsApp does."""

    answers = True

    def asks_of_itself(self) -> bool:
        return self.answers


@pytest.fixture
def actor(db: None) -> User:
    return factories.make_user(name="Ana")


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session with a running campaign of three rows."""
    session = factories.make_session(
        factories.make_business(),
        visited_at=timezone.now(),
        linked_at=timezone.now() - timedelta(days=40),
        terms_accepted_at=timezone.now(),
    )
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    for _number in range(3):
        factories.make_delivery(campaign)
    return session


@pytest.fixture
def move(session: WhatsAppSession, actor: User) -> LinkMove:
    """One whose code was scanned: its new link is linked beside the old."""
    move = moves.begin(session=session, transport="inprocess", actor=actor)
    attempt = services.request_pairing(session=session, actor=actor, link=move.new)
    token = held(move.new)
    services.linked(attempt, token=token, phone=session.phone)
    leases.release(token)
    return move


def held(link: Link) -> LeaseToken:
    taken = take_link(link.pk)
    assert taken is not None
    return taken.token


def claim(token: LeaseToken) -> Outgoing:
    claimed = LedgerOutbox().next(token)
    assert isinstance(claimed, Outgoing)
    return claimed


def over(move: LinkMove) -> LinkMove:
    """The same, once its new link has proven itself."""
    assert moving.go_over(held(move.new), Asks())
    move.refresh_from_db()
    return move


def active(session: WhatsAppSession) -> Link:
    return WhatsAppSession.objects.get(pk=session.pk).link


def test_the_old_link_sends_until_the_new_one_has_proven_itself_and_from_then_on_the_new(
    session: WhatsAppSession, move: LinkMove
) -> None:
    old, new = held(move.old), held(move.new)
    silent = Asks()
    silent.answers = False
    assert not moving.go_over(new, silent)
    assert active(session) == move.old
    assert claim(old)
    assert moving.go_over(new, Asks())
    assert active(session) == move.new
    with pytest.raises(LeaseLost):
        LedgerOutbox().next(old)
    # Also who proved it: what sends has a fence newer than every row.
    with pytest.raises(LeaseLost):
        LedgerOutbox().next(new)
    assert claim(held(move.new))


def test_a_link_that_cant_ask_of_itself_is_proven_by_what_it_has_answered_since_it_was_linked(
    session: WhatsAppSession, move: LinkMove
) -> None:
    new, transport = held(move.new), InProcessTransport()
    assert not moving.go_over(new, transport)
    Link.objects.filter(pk=move.new.pk).update(proven_at=timezone.now() + timedelta(seconds=1))
    assert moving.go_over(new, transport)
    assert active(session) == move.new


def test_who_has_lost_the_lease_of_the_new_link_switches_nothing(
    session: WhatsAppSession, move: LinkMove
) -> None:
    late = held(move.new)
    leases.end(move.new)
    with pytest.raises(LeaseLost):
        moving.go_over(late, Asks())
    assert active(session) == move.old


def test_a_move_that_was_given_up_while_its_link_proved_itself_switches_nothing(
    session: WhatsAppSession, move: LinkMove, actor: User
) -> None:
    class GivenUp(Asks):
        def asks_of_itself(self) -> bool:
            moves.end(session=session, actor=actor)
            return True

    with pytest.raises(LeaseLost):
        moving.go_over(held(move.new), GivenUp())
    assert active(session) == move.old
    move.new.refresh_from_db()
    assert move.new.state == State.UNLINKED


def test_the_age_of_the_account_goes_with_it(session: WhatsAppSession, move: LinkMove) -> None:
    since = session.linked_at
    assert active(session) == move.old
    over(move)
    assert active(session).linked_at == since


def test_one_button_goes_back_at_once_and_the_other_link_is_kept_then(
    session: WhatsAppSession, move: LinkMove, actor: User
) -> None:
    over(move)
    claimed = claim(held(move.new))
    back = moves.go_back(session=session, actor=actor)
    assert active(session) == move.old
    assert (back.old, back.new, back.has_switched) == (move.new, move.old, True)
    assert LedgerOutbox().recover(held(move.old)) == 1
    assert Delivery.objects.get(pk=claimed.key.id).status == Status.QUEUED
    # And forth again.
    moves.go_back(session=session, actor=actor)
    assert active(session) == move.new
    assert LinkMove.objects.filter(ended_at=None).count() == 1


def test_after_seven_days_the_kept_link_is_unlinked_and_the_one_that_sends_is_not_interrupted(
    session: WhatsAppSession, move: LinkMove
) -> None:
    over(move)
    sending = held(move.new)
    assert moves.end_due() == 0
    assert move.kept_until is not None
    assert timedelta(days=6) < move.kept_until - timezone.now() < timedelta(days=8)
    LinkMove.objects.update(kept_until=timezone.now())
    assert moves.end_due() == 1
    move.old.refresh_from_db()
    assert (move.old.state, move.old.linked_at) == (State.UNLINKED, None)
    assert claim(sending)
    with pytest.raises(Refused):
        moves.go_back(session=session, actor=factories.make_user())


def test_a_link_that_wasnt_linked_yet_is_given_up_and_the_old_one_stays(
    session: WhatsAppSession, actor: User
) -> None:
    move = moves.begin(session=session, transport="direct", actor=actor)
    assert moves.begin(session=session, transport="direct", actor=actor) == move, "joined"
    services.request_pairing(session=session, actor=actor, link=move.new)
    assert moves.link_to_pair(session) == move.new
    assert moves.end(session=session, actor=actor)
    move.new.refresh_from_db()
    assert move.new.state == State.UNLINKED
    assert active(session) == move.old
    assert moves.link_to_pair(session) == move.old
    # A second try takes the link that is there.
    assert moves.begin(session=session, transport="direct", actor=actor).new == move.new


@pytest.mark.parametrize("how", ["restricted", "banned", "no new chats", "unlinked"])
def test_a_restricted_account_moves_nowhere(
    session: WhatsAppSession, actor: User, how: str
) -> None:
    if how == "no new chats":
        locked = LinkChange(Told.ONLINE, "no_new_chats", timezone.now() + timedelta(days=1), 0)
        account_limits.keep(session.link, locked, token=held(session.link))
    elif how == "unlinked":
        services.unlink(session=session, actor=actor)
    else:
        factories.lead(session, how)
    with pytest.raises(Refused):
        moves.begin(session=session, transport="direct", actor=actor)


def test_an_account_that_is_restricted_while_it_waits_is_not_switched_until_it_is_free(
    session: WhatsAppSession, move: LinkMove
) -> None:
    factories.lead(session, "restricted")
    new = held(move.new)
    assert not moving.go_over(new, Asks())
    assert active(session) == move.old
    factories.lead(session, "online")
    assert moving.go_over(new, Asks())


def test_what_only_the_new_link_was_told_of_a_restriction_holds_too(
    session: WhatsAppSession, move: LinkMove
) -> None:
    assert history.set_state(move.new.pk, State.RESTRICTED, "no_messages")
    assert not moving.go_over(held(move.new), Asks())
    assert active(session) == move.old


def test_no_way_back_is_a_way_around_a_restriction(
    session: WhatsAppSession, move: LinkMove, actor: User
) -> None:
    over(move)
    factories.lead(WhatsAppSession.objects.get(pk=session.pk), "restricted")
    with pytest.raises(Refused):
        moves.go_back(session=session, actor=actor)
    assert active(session) == move.new


def test_a_passkey_ends_the_attempt_and_never_the_link_that_is_there(
    session: WhatsAppSession, actor: User
) -> None:
    move = moves.begin(session=session, transport="direct", actor=actor)
    attempt = services.request_pairing(session=session, actor=actor, link=move.new)
    services.end_pairing(attempt.pk, "failed", "needs_passkey", state=State.NEEDS_PASSKEY)
    assert claim(held(session.link))
    assert moves.begin(session=session, transport="direct", actor=actor) == move


def test_the_events_say_who_sends_now(session: WhatsAppSession, move: LinkMove) -> None:
    over(move)
    told = SessionEvent.objects.get(reason="switched")
    assert told.link == move.new
