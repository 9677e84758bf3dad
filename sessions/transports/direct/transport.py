"""The `direct` transport: a linked device over WhatsApp's own protocol, without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import structlog

from blu.text.phone import forms
from sessions.events import Address, Event, Incoming, Link, LinkChange
from sessions.interfaces import (
    Batch,
    BeforeWire,
    InDoubt,
    LinkLost,
    NotSent,
    Opened,
    Outgoing,
    PairingCode,
    Sent,
    UncertainMessage,
)
from sessions.transports.direct import heard, opening, outcomes, protocol
from sessions.transports.direct.client import Client, Gone
from sessions.transports.direct.inbox import AWAY_MOST, Inbox, ids_of
from sessions.transports.direct.library import Library, WrongLibrary
from sessions.transports.direct.linking import Linking
from sessions.transports.direct.store import Store, StoreAway

log = structlog.get_logger()

CATCHES_UP_WITHIN = 60.0  # seconds in which what came in the time away is told
NEWS_WITHIN = 0.2  # seconds that a poll waits for more of that
CLOCKS = timedelta(minutes=1)  # how far WhatsApp's clock and the database's may be apart
ASK_AGAIN = 60.0  # seconds without a question after WhatsApp said that it was asked too much
REPLACED_EARLY = (
    120.0  # seconds: who displaces us so soon was displaced by us, and comes back on its own
)
STORE_AWAY, UNUSABLE = "database_error", "program_unusable"


class DirectTransport:
    """Drives the device that is linked for `home` in the store.

    `load` gives the library of this process; it is not asked before the opening. With `is_linked` False there must be none: one left from an earlier link is forgotten, with its keys. `wake` is
    called whenever poll would give something.
    """

    tells_lids = hears_proofs = True

    def __init__(
        self,
        load: Callable[[], Library],
        store: Store,
        home: str,
        *,
        is_linked: bool = True,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._load, self._store, self._home = load, store, home
        self._is_linked, self._wake = is_linked, wake
        self._library: Library
        self._inbox: Inbox
        self._client: Client | None = None
        self._linking: Linking | None = None
        self._given: tuple[Batch, list[int]] | None = None
        self._down: LinkLost | None = None
        self._opened_at = 0.0
        self._asked_too_much_at = float("-inf")
        self._has_come_again = False

    def _new_inbox(self) -> Inbox:
        return Inbox(self._library.messages, self._store, self._home, self._wake)

    # Opening and linking

    def open(self) -> Opened:
        """Connect the linked device, or begin to be linked; see Transport."""
        with self._usable():
            device = self._device()
            self._store.drop_old(self._home)
            self._inbox.load()
        if not device:
            self._linking = Linking(self._library, self._store.library_url, self._inbox)
            self._linking.begin()
            return Opened(Link.NEEDS_PAIRING)
        return self._connected(device)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        """Load the library; LinkLost where it or the store can't be used."""
        try:
            self._library = self._load()
            self._store.have_tables(self._library.make_tables)
            self._inbox = self._new_inbox()
            yield
        except StoreAway as away:
            log.warning("store_away", error=str(away))
            raise LinkLost(STORE_AWAY) from away
        except (WrongLibrary, OSError) as problem:
            log.error("library_unusable", error=type(problem).__name__)
            raise LinkLost(UNUSABLE) from problem

    def _device(self) -> str:
        if not self._is_linked:
            self._leave()
        return self._store.device_of(self._home)

    def log_out(self) -> None:
        """Take the device off the account, where it is still one of its; see LogsOut."""
        with self._usable():
            opening.log_out(self._library, self._store, self._inbox, self._home)
            self._store.forget(self._home)

    def _leave(self) -> None:
        """One left from an earlier link goes; where WhatsApp can't be told, the phone goes on listing it."""
        try:
            opening.log_out(self._library, self._store, self._inbox, self._home)
        except LinkLost as lost:
            log.warning("not_logged_out", reason=lost.reason)
        self._store.forget(self._home)
        self._inbox = self._new_inbox()

    def _connected(self, device: str) -> Opened:
        self._client = opening.connect(self._library, self._store, self._inbox, device)
        return self._let_in()

    def _let_in(self) -> Opened:
        found = opening.let_in(self._inbox)
        if found.link is not Link.ONLINE:
            return found
        self._store.watch.add(self._hang_up)
        self._opened_at = monotonic()
        # WhatsApp may know the account by its number of before the ninth digit.
        own = forms(f"+{self._inbox.device.partition(':')[0]}")
        return Opened(Link.ONLINE, phone=max(own, key=len))

    def pair(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str = "",
        stop: Callable[[], bool] = bool,
    ) -> Opened:
        """Show codes until a phone has linked this device; see Transport."""
        if self._linking is None:
            raise LinkLost("offline")
        told = self._linking.follow(show, deadline, phone=phone, stop=stop)
        if told is not None:
            return told
        self._client, self._linking = self._linking.linked_client(), None
        return self._let_in()

    # Working

    def lookup(self, phone: str) -> Address | None:
        """Ask which account is behind a number; None when there is none."""
        self._refuse_questions()
        try:
            client = self._online()
            said = client.look_up(phone.lstrip("+"))
            if said.Error:
                raise self._unanswered(outcomes.of_question(said.Error))
            found = said.IsOnWhatsAppResponse[0]
            if not found.IsIn:
                return None
            if found.JID.Server != protocol.LIDS:
                return Address(phone, found.JID.User)
            number = client.number_of(found.JID.SerializeToString())
            return Address(phone, number.Jid.User or phone.lstrip("+"), found.JID.User)
        except Gone as gone:
            raise LinkLost("offline") from gone

    def asks_of_itself(self) -> bool:
        """Whether WhatsApp says that the account's own number is on WhatsApp; see AsksOfItself."""
        try:
            own = self._inbox.device.partition(":")[0]
            return not self._online().look_up(own).Error
        except Gone as gone:
            raise LinkLost("offline") from gone

    def send(self, message: Outgoing, before_wire: BeforeWire) -> Sent:
        """Send one message; returns after WhatsApp's word that it has it."""
        to = message.to
        if not (to.wa_id or to.lid):
            address = self.lookup(to.phone)
            if address is None:
                raise NotSent(outcomes.NOT_ON_WHATSAPP, permanent=True)
            to = address
        self._refuse_questions()
        client, messages = self._online(), self._library.messages
        user, server = (to.wa_id, protocol.NUMBERS) if to.wa_id else (to.lid, protocol.LIDS)
        before_wire()
        try:
            said = client.send(
                protocol.jid(messages, user, server), self._library.text(message.content.body)
            )
        except Gone as gone:
            raise NotSent(outcomes.LINK_LOST, permanent=False) from gone
        if said.Error:
            raise self._not_sent(said.Error)
        self._inbox.sent.append(said.SendResponse.ID)
        return Sent(said.SendResponse.ID, heard.moment(said.SendResponse.Timestamp))

    def prove(self, message: UncertainMessage) -> Sent | None:
        """A message that arrived at this person since the press, that neither the ledger nor another device sent.

        Where there are several, which is which is a person's to say.
        """
        chats = heard.chats_of(message.to)
        try:
            arrived = self._store.unclaimed(self._home, chats, message.pressed_at - CLOCKS)
        except StoreAway as away:
            raise LinkLost(STORE_AWAY) from away
        unknown = [one for one in arrived if one[0] not in message.known]
        return Sent(*unknown[0]) if len(unknown) == 1 else None

    def _online(self) -> Client:
        """The client, with a line that is let in; it has a while to come again by itself."""
        if self._down is not None:
            raise self._down
        client, inbox = self._client, self._inbox
        if client is None:
            raise LinkLost("offline")
        told = inbox.wait_for(lambda: inbox.is_lost() or client.is_online(), AWAY_MOST)
        if not told or inbox.is_lost():
            raise LinkLost("offline")
        return client

    def _refuse_questions(self) -> None:
        if monotonic() - self._asked_too_much_at < ASK_AGAIN:
            raise NotSent(outcomes.TOO_MUCH_ASKED, permanent=False)

    def _unanswered(self, reason: str) -> NotSent | LinkLost:
        if reason != outcomes.TOO_MUCH_ASKED:
            return LinkLost("offline")
        self._asked_too_much_at = monotonic()
        return NotSent(reason, permanent=False)

    def _not_sent(self, error: str) -> NotSent | InDoubt:
        outcome = outcomes.of_error(error)
        if outcome.reason == outcomes.UNKNOWN_ERROR:
            log.warning("send_failed", error=outcomes.shape_of(error))
        if outcome.reason == outcomes.TOO_MUCH_ASKED:
            self._asked_too_much_at = monotonic()
        if outcome.reason == outcomes.CHAT_LOCKED:
            self._inbox.tell(LinkChange(Link.ONLINE, "no_new_chats", quota=0))
        return outcome

    # Hearing

    def poll(self, timeout: float) -> Batch:
        """What was heard; the same until it is acknowledged."""
        if self._client is None:
            raise LinkLost("offline")
        if self._given is None:
            self._given = self._gathered(timeout)
        return self._given[0]

    def _gathered(self, timeout: float) -> tuple[Batch, list[int]]:
        inbox = self._inbox
        late = monotonic() - self._opened_at > CATCHES_UP_WITHIN
        wait = timeout if inbox.caught_up or late else max(timeout, NEWS_WITHIN)
        inbox.wait_for(lambda: inbox.events or inbox.changes or inbox.is_away(), wait)
        events, changes = inbox.taken()
        told = [now for change in changes if (now := self._answered(change)) is not None]
        if self._inbox is inbox and (inbox.is_away() or inbox.ended is not None):
            told.append(heard.OFFLINE)
        for change in told:
            if change.link is not Link.ONLINE:
                self._down = LinkLost(change.reason, change.link, change.until)
        batch: tuple[Event, ...] = (*(event for _kept, event in events), *told)
        more = not (inbox.caught_up or late or self._down)
        return Batch(batch, more), ids_of(events)

    def _answered(self, change: LinkChange) -> LinkChange | None:
        """What is told of this: of being displaced right after the opening, how coming again once ended."""
        early = monotonic() - self._opened_at < REPLACED_EARLY
        if change.link is not Link.CONFLICT or self._has_come_again or not early:
            return change
        self._has_come_again = True
        return self._come_again()

    def _come_again(self) -> LinkChange | None:
        """Displace the other, whose lease is lost; None where that brought the link back."""
        assert self._client is not None
        self._client.stop()
        self._inbox = self._new_inbox()
        try:
            device = self._store.device_of(self._home)
            if not device:
                return heard.OFFLINE  # the next opening finds that it must be linked
            found = self._connected(device)
        except StoreAway:
            return LinkChange(Link.OFFLINE, STORE_AWAY)
        except LinkLost as lost:
            return LinkChange(lost.link, lost.reason, lost.until)
        back = found.link is Link.ONLINE
        return None if back else LinkChange(found.link, found.reason, found.until)

    def acknowledge(self, batch: Batch) -> None:
        """All of it is kept elsewhere."""
        if self._given is None or batch is not self._given[0]:
            return
        _batch, kept = self._given
        self._given = None
        if kept:
            self._acknowledge(kept, at_once=any(isinstance(one, Incoming) for one in batch.events))

    def _acknowledge(self, kept: list[int], *, at_once: bool) -> None:
        try:
            self._store.acknowledge(kept, at_once=at_once)
        except StoreAway as away:
            log.warning("not_acknowledged", error=str(away))  # told again by the next opening

    def _hang_up(self) -> None:
        """The store is away, and without it nothing that comes can be read."""
        client = self._client
        if client is not None:
            client.hang_up()
            self._inbox.tell(heard.OFFLINE)

    def close(self) -> None:
        """Hang up, and keep what the library has yet to tell."""
        if self._client is not None:
            self._store.watch.remove(self._hang_up)
        if self._linking is not None:
            self._linking.abandon()
            self._linking = None
        if self._client is not None:
            self._client.hang_up()
            self._inbox.quiet()
            self._inbox.closed = True
            self._client.stop()
            self._client = None
            self._acknowledge([], at_once=True)
