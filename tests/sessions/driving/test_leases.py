"""Leases: one holder at a time, an ever-growing fence, and a runner that keeps them alive."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sessions.driving import leases
from sessions.models import Lease, Runner, WhatsAppSession
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.leasing import hold, leased, take_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(factories.make_business())


def registered() -> UUID:
    """A runner of this process."""
    return Runner.objects.create(node="a", host="here", pid=1, born=0).pk


def three() -> list[int]:
    """Links of three businesses."""
    return [factories.make_session(factories.make_business()).link.pk for _number in range(3)]


def expire() -> None:
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def lease_of(session: WhatsAppSession) -> Lease:
    return Lease.objects.get(session=session)


def test_every_holder_gets_a_greater_fence(session: WhatsAppSession) -> None:
    fences = []
    for _number in range(3):
        token = hold(session.pk)
        fences.append(token.fence)
        leases.release(token)
    assert fences == [1, 2, 3]


def test_no_fence_decreases_whoever_writes_it(session: WhatsAppSession) -> None:
    leased(session.pk)
    for model in (Lease, WhatsAppSession):
        with pytest.raises(IntegrityError, match="never decreases"), transaction.atomic():
            model.objects.update(fence=0)


def test_a_held_lease_is_nobody_elses(session: WhatsAppSession) -> None:
    assert leased(session.pk) is not None
    assert leased(session.pk) is None


def test_an_expired_lease_is_taken(session: WhatsAppSession) -> None:
    assert leased(session.pk) is not None
    expire()
    second = hold(session.pk)
    assert second.fence == 2


def test_it_lives_by_the_databases_clock(session: WhatsAppSession) -> None:
    """A holder whose own clock is wrong by hours has the same thirty seconds."""
    leased(session.pk)
    left = lease_of(session).expires_at
    assert left is not None
    assert 25 < (left - timezone.now()).total_seconds() <= 30


def test_what_has_expired_is_not_renewed(session: WhatsAppSession) -> None:
    """Somebody may be about to take it, so its holder stops as if it had been taken."""
    runner = registered()
    taken = leases.take(session.link.pk, runner)
    assert taken is not None
    assert leases.renew(runner, {taken.token}) == {taken.token: True}
    expire()
    assert leases.renew(runner, {taken.token}) == {}


def test_a_lease_whose_taking_was_never_answered_is_not_kept_alive(
    session: WhatsAppSession,
) -> None:
    """Nobody drives under it, so that it would be nobody's for as long as its runner lives."""
    runner = registered()
    known, unknown = (leases.take(one, runner) for one in three()[:2])
    assert known is not None
    assert unknown is not None
    Lease.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    assert leases.renew(runner, {known.token}) == {known.token: True}
    left = Lease.objects.get(fence=unknown.token.fence, session=unknown.token.session_id).expires_at
    assert left is not None
    assert left < timezone.now() + timedelta(seconds=10)


def test_one_sign_of_life_keeps_all_leases_of_a_runner_and_no_others(
    session: WhatsAppSession,
) -> None:
    runner, other = registered(), registered()
    taken = {taken.token for taken in (leases.take(one, runner) for one in three()) if taken}
    theirs = leases.take(session.link.pk, other)
    assert theirs is not None
    Lease.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    everybodys = taken | {theirs.token}
    assert leases.renew(runner, everybodys) == dict.fromkeys(taken, True)
    assert Lease.objects.filter(expires_at__gt=timezone.now() + timedelta(seconds=20)).count() == 3
    assert leases.renew(other, everybodys) == {theirs.token: True}


def test_a_runner_whose_row_is_gone_holds_nothing(session: WhatsAppSession) -> None:
    runner = registered()
    taken = leases.take(session.link.pk, runner)
    assert taken is not None
    Runner.objects.all().delete()
    assert leases.renew(runner, {taken.token}) == {}


def test_an_old_holder_does_not_release_the_new_ones(session: WhatsAppSession) -> None:
    first = hold(session.pk)
    expire()
    leased(session.pk)
    assert not leases.release(first)
    assert leased(session.pk) is None


def test_only_what_was_not_given_back_on_this_node_was_left_open(session: WhatsAppSession) -> None:
    first = take_link(session.link.pk)
    assert first is not None
    assert not first.left_open
    expire()
    second = take_link(session.link.pk)
    assert second is not None
    assert second.left_open
    leases.release(second.token)
    third = take_link(session.link.pk)
    assert third is not None
    assert not third.left_open
    expire()
    Lease.objects.update(node="b")
    fourth = take_link(session.link.pk)
    assert fourth is not None
    assert not fourth.left_open


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_at_once_get_it_once(self, session: WhatsAppSession) -> None:
        with owner_connection() as other:
            other.execute("LOCK TABLE wa_sessions_lease")
            both = [Beside(lambda: leased(session.pk)) for _number in range(2)]
            for one in both:
                one.waits()
            other.rollback()
            tokens = [one.result() for one in both]
        assert sorted(token is not None for token in tokens) == [False, True]
        assert lease_of(session).fence == 1

    def test_a_claim_in_flight_keeps_a_new_holder_waiting_for_the_next_round(
        self, session: WhatsAppSession
    ) -> None:
        """The claim holds the lease row: whoever takes over sees it finished, or doesn't take over."""
        leased(session.pk)
        expire()
        with owner_connection() as other:
            other.execute("SELECT 1 FROM wa_sessions_lease FOR SHARE")
            assert leased(session.pk) is None
            other.rollback()
        assert leased(session.pk) is not None
