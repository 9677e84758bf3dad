"""Faults that strike what the page shows and what its user does, one by one in a real Chromium."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Page

from tests.simulator_browser import (
    COMPOSE,
    DELIVERED,
    QR,
    ROW,
    follow,
    new_context,
    on_disk,
    press,
    texts,
)
from tests.simulator_process import OWNER, SimulatorProcess

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nobody_reads")]

SEND = 'button:has([data-icon="wds-ic-send-filled"])'


def test_a_fault_is_on_the_page_when_the_call_returns_and_off_again_too(
    page: Page, simulator: SimulatorProcess
) -> None:
    banner = page.locator("#side >> text=Computador não conectado")
    for _again in range(5):
        simulator.set_fault(OWNER, "offline_banner")
        assert banner.count() == 1
        simulator.clear_faults(OWNER)
        assert banner.count() == 0
    page.evaluate("() => addEventListener('offline', () => { window.heard = true; })")
    simulator.set_fault(OWNER, "offline")
    banner.wait_for()
    assert page.evaluate("() => window.heard")


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
    follow(page, person)
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


def test_stale_draft_stands_in_a_box_opened_without_a_text(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "stale_draft", text="de ontem")
    follow(page, person)
    assert page.inner_text(COMPOSE) == "de ontem"
    follow(page, person, "novo")
    assert page.inner_text(COMPOSE) == "novo"


def test_chat_list_can_be_slow(page: Page, simulator: SimulatorProcess) -> None:
    simulator.set_fault(OWNER, "slow_pane", seconds=6000)
    page.goto(simulator.url)
    simulator.say("+5511970000397", OWNER, "Alguém aí?")
    on_disk(page, "Alguém aí?")
    assert page.locator("#wa_web_initial_startup").is_visible()
    assert page.locator("#pane-side").count() == 0
    simulator.set_fault(OWNER, "slow_pane", seconds=5)
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")


def test_click_on_send_does_nothing_but_enter_sends(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    simulator.set_fault(OWNER, "deaf_send")
    follow(page, person, "Oi")
    page.click(SEND)
    assert page.inner_text(COMPOSE) == "Oi"
    assert page.locator(ROW).count() == 0
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(DELIVERED)


def test_same_text_may_stand_in_the_chat_from_before(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    old = simulator.write(OWNER, person, "Oi", at=time.time() - 3600)
    press(page, person)
    page.wait_for_selector('[data-id^="3EB0"] [aria-label=" Entregue "]')
    ids = [row.get_attribute("data-id") or "" for row in page.query_selector_all(ROW)]
    assert ids[0] == old["id"]
    assert ids[0].startswith("A5")
    assert len(ids[0]) == 32
    assert texts(simulator, person) == ["Oi", "Oi"]


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
