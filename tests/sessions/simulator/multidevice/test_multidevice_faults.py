"""What goes wrong on the multi-device wire, as a client meets it."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from sessions.simulator.multidevice import account_limits, connection
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.nodes import Node
from tests.sessions.simulator.multidevice.multidevice_client import Client, served

OWNER, PERSON, FRIEND = "+5511988880001", "+5521977770001", "+5521977770002"
CHAT, WARM = Jid(PERSON[1:]), Jid(FRIEND[1:])


def test_a_time_lock_refuses_new_chats_with_463_and_lets_warm_ones_go_on(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.post(f"/phones/{FRIEND}/say", to=OWNER, text="Oi")
            until = int(time.time()) + 3600
            await simulator.fault(OWNER, "timelock", until=float(until))
            told = await client.hear("notification", type="mex")
            said = json.loads(told.data("update"))["data"]["xwa2_notify_account_reachout_timelock"]
            assert (said["is_active"], said["time_enforcement_ends"]) == (True, str(until))
            assert (await client.send(CHAT, "Olá")).text("error") == "463"
            assert simulator.texts(PERSON) == []
            assert (await client.send(WARM, "Olá")).text("error") == ""
            assert simulator.texts(FRIEND) == ["Olá"]

    asyncio.run(play())


def test_who_asks_is_told_the_time_lock_and_the_quota(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "cap", total=50, used=48, status="FIRST_WARNING")
            query = Node("query", {"query_id": account_limits.QUOTA_QUERY}, b"{}")
            answer = await client.ask("w:mex", "get", query)
            cap = json.loads(answer.data("result"))["data"]["xwa2_message_capping_info"]
            assert (cap["total_quota"], cap["used_quota"]) == (50, 48)
            assert cap["capping_status"] == "FIRST_WARNING"
            query = Node("query", {"query_id": account_limits.TIMELOCK_QUERY}, b"{}")
            answer = await client.ask("w:mex", "get", query)
            lock = json.loads(answer.data("result"))["data"]["xwa2_fetch_account_reachout_timelock"]
            assert lock == {"is_active": False}

    asyncio.run(play())


@pytest.mark.parametrize("what", ["lookup", "message"])
def test_too_much_asked_is_429_of_that_alone(tmp_path: Path, what: str) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "rate_limit", what=what)
            users = Node("list", {}, [Node("user", {"jid": CHAT})])
            usync = Node("usync", {"sid": "1"}, [Node("query", {}, [Node("lid")]), users])
            answer = await client.ask("usync", "get", usync)
            error = answer.child("error")
            assert (error.text("code") if error else "") == ("429" if what == "lookup" else "")
            ack = await client.send(CHAT, "Olá")
            assert ack.text("error") == ("429" if what == "message" else "")
            assert simulator.texts(PERSON) == ([] if what == "message" else ["Olá"])

    asyncio.run(play())


@pytest.mark.parametrize("reason", [402, 403, 405, 406, 503])
def test_a_device_that_is_refused_loses_its_line_and_is_told_why_when_it_comes_again(
    tmp_path: Path, reason: int
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "refused", reason=reason, seconds=600.0)
            await asyncio.wait_for(client.over.wait(), 5)
            await client.leave()
            await client.connect()
            told = await client.hear("failure", reason=str(reason))
            assert told.text("expire") == ("600" if reason == 402 else "")
            await simulator.clear(OWNER)
            await client.leave()
            await client.log_in()

    asyncio.run(play())


def test_a_515_ends_the_line_once_and_the_client_may_come_again(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "restart_required")
            await client.hear("stream:error", code="515")
            await client.leave()
            await client.log_in()
            assert (await client.send(CHAT, "Olá")).text("error") == ""

    asyncio.run(play())


@pytest.mark.parametrize("hangs_up", [True, False])
def test_after_a_last_word_the_line_waits_for_the_client_to_hang_up_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, hangs_up: bool
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            monkeypatch.setattr(connection, "LINGER", 600.0 if hangs_up else 0.01)
            client.hangs_up = hangs_up
            async with asyncio.timeout(5):
                await simulator.fault(OWNER, "restart_required")
                await client.over.wait()
            await client.hear("stream:error", code="515")

    asyncio.run(play())


def test_a_conflict_replaces_the_client_whenever_it_comes(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "conflict")
            await client.hear("stream:error", "conflict")
            await client.leave()
            await client.connect()
            told = await client.hear("stream:error", "conflict")
            assert told.children("conflict")[0].text("type") == "replaced"

    asyncio.run(play())


def test_a_lost_ack_is_no_ack_but_the_message_arrived_and_its_receipts_come(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "no_ack")
            sending = asyncio.create_task(client.send(CHAT, "Olá", message_id="3EB01"))
            await client.hear("receipt", id="3EB01", type="")
            await client.hear("receipt", id="3EB01", type="read")
            assert simulator.texts(PERSON) == ["Olá"]
            assert not sending.done()
            sending.cancel()

    asyncio.run(play())


def test_a_late_ack_comes_after_all_and_the_receipt_before_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "receipt_first", seconds=20.0)
            sending = asyncio.create_task(client.send(CHAT, "Olá", message_id="3EB01"))
            await client.hear("receipt", id="3EB01", type="")
            assert not sending.done()
            assert (await sending).text("error") == ""

    asyncio.run(play())


def test_every_receipt_may_come_twice(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.fault(OWNER, "double_receipts")
            await client.send(CHAT, "Olá", message_id="3EB01")
            for tick in ("", "", "read", "read"):
                await client.hear("receipt", id="3EB01", type=tick)

    asyncio.run(play())


def test_a_silent_cut_swallows_all_until_the_client_comes_again(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.send(CHAT, "antes")
            await simulator.fault(OWNER, "silent_cut")
            sending = asyncio.create_task(client.send(CHAT, "mudo"))
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="Oi?")
            await simulator.clear(OWNER)
            await asyncio.wait_for(client.over.wait(), 5)
            assert simulator.texts(PERSON) == ["antes"]
            assert not sending.done()
            sending.cancel()
            await client.leave()
            await client.log_in()
            assert client.read(await client.hear("message", notify="~"))["conversation"] == "Oi?"

    asyncio.run(play())
