"""The messages whose next tick is still to come, by the chat they went to."""

from __future__ import annotations

from datetime import UTC, datetime

from sessions.events import Address, Receipt, Tick
from sessions.transports.browser import ticks


class PendingReceipts:
    """How far each message is known to have come. Pure: it only remembers."""

    def __init__(self) -> None:
        self._known: dict[str, Tick | None] = {}
        self._out: dict[str, list[str]] = {}

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._known

    def add(self, wa_id: str, message_id: str, tick: Tick | None) -> None:
        """Wait for the ticks of a message, known to have come as far as `tick`."""
        if message_id not in self._known:
            self._known[message_id] = tick
            self._out.setdefault(wa_id, []).append(message_id)

    def of(self, wa_id: str) -> list[str]:
        """The messages to one chat, oldest first."""
        return self._out.get(wa_id, [])

    def take(self, message_id: str, tick: Tick | None, wa_id: str) -> list[Receipt]:
        """A tick that was seen, as a receipt where it is news."""
        if tick is None or not ticks.further(tick, self._known[message_id]):
            return []
        self._known[message_id] = tick
        return [Receipt(message_id, tick, datetime.now(UTC), Address(wa_id=wa_id))]

    def chats(self) -> list[str]:
        """WhatsApp ids of the chats with a message that is not read yet, oldest first."""
        return [
            wa_id
            for wa_id, ids in self._out.items()
            if any(self._known[one] is not Tick.READ for one in ids)
        ]
