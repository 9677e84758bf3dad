"""Sending through the simulated page: what shows on it, and what its recipients saw."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.simulator_browser import (
    COMPOSE,
    FOLLOW,
    catch_up,
    follow,
    new_context,
    on_disk,
    open_chat,
    pair,
)
from tests.simulator_process import OWNER, SimulatorProcess

pytestmark = pytest.mark.browser

SEND = 'button:has([data-icon="wds-ic-send-filled"])'
LAST = "#main [role=row]:last-child"
# The recipient may have read it before the page is looked at.
ARRIVED = ':is([aria-label=" Entregue "], [aria-label=" Lida "])'


@pytest.fixture(scope="module")
def linked(chromium: Browser, simulator: SimulatorProcess) -> Iterator[Page]:
    context = new_context(chromium)
    page = context.new_page()
    simulator.set_page(starting_chat=0.3, before_wire=0.1)
    pair(page, simulator)
    yield page
    context.close()


@pytest.fixture
def page(linked: Page, simulator: SimulatorProcess) -> Page:
    simulator.set_behaviour(
        deliver_after=0.5, deliver_share=1, read_after=1, read_share=1, reply_share=0
    )
    return linked


def reload(page: Page, simulator: SimulatorProcess) -> None:
    """Load the page with its usual timing, and without what a test has put into it."""
    simulator.set_page(starting_chat=0.3, before_wire=0.1)
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")


# Every chat that ever opened, by the label of its box.
WATCH_CHATS = """() => {
  window.chats = [];
  new MutationObserver(() => {
    const label = document.querySelector("footer [contenteditable]")?.getAttribute("aria-label");
    if (label && !window.chats.includes(label)) window.chats.push(label);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
# Remembers every tick that the last row ever showed: what it says, what it is called, its colour.
WATCH_TICKS = """(selector) => {
  window.ticksSeen = [];
  const look = () => {
    const tick = document.querySelector(selector);
    const label = tick && (tick.closest("[aria-label]") || tick.querySelector("[aria-label]"));
    if (!label) return;
    const title = tick.querySelector("svg > title");
    const row = [label.getAttribute("aria-label"), title ? title.textContent : "",
                 getComputedStyle(tick).color];
    const last = window.ticksSeen.at(-1);
    if (!last || last[0] !== row[0]) window.ticksSeen.push(row);
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, attributes: true, characterData: true });
}"""


def test_ticks_advance_under_their_misleading_names(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_page(before_wire=5)
    simulator.set_behaviour(deliver_after=6, read_after=6)
    open_chat(page, simulator, "+5511970000101", quote("Olá, Ana"))
    page.evaluate(WATCH_TICKS, f"{LAST} .tick")
    page.click(SEND)
    page.wait_for_selector(f'{LAST} [aria-label=" Pendente "]')
    assert simulator.messages(to="+5511970000101") == []
    page.wait_for_selector(f'{LAST} [aria-label=" Lida "]')
    seen = page.evaluate("window.ticksSeen")
    assert [(label, title) for label, title, _colour in seen] == [
        (" Pendente ", "wds-ic-status-pending"),
        (" Enviada ", "wds-ic-delivered"),
        (" Entregue ", "wds-ic-read"),
        (" Lida ", "wds-ic-read"),
    ]
    assert seen[2][2] != seen[3][2]
    reload(page, simulator)


def test_enter_sends_what_the_recipient_then_sees(page: Page, simulator: SimulatorProcess) -> None:
    text = "Olá, João & família 😊\nSegunda linha"
    follow(page, "+5511970000102", quote(text))
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(f'{LAST} [aria-label=" Lida "]')
    (message,) = simulator.messages(to="+5511970000102")
    assert message["text"] == text
    assert message["from"] == OWNER
    assert message["id"] == page.get_attribute(f"{LAST} [data-id]", "data-id")
    assert message["seen_at"] <= message["delivered_at"] <= message["read_at"]


def test_prefilled_box_sends_nothing_by_itself(page: Page, simulator: SimulatorProcess) -> None:
    follow(page, "+5511970000103", "Oi")
    assert page.inner_text(COMPOSE) == "Oi"
    catch_up(page, simulator)
    assert simulator.messages(to="+5511970000103") == []


def test_typed_and_filled_lines_arrive_as_they_were_put_in(
    page: Page, simulator: SimulatorProcess
) -> None:
    follow(page, "+5511970000104")
    page.click(COMPOSE)
    page.keyboard.type("um")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.keyboard.insert_text("três  espaços")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{LAST} {ARRIVED}")
    page.fill(COMPOSE, "um\ndois\n\nquatro")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{LAST} >> text=quatro")
    page.wait_for_selector(f"{LAST} {ARRIVED}")
    sent = [one["text"] for one in simulator.messages(to="+5511970000104")]
    assert sent == ["um\n\ntrês  espaços", "um\ndois\n\nquatro"]


def test_page_closed_right_after_enter_has_lost_the_message(
    page: Page, chromium: Browser, simulator: SimulatorProcess
) -> None:
    simulator.set_page(before_wire=5)
    open_chat(page, simulator, "+5511970000107", "Oi")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'{LAST} [aria-label=" Pendente "]')
    simulator.set_page(before_wire=0.1)
    open_chat(page, simulator, "+5511970000123", "Oi")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{LAST} {ARRIVED}")
    assert simulator.messages(to="+5511970000107") == []


def test_message_written_while_the_server_is_away_goes_out_later(
    page: Page, simulator: SimulatorProcess
) -> None:
    follow(page, "+5511970000108", "Para mais tarde")
    simulator.kill()
    page.wait_for_selector("[data-testid=chat-butterbar] >> text=Computador não conectado")
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(f'{LAST} [aria-label=" Pendente "]')
    on_disk(page, "Para mais tarde")
    simulator.restart()
    page.wait_for_selector(f"{LAST} {ARRIVED}")
    assert len(simulator.messages(to="+5511970000108")) == 1


def test_impossible_number_is_told_in_a_dialog(page: Page, simulator: SimulatorProcess) -> None:
    page.goto(f"{simulator.url}/send?phone=5511123&text=Oi")
    page.wait_for_selector("div[role=dialog]:has-text('não está no WhatsApp')")
    page.click("[data-testid=popup-controls-ok]")
    assert page.locator("div[role=dialog]").count() == 0
    assert page.locator(COMPOSE).count() == 0


def test_starting_chat_is_shown_and_escape_cancels_it(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_page(starting_chat=8)
    page.goto(f"{simulator.url}/send?phone=5511970000110&text=Oi")
    page.wait_for_selector("div[role=dialog]:has-text('Iniciando conversa')")
    page.keyboard.press("Escape")
    page.wait_for_selector("div[role=dialog]", state="detached")
    page.evaluate(WATCH_CHATS)
    page.evaluate(FOLLOW, "/send?phone=5511970000124")
    page.wait_for_selector(f'{COMPOSE}[aria-label$="0124"]')
    assert [label[-4:] for label in page.evaluate("window.chats")] == ["0124"]
    reload(page, simulator)


def test_account_without_the_ninth_digit_opens_under_its_other_form(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.mark_short("+5585970000111")
    follow(page, "+5585970000111", "Oi")
    assert page.inner_text("#main header").strip("\u202a\u202c") == "+55 85 7000-0111"
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{LAST} {ARRIVED}")
    (message,) = simulator.messages(to="+5585970000111")
    assert (message["to"], message["wa_id"]) == ("+5585970000111", "558570000111")


def test_saved_contact_shows_a_name_and_its_card_the_number(
    page: Page, simulator: SimulatorProcess
) -> None:
    simulator.mark_short("+5511970000112", False)
    simulator.save_contact(OWNER, "+5511970000112", "Dona Lourdes")
    page.evaluate(FOLLOW, "/send?phone=5511970000112")
    page.wait_for_selector("#main header >> text=Dona Lourdes")
    assert page.inner_text("#main header") == "Dona Lourdes"
    page.click("#main header [role=button]")
    assert "+55 11 97000-0112" in page.inner_text("[data-testid=chat-info-drawer]")


def test_anchor_in_the_page_opens_a_chat_without_a_reload(
    page: Page, simulator: SimulatorProcess
) -> None:
    follow(page, "+5511970000113")
    page.evaluate("() => { window.stays = true; }")
    for address in ("/send?phone=5511970000114&text=Oi", "https://wa.me/5511970000115?text=Oi"):
        page.evaluate(FOLLOW, address)
        page.wait_for_selector(
            f'{COMPOSE}[aria-label$="0114"]'
            if "0114" in address
            else f'{COMPOSE}[aria-label$="0115"]'
        )
        assert page.inner_text(COMPOSE) == "Oi"
    assert page.evaluate("() => window.stays") is True


def test_search_opens_a_number_without_a_chat(page: Page, simulator: SimulatorProcess) -> None:
    page.fill('input[data-tab="3"]', "+55 11 97000-0116")
    page.wait_for_selector("#pane-side [role=row] >> text=Não está nos contatos")
    page.press('input[data-tab="3"]', "Enter")
    page.wait_for_selector(f'{COMPOSE}[aria-label$="97000-0116"]')


def test_recipients_reply_by_the_share_asked_for(page: Page, simulator: SimulatorProcess) -> None:
    simulator.set_behaviour(phone="+5511970000120", reply_share=1, reply_after=1)
    follow(page, "+5511970000120", "Oi")
    page.keyboard.press("Enter")
    page.wait_for_selector('#main [data-id^="AC"]')
    assert simulator.truth(to="+5511970000120")["replies"][0]["to"] == OWNER


def test_phone_pages_show_what_arrived_and_write_back(
    page: Page, simulator: SimulatorProcess
) -> None:
    follow(page, "+5511970000121", "Sua+consulta")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{LAST} {ARRIVED}")
    phone = page.context.new_page()
    phone.goto(f"{simulator.url}/phones/")
    phone.click("text=+55 11 97000-0121")
    phone.wait_for_selector(".bubble.in >> text=Sua+consulta".replace("+", " "))
    phone.fill("input[name=text]", "Confirmado")
    phone.click("text=Enviar")
    phone.wait_for_selector(".bubble.out >> text=Confirmado")
    phone.close()
    page.wait_for_selector('#main [data-id^="AC"] >> text=Confirmado')


def test_owner_scans_by_a_click_on_the_phone_page(
    chromium: Browser, simulator: SimulatorProcess
) -> None:
    context = new_context(chromium)
    page, phone = context.new_page(), context.new_page()
    page.goto(simulator.url)
    page.wait_for_selector("div[data-ref] canvas")
    phone.goto(f"{simulator.url}/phones/+5511970000122")
    phone.click("text=Escanear")
    phone.wait_for_selector("text=Aparelho conectado.")
    page.wait_for_selector("#pane-side")
    phone.click("text=Desconectar")
    page.wait_for_selector("[data-testid^=link-device]")
    context.close()


def test_document_goes_out_with_its_name_and_caption(
    page: Page, simulator: SimulatorProcess, person: str
) -> None:
    follow(page, person)
    page.click("button[aria-label=Anexar]")
    with page.expect_file_chooser() as chooser:
        page.click(":is([role=menuitem], button):has-text('Documento')")
    file = {"name": "exame.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    chooser.value.set_files(file)
    page.fill("#main [contenteditable]:not(footer *)", "Segue")
    page.click("#main [role=button]:has([data-icon=wds-ic-send-filled])")
    page.wait_for_selector(f"#main [data-id]:has([title*='exame.pdf']) {ARRIVED}")
    (sent,) = simulator.messages(to=person)
    assert (sent["attachment"]["name"], sent["text"]) == ("exame.pdf", "Segue")
