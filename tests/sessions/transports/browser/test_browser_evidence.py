"""What the driver gathers of a page that it doesn't know, and hands over wherever it stops."""

from __future__ import annotations

import random
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from sessions.events import Event, Link, LinkChange
from sessions.evidence.captured import PART_MOST, Evidence, Keep, pack, unpack
from sessions.interfaces import InDoubt, LinkLost, NotSent
from sessions.transports.browser import evidence, words
from sessions.transports.browser.opening import Opening
from sessions.transports.browser.pulse import STRIKES, Pulse
from sessions.transports.browser.transport import BrowserTransport

PICTURE = b"\xff\xd8\xff"


class Shown:
    """A page that answers with what it is given, and gives pictures of these sizes, one a try."""

    def __init__(self, answer: Any, *sizes: int) -> None:
        left = iter(sizes)
        self.page = SimpleNamespace(screenshot=lambda **_: PICTURE.ljust(next(left), b"."))
        self.matched = {"pane": 1}
        self._answer = answer

    def ask(self, _question: str, *_args: Any) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


TOLD = {"look": {"pane": {}}, "build": "2.3000.1", "skeleton": "body"}


def gathered(answer: Any, *sizes: int) -> Evidence:
    return evidence.gather(Shown(answer, *sizes), "unknown-icon")  # type: ignore[arg-type]


def test_a_page_is_gathered_with_its_screen_build_profile_picture_and_structure() -> None:
    found = gathered(TOLD, 3)
    assert (found.kind, found.screen, found.build) == ("unknown-icon", "chats", "2.3000.1")
    assert (found.matched, found.picture) == ({"pane": 1}, PICTURE)
    assert unpack(found.document) == "body"


def test_a_page_that_gives_no_picture_is_evidence_all_the_same() -> None:
    found = gathered(TOLD)
    assert (found.kind, found.screen, found.picture) == ("unknown-icon", "chats", b"")
    assert found.document


def test_a_page_that_says_nothing_any_more_is_evidence_all_the_same() -> None:
    found = gathered(LinkLost(words.UNREACHABLE), 3)
    assert (found.kind, found.screen, found.document) == ("unknown-icon", "unknown", b"")
    assert found.picture == PICTURE


def test_a_picture_that_is_too_big_is_taken_worse_or_not_at_all() -> None:
    most = PART_MOST
    assert len(gathered(TOLD, most + 1, most).picture) == most
    assert gathered(TOLD, most + 1, most + 1).picture == b""


def test_of_a_structure_that_is_too_big_the_beginning_is_kept() -> None:
    noise = random.Random(1).randbytes(PART_MOST).hex()
    packed = pack(noise)
    assert len(packed) <= PART_MOST
    assert noise.startswith(unpack(packed))
    assert len(unpack(packed)) > 1000


class Thread:
    """Runs what it is given, as the browser's thread does."""

    def call(self, job: Any, _seconds: float) -> Any:
        return job()


def transport(keep: Keep, tmp_path: Any, page: Any) -> BrowserTransport:
    made = BrowserTransport(tmp_path, "http://unused", keep_evidence=keep)
    opening = Opening.__new__(Opening)
    opening.page, opening.evidence = page, deque()
    made._thread, made._opening = Thread(), opening  # type: ignore[assignment]
    return made


def stops(driven: BrowserTransport, lost: LinkLost, *closer: str) -> None:
    """A command that ends so, once something closer to the fault kept evidence of these kinds."""

    def job() -> None:
        for kind in closer:
            driven._opening._keep_evidence(kind)
        raise lost

    with pytest.raises(LinkLost) as caught:
        driven._run(job, 1)
    assert caught.value is lost


UNKNOWN = LinkLost(words.UNKNOWN_PAGE, Link.STOPPED)


@pytest.mark.parametrize(
    ("lost", "closer", "kinds"),
    [
        (UNKNOWN, [], [words.UNKNOWN_PAGE.replace("_", "-")]),
        (UNKNOWN, ["no-row"], ["no-row"]),
        (LinkLost(words.NO_ANSWER), [], [words.NO_ANSWER.replace("_", "-")]),
        (LinkLost(words.OFFLINE, Link.OFFLINE), [], []),
        (LinkLost(words.CONFLICT, Link.CONFLICT), [], []),
    ],
)
def test_whatever_stops_a_link_hands_over_evidence_once_and_nothing_else_does(
    tmp_path: Any, lost: LinkLost, closer: list[str], kinds: list[str]
) -> None:
    kept: list[Evidence] = []
    driven = transport(kept.append, tmp_path, Shown(TOLD, 3))
    stops(driven, lost, *closer)
    assert [one.kind for one in kept] == kinds


class Silent:
    """An inbox that hears nothing."""

    def listen(self, *, may_visit: bool) -> None:
        """Looks, and finds nothing."""

    def take(self) -> list[Event]:
        return []

    def more(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (InDoubt(words.NO_ROW), words.UNKNOWN_PAGE),
        (NotSent(words.NO_EFFECT, permanent=False), words.PAGE_ODD),
    ],
)
def test_a_stop_that_is_told_as_news_hands_over_evidence_as_well(
    tmp_path: Any, fault: NotSent | InDoubt, verdict: str
) -> None:
    kept: list[Evidence] = []
    driven = transport(kept.append, tmp_path, Shown(TOLD, 3))
    opening: Any = driven._opening
    opening.inbox, opening.pulse = Silent(), Pulse(1)
    opening._limits = opening._told_limits = None
    for row in range(STRIKES):
        opening.pulse.went_wrong(fault, row)
    assert driven.poll(0).events == (LinkChange(Link.STOPPED, verdict),)
    assert [(one.kind, one.picture) for one in kept] == [(verdict.replace("_", "-"), PICTURE)]


@pytest.mark.parametrize("page", [Shown(TOLD), Shown(RuntimeError("gone"))])
def test_evidence_that_can_not_be_taken_or_kept_does_not_hide_why(
    tmp_path: Any, page: Shown
) -> None:
    asked: list[Evidence] = []

    def nowhere(found: Evidence) -> None:
        asked.append(found)
        raise OSError

    driven = transport(nowhere, tmp_path, page)
    stops(driven, UNKNOWN)
    stops(driven, UNKNOWN)
    assert len(asked) == 2
