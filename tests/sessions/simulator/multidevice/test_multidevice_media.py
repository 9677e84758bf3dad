"""A document is uploaded sealed, and its recipient's phone opens it; what it can't open is not said to be seen."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import ssl
from pathlib import Path

import aiohttp
import pytest

from sessions.simulator.multidevice.curve import expand, mac
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.media import LABELS
from sessions.simulator.multidevice.nodes import Node
from sessions.simulator.multidevice.ratchet import cbc
from tests.sessions.simulator.multidevice.multidevice_client import Client, Served, served

OWNER, PERSON = "+5511988880001", "+5521977770001"
WORDS = b"Total: R$ 10"


def sealed(key: bytes) -> bytes:
    """The words as a client seals a document."""
    keys = expand(key, 112, info=LABELS["document"])
    data = cbc(keys[16:48], keys[:16], WORDS)
    return data + mac(keys[48:80], keys[:16] + data)[:10]


async def upload(simulator: Served, data: bytes, digest: bytes) -> tuple[int, str]:
    """Upload bytes under a digest; the status, and their path."""
    folder = simulator.hub.world.record._path.parent
    trusted = ssl.create_default_context(cafile=str(folder / "media.pem"))
    token = base64.urlsafe_b64encode(digest).decode()
    address = f"https://{simulator.multidevice.media.host}"
    async with aiohttp.ClientSession() as session:
        async with session.post(
            f"{address}/mms/document/{token}", data=data, ssl=trusted
        ) as answer:
            path = (await answer.json())["direct_path"] if answer.status == 200 else ""
        if path:
            async with session.get(address + path, ssl=trusted) as answer:
                assert await answer.read() == data
        return answer.status, path


def test_a_phone_opens_the_document_that_was_sealed_for_it_and_no_other(tmp_path: Path) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            answer = await client.ask("w:m", "set", Node("media_conn"))
            host = answer.children("media_conn")[0].children("host")[0].text("hostname")
            assert host == simulator.multidevice.media.host
            key = secrets.token_bytes(32)
            data = sealed(key)
            assert await upload(simulator, data, bytes(32)) == (400, "")
            _status, path = await upload(simulator, data, hashlib.sha256(data).digest())
            for media_key in (key, secrets.token_bytes(32)):
                document = {"file_name": "doc.txt", "caption": "Segue", "direct_path": path}
                await client.send_content(
                    Jid(PERSON[1:]),
                    {"captioned": {"message": {"document": {**document, "media_key": media_key}}}},
                )
            seen, unseen = (message.attachment or {} for message in simulator.hub.world.messages)
            assert seen["sha256"] == hashlib.sha256(WORDS).hexdigest()
            assert (unseen["opened"], unseen["name"]) == (False, "doc.txt")
            assert simulator.texts(PERSON) == ["Segue", "Segue"]

    asyncio.run(play())


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("image", "image"),
        ("video", "video"),
        ("document", "document"),
        ("voice", "audio"),
        ("sticker", "sticker"),
    ],
)
def test_what_a_person_sends_is_downloaded_and_opened_with_the_key_that_came_with_it(
    tmp_path: Path, kind: str, field: str
) -> None:
    async def play() -> None:
        async with served(tmp_path) as simulator, Client(simulator) as client:
            await client.link(OWNER)
            said = {"message": kind, "title": "orçamento.pdf", "text": "Segue, SAIR"}
            await simulator.post(f"/phones/{PERSON}/say", to=OWNER, **said)
            message = await client.hear("message", type="media")
            content = client.read(message)
            carried = content.get("captioned", {}).get("message", content)[field]
            host = simulator.multidevice.media
            trusted = ssl.create_default_context(cafile=str(tmp_path / "media.pem"))
            async with (
                aiohttp.ClientSession() as session,
                session.get(
                    f"https://{host.host}{carried['direct_path']}&hash=x", ssl=trusted
                ) as got,
            ):
                data = await got.read()
            assert hashlib.sha256(data).digest() == carried["sealed_digest"]
            seen = host.opened(field, carried)
            assert seen is not None
            assert hashlib.sha256(seen).digest() == carried["digest"]
            assert len(seen) == carried["length"]
            has_caption = kind not in ("voice", "sticker")
            assert carried.get("caption") == ("Segue, SAIR" if has_caption else None)

    asyncio.run(play())
