"""Every element of whatsapp-web.md's table, as the simulator's page really shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.simulator_browser import COMPOSE, QR, new_context, open_chat, pair
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

FRIEND = "+5511987654321"
STRANGER = "+5511970000002"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("elements"), seed=True) as simulator:
        simulator.mark_short(FRIEND, False)
        yield simulator


@pytest.fixture(scope="module")
def fresh(chromium: Browser) -> Iterator[Page]:
    """A page without a link."""
    context = new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def linked(chromium: Browser, simulator: SimulatorProcess) -> Iterator[Page]:
    """A page with a link, some chats, and one message sent and answered."""
    context = new_context(chromium)
    page = context.new_page()
    simulator.set_behaviour(reply_share=0, read_share=1)
    pair(page, simulator)
    open_chat(page, simulator, FRIEND, "Oi")
    page.keyboard.press("Enter")
    page.wait_for_selector('[aria-label=" Lida "]')
    simulator.say(FRIEND, OWNER, "Olá")
    page.wait_for_selector('#main [data-id^="AC"]')
    simulator.say("+5511971000000", OWNER, "Está aí?")
    page.wait_for_selector("[data-testid=icon-unread-count]")
    yield page
    context.close()


BEFORE_LINKING = [
    ("splash", "#wa_web_initial_startup progress"),
    ("qr loading", "[data-testid^=link-device-qrcode-alt-linking]"),
    ("qr", QR),
    ("qr, by test id", "[data-testid=link-device-qr-code]"),
    ("qr, by aria", "canvas[aria-label*=Scan]"),
    ("link by phone", "[data-testid=link-device-qrcode-alt-linking-hint]"),
    ("link by phone, by text", 'role=button[name="Conectar com número de telefone"]'),
    ("logged out", "[data-testid^=link-device]"),
]


@pytest.mark.parametrize(
    ("element", "selector"), BEFORE_LINKING, ids=[name for name, _ in BEFORE_LINKING]
)
def test_unlinked_page_shows(
    fresh: Page, simulator: SimulatorProcess, element: str, selector: str
) -> None:
    simulator.set_page(boot=8)
    fresh.goto(simulator.url)
    fresh.wait_for_selector(selector)
    assert fresh.locator("#pane-side").count() == 0


def test_loading_qr_has_no_canvas_yet(fresh: Page, simulator: SimulatorProcess) -> None:
    simulator.set_page(boot=0.5, qr_loading=10)
    fresh.goto(simulator.url)
    fresh.wait_for_selector("[data-testid^=link-device-qrcode-alt-linking]")
    assert fresh.locator("canvas").count() == 0
    simulator.set_page(qr_loading=0.5)


def test_ref_has_five_or_six_fields(fresh: Page, simulator: SimulatorProcess) -> None:
    fresh.goto(simulator.url)
    fresh.wait_for_selector(QR)
    assert len((fresh.get_attribute("div[data-ref]", "data-ref") or "").split(",")) in (5, 6)


AFTER_LINKING = [
    ("logged in", "#pane-side"),
    ("logged in, by test id", "[data-testid=chat-list]"),
    ("logged in, by side", "#side"),
    ("compose box", COMPOSE),
    ("compose box, by test id", "[data-testid=conversation-compose-box-input]"),
    ("compose box, by aria", '[aria-placeholder="Digite uma mensagem"]'),
    ("message row", "#main [data-id]"),
    ("message row, by test id", "#main [data-testid^=conv-msg-3EB0]"),
    ("direction out", "[data-icon=tail-out]"),
    ("direction in", "[data-icon=tail-in]"),
    ("text", ".copyable-text[data-pre-plain-text] [data-testid=selectable-text]"),
    ("text, by class", "span.selectable-text"),
    ("chat row", "#pane-side [role=row] [data-testid=cell-frame-container]"),
    ("chat title", "#pane-side [role=row] [data-testid=cell-frame-title]"),
    ("unread", "[data-testid=icon-unread-count]"),
    ("unread, by aria", '[aria-label="1 mensagem não lida"]'),
    ("search", 'input[data-tab="3"]'),
    ("attach", "[data-icon=ic-attach-file]"),
]


@pytest.mark.parametrize(
    ("element", "selector"), AFTER_LINKING, ids=[name for name, _ in AFTER_LINKING]
)
def test_linked_page_shows(linked: Page, element: str, selector: str) -> None:
    linked.wait_for_selector(selector)


def test_my_rows_are_said_to_be_mine(linked: Page) -> None:
    mine = linked.locator('#main [data-id^="3EB0"]').first
    assert mine.locator('[aria-label="Você:"]').count() == 1
    assert linked.locator('#main [data-id^="AC"] [aria-label="Você:"]').count() == 0


def test_ids_are_bare_and_tell_who_sent(linked: Page) -> None:
    ids = [
        row.get_attribute("data-id") or "" for row in linked.query_selector_all("#main [data-id]")
    ]
    assert all(re.fullmatch(r"3EB0[0-9A-F]{18}|AC[0-9A-F]{30}", one) for one in ids)


def test_compose_label_ends_in_the_contacts_name(linked: Page) -> None:
    assert (linked.get_attribute(COMPOSE, "aria-label") or "").endswith("+55 11 98765-4321")


def test_header_wraps_the_number_in_direction_marks(linked: Page) -> None:
    assert linked.inner_text("#main header") == "\u202a+55 11 98765-4321\u202c"


def test_section_headers_are_rows_without_a_cell(linked: Page) -> None:
    headers = linked.locator("#pane-side [role=row]:not(:has([data-testid=cell-frame-container]))")
    assert headers.first.inner_text() == "Conversas"


def test_list_is_virtualised(linked: Page) -> None:
    count = int(linked.get_attribute("[data-testid=chat-list]", "aria-rowcount") or 0)
    assert linked.locator("#pane-side [role=row]").count() < count
    assert linked.locator('#pane-side [title="Sr. Antônio"]').count() == 0
    linked.evaluate("document.querySelector('#pane-side').scrollTop = 1e6")
    linked.wait_for_selector('#pane-side [title="Sr. Antônio"]')
    linked.evaluate("document.querySelector('#pane-side').scrollTop = 0")
    linked.wait_for_selector("#pane-side [role=row] >> text=Conversas")


def test_empty_butterbar_measures_511_by_0(linked: Page) -> None:
    box = linked.locator("[data-testid=chat-butterbar]").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (511, 0)


def test_send_button_comes_with_the_first_letter(linked: Page) -> None:
    assert linked.locator('button:has([data-icon="wds-ic-send-filled"])').count() == 0
    linked.fill(COMPOSE, "x")
    linked.wait_for_selector('button:has([data-icon="wds-ic-send-filled"])')
    assert (
        linked.get_attribute('button:has([data-icon="wds-ic-send-filled"])', "aria-label")
        == "Enviar"
    )
    linked.fill(COMPOSE, "")


FAULTS = [
    ("offline banner", "offline_banner", "[data-testid=chat-butterbar] [data-icon^=alert-]"),
    ("restricted", "blocked", "[data-testid=block-message]"),
    ("interstitial", "whats_new", "div[role=dialog]:has-text('Novidades') >> text=Continuar"),
    ("interstitial, by animation", "whats_new", "[data-animate-modal-popup=true]"),
    (
        "conflict",
        "conflict",
        "div[role=dialog]:has-text('aberto em outra janela') >> text=Usar aqui",
    ),
]


@pytest.mark.parametrize(
    ("element", "fault", "selector"), FAULTS, ids=[name for name, _, _ in FAULTS]
)
def test_account_in_trouble_shows(
    linked: Page, simulator: SimulatorProcess, element: str, fault: str, selector: str
) -> None:
    open_chat(linked, simulator, FRIEND)
    simulator.set_fault(OWNER, fault)
    try:
        linked.wait_for_selector(selector)
    finally:
        simulator.clear_faults(OWNER)


def test_timelock_stands_in_place_of_the_box_for_new_chats_only(
    linked: Page, simulator: SimulatorProcess
) -> None:
    simulator.set_fault(OWNER, "timelock", until=4102444800.0)
    try:
        linked.goto(f"{simulator.url}/send?phone={STRANGER[1:]}")
        linked.wait_for_selector("[data-testid=reachout-timelock-compose-bar]")
        assert linked.locator(COMPOSE).count() == 0
        assert re.search(
            "restringid[ao]|não é possível iniciar novas conversas", linked.inner_text("footer")
        )
        open_chat(linked, simulator, FRIEND)
    finally:
        simulator.clear_faults(OWNER)


def test_attach_menu_items_open_a_file_chooser(linked: Page, simulator: SimulatorProcess) -> None:
    open_chat(linked, simulator, FRIEND)
    linked.click("[data-icon=ic-attach-file]")
    assert (
        linked.locator('input[accept="image/*"]').first.locator("xpath=..").inner_text()
        == "Nova figurinha"
    )
    with linked.expect_file_chooser() as chooser:
        linked.locator("[role=menuitem]:has([data-icon=ic-description-filled])").click()
    chooser.value.set_files(
        {"name": "exame.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )
    linked.locator("#main [role=button]:has([data-icon=wds-ic-send-filled])").click()
    linked.wait_for_selector('#main [title="exame.pdf"]')
    linked.wait_for_selector('[data-id]:has([title="exame.pdf"]) [aria-label=" Entregue "]')
    assert simulator.messages(to=FRIEND)[-1]["attachment"]["name"] == "exame.pdf"
