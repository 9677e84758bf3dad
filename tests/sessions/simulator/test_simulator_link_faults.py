"""Faults of the link and of messages on their way, as a page in a real Chromium shows them."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.sessions.linked_account import SCALE
from tests.simulator_browser import (
    COMPOSE,
    DELIVERED,
    PENDING,
    ROW,
    WATCH_TICKS,
    catch_up,
    delivered,
    new_context,
    on_disk,
    open_chat,
    pair,
    press,
    reopen,
    texts,
)
from tests.simulator_process import OWNER, SimulatorProcess

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nobody_reads")]

NOTICE_SECONDS = 600
BANNER = "[data-testid=chat-butterbar] >> text=Computador não conectado"


def test_clock_for_ever_reaches_nobody_until_it_is_over(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "clock")
    press(page, simulator, person, "Sob o relógio")
    on_disk(page, "Sob o relógio")
    catch_up(page, simulator)
    assert page.locator(PENDING).count() == 1
    assert texts(simulator, person) == []
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
    assert texts(simulator, person) == ["Sob o relógio"]


def test_clock_may_hide_that_the_message_arrived(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "clock", reaches=True)
    press(page, simulator, person)
    delivered(simulator, person)
    catch_up(page, simulator)
    assert page.locator(PENDING).count() == 1
    page.goto(simulator.url)
    open_chat(page, simulator, person)
    catch_up(page, simulator)
    assert page.locator(PENDING).count() == 1
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
    assert texts(simulator, person) == ["Oi"]


def test_late_tick_comes_long_after_the_message_was_seen(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "late_tick", seconds=6000)
    press(page, simulator, person)
    delivered(simulator, person)
    catch_up(page, simulator)
    assert page.locator(PENDING).count() == 1
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
    simulator.set_fault(OWNER, "late_tick", seconds=5)
    press(page, simulator, "+5511970000396")
    page.wait_for_selector(DELIVERED)


def test_receipt_comes_before_the_acknowledgement(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "receipt_first", seconds=20)
    with page.expect_websocket() as connection:
        open_chat(page, simulator, person, "Oi")
    page.evaluate(WATCH_TICKS)
    with connection.value.expect_event("framereceived", is_acknowledgement):
        page.press(COMPOSE, "Enter")
        page.wait_for_selector(DELIVERED)
    catch_up(page, simulator)
    assert page.evaluate("window.ticks") == ["Pendente", "Entregue"]


def is_acknowledgement(frame: str | bytes) -> bool:
    said = json.loads(frame)
    return said["op"] == "answer" and "ack" in said


def test_receipts_come_although_the_acknowledgement_never_does(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_behaviour(phone=person, deliver_after=20)
    simulator.set_fault(OWNER, "no_ack")
    open_chat(page, simulator, person, "Oi")
    page.evaluate(WATCH_TICKS)
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(DELIVERED)
    assert page.evaluate("window.ticks") == ["Pendente", "Entregue"]
    assert texts(simulator, person) == ["Oi"]


def test_silent_cut_shows_nothing_until_the_pages_own_timer(
    chromium: Browser, simulator: SimulatorProcess, person: str
) -> None:
    """By the page's own clock, which the test puts forward."""
    owner = "+5511988880023"
    simulator.set_page(notice_cut=NOTICE_SECONDS / SCALE)
    context = new_context(chromium)
    page = context.new_page()
    page.clock.install()
    pair(page, simulator, owner)
    open_chat(page, simulator, person, "No escuro")
    simulator.set_page(notice_cut=90)
    simulator.set_fault(owner, "silent_cut")
    page.press(COMPOSE, "Enter")
    on_disk(page, "No escuro")
    assert page.locator(PENDING).count() == 1
    assert page.locator("#pane-side").is_visible()
    assert page.locator(BANNER).count() == 0
    page.clock.fast_forward((NOTICE_SECONDS + 1) * 1000)
    page.wait_for_selector(BANNER)
    assert texts(simulator, person) == []
    simulator.clear_faults(owner)
    page.wait_for_selector(DELIVERED)
    page.wait_for_selector(BANNER, state="detached")
    assert texts(simulator, person) == ["No escuro"]
    context.close()


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
    page.wait_for_selector("div[role=dialog]:has-text('outra aba do WhatsApp Web')")
    page.goto(simulator.url)
    page.wait_for_selector(
        "div[role=dialog]:has-text('outra aba do WhatsApp Web') >> text=Usar aqui"
    )


def test_time_lock_ends_by_itself_at_its_time(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "timelock", until=time.time() + 3)
    page.goto(f"{simulator.url}/send?phone={person[1:]}")
    page.wait_for_selector("[data-testid=reachout-timelock-compose-bar]")
    page.wait_for_selector(COMPOSE)
    page.fill(COMPOSE, "Oi")
    page.keyboard.press("Enter")
    page.wait_for_selector(DELIVERED)


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
    with page.expect_event("crash"), suppress(Error):  # or the press itself hears of it first
        page.press(COMPOSE, "Enter", no_wait_after=True)
    assert texts(simulator, person) == ["Oi"]
    again = page.context.new_page()
    reopen(again, simulator, person)
    assert again.locator(ROW).count() == 0
    again.close()


def test_phone_logs_out_in_mid_campaign(
    chromium: Browser, simulator: SimulatorProcess, person: str
) -> None:
    owner = "+5511988880022"
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator, owner)
    simulator.set_fault(owner, "logout", after=2)
    press(page, simulator, person, "um")
    # Opened again before it arrived, the page would send it twice, and both count.
    page.wait_for_selector(DELIVERED)
    # Its row is gone with the page before anybody sees it.
    open_chat(page, simulator, person, "dois")
    page.press(COMPOSE, "Enter")
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
    delivered(simulator, person)
    catch_up(page, simulator)
    assert page.locator(PENDING).count() == 1
    simulator.clear_faults(OWNER)
    page.wait_for_selector(DELIVERED)
