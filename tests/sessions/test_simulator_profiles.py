"""The older and the barer build of the page: linking, sending, ticks, and one fault in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from playwright.sync_api import Browser, Page

from sessions.simulator.client import CallRefused
from tests.simulator_browser import QR, new_context
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

_owners = count(88880300)


@dataclass(frozen=True)
class Build:
    """What a build of the page shows, as selectors of the table's fallbacks."""

    name: str
    box: str
    send: str
    ticks: tuple[str, str, str, str]
    id: str
    elements: tuple[str, ...]


BARE = Build(
    "2026-no-testid",
    'footer div[contenteditable=true][data-tab="10"][aria-placeholder="Digite uma mensagem"]',
    'button:has([data-icon="wds-ic-send-filled"])',
    ("wds-ic-status-pending", "wds-ic-delivered", "wds-ic-read", "wds-ic-read"),
    r"3EB0[0-9A-F]{18}",
    (
        "#pane-side [role=row] [title]",
        'input[data-tab="3"]',
        "#main [aria-label='Você:']",
        ".copyable-text[data-pre-plain-text] span.selectable-text",
        "[data-icon=ic-attach-file]",
    ),
)
LEGACY = Build(
    "legacy-2025",
    "[aria-placeholder='Digite uma mensagem']",
    "[data-testid=compose-btn-send]:has([data-icon=send])",
    ("msg-time", "msg-check", "msg-dblcheck", "msg-dblcheck-ack"),
    r"true_\d+@c\.us_3EB0[0-9A-F]{18}",
    (
        "#pane-side [role=listitem] [title]",
        'div[contenteditable=true][data-tab="3"]',
        "#main .message-out [data-icon=tail-out]",
        "span.selectable-text",
        "[data-icon=clip]",
    ),
)
LABELS = ("Pendente", "Enviada", "Entregue", "Lida")
# Every tick that a row of the chat ever showed: its label, its title, its icon's name.
WATCH_TICKS = """
  window.ticks = [];
  new MutationObserver(() => {
    for (const tick of document.querySelectorAll("#main [data-id] [aria-label]")) {
      const label = tick.getAttribute("aria-label").trim();
      const known = window.ticks.some(([seen]) => seen === label);
      if (known || !["Pendente", "Enviada", "Entregue", "Lida"].includes(label)) continue;
      window.ticks.push([label, tick.querySelector("svg > title")?.textContent, tick.getAttribute("data-icon")]);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
"""
BUILDS = pytest.mark.parametrize("build", [BARE, LEGACY], ids=lambda build: build.name)


@pytest.fixture(scope="module")
def simulator(simulator: SimulatorProcess) -> SimulatorProcess:
    """Receipts come soon."""
    simulator.set_behaviour(deliver_after=0.5, read_after=0.5)
    return simulator


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def owner() -> str:
    return f"+55119{next(_owners)}"


def link(page: Page, simulator: SimulatorProcess, owner: str, build: Build) -> None:
    """Link to an account whose page is of this build, on a simulator that shows it to everybody."""
    simulator.set_page(profile=build.name)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("#pane-side")


def send(page: Page, simulator: SimulatorProcess, person: str, build: Build) -> None:
    page.goto(f"{simulator.url}/send?phone={person[1:]}&text=Oi")
    page.wait_for_selector(build.box)
    page.click(build.send)


@BUILDS
def test_message_goes_out_and_its_ticks_advance(
    page: Page, simulator: SimulatorProcess, owner: str, person: str, build: Build
) -> None:
    link(page, simulator, owner, build)
    simulator.set_behaviour(phone=person, deliver_after=20, read_after=20)
    simulator.set_page(before_wire=10)
    page.add_init_script(WATCH_TICKS)
    send(page, simulator, person, build)
    simulator.set_page(before_wire=0.1)
    page.wait_for_selector('#main [data-id] [aria-label=" Lida "]')
    assert page.evaluate("window.ticks") == [
        [label, title, title if build is LEGACY else None]
        for label, title in zip(LABELS, build.ticks, strict=True)
    ]
    row = page.get_attribute("#main [data-id]", "data-id") or ""
    assert re.fullmatch(build.id, row)
    (message,) = simulator.messages(to=person)
    assert row.endswith(message["id"])
    for element in build.elements:
        page.wait_for_selector(element, state="attached")


@BUILDS
def test_code_links_the_phone(
    page: Page, simulator: SimulatorProcess, owner: str, build: Build
) -> None:
    simulator.set_page(profile=build.name)
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


@BUILDS
def test_reply_is_unread_and_then_an_incoming_row(
    page: Page, simulator: SimulatorProcess, owner: str, person: str, build: Build
) -> None:
    link(page, simulator, owner, build)
    said = simulator.say(person, owner, "Bom dia")
    page.wait_for_selector('#pane-side [aria-label="1 mensagem não lida"]')
    page.click(f'#pane-side [title$="{person[-4:]}"]')
    row = page.wait_for_selector("#main [data-id]:has-text('Bom dia')")
    assert row is not None
    prefix = f"false_{person[1:]}@c.us_" if build is LEGACY else ""
    assert row.get_attribute("data-id") == prefix + said["id"]
    assert page.locator("#main .message-in").count() == int(build is LEGACY)
    assert page.locator("#main .tick").count() == 0


@BUILDS
def test_search_opens_a_number(
    page: Page, simulator: SimulatorProcess, owner: str, person: str, build: Build
) -> None:
    link(page, simulator, owner, build)
    page.click('[data-tab="3"]')
    page.keyboard.type(person)
    page.wait_for_selector("#pane-side >> text=Não está nos contatos")
    page.keyboard.press("Enter")
    page.wait_for_selector(build.box)
    assert person[-4:] in page.inner_text("#main header")


@BUILDS
def test_time_lock_is_told_in_words(
    page: Page, simulator: SimulatorProcess, owner: str, person: str, build: Build
) -> None:
    link(page, simulator, owner, build)
    simulator.set_fault(owner, "timelock", until=4102444800.0)
    page.goto(f"{simulator.url}/send?phone={person[1:]}")
    page.wait_for_selector("#main footer:has-text('não é possível iniciar novas conversas')")
    assert page.locator(build.box).count() == 0


@BUILDS
def test_interstitial_is_a_dialog_or_only_marked_as_one(
    page: Page, simulator: SimulatorProcess, owner: str, build: Build
) -> None:
    link(page, simulator, owner, build)
    simulator.set_fault(owner, "whats_new")
    page.wait_for_selector("[data-animate-modal-popup=true]:has-text('Novidades')")
    assert page.locator("div[role=dialog]").count() == int(build is BARE)
    page.click("text=Continuar")
    page.wait_for_selector("[data-animate-modal-popup=true]", state="detached")


def test_bare_build_has_no_test_id_anywhere(
    page: Page, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_page(profile=BARE.name)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    assert page.locator("[data-testid]").count() == 0
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("progress")
    assert page.locator("[data-testid]").count() == 0
    page.wait_for_selector("#pane-side")
    send(page, simulator, person, BARE)
    page.wait_for_selector('[aria-label=" Lida "]')
    assert page.locator("[data-testid]").count() == 0


def test_old_build_knows_nothing_of_the_new_one(
    page: Page, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_page(profile=LEGACY.name)
    page.goto(simulator.url)
    page.wait_for_selector("[data-testid=qrcode] canvas")
    assert page.locator("[data-testid^=link-device]").count() == 0
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("#pane-side")
    send(page, simulator, person, LEGACY)
    page.wait_for_selector('[aria-label=" Lida "]')
    assert page.locator("[data-icon^=wds-], [data-testid^=conv-msg-]").count() == 0
    assert page.locator("input:not([type=file])").count() == 0
    assert page.get_attribute(LEGACY.box, "aria-label") is None


def test_one_account_has_a_build_of_its_own(
    page: Page, chromium: Browser, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_page(profile="2026-testid")
    simulator.set_page(profile=LEGACY.name, account=owner)
    simulator.kill()
    simulator.restart()
    simulator.set_behaviour(deliver_after=0.5, read_after=0.5, read_share=1, reply_share=0)
    page.goto(simulator.url)
    page.wait_for_selector("[data-testid=link-device-qr-code]")
    simulator.say(person, owner, "de antes")
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", owner)
    page.wait_for_selector("#pane-side [role=listitem] >> text=de antes")
    send(page, simulator, person, LEGACY)
    page.wait_for_selector("[data-icon=msg-dblcheck-ack]")
    other = new_context(chromium)
    fresh = other.new_page()
    fresh.goto(simulator.url)
    fresh.wait_for_selector("[data-testid=link-device-qr-code]")
    other.close()


def test_unknown_build_is_refused(simulator: SimulatorProcess) -> None:
    with pytest.raises(CallRefused, match="unknown profile 1999"):
        simulator.set_page(profile="1999")
