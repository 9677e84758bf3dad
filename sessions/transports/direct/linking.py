"""Linking: codes for a phone until it has taken one."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from sessions.events import Link
from sessions.interfaces import LinkLost, Opened, PairingCode
from sessions.transports.direct import outcomes, protocol
from sessions.transports.direct.client import Client, Gone
from sessions.transports.direct.inbox import Inbox
from sessions.transports.direct.library import Library

BEGINS_WITHIN = 20.0  # seconds until the first code
ASK_EVERY = 0.5  # seconds between two questions whether anybody still waits


class Linking:
    """One client after the other that shows codes: each has six, for 160 seconds that the library counts."""

    def __init__(self, library: Library, store: str, inbox: Inbox) -> None:
        self._library, self._store, self._inbox = library, store, inbox
        self._client: Client | None = None
        self._wants_characters = False

    def begin(self) -> None:
        """Have codes to show. LinkLost where WhatsApp can't be reached."""
        inbox = self._inbox
        inbox.ended = None
        inbox.codes.clear()
        inbox.statuses.clear()
        self._client = Client(self._library, self._store, inbox)
        self._client.start(b"")
        inbox.wait_for(
            lambda: inbox.codes or inbox.statuses or inbox.ended is not None, BEGINS_WITHIN
        )
        if not (inbox.codes or inbox.statuses):
            raise LinkLost("no_answer" if inbox.ended is None else "unreachable")

    def follow(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str,
        stop: Callable[[], bool],
    ) -> Opened | None:
        """Show codes until a phone took one: then None. Else why it has not."""
        inbox, self._wants_characters = self._inbox, bool(phone)
        while monotonic() < deadline and not stop():
            left = min(ASK_EVERY, deadline - monotonic())
            inbox.wait_for(lambda: inbox.codes or inbox.statuses or inbox.ended is not None, left)
            if inbox.codes:
                if not self._shown(inbox.codes.popleft(), show, phone):
                    break
            elif inbox.statuses:
                status = inbox.statuses.popleft()
                if status == protocol.LINKED or status in ENDS:
                    return ENDS.get(status)
                self._begin_again()
                self._wants_characters = bool(phone)
            elif inbox.ended is not None:
                raise LinkLost("unreachable")
        return Opened(Link.NEEDS_PAIRING)

    def _shown(self, code: str, show: Callable[[PairingCode], None], phone: str) -> bool:
        """Show what the person asked for; False where there is none for this number, which is shown too."""
        if not phone:
            show(PairingCode("qr", code))
        elif self._wants_characters:
            self._wants_characters = False
            return self._show_characters(show, phone)
        return True

    def _show_characters(self, show: Callable[[PairingCode], None], phone: str) -> bool:
        """Ask for a code for this number; False where it is refused, which is shown."""
        assert self._client is not None
        try:
            said = self._client.pair_code(self._library.code_params(phone))
        except Gone as gone:
            raise LinkLost("unreachable") from gone
        if not said.Error:
            show(PairingCode("code", said.Code.replace("-", "")))
            return True
        reason = outcomes.of_code(said.Error)
        if not reason:
            raise LinkLost("unreachable")
        show(PairingCode("code", "", reason))
        return False

    def _begin_again(self) -> None:
        """The codes ran out, or a phone's attempt failed: it takes another client."""
        assert self._client is not None
        self._client.stop()
        self.begin()

    def linked_client(self) -> Client:
        """The client that a phone has just linked."""
        assert self._client is not None
        return self._client

    def abandon(self) -> None:
        """Nobody waits for a code any more; a phone that takes one all the same links nothing here."""
        self._inbox.closed = True
        if self._client is not None:
            self._client.abandon()


ENDS = {
    protocol.PASSKEY: Opened(Link.NEEDS_PASSKEY, reason="needs_passkey"),
    protocol.OUTDATED_HERE: Opened(Link.OUTDATED, reason="outdated"),
}
