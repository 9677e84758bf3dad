"""An API that takes messages over HTTP and tells what became of them by webhooks."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.error import HTTPError

from sessions.events import Address, Link
from sessions.interfaces import Batch, InDoubt, LinkLost, Opened, Outgoing, PairingCode, Sent

SECONDS = 600.0


class CloudTransport:
    """One account; it keeps nothing between two requests, so many threads may send at once."""

    def __init__(self, url: str, account: str) -> None:
        self._messages = f"{url}/{account}/messages"

    def open(self) -> Opened:
        """There is nothing to open."""
        return Opened(Link.ONLINE)

    def pair(self, show: Callable[[PairingCode], None], deadline: float, **_how: object) -> Opened:
        """Whoever has the account's key is linked."""
        return self.open()

    def lookup(self, phone: str) -> Address | None:
        """The API takes any number, and says later where there is nobody."""
        return Address(phone, phone.lstrip("+"))

    def send(self, message: Outgoing, before_wire: Callable[[], None]) -> Sent:
        """One request; InDoubt where its answer doesn't come, LinkLost where the account's key is refused."""
        body = json.dumps({"to": message.to.wa_id, "text": message.content.body}).encode()
        before_wire()
        try:
            with urllib.request.urlopen(self._messages, body, SECONDS) as answer:
                return Sent(json.load(answer)["id"], datetime.now(UTC))
        except HTTPError:
            raise LinkLost("logged_out", Link.LOGGED_OUT) from None
        except OSError:
            raise InDoubt("no_tick") from None

    def poll(self, timeout: float) -> Batch:
        """What there is to tell comes to the webhook."""
        return Batch()

    def acknowledge(self, batch: Batch) -> None:
        """Nothing was told."""

    def close(self) -> None:
        """Nothing is open."""
