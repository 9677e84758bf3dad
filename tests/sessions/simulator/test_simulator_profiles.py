"""The builds of the page with their server: linking, sending, ticks and replies on each; what is in them: page/."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page

from sessions.simulator.client import CallRefused
from tests.simulator_browser import COMPOSE, QR, new_context
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

BARE = "2026-no-testid"
BUILDS = pytest.mark.parametrize("build", ["2026-10", "2026-08", BARE])
SEND = 'button:has([data-icon="wds-ic-send-filled"])'
# Every tick that a row of the chat ever showed: its label and its title.
WATCH_TICKS = """
  window.ticks = [];
  new MutationObserver(() => {
    for (const tick of document.querySelectorAll("#main [data-id] .tick")) {
      const label = tick.getAttribute("aria-label").trim();
      if (!window.ticks.some(([seen]) => seen === label)) window.ticks.push([label, tick.querySelector("svg > title").textContent]);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
"""
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


def link(page: Page, simulator: SimulatorProcess, owner: str, build: str) -> None:
    """Link to an account whose page is of this build, on a simulator that shows it to everybody."""
    simulator.set_page(profile=build)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("#pane-side")


def send(page: Page, simulator: SimulatorProcess, person: str) -> None:
    page.goto(f"{simulator.url}/send?phone={person[1:]}&text=Oi")
    page.wait_for_selector(COMPOSE)
    page.click(SEND)


@BUILDS
def test_message_goes_out_its_ticks_advance_and_the_reply_comes(
    page: Page, simulator: SimulatorProcess, owner: str, person: str, build: str
) -> None:
    link(page, simulator, owner, build)
    simulator.set_behaviour(phone=person, deliver_after=20, read_after=20)
    simulator.set_page(before_wire=10)
    page.add_init_script(WATCH_TICKS)
    send(page, simulator, person)
    simulator.set_page(before_wire=0.1)
    page.wait_for_selector('#main [data-id] [aria-label=" Lida "]')
    assert page.evaluate("window.ticks") == TICKS
    (message,) = simulator.messages(to=person)
    assert page.get_attribute("#main [data-id]", "data-id") == message["id"]
    said = simulator.say(person, owner, "Bom dia")
    row = page.wait_for_selector("#main [data-id]:has-text('Bom dia')")
    assert row is not None
    assert row.get_attribute("data-id") == said["id"]
    assert (page.locator("[data-testid]").count() == 0) is (build == BARE)


@BUILDS
def test_code_links_the_phone(
    page: Page, simulator: SimulatorProcess, owner: str, build: str
) -> None:
    simulator.set_page(profile=build)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    page.click('role=button[name="Conectar com número de telefone"]')
    page.fill('input[aria-label*="telefone"]', owner)
    page.click("text=Avançar")
    code = page.wait_for_selector(
        "[aria-details=link-device-phone-number-code-screen-instructions]"
    )
    assert code is not None
    simulator.enter_code(code.inner_text(), owner)
    page.wait_for_selector("#pane-side")


def test_bare_build_has_no_test_id_on_its_way_in(
    page: Page, simulator: SimulatorProcess, owner: str
) -> None:
    simulator.set_page(profile=BARE)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    assert page.locator("[data-testid]").count() == 0
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("progress")
    assert page.locator("[data-testid]").count() == 0


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
