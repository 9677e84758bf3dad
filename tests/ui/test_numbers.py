"""blu.web.numbers: as Brazilians read them."""

import pytest
from django.utils import translation

from blu.web import numbers


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (999, "999"), (1249, "1.249"), (1_000_000, "1.000.000")]
)
def test_thousands_are_grouped_by_dots(value: int, said: str) -> None:
    assert numbers.grouped(value) == said


def test_english_groups_by_commas() -> None:
    with translation.override("en"):
        assert numbers.grouped(1249) == "1,249"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (1656, 1912, "87 %"),
        (9, 1912, "0,5 %"),
        (1, 100_000, "0,1 %"),
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (999_999, 1_000_000, "99 %"),
        (5, 0, ""),
    ],
)
def test_a_share_never_hides_the_few_nor_claims_all(part: int, whole: int, said: str) -> None:
    assert numbers.percent(part, whole).replace("\N{NO-BREAK SPACE}", " ") == said


def test_a_small_mark_stops_counting_at_99() -> None:
    assert (numbers.capped(99), numbers.capped(100)) == ("99", "99+")
