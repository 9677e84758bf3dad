"""What a linked multi-device client writes is really read by the recipient's phone, and it reads what people write."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sessions.simulator.chats import lid_of
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.nodes import Node
from tests.sessions.simulator.multidevice.multidevice_client import Client, served

OWNER, PERSON = "+5511988880001", "+5521977770001"
NUMBER = PERSON[1:]
FRIEND = "+5511988880002"
CHAT, LID = Jid(NUMBER), Jid(lid_of(NUMBER), "lid")


def test_a_text_is_read_by_its_recipient_and_acknowledged(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            ack = await client.send(CHAT, "Olá, Ana 😊", message_id="3EB01")
            assert (ack.text("class"), ack.text("error"), ack.jid("from")) == ("message", "", CHAT)
            assert simulator.texts(PERSON) == ["Olá, Ana 😊"]
            assert simulator.hub.world.messages[0].id == "3EB01"

    asyncio.run(play())


def test_receipts_come_from_the_address_that_was_written_to(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.look_up(PERSON)
            for jid in (CHAT, LID):
                await client.send(jid, "Oi", message_id=f"to-{jid.server}")
                delivered = await client.hear("receipt", id=f"to-{jid.server}", type="")
                read = await client.hear("receipt", id=f"to-{jid.server}", type="read")
                assert delivered.jid("from") == read.jid("from") == jid

    asyncio.run(play())


def test_a_reply_is_read_by_the_device_and_told_once(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.send(CHAT, "Oi")
            for text in ("Oi!", "Quero sim"):
                await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text=text)
                message = await client.hear("message", notify="~")
                assert message.jid("from") == CHAT
                assert client.read(message)["conversation"] == text
                await client.received(message)
            (device,) = simulator.hub.world.account(OWNER[1:]).linked_devices()
            while device.cursor < len(simulator.hub.world.account(OWNER[1:]).log):
                receipt = await client.hear("receipt")
                attrs = {"id": receipt.text("id"), "class": "receipt", "to": CHAT}
                await client.say(Node("ack", attrs | {"type": receipt.text("type")}))
                await client.ask("w:p", "get", Node("ping"))

    asyncio.run(play())


def test_what_was_not_acknowledged_is_told_again(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.upload()
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="Oi")
            first = await client.hear("message", type="text", notify="~")
            assert first.children("enc")[0].text("type") == "pkmsg"
            await client.leave()
            await client.log_in()
            again = await client.hear("message", id=first.text("id"))
            assert client.read(again)["conversation"] == "Oi"

    asyncio.run(play())


def test_somebody_who_never_wrote_uses_up_a_one_time_key_and_few_left_are_told(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.upload()
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="Oi")
            message = await client.hear("message", notify="~")
            assert client.read(message)["conversation"] == "Oi"
            (keys,) = simulator.multidevice.store.of_account(OWNER[1:])
            assert list(keys.pre_keys) == list(client.pre_keys)[1:]
            told = await client.hear("notification", type="encrypt")
            assert told.children("count")[0].text("value") == str(len(client.pre_keys) - 1)

    asyncio.run(play())


def test_sessions_outlive_a_restart_in_both_directions(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator:
            client = Client(simulator)
            await client.link(OWNER)
            for text in ("um", "dois"):
                await client.send(CHAT, text)
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="três")
            message = await client.hear("message", type="text", notify="~")
            assert client.read(message)["conversation"] == "três"
            await client.send(CHAT, "quatro")
        async with served(tmp_path) as again, client:
            await client.log_in(again)
            await client.send(CHAT, "cinco")
            assert again.texts(PERSON) == ["um", "dois", "quatro", "cinco"]
            await again.post(f"/phones/{PERSON}/say", to=OWNER, text="seis")
            said = [await client.hear("message", notify="~") for _message in range(2)]
            assert client.read(said[1])["conversation"] == "seis"

    asyncio.run(play())


def test_what_the_phone_cant_read_is_asked_for_anew_and_never_counted(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.send(CHAT, "um")
            session = await client.session(CHAT)
            session.sending.key = bytes(32)
            await client.send(CHAT, "dois", message_id="3EB02")
            await client.hear("receipt", id="3EB02", type="retry")
            client.sessions.clear()
            await client.send(CHAT, "dois", message_id="3EB02")
            assert simulator.texts(PERSON) == ["um", "dois"]

    asyncio.run(play())


def test_what_is_sent_again_under_its_id_is_acknowledged_again_and_read_once(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            stanza = await client.sealed(CHAT, [CHAT, Jid(OWNER[1:])], "Oi", "3EB01")
            for _time in range(2):
                assert (await client.answer(stanza)).text("error") == ""
            assert simulator.texts(PERSON) == ["Oi"]
            await client.send(CHAT, "Depois")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.hear("receipt", type="retry"), 0.2)

    asyncio.run(play())


def test_what_did_not_reach_whatsapp_can_still_be_read_when_it_comes_again(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            stanza = await client.sealed(CHAT, [CHAT], "Oi", "3EB01")
            await simulator.fault(OWNER, "clock")
            await client.say(stanza)
            await client.ask("w:p", "get", Node("ping"))
            assert simulator.texts(PERSON) == []
            await simulator.clear(OWNER)
            assert (await client.answer(stanza)).text("error") == ""
            assert simulator.texts(PERSON) == ["Oi"]

    asyncio.run(play())


def test_what_the_device_cant_read_is_written_anew_in_a_new_session(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.send(CHAT, "Oi")
            client.sessions.clear()
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="Oi!")
            lost = await client.hear("message", notify="~")
            attrs = {"id": lost.text("id"), "to": CHAT, "type": "retry"}
            await client.say(Node("receipt", attrs, [Node("retry", {"count": "1"})]))
            again = await client.hear("message", id=lost.text("id"))
            assert client.read(again)["conversation"] == "Oi!"

    asyncio.run(play())


def test_what_the_owner_writes_on_the_phone_comes_as_their_own(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            written = await simulator.post(f"/phones/{OWNER}/write", to=PERSON, text="Do telefone")
            message = await client.hear("message", id=written["id"])
            assert (message.jid("from"), message.jid("recipient")) == (Jid(OWNER[1:]), CHAT)
            sent = client.read(message)["device_sent"]
            assert sent["message"]["conversation"] == "Do telefone"
            assert sent["destination"] == str(CHAT)

    asyncio.run(play())


def test_an_edit_and_a_deletion_come_with_the_id_of_what_they_change(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            said = await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="Quero")
            client.read(await client.hear("message", id=said["id"]))
            path = f"/phones/{OWNER}/messages/{said['id']}"
            await simulator.post(f"{path}/edit", text="SAIR")
            edited = client.read(await client.hear("message", edit="1"))["protocol"]
            assert edited["key"]["id"] == said["id"]
            assert edited["edited"]["conversation"] == "SAIR"
            await simulator.post(f"{path}/delete")
            deleted = client.read(await client.hear("message", edit="7"))["protocol"]
            assert (deleted["type"], deleted["key"]["id"]) == (0, said["id"])

    asyncio.run(play())


def test_a_reaction_is_not_told_as_an_edit(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await client.send(CHAT, "Oi", message_id="3EB01")
            path = f"/phones/{OWNER}/messages/3EB01"
            await simulator.post(f"{path}/react", emoji="👍")
            await simulator.post(f"{path}/delete")
            await client.hear("message", edit="7")
            assert [node for node in client._heard if node.text("edit") == "1"] == []

    asyncio.run(play())


def test_a_hidden_person_is_a_lid_whose_number_nobody_tells(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.post("/control/people", phone=PERSON, hidden=True)
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="Oi")
            message = await client.hear("message", type="text", notify="~")
            assert message.jid("from") == LID
            assert message.jid("sender_pn") is None
            await client.send(LID, "Olá")
            assert simulator.texts(PERSON) == ["Olá"]

    asyncio.run(play())


def test_what_is_written_into_a_group_comes_from_the_group_and_says_by_whom(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            group = await simulator.post(
                "/control/group-chats",
                account=OWNER,
                kind="group",
                name="Vizinhos",
                members=[PERSON],
            )
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, text="SAIR", group=group["id"])
            message = await client.hear("message", notify="~")
            assert str(message.jid("from")) == group["id"]
            assert message.jid("participant") == CHAT
            assert client.read(message)["conversation"] == "SAIR"

    asyncio.run(play())


def test_a_lookup_tells_the_registered_number_the_lid_and_the_devices(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            await simulator.post("/control/numbers", phone=PERSON, short=True)
            user = await client.look_up(PERSON, "devices")
            assert user.jid("jid") == Jid("552177770001")
            assert user.children("contact")[0].text("type") == "in"
            assert user.children("lid")[0].jid("val") == LID
            own = await client.look_up(OWNER, "devices")
            devices = own.children("devices")[0].children("device-list")[0].children()
            assert [device.text("id") for device in devices] == ["0", "1"]
            assert own.children("devices")[0].data("key-index-list")
            await simulator.post("/control/numbers", phone=PERSON, absent=True)
            gone = await client.look_up(PERSON, "devices")
            assert gone.children("contact")[0].text("type") == "out"

    asyncio.run(play())


def test_what_one_account_seals_for_another_ones_device_goes_to_it_as_it_is(tmp_path: Path) -> None:
    async def play() -> None:
        async with (
            served(tmp_path) as simulator,
            Client(simulator) as ours,
            Client(simulator) as theirs,
        ):
            await ours.link(OWNER)
            await theirs.link(FRIEND)
            await theirs.upload()
            phone = Jid(FRIEND[1:])
            await ours.send_to_all(phone, [phone, Jid(phone.user, device=1)], "De nós", "3EB01")
            message = await theirs.hear("message", id="3EB01")
            assert message.jid("from") == ours.jid
            assert theirs.read(message)["conversation"] == "De nós"
            assert simulator.texts(FRIEND) == ["De nós"]
            own = Jid(OWNER[1:])
            await theirs.send_to_all(own, [own, Jid(own.user, device=1)], "De volta", "3EB02")
            message = await ours.hear("message", id="3EB02")
            assert ours.read(message)["conversation"] == "De volta"

    asyncio.run(play())


def test_what_was_sealed_for_no_device_is_written_to_it_by_the_senders_phone(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with (
            served(tmp_path) as simulator,
            Client(simulator) as ours,
            Client(simulator) as theirs,
        ):
            await ours.link(OWNER)
            await theirs.link(FRIEND)
            await ours.send(Jid(FRIEND[1:]), "Só ao telefone", message_id="3EB01")
            message = await theirs.hear("message", id="3EB01")
            assert message.jid("from") == Jid(OWNER[1:])
            assert theirs.read(message)["conversation"] == "Só ao telefone"

    asyncio.run(play())


def test_another_device_of_the_account_hears_what_one_of_them_wrote(tmp_path: Path) -> None:
    async def play() -> None:
        async with (
            served(tmp_path) as simulator,
            Client(simulator) as one,
            Client(simulator) as other,
        ):
            await one.link(OWNER)
            await other.link(OWNER)
            assert other.jid == Jid(OWNER[1:], device=2)
            await one.send(CHAT, "Oi", message_id="3EB01")
            message = await other.hear("message", id="3EB01")
            assert message.jid("recipient") == CHAT
            assert other.read(message)["device_sent"]["message"]["conversation"] == "Oi"

    asyncio.run(play())
