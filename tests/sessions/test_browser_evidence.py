"""What the driver gathers of a page that it doesn't know, and hands over wherever it stops."""

from __future__ import annotations

import random
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from sessions.events import Link
from sessions.interfaces import LinkLost
from sessions.transports.browser import evidence, words
from sessions.transports.browser.opening import Opening
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


def gathered(answer: Any, *sizes: int) -> evidence.Evidence:
    return evidence.gather(Shown(answer, *sizes), "unknown-icon")  # type: ignore[arg-type]


def test_a_page_is_gathered_with_its_screen_build_profile_picture_and_structure() -> None:
    found = gathered(TOLD, 3)
    assert (found.kind, found.screen, found.build) == ("unknown-icon", "chats", "2.3000.1")
    assert (found.matched, found.picture) == ({"pane": 1}, PICTURE)
    assert evidence.unpack(found.document) == "body"


def test_a_page_that_gives_no_picture_is_evidence_all_the_same() -> None:
    found = gathered(TOLD)
    assert (found.kind, found.screen, found.picture) == ("unknown-icon", "chats", b"")
    assert found.document


def test_a_page_that_says_nothing_any_more_is_evidence_all_the_same() -> None:
    found = gathered(LinkLost(words.UNREACHABLE), 3)
    assert (found.kind, found.screen, found.document) == ("unknown-icon", "unknown", b"")
    assert found.picture == PICTURE


def test_a_picture_that_is_too_big_is_taken_worse_or_not_at_all() -> None:
    most = evidence.PART_MOST
    assert len(gathered(TOLD, most + 1, most).picture) == most
    assert gathered(TOLD, most + 1, most + 1).picture == b""


def test_of_a_structure_that_is_too_big_the_beginning_is_kept() -> None:
    noise = random.Random(1).randbytes(evidence.PART_MOST).hex()
    packed = evidence.pack(noise)
    assert len(packed) <= evidence.PART_MOST
    assert noise.startswith(evidence.unpack(packed))
    assert len(evidence.unpack(packed)) > 1000


class Thread:
    """Runs what it is given, as the browser's thread does."""

    def call(self, job: Any, _seconds: float) -> Any:
        return job()


def transport(keep: evidence.Keep, tmp_path: Any, page: Any) -> BrowserTransport:
    made = BrowserTransport(tmp_path, "http://unused", keep_evidence=keep)
    opening = Opening.__new__(Opening)
    opening.page, opening.evidence = page, deque()
    made._thread, made._opening = Thread(), opening  # type: ignore[assignment]
    return made


def stops(opening: Any) -> None:
    opening._keep_evidence("stopped")
    raise LinkLost(words.UNKNOWN_PAGE, Link.STOPPED)


@pytest.mark.parametrize("away", [False, True])
def test_evidence_is_handed_over_where_the_driver_stops_and_never_hides_why(
    tmp_path: Any, away: bool
) -> None:
    kept: list[evidence.Evidence] = []

    def keep(found: evidence.Evidence) -> None:
        kept.append(found)
        if away:
            raise OSError("nowhere to keep it")

    driven = transport(keep, tmp_path, Shown(TOLD))
    with pytest.raises(LinkLost) as caught:
        driven._run(lambda: stops(driven._opening), 1)
    assert (caught.value.reason, caught.value.link) == (words.UNKNOWN_PAGE, Link.STOPPED)
    assert [one.kind for one in kept] == ["stopped"]
