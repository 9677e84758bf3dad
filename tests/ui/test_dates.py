"""blu.web.dates: days and hours as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from blu.web import dates

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
# A Tuesday.
NOW = datetime(2026, 11, 24, 10, 12, tzinfo=SAO_PAULO)


def moment(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SAO_PAULO)


@pytest.mark.parametrize(
    ("then", "when", "at"),
    [
        (moment(24, 10, 4), "hoje, 10:04", "hoje às 10:04"),
        (moment(23, 9, 12), "ontem, 9:12", "ontem às 9:12"),
        (moment(25, 9), "amanhã, 9:00", "amanhã às 9:00"),
        (moment(25, 1), "amanhã, 1:00", "amanhã à 1:00"),
        (moment(26, 16, 40), "quinta, 26/11", "quinta, 26/11, às 16:40"),
        (moment(26, 1), "quinta, 26/11", "quinta, 26/11, à 1:00"),
        (moment(3, 8, year=2025), "03/11/2025", "03/11/2025, às 8:00"),
    ],
)
def test_near_days_have_names_and_others_a_date(then: datetime, when: str, at: str) -> None:
    assert dates.when(then, NOW) == when
    assert dates.at(then, NOW) == at


def test_the_day_turns_at_midnight_of_the_business() -> None:
    late = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)  # 22:30 of the 24th in São Paulo
    with timezone.override(SAO_PAULO):
        assert dates.when(late, NOW) == "hoje, 22:30"
    with timezone.override(UTC):
        assert dates.when(late, NOW) == "amanhã, 1:30"


def test_the_head_of_a_page_says_the_whole_day() -> None:
    assert dates.long_day(NOW) == "Terça-feira, 24 de novembro, 10:12"
    with translation.override("en"):
        assert dates.long_day(NOW) == "Tuesday, 24 November, 10:12"


def test_a_day_further_off_says_its_weekday_in_the_readers_language() -> None:
    assert dates.day(moment(28, 9), NOW) == "sábado, 28/11"
    with translation.override("en"):
        assert dates.day(moment(26, 9), NOW).startswith("Thursday, ")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=50), "agora mesmo"),
        (timedelta(minutes=1), "há 1 minuto"),
        (timedelta(minutes=42), "há 42 minutos"),
        (timedelta(hours=3, minutes=50), "há 3 horas"),
        (timedelta(days=2), "há 2 dias"),
    ],
)
def test_ago_counts_in_one_unit(span: timedelta, said: str) -> None:
    assert dates.ago(NOW - span, NOW) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=10), "1 min"),
        (timedelta(minutes=45), "45 min"),
        (timedelta(hours=1, minutes=8), "1 h 08 min"),
        (timedelta(days=2, hours=4), "2 dias e 4 h"),
    ],
)
def test_time_left_is_told_to_the_minute(span: timedelta, said: str) -> None:
    assert dates.time_left(span) == said


@pytest.mark.parametrize(
    ("hour", "hello"), [(4, "Boa noite"), (5, "Bom dia"), (12, "Boa tarde"), (18, "Boa noite")]
)
def test_the_greeting_follows_the_hour(hour: int, hello: str) -> None:
    assert dates.greeting(moment(24, hour)) == hello
