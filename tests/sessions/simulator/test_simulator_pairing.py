"""Linking the simulated page by QR and by code, and losing the link."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from sessions.simulator.client import CallRefused
from tests.eventually import eventually
from tests.sessions.linked_session import link_to
from tests.simulator_browser import QR, emptied_page, new_context, pair
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

REF = "div[data-ref]"
READ_KEY = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open('model-storage');
    request.onsuccess = () => resolve(request.result);
  });
  const store = database.transaction('identity', 'readwrite').objectStore('identity');
  const me = await new Promise((resolve) => {
    const request = store.get('me');
    request.onsuccess = () => resolve(request.result);
  });
"""
EXPORT_KEY = (
    READ_KEY
    + "return crypto.subtle.exportKey('raw', me.key).then(() => 'exported', (error) => error.name); }"
)
LOSE_KEY = READ_KEY + "store.put({ ...me, key: {} }, 'me'); }"


@pytest.fixture(scope="module")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    context = new_context(chromium)
    yield context
    context.close()


@pytest.fixture
def page(profile: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    simulator.set_page(boot=0.5, qr_loading=0.5, ref_rotation=20, refs=6, code_life=160, sync=2)
    with emptied_page(profile, simulator) as page:
        yield page


def ref_of(page: Page) -> str:
    page.wait_for_selector(QR)
    return page.get_attribute(REF, "data-ref") or ""


def ask_code(page: Page, phone: str) -> None:
    page.click("[data-testid=link_device_qr_phone_number_link]")
    page.fill("[data-testid=phone-number-input]", phone)
    page.click("[data-testid=link-device-phone-number-entry-next-button]")


def test_scan_links_and_shows_the_sync_before_the_chats(
    page: Page, simulator: SimulatorProcess
) -> None:
    page.goto(simulator.url)
    simulator.scan(ref_of(page), "+5511960000001")
    page.wait_for_selector(
        "[data-testid=wa-web-loading-screen] progress[data-testid=startup-progress]"
    )
    page.wait_for_selector("#pane-side")
    assert len(simulator.phone("+5511960000001")["devices"]) == 1
    assert page.evaluate(EXPORT_KEY) == "InvalidAccessError"


def test_link_outlives_a_reload_and_a_kill_of_the_simulator_until_the_page_loses_its_key(
    page: Page, simulator: SimulatorProcess
) -> None:
    pair(page, simulator, "+5511960000005")
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    assert page.locator("[data-testid^=link-device]").count() == 0
    simulator.kill()
    simulator.restart()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    page.evaluate(LOSE_KEY)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    assert page.locator("#pane-side").count() == 0


def test_code_links_the_phone_it_was_asked_for(page: Page, simulator: SimulatorProcess) -> None:
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    ask_code(page, "+55 11 96000-0002")
    page.wait_for_selector("[data-link-code]")
    letters = page.get_attribute("[data-link-code]", "data-link-code") or ""
    assert len(letters.split(",")) == 8
    assert (
        page.locator("[aria-details=link-device-phone-number-code-screen-instructions]").count()
        == 1
    )
    with pytest.raises(CallRefused, match="wrong_code"):
        simulator.enter_code(letters, "+5511960000003")
    simulator.enter_code(letters.replace(",", ""), "+5511960000002")
    page.wait_for_selector("#pane-side")


def test_ref_dies_with_its_page(page: Page, simulator: SimulatorProcess) -> None:
    page.goto(simulator.url)
    ref = ref_of(page)
    phone = f"{simulator.url}/phones/+5511960000004"
    page.goto(phone)
    eventually(lambda: page.reload() and escape(ref) not in page.content())
    with pytest.raises(CallRefused, match="stale_ref"):
        simulator.scan(ref, "+5511960000004")


def test_second_page_of_a_device_takes_it_from_the_first(
    page: Page, simulator: SimulatorProcess
) -> None:
    pair(page, simulator, "+5511960000009")
    second = page.context.new_page()
    second.goto(simulator.url)
    second.wait_for_selector("#pane-side")
    page.wait_for_selector("div[role=dialog]:has-text('Usar aqui')")
    page.click("role=button[name='Usar aqui']")
    second.wait_for_selector("div[role=dialog]:has-text('Usar aqui')")


def test_fifth_device_is_refused(page: Page, simulator: SimulatorProcess) -> None:
    for number in range(4):
        link_to(simulator, f"aparelho {number}", "+5511960000010")
    page.goto(simulator.url)
    with pytest.raises(CallRefused, match="too_many_devices"):
        simulator.scan(ref_of(page), "+5511960000010")


def test_page_takes_no_script_without_the_nonce(page: Page, simulator: SimulatorProcess) -> None:
    page.goto(simulator.url)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.x = 1'; document.body.append(s); }"
    )
    assert page.evaluate("window.x") is None


def test_storage_state_does_not_carry_the_link(
    page: Page, simulator: SimulatorProcess, chromium: Browser
) -> None:
    pair(page, simulator, "+5511960000012")
    state = page.context.storage_state(indexed_db=True)
    context = chromium.new_context(
        storage_state=state, user_agent=page.evaluate("navigator.userAgent")
    )
    other = context.new_page()
    other.goto(simulator.url)
    other.wait_for_selector(QR)
    context.close()
