"""The same chats on the phone and on the page: badges, blue ticks, archive, names; ways to a chat; what bars it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from sessions.simulator.client import CallRefused
from tests.eventually import eventually
from tests.sessions.simulator.page import disk
from tests.simulator_browser import AWAY, COMPOSE, FOLLOW, new_context, pair
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

_people = count(87300001)
COUNT_DIALOGS = """() => {
  window.dialogs = 0;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.innerText?.includes("Iniciando conversa")) window.dialogs += 1;
  }).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("chats")) as simulator:
        simulator.set_behaviour(reply_share=0)
        simulator.set_page(profile="2026-10")
        yield simulator


@pytest.fixture
def page(context: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    """The one page, loaded where a test before has not left it so."""
    (page,) = context.pages
    if not page.locator("#pane-side").count():
        page.goto(simulator.url)
        page.wait_for_selector("#pane-side")
    yield page
    simulator.clear_faults(OWNER)


@contextmanager
def loaded(page: Page, simulator: SimulatorProcess, **timing: float) -> Iterator[None]:
    """The page loaded anew with other waits, which are its own."""
    usual = {"starting_chat": 0.3, "starting_dialog": 0.25, "notice_cut": 90.0}
    simulator.set_page(**timing)
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    yield
    simulator.set_page(**{name: usual[name] for name in timing})
    page.goto(simulator.url + AWAY)


def id_of(phone: str) -> str:
    return f"{phone.removeprefix('+')}@c.us"


def press_link_to(page: Page, simulator: SimulatorProcess, phone: str) -> None:
    page.evaluate(FOLLOW, f"{simulator.url}/send?phone={phone.removeprefix('+')}")


def test_opening_a_chat_takes_its_badge_from_the_phone_and_gives_blue_ticks(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    said = simulator.say(person, OWNER, "Está aí?")
    disk.chat(page, id_of(person), unread=1)
    assert simulator.chats(OWNER)[id_of(person)]["unread"] == 1
    press_link_to(page, simulator, person)
    page.wait_for_selector(f"#main [data-id='{said['id']}']")
    eventually(lambda: simulator.chats(OWNER)[id_of(person)]["unread"] == 0)
    assert simulator.truth(to=person)["replies"][-1]["read_at"]
    later = simulator.say(person, OWNER, "Oi?")["id"]
    page.wait_for_selector(f"#main [data-id='{later}']")
    eventually(lambda: simulator.truth(to=person)["replies"][-1]["read_at"])


def test_a_chat_stays_unread_until_the_owner_reads_it_or_writes_in_it_on_the_phone(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    simulator.say(person, OWNER, "lida no celular")
    disk.chat(page, id_of(person), unread=1)
    assert simulator.chats(OWNER)[id_of(person)]["unread"] == 1
    assert simulator.truth(to=person)["replies"][-1]["read_at"] is None
    simulator.read(OWNER, person)
    assert disk.chat(page, id_of(person), unread=0)["messages"][-1]["text"] == "lida no celular"
    page.wait_for_selector("#pane-side >> text=lida no celular")
    simulator.say(person, OWNER, "Tem horário?")
    disk.chat(page, id_of(person), unread=1)
    simulator.write(OWNER, person, "Tem sim")
    disk.chat(page, id_of(person), unread=0)


def test_what_the_owner_does_with_a_chat_on_the_phone_shows_here(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    simulator.say(person, OWNER, "para o arquivo")
    page.wait_for_selector("#pane-side >> text=para o arquivo")
    simulator.put_chat(OWNER, person, archived=True, marked=True, pinned=True, muted=True)
    disk.chat(page, id_of(person), archived=True, marked=True, pinned=True, muted=True)
    page.wait_for_selector("#pane-side >> text=para o arquivo", state="detached")
    simulator.put_chat(OWNER, person, archived=False)
    page.wait_for_selector("#pane-side >> text=para o arquivo")
    with pytest.raises(CallRefused, match="must be one of"):
        simulator.put_chat(OWNER, person, deleted=True)


def test_the_first_sync_and_a_later_opening_bring_the_phones_badges(
    simulator: SimulatorProcess, chromium: Browser, person: str
) -> None:
    read = f"+55119{next(_people)}"
    simulator.mark_short(read, False)
    for phone in (read, person):
        simulator.say(phone, OWNER, "antes de conectar")
    simulator.read(OWNER, read)
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator)
    disk.chat(page, id_of(person), unread=1)
    disk.chat(page, id_of(read), unread=0)
    page.goto(simulator.url + AWAY)
    simulator.say(person, OWNER, "antes de abrir")
    simulator.read(OWNER, person)
    page.goto(simulator.url)
    disk.chat(page, id_of(person), unread=0)
    context.close()


def test_a_stranger_is_asked_about_once_per_page_load_and_a_chat_that_is_here_never(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    known, other = (f"+55119{next(_people)}" for _ in range(2))
    with loaded(page, simulator, starting_chat=3, starting_dialog=0):
        simulator.mark_short(known, False)
        simulator.say(known, OWNER, "Oi")
        disk.chat(page, id_of(known))
        page.evaluate(COUNT_DIALOGS)
        for phone, dialogs in ((known, 0), (person, 1), (other, 2), (person, 2)):
            box_of(page, simulator, phone)
            assert (phone, page.evaluate("dialogs")) == (phone, dialogs)


def test_a_quick_answer_comes_without_any_dialog(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    with loaded(page, simulator, starting_chat=0, starting_dialog=6000):
        page.evaluate(COUNT_DIALOGS)
        assert box_of(page, simulator, person)
        assert page.evaluate("dialogs") == 0


def box_of(page: Page, simulator: SimulatorProcess, phone: str) -> bool:
    """Whether the chat that opens has a box to write in; else something stands in its place."""
    press_link_to(page, simulator, phone)
    ends = re.compile(f"{phone[-8:-4]}-?{phone[-4:]}")
    page.locator("#main header").get_by_text(ends).first.wait_for()
    return page.locator(COMPOSE).count() == 1


def test_a_time_lock_locks_chats_without_a_recent_token_and_no_others(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    written_to, long_ago, stranger = (f"+55119{next(_people)}" for _ in range(3))
    for phone in (written_to, long_ago, stranger):
        simulator.mark_short(phone, False)
    simulator.say(person, OWNER, "Oi")
    simulator.write(OWNER, written_to, "Oi")
    simulator.say(long_ago, OWNER, "Oi", at=time.time() - 29 * 86400)
    simulator.set_fault(OWNER, "timelock", type="WEB_COMPANION_ONLY", until=time.time() + 3600)
    for phone, open_to in (
        (person, True),
        (written_to, False),
        (long_ago, False),
        (stranger, False),
    ):
        assert box_of(page, simulator, phone) is open_to
    assert not box_of(page, simulator, written_to)
    simulator.say(written_to, OWNER, "Oi!")
    page.wait_for_selector(COMPOSE)
    with pytest.raises(CallRefused, match="type of fault timelock must be one of"):
        simulator.set_fault(OWNER, "timelock", type="ELSE")


def test_a_chat_may_be_barred_by_itself(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    other = f"+55119{next(_people)}"
    simulator.mark_short(other, False)
    simulator.say(person, OWNER, "Oi")
    simulator.put_chat(OWNER, person, barred="old_lid")
    disk.chat(page, id_of(person), barred="old_lid")
    assert not box_of(page, simulator, person)
    simulator.put_chat(OWNER, person, barred="")
    page.wait_for_selector(COMPOSE)
    simulator.put_chat(OWNER, person, barred="unknown")
    page.wait_for_selector(COMPOSE, state="detached")
    assert box_of(page, simulator, other)
    with pytest.raises(CallRefused, match="barred must be one of"):
        simulator.put_chat(OWNER, person, barred="whim")


def test_a_line_that_is_silent_after_a_send_is_dropped_before_the_page_notices_else(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    with loaded(page, simulator, notice_cut=6000):
        assert box_of(page, simulator, person)
        simulator.set_fault(OWNER, "silent_cut")
        page.fill(COMPOSE, "chega?")
        page.press(COMPOSE, "Enter")
        page.wait_for_selector("#side >> text=/Computador/")
        assert page.locator("#pane-side").is_visible()
        simulator.clear_faults(OWNER)
        eventually(lambda: [one["text"] for one in simulator.messages(to=person)] == ["chega?"])


def test_an_idle_line_is_kept_busy(simulator: SimulatorProcess, page: Page) -> None:
    with page.expect_websocket() as opened:
        page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    for _ in range(2):
        opened.value.wait_for_event("framereceived")
