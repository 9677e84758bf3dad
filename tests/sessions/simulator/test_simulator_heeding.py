"""A fault is on when the call that asked for it returns: the page has acknowledged it, or is gone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sessions.simulator import delivery, faults, page_socket
from sessions.simulator.hub import Hub
from sessions.simulator.page_socket import PageLink
from sessions.simulator.state import Refused

ACCOUNT = "5511988880000"


class Socket:
    """A page's end of the connection: what it was told, in order."""

    closed = False

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def send_json(self, said: dict[str, Any]) -> None:
        """Noted."""
        self.told.append(said)

    async def close(self, **_how: object) -> None:
        """Closed from now on."""
        self.closed = True


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    (tmp_path / "record.jsonl").touch()
    return Hub(tmp_path, 1.0)


async def connected(hub: Hub) -> tuple[PageLink, Socket]:
    """A page that is linked to the account and open."""
    socket = Socket()
    link = PageLink(hub, socket, "page")  # type: ignore[arg-type]
    link.device = await hub.world.link(ACCOUNT, kind="page", name="page")
    hub.pages.add(link)
    return link, socket


async def struck(hub: Hub, fault: str) -> asyncio.Task[None]:
    """The account put under a fault, as far as that goes before anybody answers."""
    hub.world.commit(faults.started(ACCOUNT, fault, {}))
    task = asyncio.ensure_future(delivery.settle(hub, ACCOUNT))
    await asyncio.sleep(0)
    return task


def test_a_fault_is_on_once_every_page_has_acknowledged_it(hub: Hub) -> None:
    async def played() -> None:
        pages = [await connected(hub) for _page in range(2)]
        task = await struck(hub, "clock")
        for number in range(2):
            assert not task.done()
            link, socket = next(one for one in pages if len(one[1].told) == 1)
            (said,) = socket.told
            assert (said["op"], "clock" in said["conditions"]) == ("conditions", True)
            socket.told.append({"number": number})
            await link._hear({"op": "heeded", "change": said["change"]})
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await task

    asyncio.run(played())


def test_a_page_that_goes_away_is_waited_for_no_longer(hub: Hub) -> None:
    async def played() -> None:
        link, _socket = await connected(hub)
        task = await struck(hub, "conflict")
        assert not task.done()
        hub.pages.discard(link)
        link.leave()
        await task

    asyncio.run(played())


def test_a_page_behind_a_silent_cut_is_asked_for_nothing(hub: Hub) -> None:
    async def played() -> None:
        _link, socket = await connected(hub)
        await (await struck(hub, "silent_cut"))
        assert socket.told == []

    asyncio.run(played())


def test_a_page_that_heeds_nothing_is_said_to(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_socket, "HEED_SECONDS", 0.05)

    async def played() -> None:
        await connected(hub)
        await (await struck(hub, "clock"))

    with pytest.raises(Refused, match="page_heeds_nothing"):
        asyncio.run(played())
