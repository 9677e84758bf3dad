"""A real Chromium on the simulator's page, for tests that look at the page itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import unquote_plus

from playwright.sync_api import Browser, BrowserContext, Page

from tests.eventually import eventually
from tests.simulator_process import OWNER, SimulatorProcess

QR = "div[data-ref] canvas"
ROW = "#main [data-id]"
PENDING = f'{ROW} [aria-label=" Pendente "]'
DELIVERED = f'{ROW} [aria-label=" Entregue "]'
COMPOSE = 'footer div[contenteditable=true][data-tab="10"]'
ON_DISK = """async (text) => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await settled(indexedDB.open("model-storage"));
  const all = await settled(database.transaction("message").objectStore("message").getAll());
  database.close();
  return all.some((message) => message.text === text);
}"""
# Every tick that the last row of the chat ever showed, by its label.
WATCH_TICKS = """() => {
  window.ticks = [];
  new MutationObserver(() => {
    const tick = document.querySelector("#main [role=row]:last-child .tick");
    const label = tick && (tick.closest("[aria-label]") || tick.querySelector("[aria-label]"));
    const said = label?.getAttribute("aria-label").trim();
    if (said && window.ticks.at(-1) !== said) window.ticks.push(said);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
FOLLOW = """(address) => {
  const anchor = document.createElement("a");
  anchor.href = address;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}"""
BOX_HOLDS = "([box, text]) => document.querySelector(box).innerText.includes(text)"
# Of the page's own origin, since another would be another process.
AWAY = "/health"
_strangers = count(60000100)


def user_agent(browser: Browser) -> str:
    """The plain Chrome user agent of the browser's own version."""
    major = browser.version.split(".")[0]
    return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"


def new_context(browser: Browser, *, locale: str = "pt-BR") -> BrowserContext:
    """A fresh profile that looks like plain Chrome."""
    return browser.new_context(user_agent=user_agent(browser), locale=locale)


@contextmanager
def linked_context(browser: Browser, simulator: SimulatorProcess) -> Iterator[BrowserContext]:
    """A profile that is linked to the owner, its one page away."""
    context = new_context(browser)
    page = context.new_page()
    pair(page, simulator)
    page.goto(simulator.url + AWAY)
    yield context
    context.close()


@contextmanager
def emptied_page(context: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    """The one page of a profile that has nothing on its disk any more: a new profile would be another process."""
    page, *others = context.pages or [context.new_page()]
    for other in others:
        other.close()
    page.goto(simulator.url + AWAY)
    disk = context.new_cdp_session(page)
    disk.send("Storage.clearDataForOrigin", {"origin": simulator.url, "storageTypes": "all"})
    disk.detach()
    yield page


@contextmanager
def only_page(context: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    """The one page of a linked profile, on the simulator while the block lasts; another once it has crashed."""
    has_crashed = threading.Event()
    page = context.pages[0] if context.pages else context.new_page()
    page.once("crash", lambda _: has_crashed.set())
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    yield page
    page.close() if has_crashed.is_set() else page.goto(simulator.url + AWAY)


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


def follow(page: Page, phone: str, text: str = "") -> None:
    """Go to a chat by a link in the page, which stays loaded, up to the box to write in, and the text in it.

    The box of a chat that is open already is there before the link was followed.
    """
    page.evaluate(FOLLOW, f"/send?phone={phone.removeprefix('+')}&text={text}")
    page.wait_for_selector(f'{COMPOSE}[aria-label$="{phone[-4:]}"]')
    first, *_more = unquote_plus(text).splitlines() or [""]
    page.wait_for_function(BOX_HOLDS, arg=[COMPOSE, first])


def press(page: Page, phone: str, text: str = "Oi") -> None:
    """Send a text from a chat's box and see a row."""
    follow(page, phone, text)
    page.press(COMPOSE, "Enter")
    page.wait_for_selector(ROW)


def reopen(page: Page, simulator: SimulatorProcess, phone: str) -> None:
    """Boot the page and open a chat: what the profile itself knows of it."""
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")
    open_chat(page, simulator, phone)
    catch_up(page, simulator)


def catch_up(page: Page, simulator: SimulatorProcess, account: str = OWNER) -> None:
    """Return when the page shows what came after everything that it was told until now."""
    person = next(_strangers)
    simulator.say(f"+55119{person}", account, f"palavra {person}")
    page.wait_for_selector(f"#pane-side >> text=palavra {person}")


def on_disk(page: Page, text: str) -> None:
    """Return when a message of that text is on the page's own disk: it has left, or was taken."""
    page.wait_for_function(ON_DISK, arg=text)


def delivered(simulator: SimulatorProcess, phone: str) -> None:
    """Return when that person's phone has all that was sent to it, whatever the page knows of it."""
    eventually(
        lambda: (seen := simulator.messages(to=phone)) and all(one["delivered_at"] for one in seen)
    )


def texts(simulator: SimulatorProcess, phone: str) -> list[str]:
    """What a recipient saw, in order."""
    return [message["text"] for message in simulator.messages(to=phone)]
