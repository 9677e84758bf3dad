"""A multi-device client is linked by QR code and by eight characters, as a phone's owner does it."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path

import pytest
from aiohttp import WSMsgType

from sessions.simulator.multidevice.curve import new_pair
from tests.sessions.simulator.multidevice.multidevice_client import Client, served

OWNER = "+5511988880001"


def test_a_client_that_a_phone_scanned_logs_in_as_its_device(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            assert str(client.jid) == "5511988880001:1@s.whatsapp.net"
            assert client.lid is not None
            assert (client.lid.server, client.lid.device) == ("lid", 1)
            (device,) = simulator.hub.world.account("5511988880001").linked_devices()
            assert (device.kind, device.name) == ("multidevice", "Chrome (Tests)")

    asyncio.run(play())


def test_whoever_comes_is_remembered_with_the_moment_and_its_account(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            (first,) = json.loads(await simulator.page("/ws/logins"))["logins"]
            await client.leave()
            await client.log_in()
            before, after = json.loads(await simulator.page("/ws/logins"))["logins"]
            assert before == first
            assert before[0] < after[0]
            assert [one[1:] for one in (before, after)] == [["5511988880001", False]] * 2

    asyncio.run(play())


def test_a_client_that_knows_another_root_does_not_believe_the_server(tmp_path: Path) -> None:
    async def play() -> None:
        async with (
            served(tmp_path) as simulator,
            Client(simulator, root=new_pair().public) as client,
        ):
            with pytest.raises(AssertionError):
                await client.connect()

    asyncio.run(play())


@pytest.mark.parametrize("wrong", ["ref", "identity"])
def test_a_code_that_no_client_shows_is_stale(tmp_path: Path, wrong: str) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            ref = await client.ref()
            if wrong == "ref":
                ref = "2@another"
            else:
                client.identity = new_pair()
            answer = await simulator.post(f"/phones/{OWNER}/scan", ref=client.qr(ref))
            assert answer == {"error": "stale_ref"}

    asyncio.run(play())


def test_a_code_is_worth_nothing_once_its_client_is_gone(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            code = client.qr(await client.ref())
            await client.leave()
            answer = await simulator.post(f"/phones/{OWNER}/scan", ref=code)
            assert answer == {"error": "stale_ref"}

    asyncio.run(play())


def test_a_client_that_does_not_sign_back_is_not_linked(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            ref = await client.ref()
            scan = asyncio.create_task(simulator.post(f"/phones/{OWNER}/scan", ref=client.qr(ref)))
            success = await client.hear("iq", "pair-success")
            client.identity = new_pair()
            with pytest.raises(AssertionError):
                await client.sign(success)
            attrs = dict(success.attrs) | {"type": "result"}
            success.attrs = attrs
            await client.say(success)
            assert await scan == {"error": "not_signed"}
            assert simulator.hub.world.account("5511988880001").linked_devices() == []

    asyncio.run(play())


def test_a_fifth_device_is_refused_and_its_code_stays_good(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            for name in "abcd":
                await simulator.hub.world.link(OWNER, kind="page", name=name)
            code = client.qr(await client.ref())
            answer = await simulator.post(f"/phones/{OWNER}/scan", ref=code)
            assert answer == {"error": "too_many_devices"}
            await simulator.post(f"/phones/{OWNER}/unlink")
            scan = asyncio.create_task(simulator.post(f"/phones/{OWNER}/scan", ref=code))
            await client.sign(await client.hear("iq", "pair-success"))
            assert "device" in await scan

    asyncio.run(play())


def test_an_account_that_asks_for_a_passkey_is_not_linked(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await simulator.fault(OWNER, "passkey")
            code = client.qr(await client.ref())
            answer = await simulator.post(f"/phones/{OWNER}/scan", ref=code)
            assert answer == {"error": "passkey_required"}

    asyncio.run(play())


def test_a_device_that_the_phone_took_off_is_let_in_no_more_and_its_coming_is_remembered(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.post(f"/phones/{OWNER}/unlink")
            error = await client.hear("stream:error", code="401")
            assert error.children("conflict")[0].text("type") == "device_removed"
            await asyncio.wait_for(client.over.wait(), 5)
            await client.connect()
            await client.hear("failure", reason="401")
            logins = json.loads(await simulator.page("/ws/logins"))["logins"]
            assert [one[1:] for one in logins] == [["5511988880001", False]] * 2

    asyncio.run(play())


def test_a_stranger_with_a_devices_number_is_not_let_in(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            async with Client(simulator) as thief:
                thief.jid = client.jid
                await thief.connect()
                await thief.hear("failure", reason="401")

    asyncio.run(play())


def test_a_newer_connection_takes_the_device_and_the_older_is_told_and_the_login_says_so(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            async with Client(simulator) as newer:
                newer.jid, newer.noise = client.jid, client.noise
                await newer.log_in()
                told = await client.hear("stream:error", "conflict")
                assert told.children("conflict")[0].text("type") == "replaced"
                logins = json.loads(await simulator.page("/ws/logins"))["logins"]
                assert [displaced for _at, _account, displaced in logins] == [False, True]

    asyncio.run(play())


def test_linked_devices_outlive_a_restart(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator:
            client = Client(simulator)
            await client.link(OWNER)
            await client.upload()
        async with served(tmp_path) as again, client:
            await client.log_in(again)
            told = await client.ask("encrypt", "get")
            assert told.text("type") == "result"
            assert len(again.multidevice.store.of_account("5511988880001")[0].pre_keys) == 5

    asyncio.run(play())


def test_what_is_no_client_is_cut_off(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            socket = await client._http.ws_connect(f"ws://127.0.0.1:{simulator.port}/ws/chat")
            await socket.send_bytes(b"GET / HTTP/1.1" + secrets.token_bytes(20))
            assert (await socket.receive()).type is WSMsgType.CLOSE

    asyncio.run(play())


@pytest.mark.parametrize("shown", ["qr", "code"])
def test_a_person_links_by_what_they_put_into_the_field_of_the_phones_page(
    tmp_path: Path, shown: str
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            code = client.qr(await client.ref()) if shown == "qr" else await client.ask_code(OWNER)
            field = 'action="/phones/+5511988880001/paste"'
            assert field in await simulator.page(f"/phones/{OWNER}")
            stale = await simulator.fill_in(f"/phones/{OWNER}/paste", typed="2@a,b,c")
            assert "Este código QR já expirou" in stale
            linking = asyncio.create_task(
                simulator.fill_in(f"/phones/{OWNER}/paste", typed=f" {code} ")
            )
            if shown == "code":
                await client.finish_code(code)
            await client.sign(await client.hear("iq", "pair-success"))
            page = await linking
            assert "Aparelho conectado." in page
            assert "Chrome (Tests)" in page

    asyncio.run(play())


def test_a_code_of_eight_characters_links_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            code = await client.ask_code(OWNER)
            wrong = "AAAAAAAA" if code != "AAAAAAAA" else "BBBBBBBB"
            typing = asyncio.create_task(simulator.post(f"/phones/{OWNER}/code", code=wrong))
            await client.finish_code(code)
            assert await typing == {"error": "wrong_code"}
            typing = asyncio.create_task(simulator.post(f"/phones/{OWNER}/code", code=code))
            await client.finish_code(code)
            await client.sign(await client.hear("iq", "pair-success"))
            assert "device" in await typing
            await client.leave()
            await client.log_in()

    asyncio.run(play())
