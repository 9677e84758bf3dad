"""The hub: what the handlers of one running simulator share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from sessions.simulator.pairing import Pairing
from sessions.simulator.recipients import Recipients
from sessions.simulator.record import Record
from sessions.simulator.state import World
from sessions.simulator.timing import Linking, PageTiming

if TYPE_CHECKING:
    from pathlib import Path

    from sessions.simulator.entities import Device

Listener = Callable[[str], Awaitable[None]]


class Page(Protocol):
    """An open page, as others speak to it; `device` is None until it is linked and proven."""

    device: Device | None

    async def heed(self) -> None:
        """Send the page its account's faults."""

    async def displace(self) -> None:
        """Another page of the same device took its place."""

    async def part(self) -> None:
        """End its connection."""


class Hub:
    """Everything that handlers share. `scale` multiplies every wait.

    `on_faults` holds who else than the pages is told, by its number, of an account whose faults changed.
    """

    def __init__(self, folder: Path, scale: float) -> None:
        self.scale = scale
        self.timing = PageTiming()
        self.linking = Linking()
        self.renamed: frozenset[str] = frozenset()
        self.world = World(Record(folder / "record.jsonl"))
        self.recipients = Recipients(self.world, scale)
        self.pairing = Pairing(self.world, self._rotation)
        self.pages: set[Page] = set()
        self.on_faults: list[Listener] = []
        self.holders: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def profile_of(self, account: str = "") -> str:
        """The DOM profile of an account's pages, or of those that have none of their own."""
        return self.world.profile_of(account)

    def own(self, account: str) -> dict[str, Any]:
        """The settings of an account's pages: DOM profile, language, modules, and faults."""
        return {
            "profile": self.profile_of(account),
            "conditions": self.world.faults.of(account),
            **self.world.setting(account),
        }

    def later(self, seconds: float, action: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine after so many seconds (not scaled)."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await action

        task = asyncio.get_running_loop().create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _rotation(self) -> tuple[float, int, float]:
        timing = self.timing
        return timing.ref_rotation * self.scale, int(timing.refs), timing.code_life * self.scale


HUB = web.AppKey("hub", Hub)


def hub_of(request: web.Request) -> Hub:
    """The hub behind a request."""
    return request.app[HUB]


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object (or form) of a request; 400 with a plain sentence when it is neither."""
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {
            key: value for key, value in (await request.post()).items() if isinstance(value, str)
        }
    try:
        value = await request.json() if request.can_read_body else {}
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="a JSON object is expected")
    return value


def text_of(values: dict[str, Any], name: str) -> str:
    """A required text field of a body; 400 names it when it is missing."""
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise web.HTTPBadRequest(text=f"{name} is missing")
    return value
