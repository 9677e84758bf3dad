"""The simulator's page without its server: chats and messages of a test, drawn by the page's own code.

Nothing here knows the driver: the tests beside this file hold the page against FACTS.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Route, ViewportSize

from sessions.simulator import bundle

FILES = Path(__file__).resolve().parents[4] / "sessions" / "simulator" / "page"
ADDRESS = "http://localhost:9/"
SIZE: ViewportSize = {"width": 1280, "height": 720}
ZONE = "America/Sao_Paulo"
# A Wednesday.
NOW = datetime(2026, 10, 21, 16, 40, tzinfo=ZoneInfo(ZONE))
PROFILES = ("2026-10", "2026-08", "2026-no-testid")
TYPES = {".js": "text/javascript", ".css": "text/css"}

WORDS = """(all) => all.map((one) => {
  const copy = one.cloneNode(true);
  for (const icon of copy.querySelectorAll("svg")) icon.remove();
  return copy.textContent;
})"""

Values = dict[str, Any]


def at(day: int, hour: int = 16, minute: int = 35, month: int = 10) -> float:
    """Seconds of a moment of 2026 in the browser's zone."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(ZONE)).timestamp()


def message(text: str = "", **values: Any) -> Values:
    """A message as the page's memory holds it, of a person, at 16:35 today."""
    plain: Values = {
        "id": "AC" + "0" * 30, "mine": False, "author": "", "author_number": "", "author_saved": True,
        "kind": "text", "text": text, "title": "", "at": at(21), "ack": 0, "edited": False,
        "quoted": None, "reactions": [], "attachment": None,
    }  # fmt: skip
    return plain | values


def mine(text: str = "", **values: Any) -> Values:
    """A message of our own, sent from this browser, with one tick."""
    return message(text, **{"id": "3EB0" + "0" * 18, "mine": True, "ack": 1} | values)


def chat(*messages: Values, **values: Any) -> Values:
    """A chat with a person whose name is saved, and whose number is known."""
    plain: Values = {
        "id": "5511987654321@c.us", "kind": "person", "name": "Ana Souza", "verified": "", "username": "",
        "number": "5511987654321", "masked": "", "own": False, "unread": 0, "marked": False,
        "archived": False, "pinned": False, "muted": False, "presence": "", "members": [], "followers": 0,
        "photo": False, "draft": "", "typing": "", "reaction": "", "locked": False, "barred": "", "block": "",
        "t": messages[-1]["at"] if messages else at(21),
    }  # fmt: skip
    return plain | {"messages": list(messages)} | values


def group(*messages: Values, **values: Any) -> Values:
    """A group of three."""
    members = ["Ana Souza", "Bia", "+55 11 91234-5678"]
    plain = {
        "id": "120363041@g.us",
        "kind": "group",
        "name": "Família",
        "number": "",
        "members": members,
    }
    return chat(*messages, **plain | values)


class Stage:
    """One open page of one profile, whose clock stands at `NOW`."""

    def __init__(self, chromium: Browser, profile: str) -> None:
        self.errors: list[str] = []
        context = chromium.new_context(locale="pt-BR", timezone_id=ZONE, viewport=SIZE)
        self.page = page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.clock.set_fixed_time(NOW)
        page.route(f"{ADDRESS}**", lambda route: _answer(profile, route))
        page.goto(ADDRESS)
        page.wait_for_function("window.stage")
        self.profile = profile
        self.has_ids = profile != "2026-no-testid"

    def show(self, *chats: Values, open: str = "", text: str = "", **around: Any) -> None:
        """Show these chats, one of them open; `around` is what holds for the whole page."""
        plain: Values = {
            "language": "pt", "hour12": False, "banners": [], "timelock": None, "cap": None,
        }  # fmt: skip
        scene = plain | around | {"chats": chats, "open": open, "text": text}
        self.page.evaluate("(scene) => window.stage.show(scene)", scene)

    def opened(self, *messages: Values, **values: Any) -> None:
        """Show one person's chat, open, with these messages."""
        shown = chat(*messages, **values)
        self.show(shown, open=shown["id"])

    def change(self, *chats: Values) -> None:
        """The same chats, with what came in the meantime."""
        self.page.evaluate("(chats) => window.stage.change(chats)", chats)

    def count(self, css: str) -> int:
        """How many such elements there are."""
        return self.page.locator(f"css={css}").count()

    def words(self, css: str) -> list[str]:
        """The whole text of each such element, hidden parts included, names of icons left out."""
        return self.page.locator(f"css={css}").evaluate_all(WORDS)  # type: ignore[no-any-return]

    def values(self, css: str, name: str) -> list[str | None]:
        """An attribute of each such element."""
        return self.page.locator(f"css={css}").evaluate_all(
            "(all, name) => all.map(one => one.getAttribute(name))", name
        )

    def known_by(self, testid: str, otherwise: str) -> str:
        """A selector: by test id where this profile has them, else what takes its place."""
        return f"[data-testid={testid}]" if self.has_ids else otherwise

    def sent(self) -> list[str]:
        """What was sent from the open chat."""
        return self.page.evaluate("window.stage.sent()")


def _answer(profile: str, route: Route) -> None:
    name = route.request.url.removeprefix(ADDRESS).removeprefix("page/").partition("?")[0]
    if not name:
        settings = {
            "language": "pt",
            "profile": profile,
            "timing": {},
            "scale": 1000,
            "linking": {"ignored_presses": 0, "screen": "", "country": "BR", "country_after": 0},
            "linked": {},
            "accounts": {},
        }
        page = (FILES / "index.html").read_text().replace("{{settings}}", json.dumps(settings))
        page = page.replace("{{lang}}", "pt-BR").replace("{{version}}/", "")
        route.fulfill(body=page, content_type="text/html")
        return
    text = _script() if name == "main.js" else (FILES / name).read_text()
    route.fulfill(body=text, content_type=TYPES[Path(name).suffix])


@cache
def _script() -> str:
    """The page's modules as one script, with stage.js in the place of main.js."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "page"
        shutil.copytree(FILES, folder)
        shutil.copy(Path(__file__).with_name("stage.js"), folder / "main.js")
        return bundle.bundled(folder, "main")


@contextmanager
def stages(chromium: Browser, profile: str) -> Iterator[Stage]:
    """A page of the profile that is nobody else's."""
    stage = Stage(chromium, profile)
    try:
        yield stage
    finally:
        stage.page.context.close()
    assert stage.errors == []


def numbered(messages: Sequence[Values]) -> list[Values]:
    """The same messages with ids of their own, a second apart."""
    return [
        one | {"id": f"{one['id'][:-4]}{place:04d}", "at": one["at"] + place}
        for place, one in enumerate(messages)
    ]
