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
    follow,
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


def test_clock_may_hide_that_the_message_arrived(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "clock", reaches=True)
    press(page, person)
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
    follow(page, person, "Oi")
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
    follow(page, person, "No escuro")
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
    press(page, person)
    page.wait_for_selector(DELIVERED)
    simulator.set_fault(OWNER, "silent_cut")
    page.goto(simulator.url)
    page.wait_for_selector(f'#pane-side [title$="{person[-4:]}"]')
    page.click(f'#pane-side [title$="{person[-4:]}"]')
    page.wait_for_selector(DELIVERED)
    simulator.clear_faults(OWNER)


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


def test_message_of_a_crash_between_wire_and_disk_may_vanish(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    follow(page, person, "Oi")
    simulator.set_fault(OWNER, "crash", when="sent")
    simulator.set_fault(OWNER, "lost_writes", messages=0)
    with page.expect_event("crash"), suppress(Error):  # or the press itself hears of it first
        page.press(COMPOSE, "Enter", no_wait_after=True)
    assert texts(simulator, person) == ["Oi"]
    again = page.context.new_page()
    reopen(again, simulator, person)
    assert again.locator(ROW).count() == 0
    again.close()
