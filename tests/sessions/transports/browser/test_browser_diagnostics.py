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
from sessions.transports.browser import diagnostics, reasons
from sessions.transports.browser.link_health import STRIKES, LinkHealth
from sessions.transports.browser.page_session import PageSession
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
    return diagnostics.gather(Shown(answer, *sizes), "unknown-icon")  # type: ignore[arg-type]


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
    found = gathered(LinkLost(reasons.UNREACHABLE), 3)
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
    page_session = PageSession.__new__(PageSession)
    page_session.page, page_session.evidence = page, deque()
    made._thread, made._page_session = Thread(), page_session  # type: ignore[assignment]
    return made


def stops(driven: BrowserTransport, lost: LinkLost, *closer: str) -> None:
    """A command that ends so, once something closer to the fault kept evidence of these kinds."""

    def job() -> None:
        for kind in closer:
            driven._page_session._keep_evidence(kind)
        raise lost

    with pytest.raises(LinkLost) as caught:
        driven._run(job, 1)
    assert caught.value is lost


UNKNOWN = LinkLost(reasons.UNKNOWN_PAGE, Link.STOPPED)


@pytest.mark.parametrize(
    ("lost", "closer", "kinds"),
    [
        (UNKNOWN, [], [reasons.UNKNOWN_PAGE.replace("_", "-")]),
        (UNKNOWN, ["no-row"], ["no-row"]),
        (LinkLost(reasons.NO_ANSWER), [], [reasons.NO_ANSWER.replace("_", "-")]),
        (LinkLost(reasons.OFFLINE, Link.OFFLINE), [], []),
        (LinkLost(reasons.CONFLICT, Link.CONFLICT), [], []),
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
        (InDoubt(reasons.NO_ROW), reasons.UNKNOWN_PAGE),
        (NotSent(reasons.NO_EFFECT, permanent=False), reasons.PAGE_ODD),
    ],
)
def test_a_stop_that_is_told_as_news_hands_over_evidence_as_well(
    tmp_path: Any, fault: NotSent | InDoubt, verdict: str
) -> None:
    kept: list[Evidence] = []
    driven = transport(kept.append, tmp_path, Shown(TOLD, 3))
    page_session: Any = driven._page_session
    page_session.inbox, page_session.health = Silent(), LinkHealth(1)
    page_session._limits = page_session._told_limits = None
    for row in range(STRIKES):
        page_session.health.went_wrong(fault, row)
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
