"""The screens of linking as FACTS.md has them: codes that die, presses that do nothing, countries, passkeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from sessions.simulator.client import CallRefused
from tests.eventually import eventually
from tests.simulator_browser import QR, new_context
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

PHONE = "+5511987500001"
BY_NUMBER = "[data-testid=link_device_qr_phone_number_link]"
FIELD = "[data-testid=phone-number-input]"
NEXT = "[data-testid=link-device-phone-number-entry-next-button]"
COUNTRY = "[data-testid=phone-number-country-selector]"
# Put into each page before its own scripts, so that the first code is met however late the test comes to look.
WATCH_REFS = """
window.refs = [];
new MutationObserver(() => {
    const ref = document.querySelector("[data-ref]")?.dataset.ref;
    if (ref && refs.at(-1) !== ref) refs.push(ref);
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-ref"]});
"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("linking")) as simulator:
        simulator.set_page(profile="2026-10")
        yield simulator


@pytest.fixture(scope="module")
def unlinked(chromium: Browser) -> Iterator[Page]:
    context = new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(unlinked: Page, simulator: SimulatorProcess) -> Iterator[Page]:
    yield unlinked
    simulator.set_linking()
    simulator.set_page(boot=0.8, qr_loading=1.5, ref_rotation=20, code_life=160)
    simulator.clear_faults(PHONE)


def by_number(page: Page, number: str) -> None:
    page.click(BY_NUMBER)
    page.fill(FIELD, number)
    page.click(NEXT)


def test_six_codes_come_and_then_the_last_one_stands_dead_under_an_overlay(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_page(ref_rotation=2)
    page.add_init_script(WATCH_REFS)
    page.goto(simulator.url)
    refresh = page.wait_for_selector("[data-testid=link_device_qr_expired_refresh_button]")
    refs = page.evaluate("refs")
    assert len(refs) == 6
    assert page.get_attribute("[data-ref]", "data-ref") == refs[-1]
    assert page.inner_text("[data-ref] button") == "Selecione para recarregar o código QR"
    for ref in refs:
        with pytest.raises(CallRefused, match="stale_ref"):
            simulator.scan(ref, PHONE)
    assert refresh is not None
    refresh.click()
    page.wait_for_selector("[data-ref] button", state="detached")
    page.wait_for_selector(QR)
    assert page.get_attribute("[data-ref]", "data-ref") not in refs


def test_presses_before_the_code_is_drawn_and_the_first_ones_do_nothing(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_page(qr_loading=10)
    page.goto(simulator.url)
    page.click(BY_NUMBER)
    page.wait_for_selector(QR)
    assert page.locator(FIELD).count() == 0
    simulator.set_linking(ignored_presses=2)
    simulator.set_page(qr_loading=0)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    for _ in range(2):
        page.click(BY_NUMBER)
        assert page.locator(FIELD).count() == 0
    page.click(BY_NUMBER)
    page.wait_for_selector(FIELD)


def test_a_country_that_comes_late_spoils_the_number_that_was_typed(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_linking(country="US", country_after=5)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    page.click(BY_NUMBER)
    page.fill(FIELD, "+55 11 98750-0001")
    assert "+55" in page.inner_text(COUNTRY)
    eventually(lambda: "+1" in page.inner_text(COUNTRY))
    assert page.input_value(FIELD) == "+1 5511987500001"
    page.click(NEXT)
    page.wait_for_selector("#link-device-phone-number-entry-screen-error:not(:empty)")
    page.fill(FIELD, "+5511987500001")
    page.click(NEXT)
    page.wait_for_selector("[data-testid=link-with-phone-number-code-cells][data-link-code]")


def test_too_many_attempts_are_said_where_the_code_would_stand(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_linking(screen="too_many_attempts")
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    by_number(page, PHONE)
    page.wait_for_selector("text=Muitas tentativas")
    assert page.locator("[data-link-code], [data-ref]").count() == 0
    page.click("text=Conectar com código QR")
    page.wait_for_selector(QR)


def test_a_database_error_stands_in_place_of_the_code_until_a_reload(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_linking(screen="database_error")
    page.goto(simulator.url)
    page.wait_for_selector("text=/erro no banco de dados/")
    assert page.locator("[data-ref]").count() == 0
    simulator.set_linking()
    page.click("text=Tentar novamente")
    page.wait_for_selector(QR)


def test_the_linking_page_speaks_the_browsers_language(
    chromium: Browser, simulator: SimulatorProcess
) -> None:
    simulator.set_linking(screen="database_error")
    context = new_context(chromium, locale="en-US")
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("text=A database error occurred on your browser")
    context.close()
    simulator.set_linking()


def test_a_code_that_expired_says_so(page: Page, simulator: SimulatorProcess) -> None:
    simulator.set_page(code_life=5)
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    by_number(page, PHONE)
    page.wait_for_selector("[data-link-code]")
    code = page.get_attribute("[data-link-code]", "data-link-code") or ""
    page.wait_for_selector("text=Código expirado")
    with pytest.raises(CallRefused, match="wrong_code"):
        simulator.enter_code(code, PHONE)
    page.click("button:has-text('Receber novo código')")
    page.wait_for_selector(FIELD)


def test_an_account_with_a_passkey_stops_at_its_card(
    page: Page, simulator: SimulatorProcess
) -> None:
    cards = {
        "prompt": "shortcake_passkey_continue_button",
        "waiting": "shortcake_cancel_button",
        "code": "shortcake_verification_code_display",
    }
    page.goto(simulator.url)
    for card, within in cards.items():
        page.wait_for_selector(QR)
        simulator.set_fault(PHONE, "passkey", card=card)
        with pytest.raises(CallRefused, match="passkey_required"):
            simulator.scan(page.get_attribute("[data-ref]", "data-ref") or "", PHONE)
        page.wait_for_selector(f"[data-testid=shortcake_passkey_screen] [data-testid={within}]")
        assert page.locator("[data-ref], [data-link-code]").count() == 0
        page.click("[data-testid=shortcake_cancel_button]")
    page.wait_for_selector(QR)
    assert simulator.phone(PHONE)["devices"] == []


def test_a_passkey_is_asked_for_after_a_code_too_and_a_server_has_none(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_fault(PHONE, "passkey")
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    by_number(page, PHONE)
    page.wait_for_selector("[data-link-code]")
    with pytest.raises(CallRefused, match="passkey_required"):
        simulator.enter_code(page.get_attribute("[data-link-code]", "data-link-code") or "", PHONE)
    page.click("[data-testid=shortcake_passkey_continue_button]")
    page.wait_for_selector("[data-testid=shortcake_passkey_prompt_card] [role=alert]:not(:empty)")
    assert simulator.phone(PHONE)["devices"] == []


def test_where_the_passkey_passes_the_page_is_linked(
    chromium: Browser, simulator: SimulatorProcess
) -> None:
    simulator.set_fault(PHONE, "passkey", card="code", passes=True)
    context = new_context(chromium)
    page = context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    with pytest.raises(CallRefused, match="passkey_required"):
        simulator.scan(page.get_attribute("[data-ref]", "data-ref") or "", PHONE)
    page.click("[data-testid=shortcake_code_confirm_button]")
    page.wait_for_selector("#pane-side")
    context.close()
    simulator.clear_faults(PHONE)
