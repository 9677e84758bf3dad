"""Sends a linked device its account's log: receipts, messages of others and of its own phone; again until acknowledged."""

from __future__ import annotations

import hashlib

from sessions.simulator.entities import Entry, Message, Reply
from sessions.simulator.identity import NOBODY
from sessions.simulator.multidevice import contents, history
from sessions.simulator.multidevice.jids import SERVER, Jid, jid_of
from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.nodes import Attribute, Attributes, Node

MAX_RETRIES = 5
REMEMBERED = 500


class Told:
    """The entries of the account's log on their way to one device; it is past an entry once it said so of all before."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._last = line.device.cursor
        self._open: dict[int, str] = {}
        self._entries: dict[str, Entry] = {}
        self._retries: dict[str, int] = {}
        self._missed = 0
        self._missed_until: int | None = None

    def has_more(self, batch: int) -> bool:
        """Whether unsent entries wait that may be sent before the sent ones are acknowledged.

        Another line of the device may have been told in the place of this one.
        """
        log = self._line.shared.hub.world.account(self._line.account).log
        cursor = self._line.device.cursor
        return max(self._last, cursor) < min(len(log), cursor + batch)

    async def backlog(self) -> None:
        """The number of missed entries, which are sent next, followed by a note that these were all."""
        line = self._line
        self._missed_until = len(line.shared.hub.world.account(line.account).log)
        missed = self._missed = self._missed_until - self._last
        attrs = {"count": str(missed), "message": str(missed)}
        attrs |= dict.fromkeys(("notification", "receipt", "appdata"), "0")
        await self._say("offline_preview", attrs)
        await history.bootstrap(line)

    async def _say(self, tag: str, attrs: Attributes) -> None:
        await self._line.connection.send(Node("ib", {"from": SERVER}, [Node(tag, attrs)]))

    async def fresh(self, entries: list[tuple[int, Entry]]) -> None:
        """Send the entries that were not sent on this connection."""
        last = self._last
        for seq, entry in entries:
            if seq <= last:
                continue
            self._last = seq
            stanza = self._stanza(entry, seq)
            if stanza is not None:
                name = _name(stanza)
                self._open[seq] = name
                if entry.kind != "receipt":
                    self._remember(name, entry)
                await self._line.connection.send(stanza)
        self._move()
        if self._missed_until is not None and self._last >= self._missed_until:
            self._missed_until = None
            await self._say("offline", {"count": str(self._missed)})

    def _remember(self, name: str, entry: Entry) -> None:
        """Remember an entry in case the device can't read it."""
        self._entries[name] = entry
        if len(self._entries) > REMEMBERED:
            del self._entries[next(iter(self._entries))]

    def acknowledged(self, node: Node) -> None:
        """The device has one of them: it acked it, or sent a receipt for it."""
        if node.tag == "ack" and node.text("class") not in ("message", "receipt"):
            return
        of = "receipt" if node.text("class") == "receipt" else "message"
        ids = [node.text("id")]
        listed = node.child("list")
        ids += [item.text("id") for item in (listed.children("item") if listed is not None else [])]
        names = {f"{of}/{one}/{node.text('type') if of == 'receipt' else ''}" for one in ids}
        for seq in [seq for seq, name in self._open.items() if name in names]:
            del self._open[seq]
        for name in names:
            self._line.shared.owed[self._line.device.id].pop(name, None)
        if of == "message":
            for one in ids:
                self._line.shared.relay.done(one, self._line.device.id)
        self._move()

    def _move(self) -> None:
        """The device's place in the log is before the first entry that it has not acknowledged."""
        place = min(self._open, default=self._last + 1) - 1
        self._line.shared.hub.world.taken(self._line.device, place)

    async def again(self, receipt: Node) -> None:
        """The device could not read a message: its sender begins a new session, and writes it anew."""
        line, name = self._line, f"message/{receipt.text('id')}/"
        entry = self._entries.get(name)
        self._retries[name] = self._retries.get(name, 0) + 1
        if entry is None or entry.item is None or self._retries[name] > MAX_RETRIES:
            return
        sender = entry.item.sender if isinstance(entry.item, Reply) else line.account
        line.shared.relay.done(receipt.text("id"), line.device.id)
        line.shared.sealing.forget(line.device.id, sender)
        # It waits for a device that is gone by then.
        line.shared.owed[line.device.id][name] = entry
        await self._write_anew(entry)

    async def owed(self) -> None:
        """Send what the device could not read over an earlier line."""
        for name, entry in list(self._line.shared.owed[self._line.device.id].items()):
            self._remember(name, entry)
            await self._write_anew(entry)

    async def _write_anew(self, entry: Entry) -> None:
        stanza = self._stanza(entry, self._last)
        if stanza is not None:
            await self._line.connection.send(stanza)

    # Stanzas

    def _stanza(self, entry: Entry, seq: int) -> Node | None:
        """An entry as a stanza; None where this device gets none for it."""
        item = entry.item
        if item is None or (item.in_group and not self._is_told_in_group(item)):
            return None
        if entry.kind == "receipt":
            tick = {"type": "read"} if entry.tick == "read" else {}
            chat, at = self._chat(item.chat), _seconds(entry.at)
            return Node("receipt", {"from": chat, "id": item.id, "t": at, **tick})
        if isinstance(item, Reply) and (item.waiting or item.kind == "system"):
            return None
        if "reactions" in entry.state:
            return None
        if entry.kind == "sent" and entry.is_from(self._line.device.id):
            return None
        relayed = None
        if entry.kind != "changed":
            relayed = self._line.shared.relay.waiting(item.id, self._line.device.id)
        attrs = self._addressed(item, relayed.sender if relayed else None)
        if entry.kind == "changed":
            attrs |= {"id": _changed_id(item, seq), "edit": "7" if item.deleted else "1"}
        content = relayed.content if relayed else [self._sealed(item, entry, attrs)]
        return Node("message", attrs | {"t": _seconds(entry.at)}, content)

    def _is_told_in_group(self, item: Message | Reply) -> bool:
        """Channels have no stanzas here; of groups a device hears what others write, sealed for it as between two."""
        return isinstance(item, Reply) and item.chat.endswith("@g.us")

    def _sealed(self, item: Message | Reply, entry: Entry, attrs: Attributes) -> Node:
        """What the sender's phone writes to the device; the own phone says to whom it wrote."""
        media, from_me = self._line.shared.media, isinstance(item, Message)
        content = contents.content_of(item, entry, media, from_me=from_me)
        sender = self._line.account
        if isinstance(item, Reply):
            sender = item.sender
        else:
            destination = str(attrs["recipient"])
            content = {"device_sent": {"destination": destination, "message": content}}
        return self._line.shared.sealing.write(self._line.device.id, sender, content)

    def _addressed(self, item: Message | Reply, sender: Jid | None) -> dict[str, Attribute]:
        attrs: dict[str, Attribute] = {
            "id": item.id,
            "type": "media" if item.kind in contents.CARRIED else "text",
        }
        server = self._line.shared
        if isinstance(item, Message):
            chat = self._chat(item.chat)
            own = server.jid_of(self._line.account, lid=chat.server == "lid")
            return attrs | {"from": sender or own, "recipient": chat}
        person = server.hub.world.persons.get(item.sender, NOBODY)
        lid = server.jid_of(item.sender, lid=True)
        chat = sender or (lid if person.hidden else self._chat(item.sender))
        attrs |= {"from": chat, "notify": person.pushname or "~"}
        if item.in_group:
            attrs |= {"from": jid_of(item.chat), "participant": chat}
        if not person.hidden:
            other = "sender_pn" if chat.server == "lid" else "sender_lid"
            attrs[other] = server.jid_of(item.sender, lid=chat.server != "lid")
        return attrs

    def _chat(self, key: str) -> Jid:
        """A chat by the address by which this device writes to it."""
        pair = (self._line.device.id, key)
        return self._line.shared.jid_of(key, lid=pair in self._line.shared.store.writes_to_lid)


def _name(stanza: Node) -> str:
    kind = stanza.text("type") if stanza.tag == "receipt" else ""
    return f"{stanza.tag}/{stanza.text('id')}/{kind}"


def _seconds(at: float) -> str:
    return str(int(at))


def _changed_id(item: Message | Reply, seq: int) -> str:
    return hashlib.sha256(f"{item.id}/{seq}".encode()).hexdigest()[:32].upper()
