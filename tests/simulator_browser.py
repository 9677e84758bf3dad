"""A real Chromium on the simulator's page, for tests that look at the page itself."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page

from tests.simulator_process import OWNER, SimulatorProcess

QR = "div[data-ref] canvas"
ROW = "#main [data-id]"
PENDING = f'{ROW} [aria-label=" Pendente "]'
DELIVERED = f'{ROW} [aria-label=" Entregue "]'
COMPOSE = 'footer div[contenteditable=true][data-tab="10"]'


def user_agent(browser: Browser) -> str:
    """The plain Chrome user agent of the browser's own version."""
    major = browser.version.split(".")[0]
    return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"


def new_context(browser: Browser, *, locale: str = "pt-BR") -> BrowserContext:
    """A fresh profile that looks like plain Chrome."""
    return browser.new_context(user_agent=user_agent(browser), locale=locale)


def pair(page: Page, simulator: SimulatorProcess, phone: str = OWNER) -> None:
    """Link the page to a phone by its QR code, up to the visible chat list."""
    page.goto(simulator.url)
    page.wait_for_selector(QR)
    simulator.scan(page.get_attribute("div[data-ref]", "data-ref") or "", phone)
    page.wait_for_selector("#pane-side")


def open_chat(page: Page, simulator: SimulatorProcess, phone: str, text: str = "") -> None:
    """Deep link to a chat, up to the box to write in."""
    page.goto(f"{simulator.url}/send?phone={phone.removeprefix('+')}&text={text}")
    page.wait_for_selector(COMPOSE)


def press(page: Page, simulator: SimulatorProcess, phone: str, text: str = "Oi") -> None:
    """Send a text from a chat's box and see a row."""
    open_chat(page, simulator, phone, text)
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(ROW)


def reopen(page: Page, simulator: SimulatorProcess, phone: str) -> None:
    """Boot the page and open a chat: what the profile itself knows of it."""
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    open_chat(page, simulator, phone)
    page.wait_for_timeout(200)


def texts(simulator: SimulatorProcess, phone: str) -> list[str]:
    """What a recipient saw, in order."""
    return [message["text"] for message in simulator.messages(to=phone)]
