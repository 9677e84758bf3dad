"""The builds of the page with their server; what is in them: page/."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page

from sessions.simulator.client import CallRefused
from tests.simulator_browser import QR, follow, new_context
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

BARE = "2026-no-testid"
SEND = 'button:has([data-icon="wds-ic-send-filled"])'
# Every tick that a row of the chat ever showed: its label and its title.
WATCH_TICKS = """() => {
  window.ticks = [];
  new MutationObserver(() => {
    for (const tick of document.querySelectorAll("#main [data-id] .tick")) {
      const label = tick.getAttribute("aria-label").trim();
      if (!window.ticks.some(([seen]) => seen === label)) window.ticks.push([label, tick.querySelector("svg > title").textContent]);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}"""
TICKS = [
    ["Pendente", "wds-ic-status-pending"],
    ["Enviada", "wds-ic-delivered"],
    ["Entregue", "wds-ic-read"],
    ["Lida", "wds-ic-read"],
]
_owners = count(88880300)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def owner() -> str:
    return f"+55119{next(_owners)}"


def test_without_any_test_id_one_links_sends_sees_every_tick_and_hears_a_reply(
    page: Page, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    ids = page.locator("[data-testid]")
    simulator.set_page(profile=BARE, before_wire=10)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    assert ids.count() == 0
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("progress")
    assert ids.count() == 0
    page.wait_for_selector("#pane-side")
    simulator.set_behaviour(phone=person, deliver_after=20, read_after=20)
    page.evaluate(WATCH_TICKS)
    follow(page, person, "Oi")
    page.click(SEND)
    simulator.set_page(before_wire=0.1)
    page.wait_for_selector('#main [data-id] [aria-label=" Lida "]')
    assert page.evaluate("window.ticks") == TICKS
    (message,) = simulator.messages(to=person)
    assert page.get_attribute("#main [data-id]", "data-id") == message["id"]
    said = simulator.say(person, owner, "Bom dia")
    row = page.wait_for_selector("#main [data-id]:has-text('Bom dia')")
    assert row is not None
    assert row.get_attribute("data-id") == said["id"]
    assert ids.count() == 0


def test_one_account_has_a_build_of_its_own(
    page: Page, chromium: Browser, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_page(profile="2026-08")
    simulator.set_page(profile=BARE, account=owner)
    simulator.kill()
    simulator.restart()
    page.goto(simulator.url)
    page.wait_for_selector("[data-testid=link-device-qr-code]")
    simulator.say(person, owner, "de antes")
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("#pane-side [role=row] >> text=de antes")
    assert page.locator("[data-testid]").count() == 0
    other = new_context(chromium)
    fresh = other.new_page()
    fresh.goto(simulator.url)
    fresh.wait_for_selector("[data-testid=link-device-qr-code]")
    other.close()


def test_unknown_build_is_refused(simulator: SimulatorProcess) -> None:
    with pytest.raises(CallRefused, match="unknown profile 1999"):
        simulator.set_page(profile="1999")
