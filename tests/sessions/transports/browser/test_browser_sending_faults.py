"""Every fault of the simulator that meets a message on its way, one by one in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sessions.events import Receipt, Tick
from sessions.evidence.captured import Evidence, unpack
from sessions.interfaces import InDoubt, LinkLost, NotSent, Outgoing, UncertainMessage
from sessions.transports.browser import BrowserTransport, reasons
from tests.eventually import eventually
from tests.sessions.linked_account import (
    evidence_of,
    fault,
    in_page,
    in_the_middle_of,
    linked_browser,
    new_account,
    new_person,
    nothing,
    outgoing,
    reopened,
)
from tests.sessions.listening import hear, hear_all, heard_until, heard_until_read, read
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def account() -> str:
    return new_account()


@pytest.fixture(scope="module")
def linked(
    simulator: SimulatorProcess, account: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserTransport]:
    """One browser for the faults that pass."""
    with linked_browser(tmp_path_factory.mktemp("linked"), simulator, account) as transport:
        yield transport


@pytest.fixture(autouse=True)
def sound(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test leaves the shared browser in a state in which messages go."""
    yield
    if "linked" in request.fixturenames:
        transport = request.getfixturevalue("linked")
        assert transport.send(outgoing(new_person(), "e tudo segue"), nothing)


def texts(simulator: SimulatorProcess, person: str) -> list[str]:
    return [seen["text"] for seen in simulator.messages(to=person)]


def read_after_all(transport: BrowserTransport, message_id: str) -> bool:
    """Whether a message in doubt is heard to be read: its sending has told nothing of it."""
    return bool(heard_until(transport, lambda events: message_id in read(events)))


# The clock


@pytest.mark.parametrize("reaches", [False, True])
def test_clock_for_ever_is_a_doubt_whether_it_reaches_the_recipient_or_not(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str, reaches: bool
) -> None:
    person = new_person()
    with (
        fault(simulator, account, "clock", reaches=reaches),
        pytest.raises(InDoubt) as caught,
    ):
        linked.send(outgoing(person, "sob o relógio"), nothing)
    assert caught.value.reason == reasons.NO_TICK
    assert caught.value.message_id.startswith("3EB0")
    # The page itself sends it again once the clock may end: same id, seen once.
    assert read_after_all(linked, caught.value.message_id)
    assert texts(simulator, person) == ["sob o relógio"]


def test_tick_after_40_seconds_is_a_doubt_that_the_receipt_ends(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    with fault(simulator, account, "late_tick", seconds=60):
        with pytest.raises(InDoubt) as caught:
            linked.send(outgoing(person), nothing)
        assert read_after_all(linked, caught.value.message_id)
    assert len(texts(simulator, person)) == 1


def test_third_clock_in_a_row_stops_before_the_fourth_is_pressed(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account, pressed = new_account(), []
    with linked_browser(tmp_path, simulator, account, tick_seconds=20) as own:
        simulator.set_fault(account, "clock")
        for _ in range(3):
            with pytest.raises(InDoubt):
                own.send(outgoing(new_person()), nothing)
        with pytest.raises(LinkLost) as caught:
            own.send(outgoing(new_person()), lambda _id="": pressed.append(1))
    assert caught.value.reason == reasons.NO_CONFIRMATION
    assert not pressed


def test_receipt_that_comes_before_the_acknowledgement_is_a_tick(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    with fault(simulator, account, "receipt_first", seconds=10):
        sent = linked.send(outgoing(new_person()), nothing)
    heard_until_read(linked, sent)


def test_message_without_acknowledgement_is_sent_when_its_receipt_says_so(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    simulator.set_behaviour(phone=person, deliver_after=0.1, read_after=1)
    with fault(simulator, account, "no_ack"):
        message = outgoing(person)
        try:
            message_id = linked.send(message, nothing).message_id
        except InDoubt as doubt:
            message_id = doubt.message_id
            assert read_after_all(linked, message_id)
    assert [seen["id"] for seen in simulator.messages(to=person)] == [message_id]


def test_message_that_is_read_before_its_sending_was_noticed_is_told_as_read_by_the_sending_alone(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person = new_person()

    def is_read() -> bool:
        return any(seen["read_at"] for seen in simulator.messages(to=person))

    sent = linked.send(
        outgoing(person),
        lambda: in_the_middle_of(linked, "arrival", lambda: eventually(is_read)),
    )
    heard = heard_until_read(linked, sent) + hear_all(linked)
    assert (sent.message_id in read(heard)) is (sent.tick is not Tick.READ)


def test_receipts_told_twice_are_heard_once(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    with fault(simulator, account, "double_receipts"):
        sent = linked.send(outgoing(new_person()), nothing)
        heard = [one for one in heard_until_read(linked, sent) if isinstance(one, Receipt)]
    ticks = [one.tick for one in heard if one.message_id == sent.message_id]
    assert len(ticks) == len(set(ticks))


# The same text


def test_same_text_from_before_is_not_taken_for_the_new_message(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    first = linked.send(outgoing(person, "Lembrete: amanhã às 10h"), nothing)
    with (
        fault(simulator, account, "clock"),
        pytest.raises(InDoubt) as caught,
    ):
        linked.send(outgoing(person, "Lembrete: amanhã às 10h"), nothing)
    assert caught.value.message_id not in ("", first.message_id)
    again = linked.send(outgoing(person, "Lembrete: amanhã às 10h"), nothing)
    assert again.message_id not in (first.message_id, caught.value.message_id)


# The press


def test_click_on_send_that_does_nothing_is_followed_by_enter(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    with fault(simulator, account, "deaf_send"):
        sent = linked.send(outgoing(person), nothing)
    assert [seen["id"] for seen in simulator.messages(to=person)] == [sent.message_id]


def test_press_that_never_does_anything_is_taken_back_and_certainly_not_sent(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    with (
        fault(simulator, account, "deaf_send", keyboard=True),
        pytest.raises(NotSent) as caught,
    ):
        linked.send(outgoing(person, "nunca"), nothing)
    assert (caught.value.reason, caught.value.permanent) == (reasons.NO_EFFECT, False)
    assert linked.send(outgoing(person, "agora"), nothing)
    assert texts(simulator, person) == ["agora"]


@pytest.mark.parametrize("when", ["open", "typed", "pressed"])
def test_news_over_the_page_is_put_away_and_the_message_goes(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str, when: str
) -> None:
    person = new_person()
    with fault(simulator, account, "whats_new", when=when, times=1):
        linked.send(outgoing(person, "apesar das novidades"), nothing)
    assert texts(simulator, person) == ["apesar das novidades"]


def test_news_that_stand_there_at_the_opening_are_put_away(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account = new_account()
    with linked_browser(tmp_path, simulator, account):
        pass
    simulator.set_fault(account, "whats_new")
    with reopened(tmp_path, simulator) as (again, _opened):
        assert again.send(outgoing(new_person()), nothing)
        assert in_page(again, "() => document.querySelectorAll('[role=dialog]').length") == 0


def test_stale_draft_is_cleared_and_only_the_message_goes(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    people = [new_person() for _ in range(2)]
    with fault(simulator, account, "stale_draft", text="rascunho de outro dia"):
        for person in people:
            linked.send(outgoing(person, "só isto\ne nada mais"), nothing)
    assert [texts(simulator, person) for person in people] == [["só isto\ne nada mais"]] * 2


# The wrong chat


@pytest.mark.parametrize("when", ["open", "typed"])
@pytest.mark.parametrize("text", ["só para um", "linha um\nlinha dois\nlinha três"])
def test_wrong_chat_never_gets_the_text(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str, when: str, text: str
) -> None:
    person, other = new_person(), new_person()
    linked.send(outgoing(other, "antes"), nothing)
    linked.send(outgoing(new_person(), "outra conversa"), nothing)
    with (
        fault(simulator, account, "wrong_chat", to=other, when=when),
        pytest.raises((NotSent, InDoubt)) as caught,
    ):
        linked.send(outgoing(person, text), nothing)
    assert texts(simulator, other) == ["antes"]
    # The page may change just after a press that was right: the driver can't see the tick then, and
    # the right person may have it. That is a doubt, never a refusal.
    if isinstance(caught.value, NotSent):
        assert (caught.value.reason, caught.value.permanent) == (reasons.WRONG_CHAT, False)
        assert texts(simulator, person) == []
    assert texts(simulator, person) in ([], [text])
    # Nor does it lie in wait there as a draft.
    linked.send(outgoing(other, "depois"), nothing)
    assert texts(simulator, other) == ["antes", "depois"]


def test_press_is_refused_by_the_page_itself_when_the_chat_changed_under_it(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person, other = new_person(), new_person()
    linked.send(outgoing(other, "antes"), nothing)
    linked.lookup(person)
    assert linked._page_session is not None
    page = linked._page_session.page
    press_at = page.press_at

    def too_late(point: dict[str, float] | None) -> bool:
        """Another chat comes up between the last look and the press, with the same text in its box."""
        href = f"/send?phone={other[1:]}&text=só%20para%20um"
        page.page.evaluate("(href) => window.bluReader.ask('follow', [href])", href)
        page.page.wait_for_function(THERE, arg=[other[-4:], "só para um"])
        return press_at(point)

    page.press_at = too_late  # type: ignore[method-assign]
    try:
        with pytest.raises(NotSent) as caught:
            linked.send(outgoing(person, "só para um"), nothing)
    finally:
        del page.press_at  # type: ignore[method-assign]
    assert caught.value.reason == reasons.WRONG_CHAT
    assert texts(simulator, other) == ["antes"]
    assert texts(simulator, person) == []


THERE = """([last, text]) =>
  document.querySelector("#main header")?.innerText.includes(last) &&
  document.querySelector("footer [contenteditable]")?.innerText.includes(text)"""


# The renderer


def test_renderer_that_dies_before_the_press_has_sent_nothing(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account, person, pressed = new_account(), new_person(), []
    with linked_browser(tmp_path, simulator, account) as own:
        simulator.set_fault(account, "crash", when="typed", times=0)
        with pytest.raises((LinkLost, NotSent)):
            own.send(outgoing(person), lambda _id="": pressed.append(1))
        with pytest.raises(LinkLost) as caught:
            hear(own, 0)
    assert caught.value.reason == reasons.BROWSER_GONE
    assert not pressed
    assert texts(simulator, person) == []
    simulator.clear_faults(account)
    with reopened(tmp_path, simulator) as (again, _opened):
        assert again.send(outgoing(person), nothing)


def test_renderer_that_dies_after_the_press_leaves_a_doubt(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account = new_account()

    def crashed(own: BrowserTransport, when: str) -> Outgoing:
        """The message in whose press the renderer died; whether it reached anybody says `when`."""
        message = outgoing(new_person(), "talvez")
        own.send(outgoing(message.to.phone, "antes"), nothing)
        simulator.set_fault(account, "crash", when=when)
        with pytest.raises(InDoubt) as caught:
            own.send(message, nothing)
        assert caught.value.reason == reasons.LINK_LOST
        went = ["antes", "talvez"] if when == "sent" else ["antes"]
        assert texts(simulator, message.to.phone) == went
        return message

    with linked_browser(tmp_path, simulator, account, tick_seconds=100) as own:
        stayed = crashed(own, "pressed")
    with reopened(tmp_path, simulator, tick_seconds=100) as (own, _opened):
        assert own.prove(doubt(stayed)) is None
        went = crashed(own, "sent")
    with reopened(tmp_path, simulator) as (again, _opened):
        # What it proves is no lie: that message went.
        again.prove(doubt(went))
        assert again.prove(doubt(stayed)) is None


def test_last_writes_that_are_lost_prove_nothing(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account, message = new_account(), outgoing(new_person(), "foi e sumiu")
    with linked_browser(tmp_path, simulator, account) as own:
        own.send(outgoing(message.to.phone, "antes"), nothing)
        own.send(message, nothing)
    assert texts(simulator, message.to.phone) == ["antes", "foi e sumiu"]
    simulator.set_fault(account, "lost_writes", messages=1)
    with reopened(tmp_path, simulator) as (again, _opened):
        assert again.prove(doubt(message)) is None
        assert again.prove(doubt(outgoing(message.to.phone, "antes"))) is not None


# Icons


def test_unknown_icon_stops_the_session_with_what_support_needs_and_the_next_opening_before_it_sends(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account = new_account()
    message = outgoing(new_person(), "meu segredo")
    kept: list[Evidence] = evidence_of(tmp_path)
    with linked_browser(tmp_path, simulator, account) as own:
        simulator.save_contact(account, message.to.phone, "Fulana da Silva")
        simulator.set_fault(account, "unknown_tick", icon="wds-ic-quark")
        with pytest.raises(LinkLost) as caught:
            own.send(message, nothing)
    assert caught.value.reason == reasons.UNKNOWN_ICON
    assert len(kept) == 1
    assert kept[0].picture.startswith(b"\xff\xd8\xff")
    skeleton = unpack(kept[0].document)
    assert "title wds-ic-quark" in skeleton
    assert "[data-testid=conversation-compose-box-input]" in skeleton
    for private in ("segredo", "Fulana", message.to.phone[-4:], account[-4:], "3EB0"):
        assert private not in skeleton
    with reopened(tmp_path, simulator) as (again, _opened):
        with pytest.raises(LinkLost) as caught:
            again.prove(doubt(message))
        assert caught.value.reason == reasons.UNKNOWN_ICON
        simulator.clear_faults(account)
        assert again.prove(doubt(message)) is not None


def doubt(message: Outgoing) -> UncertainMessage:
    """A doubt about a message pressed a moment ago."""
    return UncertainMessage(
        message.key, message.to, message.content, datetime.now(UTC), frozenset()
    )
