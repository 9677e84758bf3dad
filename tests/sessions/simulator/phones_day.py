"""A phone's day, drawn from a seed: what people say and the owner does while a browser comes and goes.

The browser is driven as a visit drives it; what it tells and has acknowledged is the ledger. Some visits are
killed. At the end the ledger is held against the simulator's truth.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sessions.events import Incoming
from sessions.interfaces import LinkLost, NotSent
from sessions.transports.browser import BrowserTransport, launch
from tests.sessions.linked_account import linked_browser, new_person, nothing, outgoing, reopened
from tests.simulator_process import SimulatorProcess

WORDS = ("oi", "ok", "SAIR", "SAIR 🙏", "Pare *agora*", "- RG\n- CPF")
NAMES = ("Ana Souza", "Rui", "(11) 99887-7665", "Ana Souza")


class Day:
    """One account, its people, a group, and what was heard of them."""

    def __init__(self, simulator: SimulatorProcess, account: str, folder: Path, seed: int) -> None:
        self.draw = random.Random(seed)
        self.heard: dict[str, list[Incoming]] = {}
        self.deeds: list[str] = []
        self._simulator = simulator
        self._account = account
        self._folder = folder
        self._said = 0
        self._late: list[str] = []
        self._last: dict[str, str] = {}
        self.people = [self._person(**look) for look in ({}, {}, {}, {}, {"hidden": True}, {"hidden": True, "username": "ana.souza"})]  # fmt: skip
        self.group = simulator.make_group_chat(account, "group", "Família", members=self.people[:2])
        for phone in self.people[1:3]:
            simulator.save_contact(account, phone, "Ana Souza")

    def _person(self, **look: Any) -> str:
        phone = new_person()
        self._simulator.mark_short(phone, False)
        if look:
            self._simulator.set_person(phone, **look)
        return phone

    # What happens

    def happens(self, times: int) -> None:
        """So many deeds, whatever is drawn."""
        deeds: dict[Callable[[str], object], int] = {
            self._say: 8, self._say_late: 1, self._arrive: 1, self._edit: 2, self._read: 3, self._mark: 1,
            self._archive: 1, self._write: 1, self._rename: 1, self._say_in_group: 1, self._delete: 1,
        }  # fmt: skip
        for _time in range(times):
            (deed,) = self.draw.choices(list(deeds), list(deeds.values()))
            phone = self.draw.choice(self.people)
            said = deed(phone)
            self.deeds.append(f"{deed.__name__[1:]} {phone[-4:]} {said or ''}")

    def _words(self) -> str:
        self._said += 1
        # Mostly words of their own: the same again within a day may leave the same row.
        return self.draw.choice((f"recado {self._said}", f"{self._said} {self.draw.choice(WORDS)}"))

    def _say(self, phone: str) -> str:
        said = self._simulator.say(phone, self._account, self._words())
        self._last[phone] = said["id"]
        return f"{said['id'][-4:]} {said['text']!r}"

    def _say_late(self, phone: str) -> str:
        said = self._simulator.say(phone, self._account, self._words(), late=True)
        self._late.append(said["id"])
        self._last.pop(phone, None)
        return str(said["id"][-4:])

    def _arrive(self, _phone: str = "") -> str:
        if not self._late:
            return ""
        late = self._late.pop(0)
        self._simulator.arrive(self._account, late)
        return late[-4:]

    def _edit(self, phone: str) -> str:
        if phone in self._last:
            self._simulator.edit(self._account, self._last[phone], f"SAIR {self._words()}")
        return self._last.get(phone, "")[-4:]

    def _delete(self, phone: str) -> str:
        last = self._last.pop(phone, "")
        if last:
            self._simulator.delete(self._account, last)
        return last[-4:]

    def _read(self, phone: str) -> None:
        self._put(phone, read=True)

    def _mark(self, phone: str) -> None:
        self._put(phone, marked=True)

    def _archive(self, phone: str) -> None:
        self._put(phone, archived=self.draw.random() < 0.7)

    def _put(self, phone: str, **values: bool) -> None:
        self._simulator.put_chat(self._account, phone, **values)

    def _write(self, phone: str) -> None:
        self._simulator.write(self._account, phone, self._words())
        self._last.pop(phone, None)

    def _rename(self, _phone: str) -> None:
        # A hidden person who is saved has no number on the page all the same.
        phone = self.draw.choice(self.people[:4])
        self._simulator.save_contact(self._account, phone, self.draw.choice(NAMES))

    def _say_in_group(self, _phone: str) -> None:
        phone = self.draw.choice(self.people[:2])
        self._simulator.say(phone, self._account, "pare", group=self.group)

    # Visits

    def link(self) -> None:
        """The account is linked, and everybody gets a message: who hides is known by that alone."""
        with linked_browser(self._folder, self._simulator, self._account, apart=True) as transport:
            self._hear(transport)
            for phone in self.people:
                transport.send(outgoing(phone, "Olá!"), nothing)
            self._hear(transport)

    def visit(self) -> None:
        """A whole visit, with something going out, or one that is killed after some batches."""
        killed = self.draw.random() < 0.4
        self.deeds.append("visit, killed" if killed else "visit")
        with reopened(self._folder, self._simulator, apart=True) as (transport, _opened):
            if killed:
                self._hear(transport, batches=self.draw.randrange(5))
                self._poll(transport)
                launch.kill_on(self._folder / "home")
                return
            self._hear(transport)
            self.happens(2)
            for phone in self.draw.sample(self.people, 2):
                self._send(transport, phone)
                self.happens(1)
                self._hear(transport)

    def quiet_visit(self) -> None:
        """One in which nothing else happens."""
        self.deeds.append("quiet visit")
        with reopened(self._folder, self._simulator, apart=True) as (transport, _opened):
            self._hear(transport)

    def _send(self, transport: BrowserTransport, phone: str) -> None:
        try:
            transport.send(outgoing(phone, f"Lembrete {self._words()}"), nothing)
            self._last.pop(phone, None)
        except NotSent as problem:
            self.deeds.append(f"not sent to {phone[-4:]}: {problem.reason}")

    def _hear(self, transport: BrowserTransport, batches: int = 200) -> None:
        """Until nothing is unread, or so many batches, each kept and acknowledged."""
        for _batch in range(batches):
            batch = transport.poll(0)
            for event in batch.events:
                if isinstance(event, Incoming):
                    self.heard.setdefault(event.message_id, []).append(event)
            transport.acknowledge(batch)
            if not batch.more and not batch.events:
                return

    def _poll(self, transport: BrowserTransport) -> None:
        try:
            transport.poll(0)
        except LinkLost as lost:
            self.deeds.append(f"lost: {lost.reason}")

    # The end

    def evening(self) -> None:
        """What was late has come, and the browser comes twice more."""
        while self._late:
            self.deeds.append(f"arrives {self._arrive()}")
        for _visit in range(2):
            self.quiet_visit()

    def badges(self) -> dict[str, bool]:
        """Which chats have one on the phone."""
        chats = self._simulator.chats(self._account)
        return {one: bool(chat["unread"] or chat["marked"]) for one, chat in chats.items()}

    def faults(self) -> list[str]:
        """What the ledger has otherwise than the truth."""
        said = {one["id"]: one for one in self._simulator.truth(account=self._account)["replies"]}
        faults = [f"nobody said {one} {self.heard[one]}" for one in self.heard if one not in said]
        for one, reply in said.items():
            told = self.heard.get(one, [])
            if reply["chat"] == self.group:
                faults += [f"of a group: {event}" for event in told]
            else:
                faults += self._faults_of(reply, told)
        return faults

    def _faults_of(self, reply: dict[str, Any], told: list[Incoming]) -> list[str]:
        what = f"{reply['id'][-4:]} of {reply['from'][-4:]} {reply['text']!r} (before: {reply['before']})"
        if not told:
            return [] if reply["deleted"] else [f"missed {what}"]
        texts = [event.content.body for event in told]
        wrong = [event for event in told if event.chat.number not in ("", reply["from"])]
        faults = [f"of somebody else: {what} {event.chat}" for event in wrong]
        if not reply["deleted"] and plain(texts[-1]) != plain(reply["text"]):
            faults.append(f"its last words were not told: {what}, but {texts}")
        return faults


def plain(text: str) -> str:
    """Without the marks of formatting: the page shows them as it shows them."""
    return "".join(letter for letter in text if letter.isalnum())
