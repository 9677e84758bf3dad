"""Each fault of the simulator as a page in a real Chromium shows it, and what recipients saw meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.simulator_browser import COMPOSE, QR, new_context, open_chat, pair, start_browser
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

SEND = 'button:has([data-icon="wds-ic-send-filled"])'
ROW = "#main [data-id]"
BANNER = "[data-testid=chat-butterbar] >> text=Computador sem conexão"
PENDING, SENT, DELIVERED = (
    f'{ROW} [aria-label=" {word} "]' for word in ("Pendente", "Enviada", "Entregue")
)
_people = count(70000300)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("faults")) as simulator:
        simulator.set_behaviour(read_share=0, reply_share=0)
        yield simulator


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with start_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def linked(chromium: Browser, simulator: SimulatorProcess) -> Iterator[BrowserContext]:
    """A profile with a link, for the tests that don't lose it."""
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(linked: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    """A fresh page of that profile; no fault is left behind."""
    page = linked.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    yield page
    simulator.clear_faults(OWNER)
    page.close()


@pytest.fixture
def person(simulator: SimulatorProcess) -> str:
    phone = f"+55119{next(_people)}"
    simulator.mark_short(phone, False)
    return phone


def press(page: Page, simulator: SimulatorProcess, person: str, text: str = "Oi") -> None:
    """Send a text to a person's chat and see its row."""
    open_chat(page, simulator, person, text)
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(ROW)


def texts(simulator: SimulatorProcess, person: str) -> list[str]:
    return [message["text"] for message in simulator.messages(to=person)]


def reopen(page: Page, simulator: SimulatorProcess, person: str) -> None:
    """What the profile itself knows of a chat, after a boot."""
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    open_chat(page, simulator, person)
    page.wait_for_timeout(200)


def test_clock_for_ever_reaches_nobody_until_it_is_over(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "clock")
    press(page, simulator, person)
    page.wait_for_timeout(1000)
    assert page.locator(PENDING).count() == 1
    assert texts(simulator, person) == []
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
    assert texts(simulator, person) == ["Oi"]


def test_clock_may_hide_that_the_message_arrived(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "clock", reaches=True)
    press(page, simulator, person)
    page.wait_for_timeout(1000)
    assert page.locator(PENDING).count() == 1
    (message,) = simulator.messages(to=person)
    assert message["delivered_at"]
    page.goto(simulator.url)
    open_chat(page, simulator, person)
    page.wait_for_timeout(500)
    assert page.locator(PENDING).count() == 1
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
    assert texts(simulator, person) == ["Oi"]


def test_late_tick_comes_long_after_the_message_was_seen(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "late_tick", seconds=20)
    press(page, simulator, person)
    page.wait_for_timeout(1000)
    assert page.locator(PENDING).count() == 1
    assert simulator.messages(to=person)[0]["delivered_at"]
    page.wait_for_selector(DELIVERED)


def test_receipt_comes_before_the_acknowledgement(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "receipt_first", seconds=20)
    press(page, simulator, person)
    page.wait_for_selector(DELIVERED, timeout=1500)
    page.wait_for_timeout(2000)
    assert page.locator(DELIVERED).count() == 1


def test_receipts_come_although_the_acknowledgement_never_does(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_behaviour(deliver_after=10)
    simulator.set_fault(OWNER, "no_ack")
    press(page, simulator, person)
    page.wait_for_timeout(300)
    assert page.locator(PENDING).count() == 1
    assert texts(simulator, person) == ["Oi"]
    page.wait_for_selector(DELIVERED)
    simulator.set_behaviour(deliver_after=0.5)


def test_silent_cut_shows_nothing_until_the_pages_own_timer(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_page(notice_cut=30)
    open_chat(page, simulator, person, "Oi")
    simulator.set_page(notice_cut=90)
    simulator.set_fault(OWNER, "silent_cut")
    page.press(COMPOSE, "Enter")
    page.wait_for_timeout(1500)
    assert page.locator(PENDING).count() == 1
    assert page.locator("#pane-side").is_visible()
    assert page.locator(BANNER).count() == 0
    page.wait_for_selector(BANNER, timeout=8000)
    assert texts(simulator, person) == []
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
    page.wait_for_selector(BANNER, state="detached")
    assert texts(simulator, person) == ["Oi"]


def test_page_opened_while_the_network_is_cut_shows_its_own_disk(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    press(page, simulator, person)
    page.wait_for_selector(DELIVERED)
    simulator.set_fault(OWNER, "silent_cut")
    page.goto(simulator.url)
    page.wait_for_selector(f'#pane-side [title$="{person[-4:]}"]')
    page.click(f'#pane-side [title$="{person[-4:]}"]')
    page.wait_for_selector(DELIVERED)
    simulator.clear_faults(OWNER)


def test_offline_event_shows_the_banner_and_ends_with_the_fault(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    page.evaluate("() => addEventListener('offline', () => { window.heard = true; })")
    simulator.set_fault(OWNER, "offline")
    page.wait_for_selector(BANNER)
    assert page.evaluate("() => window.heard")
    simulator.clear_faults(OWNER)
    page.wait_for_selector(BANNER, state="detached")
    press(page, simulator, person)
    page.wait_for_selector(DELIVERED)


def test_conflict_stands_at_the_next_opening_too(page: Page, simulator: SimulatorProcess) -> None:
    simulator.set_fault(OWNER, "conflict")
    page.wait_for_selector("div[role=dialog]:has-text('aberto em outra janela')")
    page.goto(simulator.url)
    page.wait_for_selector("div[role=dialog]:has-text('aberto em outra janela') >> text=Usar aqui")


def test_time_lock_ends_by_itself_at_its_time(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "timelock", until=time.time() + 3)
    page.goto(f"{simulator.url}/send?phone={person[1:]}")
    page.wait_for_selector("[data-testid=reachout-timelock-compose-bar]")
    page.wait_for_selector(COMPOSE, timeout=6000)
    page.fill(COMPOSE, "Oi")
    page.keyboard.press("Enter")
    page.wait_for_selector(DELIVERED)


def test_news_at_opening_covers_the_page_until_continue(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_fault(OWNER, "whats_new")
    page.wait_for_selector("div[role=dialog] >> text=Continuar")
    page.goto(simulator.url)
    page.click("div[role=dialog] >> text=Continuar")
    assert page.locator("div[role=dialog]").count() == 0


def test_news_in_mid_send_takes_the_press(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    open_chat(page, simulator, person)
    simulator.set_fault(OWNER, "whats_new", when="typed", times=1)
    page.click(COMPOSE)
    page.keyboard.insert_text("Oi")
    page.wait_for_selector("div[role=dialog]:has-text('Novidades')")
    page.keyboard.press("Enter")
    page.wait_for_selector("div[role=dialog]", state="detached")
    assert page.inner_text(COMPOSE) == "Oi"
    simulator.set_fault(OWNER, "whats_new", when="pressed", times=1)
    page.click(SEND)
    page.click("div[role=dialog] >> text=Continuar")
    assert texts(simulator, person) == []
    page.click(SEND)
    page.wait_for_selector(DELIVERED)


def test_wrong_chat_opens_in_place_of_the_right_one(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "wrong_chat", to="+5511970000399", times=1)
    open_chat(page, simulator, person)
    assert "0399" in page.inner_text("#main header")
    open_chat(page, simulator, person)
    assert person[-4:] in page.inner_text("#main header")


def test_chat_changes_under_the_fingers(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    open_chat(page, simulator, person)
    simulator.set_fault(OWNER, "wrong_chat", to="+5511970000399", when="typed", times=1)
    page.click(COMPOSE)
    page.keyboard.insert_text("só para um")
    page.wait_for_selector("#main header:has-text('0399')")
    assert page.inner_text(COMPOSE).strip() == ""


def test_unknown_icon_stands_for_every_tick(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "unknown_tick")
    press(page, simulator, person)
    page.wait_for_selector(f'{ROW} [aria-label=" Quântica "]')
    assert page.locator(f"{ROW} .tick svg > title").text_content() == "wds-ic-quantum"
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)


def test_stale_draft_stands_in_a_box_opened_without_a_text(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "stale_draft", text="de ontem")
    open_chat(page, simulator, person)
    assert page.inner_text(COMPOSE) == "de ontem"
    open_chat(page, simulator, person, "novo")
    assert page.inner_text(COMPOSE) == "novo"


def test_chat_list_can_be_slow(page: Page, simulator: SimulatorProcess) -> None:
    simulator.set_fault(OWNER, "slow_pane", seconds=20)
    page.goto(simulator.url)
    page.wait_for_timeout(1200)
    assert page.locator("#wa_web_initial_startup").is_visible()
    assert page.locator("#pane-side").count() == 0
    page.wait_for_selector("#pane-side")


def test_click_on_send_does_nothing_but_enter_sends(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "deaf_send")
    open_chat(page, simulator, person, "Oi")
    page.click(SEND)
    page.wait_for_timeout(300)
    assert page.inner_text(COMPOSE) == "Oi"
    assert page.locator(ROW).count() == 0
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(DELIVERED)


def test_same_text_may_stand_in_the_chat_from_before(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    old = simulator.write(OWNER, person, "Oi", at=time.time() - 3600)
    press(page, simulator, person)
    page.wait_for_selector('[data-id^="3EB0"] [aria-label=" Entregue "]')
    ids = [row.get_attribute("data-id") or "" for row in page.query_selector_all(ROW)]
    assert ids[0] == old["id"]
    assert ids[0].startswith("A5")
    assert len(ids[0]) == 32
    assert texts(simulator, person) == ["Oi", "Oi"]


@pytest.mark.parametrize(("when", "seen"), [("typed", []), ("pressed", []), ("sent", ["Oi"])])
def test_renderer_crashes_once_for_real(
    page: Page, simulator: SimulatorProcess, person: str, when: str, seen: list[str]
) -> None:
    open_chat(page, simulator, person)
    simulator.set_fault(OWNER, "crash", when=when)
    with page.expect_event("crash"):
        page.click(COMPOSE, no_wait_after=True)
        page.keyboard.insert_text("Oi")
        if when != "typed":
            page.keyboard.press("Enter")
    assert texts(simulator, person) == seen
    again = page.context.new_page()
    press(again, simulator, person, "de novo")
    again.wait_for_selector(f"{ROW}:has-text('de novo') [aria-label=' Entregue ']")
    assert again.locator(ROW).count() == len(seen) + 1
    again.close()
    assert texts(simulator, person) == [*seen, "de novo"]


def test_message_that_was_sent_vanishes_from_the_profile(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    for text in ("um", "dois"):
        press(page, simulator, person, text)
        page.wait_for_selector(f"{ROW}:has-text('{text}') [aria-label=' Entregue ']")
    simulator.set_fault(OWNER, "lost_writes", messages=1)
    reopen(page, simulator, person)
    assert page.locator(ROW).all_inner_texts()[0].startswith("um")
    assert page.locator(ROW).count() == 1
    reopen(page, simulator, person)
    assert page.locator(ROW).count() == 1
    assert texts(simulator, person) == ["um", "dois"]


def test_message_of_a_crash_between_wire_and_disk_may_vanish(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    open_chat(page, simulator, person, "Oi")
    simulator.set_fault(OWNER, "crash", when="sent")
    simulator.set_fault(OWNER, "lost_writes", messages=0)
    with page.expect_event("crash"):
        page.press(COMPOSE, "Enter", no_wait_after=True)
    assert texts(simulator, person) == ["Oi"]
    again = page.context.new_page()
    reopen(again, simulator, person)
    assert again.locator(ROW).count() == 0
    again.close()


def test_page_reloads_itself_after_pairing(chromium: Browser, simulator: SimulatorProcess) -> None:
    owner = "+5511988880021"
    simulator.say("+5511970000398", owner, "Bom dia")
    simulator.set_fault(owner, "reload_after_pairing")
    context = new_context(chromium)
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    with page.expect_navigation():
        simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("[data-testid=wa-web-loading-screen]")
    page.wait_for_selector("#pane-side >> text=Bom dia")
    context.close()


def test_phone_logs_out_in_mid_campaign(
    chromium: Browser, simulator: SimulatorProcess, person: str
) -> None:
    owner = "+5511988880022"
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator, owner)
    simulator.set_fault(owner, "logout", after=2)
    for text in ("um", "dois"):
        press(page, simulator, person, text)
    page.wait_for_selector("[data-testid^=link-device]")
    assert page.locator("#pane-side").count() == 0
    assert texts(simulator, person) == ["um", "dois"]
    assert simulator.phone(owner)["devices"] == []
    context.close()


def test_faults_outlive_the_simulator(page: Page, simulator: SimulatorProcess, person: str) -> None:
    simulator.set_fault(OWNER, "clock", reaches=True)
    simulator.kill()
    simulator.restart()
    simulator.set_behaviour(read_share=0, reply_share=0)
    press(page, simulator, person)
    page.wait_for_timeout(500)
    assert page.locator(PENDING).count() == 1
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
