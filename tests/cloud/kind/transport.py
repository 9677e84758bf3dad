"""An API that takes messages over HTTP and tells what became of them by webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from sessions.events import Address, Link
from sessions.interfaces import Batch, InDoubt, LinkLost, Opened, Outgoing, PairingCode, Sent

SECONDS = 600.0


class CloudTransport:
    """One account; it keeps nothing between two requests, so many threads may send at once."""

    def __init__(self, url: str, account: str, key: str) -> None:
        self._account = f"{url}/{account}"
        self._key = {"Authorization": f"Bearer {key}"}

    def open(self) -> Opened:
        """Whoever has the account's key is linked; LOGGED_OUT where it is refused."""
        try:
            with urlopen(Request(self._account, headers=self._key), timeout=SECONDS) as answer:
                return Opened(Link.ONLINE, json.load(answer)["phone"])
        except HTTPError:
            return Opened(Link.LOGGED_OUT, reason="key_refused")
        except OSError:
            raise LinkLost("unreachable") from None

    def pair(self, show: Callable[[PairingCode], None], deadline: float, **_how: object) -> Opened:
        """There is no code to show: the key is all."""
        return self.open()

    def lookup(self, phone: str) -> Address | None:
        """The API takes any number, and says later where there is nobody."""
        return Address(phone, phone.lstrip("+"))

    def send(self, message: Outgoing, before_wire: Callable[[], None]) -> Sent:
        """One request; InDoubt where its answer doesn't come, LinkLost where the account's key is refused."""
        body = json.dumps({"to": message.to.wa_id, "text": message.content.body}).encode()
        request = Request(f"{self._account}/messages", body, self._key)
        before_wire()
        try:
            with urlopen(request, timeout=SECONDS) as answer:
                return Sent(json.load(answer)["id"], datetime.now(UTC))
        except HTTPError:
            raise LinkLost("key_refused", Link.LOGGED_OUT) from None
        except OSError:
            raise InDoubt("no_tick") from None

    def poll(self, timeout: float) -> Batch:
        """What there is to tell comes to the webhook."""
        return Batch()

    def acknowledge(self, batch: Batch) -> None:
        """Nothing was told."""

    def close(self) -> None:
        """Nothing is open."""
