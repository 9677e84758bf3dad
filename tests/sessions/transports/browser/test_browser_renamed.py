"""Builds of the page that nobody has seen: half of the names in it are others.

Whatever a build lacks, the link works truly on it or is stopped with evidence; no recipient pays for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sessions.events import Incoming, Link
from sessions.interfaces import InDoubt, LinkLost, NotSent, Outgoing
from sessions.simulator import builds
from sessions.simulator.page_files import PAGE
from sessions.transports.browser import BrowserTransport, reasons, selectors
from tests.sessions.linked_account import (
    evidence_of,
    linked_browser,
    new_account,
    new_person,
    outgoing,
    reopened,
)
from tests.sessions.listening import hear_all
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

NAME = re.compile(r'"([a-z]+(?:[-_][a-z0-9]+)+)"')
IDS = (
    "pane-side", "all-filter", "wa_web_initial_startup", "selectable-text", "tail-in", "tail-out",
    "wds-ic-send-filled", "wds-ic-status-pending", "wds-ic-delivered", "wds-ic-read", "ic-schedule",
    "default-group-refreshed", "view-once-sunset",
)  # fmt: skip
ATTRIBUTES = ("data-id", "data-plain-text", "data-pre-plain-text")
"""What the reader itself reads: no file of selectors says where it is to be found instead."""
SEEDS = (1, 2)
"""One half in which the page goes on working, and one with a sign that nobody knows."""


def ids() -> list[str]:
    """Every id that an element of the page has: of a test, of its own, of a class, of an icon."""
    return sorted({*NAME.findall((PAGE / "testids.js").read_text(encoding="utf-8")), *IDS})


@dataclass
class Known:
    """An account that is linked already, with people who were written to."""

    folder: Path
    simulator: SimulatorProcess
    account: str
    people: list[str] = field(default_factory=lambda: [new_person() for _ in range(2)])
    written: dict[str, set[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def known(simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Known:
    known = Known(tmp_path_factory.mktemp("known"), simulator, new_account())
    simulator.save_contact(known.account, known.people[1], "Ana Souza")
    with linked_browser(known.folder, simulator, known.account) as own:
        for person in known.people:
            own.send(outgoing(person, "oi"), lambda: None)
        hear_all(own)
    return known


@pytest.fixture
def renaming(simulator: SimulatorProcess) -> Iterator[SimulatorProcess]:
    yield simulator
    simulator.rename()


@dataclass
class Visit:
    """What one visit came to: what was heard, which messages went, and why it ended early."""

    heard: dict[str, str] = field(
        default_factory=dict
    )  # texts by id: a doubt is decided for hearing once more
    sent: list[Outgoing] = field(default_factory=list)
    doubted: list[Outgoing] = field(default_factory=list)
    waits: list[NotSent] = field(default_factory=list)
    lost: LinkLost | None = None


def visited(known: Known, messages: list[Outgoing], override: Path | None = None) -> Visit:
    """One visit as a drive makes it: everything is heard, then the messages go one by one."""
    visit = Visit()
    try:
        with reopened(known.folder, known.simulator, selector_file=override) as (link, opened):
            if opened.link is not Link.ONLINE:
                raise LinkLost(opened.reason, opened.link)
            for message in messages:
                drive(link, message, visit)
            visit.heard |= replies(link)
    except LinkLost as lost:
        visit.lost = lost
    return visit


def drive(link: BrowserTransport, message: Outgoing, visit: Visit) -> None:
    """Hear, and send; what was pressed and not confirmed is a doubt. News that come first are heard first."""
    for _ in range(2):
        visit.heard |= replies(link)
        try:
            link.send(message, lambda: visit.doubted.append(message))
            visit.sent.append(visit.doubted.pop())
        except InDoubt:
            pass
        except NotSent as problem:
            visit.doubted = [one for one in visit.doubted if one != message]
            if problem.reason == reasons.NEWS_FIRST:
                continue
            visit.waits.append(problem)
        return


def replies(link: BrowserTransport) -> dict[str, str]:
    heard = [one for one in hear_all(link) if isinstance(one, Incoming)]
    return {one.message_id: one.content.body for one in heard}


def renamed_override(names: set[str], path: Path) -> Path:
    """What support would write: the same selectors with the new names."""
    path.write_text(builds.renamed(selectors.SHIPPED.read_text(encoding="utf-8"), names))
    return path


def check(known: Known, visit: Visit, messages: list[Outgoing], reply: str, shots: int) -> None:
    """Nothing twice, nothing to another, nobody failed; works truly, or stopped with evidence."""
    assert not [problem for problem in visit.waits if problem.permanent]
    for message in messages:
        went = [one["text"] for one in known.simulator.messages(to=message.to.phone)]
        times = went.count(message.content.body)
        assert times == 1 if message in visit.sent else times <= (message in visit.doubted)
        assert set(went) <= known.written.setdefault(message.to.phone, {"oi"}) | {
            message.content.body
        }
        known.written[message.to.phone] |= set(went)
    if visit.lost is None:
        assert len(visit.sent) == len(messages), visit
        assert list(visit.heard.values()).count(reply) == 1
    else:
        assert visit.lost.link is Link.STOPPED, visit.lost.reason
        assert len(evidence_of(known.folder)) > shots


@pytest.mark.parametrize("seed", SEEDS)
def test_half_of_the_ids_renamed_works_truly_or_stops_with_evidence_until_an_override_comes(
    known: Known, renaming: SimulatorProcess, tmp_path: Path, seed: int
) -> None:
    chosen = random.Random(seed)
    names = set(chosen.sample(ids(), len(ids()) // 2))
    reply = f"resposta {seed}"
    messages = [
        outgoing(person, f"seed {seed}")
        for person in (*known.people, *(new_person() for _ in range(3)))
    ]
    shots = len(evidence_of(known.folder))
    renaming.rename(*names)
    renaming.say(known.people[0], known.account, reply)
    visit = visited(known, messages)
    check(known, visit, messages, reply, shots)
    again = [outgoing(new_person(), f"seed {seed} de volta")]
    back = visited(known, again, renamed_override(names, tmp_path / "renamed.json"))
    assert (back.lost, back.sent) == (None, again), back
    assert list((visit.heard | back.heard).values()).count(reply) == 1


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_attribute_that_is_called_otherwise_never_costs_a_recipient(
    known: Known, renaming: SimulatorProcess, attribute: str
) -> None:
    reply = f"resposta {attribute}"
    messages = [
        outgoing(person, f"seed - {attribute}")
        for person in (*known.people, *(new_person() for _ in range(3)))
    ]
    shots = len(evidence_of(known.folder))
    renaming.rename(attribute)
    renaming.say(known.people[0], known.account, reply)
    visit = visited(known, messages)
    check(known, visit, messages, reply, shots)
