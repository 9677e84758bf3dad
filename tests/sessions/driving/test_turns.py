"""Which links of a host are due: as if all of them were looked through each time."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sessions.driving.hosted import Hosted
from sessions.driving.turns import Turns

LINKS = 4
NUMBERS = st.integers(0, LINKS - 1)
MOMENTS = st.integers(0, 9).map(float)
STEPS = st.lists(
    st.tuples(st.sampled_from(["comes_due", "comes_due_by"]), NUMBERS, MOMENTS)
    | st.tuples(st.sampled_from(["ends", "leaves"]), NUMBERS, MOMENTS)
    | st.tuples(st.just("due"), st.integers(0, LINKS), MOMENTS)
)


def a_link() -> Hosted:
    held: Any = None
    return Hosted(held)


@given(STEPS)
def test_what_is_due_is_what_looking_through_all_links_would_find(
    steps: list[tuple[str, int, float]],
) -> None:
    turns, links = Turns(), [a_link() for _ in range(LINKS)]
    for hosted in links:
        turns.comes_due(hosted, 5.0)
    for what, number, at in steps:
        waiting = [one for one in links if not one.busy]
        if what == "due":
            late = sorted(one.due_at for one in waiting if one.due_at <= at)
            found = turns.due(at, number)
            assert [one.due_at for one in found] == late[:number]
            assert all(one in waiting for one in found)
        elif what == "comes_due":
            turns.comes_due(links[number], at)
        elif what == "comes_due_by":
            sooner = min(at, links[number].due_at)
            turns.comes_due_by(links[number], at)
            assert links[number].due_at == sooner
        elif what == "ends" and links[number] in turns.busy:
            turns.ends(links[number])
            turns.comes_due(links[number], at)
        elif what == "leaves":
            turns.leaves(links[number])
        first = min((one.due_at for one in links if not one.busy), default=float("inf"))
        assert turns.next_moment() == first
