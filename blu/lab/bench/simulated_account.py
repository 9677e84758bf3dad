"""Accounts of a bench's simulator, linked without anybody's hand."""

import json
import time
from urllib.parse import quote
from urllib.request import Request, urlopen

from sessions.events import Link
from sessions.interfaces import PairingCode
from sessions.models import WhatsAppSession
from sessions.registry import backend_of

SECONDS = 60.0


def call(url: str, path: str, values: dict[str, object]) -> None:
    """One POST to the simulator."""
    request = Request(url + path, json.dumps(values).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        answer.read()


def silence(url: str) -> None:
    """Turn all phones off: no receipts and no replies, which the measured floor doesn't pay for."""
    call(url, "/control/behaviour", {"deliver_share": 0, "read_share": 0, "reply_share": 0})


def link(session: WhatsAppSession, url: str, phone: str) -> None:
    """Link a session to the account `phone` by its QR."""

    def scanned(code: PairingCode) -> None:
        call(url, f"/phones/{quote(phone)}/scan", {"ref": code.value})

    transport = backend_of(session.link).make(session.link)
    try:
        transport.open()
        opened = transport.pair(scanned, time.monotonic() + SECONDS)
        assert opened.link is Link.ONLINE
    finally:
        transport.close()
