"""Marks of chats that are being read: kept under a fence, until their replies are in the ledger."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.outbox import LedgerOutbox
from sessions import leases
from sessions.events import Entering
from sessions.interfaces import Grip, LeaseLost
from sessions.models import ChatMark, Lease, Link, WhatsAppSession
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    linked_at = timezone.now() - timedelta(days=2)
    return factories.make_session(factories.make_business(), linked_at=linked_at)


@pytest.fixture
def grip(session: WhatsAppSession) -> Grip:
    grip = leases.acquire(session.pk)
    assert grip is not None
    return grip


def newer(grip: Grip) -> Grip:
    """Somebody else has taken the session over."""
    Lease.objects.filter(session=grip.session_id).update(fence=grip.fence + 1)
    return Grip(grip.session_id, grip.fence + 1)


def test_a_mark_is_left_until_its_chat_was_read_out(grip: Grip) -> None:
    outbox = LedgerOutbox()
    outbox.entering(grip, Entering("Ana", 3))
    outbox.entering(grip, Entering("+5511987654321"))
    assert [(mark.chat, mark.unread) for mark in outbox.marks(grip)] == [
        ("Ana", 3),
        ("+5511987654321", 0),
    ]
    outbox.read_out(grip, "Ana")
    assert [mark.chat for mark in outbox.marks(grip)] == ["+5511987654321"]


def test_entering_again_keeps_the_first_moment_and_counts_nothing_twice(grip: Grip) -> None:
    outbox = LedgerOutbox()
    outbox.entering(grip, Entering("Ana", 3))
    (first,) = outbox.marks(grip)
    for unread in (3, 1):
        outbox.entering(grip, Entering("Ana", unread))
    assert outbox.marks(grip) == [first]


def test_what_is_newer_than_a_mark_is_never_from_before_the_link(
    grip: Grip, session: WhatsAppSession
) -> None:
    outbox = LedgerOutbox()
    outbox.entering(grip, Entering("Ana"))
    (mark,) = outbox.marks(grip)
    assert timedelta(seconds=55) < timezone.now() - mark.since < timedelta(seconds=65)
    Link.objects.filter(session=session).update(linked_at=timezone.now())
    (mark,) = outbox.marks(grip)
    assert mark.since == mark.linked


def test_an_old_fence_neither_marks_nor_takes_a_newer_mark_away(grip: Grip) -> None:
    outbox = LedgerOutbox()
    outbox.entering(grip, Entering("Ana"))
    holder = newer(grip)
    with pytest.raises(LeaseLost):
        outbox.entering(grip, Entering("Rui"))
    outbox.entering(holder, Entering("Ana"))
    outbox.read_out(grip, "Ana")
    assert [mark.chat for mark in outbox.marks(holder)] == ["Ana"]


def test_a_chat_entered_again_after_a_month_begins_anew(grip: Grip) -> None:
    outbox = LedgerOutbox()
    outbox.entering(grip, Entering("Ana", 3))
    ChatMark.objects.update(entered_at=timezone.now() - timedelta(days=31))
    outbox.entering(grip, Entering("Ana", 1))
    (mark,) = outbox.marks(grip)
    assert mark.unread == 1
    assert timezone.now() - ChatMark.objects.get().entered_at < timedelta(minutes=1)


def test_each_session_has_its_own_marks_and_old_ones_are_deleted(grip: Grip) -> None:
    outbox = LedgerOutbox()
    outbox.entering(grip, Entering("Ana"))
    other = leases.acquire(factories.make_session(factories.make_business()).pk)
    assert other is not None
    outbox.entering(other, Entering("Rui"))
    assert [mark.chat for mark in outbox.marks(other)] == ["Rui"]
    ChatMark.objects.update(entered_at=timezone.now() - timedelta(days=31))
    assert outbox.marks(grip) == []
    # Another session's are its own to give up.
    assert [mark.chat for mark in ChatMark.objects.all()] == ["Rui"]
