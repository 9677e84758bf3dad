"""Turns: locks as rows, kept by a heartbeat, without a connection that must stay open."""

from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from blu.accounts import turns
from blu.accounts.models import Turn
from tests.concurrency.waiting import Beside
from tests.eventually import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_turn_is_one_holders_until_it_is_given_back() -> None:
    with turns.turn("roof") as mine:
        assert mine
        with turns.turn("roof") as second:
            assert not second
        with turns.turn("cellar") as other:
            assert other
        assert not turns.take("roof", uuid4(), seconds=60)
    assert turns.take("roof", uuid4(), seconds=60)


def test_a_turn_lives_as_long_as_its_holder_works(settings: Settings) -> None:
    settings.TIME_SCALE = 0.03
    with turns.turn("roof"):
        first = Turn.objects.get().until
        eventually(lambda: timezone.now() > first)
        assert not turns.take("roof", uuid4(), seconds=60)


def test_a_dead_holders_turn_is_taken_when_its_time_is_over() -> None:
    assert turns.take("roof", uuid4(), seconds=0.2)
    eventually(lambda: turns.take("roof", uuid4(), seconds=60))


def test_of_two_at_once_one_gets_it() -> None:
    both = [Beside(lambda: turns.take("roof", uuid4(), seconds=60)) for _number in range(2)]
    assert sorted(one.result() for one in both) == [False, True]
