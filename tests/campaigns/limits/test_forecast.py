"""The forecast follows the limits: interval, hours, Sundays, daily limit, new chats by age."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.limits import forecast, pacing
from campaigns.limits.forecast import Work
from campaigns.limits.pacing import Limits
from sessions.models import Chat
from tests import factories

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """2026: 23/11 is a Monday, 29/11 a Sunday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SAO_PAULO)


LIMITS = Limits(1, False, linked_at=at(1, 9) - timedelta(days=60), zone=SAO_PAULO)


@pytest.fixture(autouse=True)
def nothing_used_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "sent_today", lambda limits, now: 0)
    monkeypatch.setattr(pacing, "new_chats_today", lambda limits, now: 0)


def ends(work: Work, now: datetime, limits: Limits = LIMITS) -> datetime | None:
    return forecast.reckon(limits, work, now=now).ends_at


def test_three_an_minute_within_the_day() -> None:
    assert ends(Work(warm=180), at(23, 9)) == at(23, 10)


def test_what_does_not_fit_goes_on_the_next_morning() -> None:
    assert ends(Work(warm=183), at(23, 19)) == at(24, 8, 0) + timedelta(seconds=40)


def test_at_night_it_begins_in_the_morning() -> None:
    assert ends(Work(warm=3), at(23, 22)) == at(24, 8, 1)


def test_a_sunday_is_passed_over() -> None:
    assert ends(Work(warm=3), at(28, 21)) == at(30, 8, 1)


def test_new_chats_are_spread_over_days_by_the_quota() -> None:
    assert ends(Work(new=201), at(23, 9)) == at(24, 8, 0) + timedelta(seconds=20)


def test_a_young_link_opens_fewer_chats_and_more_as_it_ages() -> None:
    young = replace(LIMITS, linked_at=at(23, 8))
    # 20 a day on days 0–3, 50 from day 4 (Friday the 27th).
    assert ends(Work(new=81), at(23, 9), young) == at(27, 8, 0) + timedelta(seconds=20)


def test_a_daily_limit_of_the_business_holds() -> None:
    assert ends(Work(warm=101), at(23, 9), replace(LIMITS, daily=100)) == at(24, 8) + timedelta(
        seconds=20
    )


def test_without_limits_it_ends_at_once() -> None:
    assert ends(Work(new=1000), at(23, 9), replace(LIMITS, unlimited=True)) == at(23, 9)


def test_a_limit_of_nothing_never_ends() -> None:
    assert ends(Work(warm=1), at(23, 9), replace(LIMITS, daily=0)) is None


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 24 * 60))
def test_more_work_never_ends_earlier(warm: int, new: int, minutes: int) -> None:
    now = at(23, 0) + timedelta(minutes=minutes)
    less, more = ends(Work(warm, new), now), ends(Work(warm + 1, new), now)
    assert less is not None
    assert more is not None
    assert now <= less <= more


def test_whatsapps_own_quota_is_of_its_cycle_and_ends_with_it() -> None:
    few = replace(LIMITS, left=30, left_until=at(25, 7))
    assert ends(Work(new=30), at(23, 9), few) == at(23, 9, 10)
    # Nothing more on the 23rd and 24th; from the 25th on 200 a day.
    assert ends(Work(new=33), at(23, 9), few) == at(25, 8, 1)
    locked = replace(LIMITS, left=0, left_until=at(25, 7))
    assert ends(Work(warm=3, new=3), at(23, 9), locked) == at(25, 8, 1)


@pytest.mark.django_db
def test_whatsapps_own_quota_is_the_gauge_where_it_is_known() -> None:
    """Of a kind without a phone it is the only one; of a phone the smaller of both."""
    session = factories.make_session(factories.make_business(), proven_at=timezone.now())
    limits = replace(
        pacing.limits_of(session.pk), unlimited=False, by_quota=True, left=40,
        left_until=timezone.now() + timedelta(days=3),
        left_told_at=timezone.now() - timedelta(minutes=5),
    )  # fmt: skip
    for minutes in (1, 20):  # one since it was told, one that it has deducted
        Chat.objects.create(
            session=session,
            phone=factories.make_phone(),
            opened_at=timezone.now() - timedelta(minutes=minutes),
        )
    assert pacing.whatsapps_left(limits) == 39
    used = pacing.new_chats_today(limits, now=timezone.now())
    assert pacing.quota(limits, now=timezone.now()) == used + 39
    assert forecast.reckon(limits, Work(new=100)).left == 39
    assert forecast.reckon(replace(limits, left=None), Work(new=100)).left is None
    locked = replace(limits, left=1)
    assert pacing.whatsapps_left(locked) == 0
    assert pacing.quota(locked, now=timezone.now()) == used
