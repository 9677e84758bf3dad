"""Which of its links a host connects next, how many more it leases meanwhile, and which it gives back."""

from collections.abc import Collection

from sessions.driving.hosted import Hosted
from sessions.driving.leases import TTL
from sessions.driving.shares import Spaced
from sessions.driving.turns import Turns


def room(
    moments: Spaced, links: Collection[Hosted], capacity: int, until_next_look: float
) -> dict[str, int]:
    """How many links a host may take that has these already, as `limit` and `first` of claim_for_host.

    In all as many as it connects within the time of a lease, so that those of a killed host are soon another's; of those
    with work no more than until its next look, so that other hosts take the rest meanwhile.
    """
    with_work = sum(one.has_work for one in _unopened(links))
    first = min(moments.number(until_next_look) - with_work, capacity)
    limit = min(moments.room(TTL), capacity - len(links))
    return {"limit": max(0, int(limit)), "first": max(0, int(first))}


def plan(moments: Spaced, links: Collection[Hosted], waiting: set[int], turns: Turns) -> None:
    """Give those that are yet to be connected their moments, anew with each look: first what has work by now, and as often
    as the number of hosts allows that there are by now.
    """
    for hosted in links:
        hosted.has_work = hosted.held.token.link_id in waiting
    unopened = sorted(_unopened(links), key=lambda one: (not one.has_work, one.due_at))
    if unopened:
        moments.again(min(one.due_at for one in unopened))
    for hosted in unopened:
        turns.comes_due(hosted, moments.moment())


def above_share(links: Collection[Hosted], share: int, most: float) -> list[Hosted]:
    """Those above an even share, at most so many: first what has nothing to send, and of that what is not connected yet."""
    staying = [one for one in links if not one.is_leaving]
    staying.sort(key=lambda one: (one.has_work, one.drive is not None))
    return staying[: max(0, int(min(len(staying) - share, most)))]


def _unopened(links: Collection[Hosted]) -> list[Hosted]:
    return [one for one in links if one.drive is None and not one.busy and not one.is_leaving]
