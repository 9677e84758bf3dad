"""The same chats on the phone and on the page: badges, blue ticks, archive, names; ways to a chat; what bars it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from sessions.simulator.client import CallRefused
from tests.eventually import eventually
from tests.sessions.simulator.page import disk
from tests.simulator_browser import COMPOSE, new_context, only_page, pair
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

_people = count(87300001)
DIALOG = "[role=dialog]:has-text('Iniciando conversa')"
COUNT_DIALOGS = """() => {
  window.dialogs = 0;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.innerText?.includes("Iniciando conversa")) window.dialogs += 1;
  }).observe(document.body, { childList: true, subtree: true });
}"""
FOLLOW = """(address) => {
  const anchor = document.createElement("a");
  anchor.href = address;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("chats")) as simulator:
        simulator.set_behaviour(reply_share=0)
        simulator.set_page(profile="2026-10")
        yield simulator


@pytest.fixture
def page(context: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    with only_page(context, simulator) as page:
        yield page
        simulator.clear_faults(OWNER)


def id_of(phone: str) -> str:
    return f"{phone.removeprefix('+')}@c.us"


def follow(page: Page, simulator: SimulatorProcess, phone: str) -> None:
    page.evaluate(FOLLOW, f"{simulator.url}/send?phone={phone.removeprefix('+')}")


def test_opening_a_chat_takes_its_badge_from_the_phone_and_gives_blue_ticks(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    said = simulator.say(person, OWNER, "Está aí?")
    disk.chat(page, id_of(person), unread=1)
    assert simulator.chats(OWNER)[id_of(person)]["unread"] == 1
    follow(page, simulator, person)
    page.wait_for_selector(f"#main [data-id='{said['id']}']")
    eventually(lambda: simulator.chats(OWNER)[id_of(person)]["unread"] == 0)
    assert simulator.truth(to=person)["replies"][-1]["read_at"]
    later = simulator.say(person, OWNER, "Oi?")["id"]
    page.wait_for_selector(f"#main [data-id='{later}']")
    eventually(lambda: simulator.truth(to=person)["replies"][-1]["read_at"])


def test_a_chat_that_is_only_listed_stays_unread_everywhere(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    simulator.say(person, OWNER, "Não abra")
    disk.chat(page, id_of(person), unread=1)
    assert simulator.chats(OWNER)[id_of(person)]["unread"] == 1
    assert simulator.truth(to=person)["replies"][-1]["read_at"] is None


def test_what_the_owner_reads_on_the_phone_loses_its_badge_here_and_keeps_its_row(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    simulator.say(person, OWNER, "lida no celular")
    disk.chat(page, id_of(person), unread=1)
    simulator.read(OWNER, person)
    assert disk.chat(page, id_of(person), unread=0)["messages"][-1]["text"] == "lida no celular"
    page.wait_for_selector("#pane-side >> text=lida no celular")


def test_what_was_read_before_the_page_opened_never_had_a_badge_here(
    simulator: SimulatorProcess, context: BrowserContext, person: str
) -> None:
    simulator.say(person, OWNER, "antes de abrir")
    simulator.read(OWNER, person)
    page = context.new_page()
    page.goto(simulator.url)
    disk.chat(page, id_of(person), unread=0)
    page.close()


def test_the_owners_writing_from_the_phone_opens_the_chat_there(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
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


def test_the_first_sync_brings_the_phones_badges(
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
    context.close()


def test_a_chat_that_is_here_opens_without_asking(
    simulator: SimulatorProcess, context: BrowserContext, person: str
) -> None:
    simulator.set_page(starting_chat=6000, starting_dialog=0)
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    simulator.say(person, OWNER, "Oi")
    disk.chat(page, id_of(person))
    page.evaluate(COUNT_DIALOGS)
    follow(page, simulator, person)
    page.wait_for_selector(COMPOSE)
    assert page.evaluate("dialogs") == 0
    page.close()
    simulator.set_page(starting_chat=0.3, starting_dialog=0.25)


def test_a_stranger_is_asked_about_once_per_page_load(
    simulator: SimulatorProcess, context: BrowserContext, person: str
) -> None:
    simulator.set_page(starting_chat=3, starting_dialog=0)
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    page.evaluate(COUNT_DIALOGS)
    other = f"+55119{next(_people)}"
    for phone, dialogs in ((person, 1), (other, 2), (person, 2)):
        follow(page, simulator, phone)
        ends = re.compile(f"{phone[-8:-4]}-?{phone[-4:]}")
        page.locator("#main header").get_by_text(ends).first.wait_for()
        assert page.evaluate("dialogs") == dialogs
    page.close()
    simulator.set_page(starting_chat=0.3, starting_dialog=0.25)


def test_a_quick_answer_comes_without_any_dialog(
    simulator: SimulatorProcess, context: BrowserContext, person: str
) -> None:
    simulator.set_page(starting_chat=0, starting_dialog=6000)
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    page.evaluate(COUNT_DIALOGS)
    follow(page, simulator, person)
    page.wait_for_selector(COMPOSE)
    assert page.evaluate("dialogs") == 0
    page.close()
    simulator.set_page(starting_chat=0.3, starting_dialog=0.25)


def box_of(page: Page, simulator: SimulatorProcess, phone: str) -> bool:
    """Whether the chat that opens has a box to write in; else something stands in its place."""
    follow(page, simulator, phone)
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


def test_over_the_cap_only_chats_that_exist_go_on(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    stranger = f"+55119{next(_people)}"
    simulator.mark_short(stranger, False)
    simulator.write(OWNER, person, "Oi")
    disk.chat(page, id_of(person))
    simulator.set_fault(OWNER, "cap", total=30, used=30)
    assert box_of(page, simulator, person)
    assert not box_of(page, simulator, stranger)
    simulator.set_fault(OWNER, "cap", status="FIRST_WARNING", total=30, used=25)
    assert box_of(page, simulator, stranger)


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
    simulator: SimulatorProcess, context: BrowserContext, person: str
) -> None:
    simulator.set_page(notice_cut=6000)
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    assert box_of(page, simulator, person)
    simulator.set_fault(OWNER, "silent_cut")
    page.fill(COMPOSE, "chega?")
    page.press(COMPOSE, "Enter")
    page.wait_for_selector("#side >> text=/Computador/")
    assert page.locator("#pane-side").is_visible()
    simulator.clear_faults(OWNER)
    eventually(lambda: [one["text"] for one in simulator.messages(to=person)] == ["chega?"])
    page.close()
    simulator.set_page(notice_cut=90)


def test_an_idle_line_is_kept_busy(simulator: SimulatorProcess, context: BrowserContext) -> None:
    page = context.new_page()
    with page.expect_websocket() as opened:
        page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    for _ in range(2):
        opened.value.wait_for_event("framereceived")
    page.close()


def test_the_language_is_the_phones_once_the_page_is_linked(
    simulator: SimulatorProcess, chromium: Browser, person: str
) -> None:
    account = "+5511987399901"
    simulator.set_phone(account, language="en")
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator, account)
    simulator.say(person, account, "Hi")
    page.wait_for_selector("#pane-side >> text=Hi")
    page.click("#pane-side >> text=Hi")
    page.wait_for_selector("footer [aria-placeholder='Type a message']")
    context.close()
