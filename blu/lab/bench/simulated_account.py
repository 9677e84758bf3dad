"""Accounts of a bench's simulator, linked without anybody's hand; and what people saw."""

import json
import time
from typing import Any
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


def told(url: str, path: str) -> Any:
    """One GET from the simulator."""
    with urlopen(url + path, timeout=60) as answer:
        return json.load(answer)


def scan(url: str, phone: str, code: str) -> None:
    """The phone of an account scans the text of a QR code."""
    call(url, f"/phones/{quote(phone)}/scan", {"ref": code})


def link(session: WhatsAppSession, url: str, phone: str) -> None:
    """Link a session to the account `phone` by its QR."""

    def scanned(code: PairingCode) -> None:
        scan(url, phone, code.value)

    transport = backend_of(session.link).make(session.link)
    try:
        transport.open()
        opened = transport.pair(scanned, time.monotonic() + SECONDS)
        assert opened.link is Link.ONLINE
    finally:
        transport.close()
