"""Recipients: their phones receive, they read late, and some write back."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from sessions.simulator import numbers, timing
from sessions.simulator.entities import Message
from sessions.simulator.state import World
from sessions.simulator.timing import Behaviour

CANNED = (
    "Obrigada! 😊",
    "Recebi, obrigado.",
    "Oi, tudo bem? Quero saber mais, por favor.",
    "Pode me ligar amanhã de manhã?",
    "Ok, combinado 👍",
    "Qual é o endereço mesmo?",
)


class Recipients:
    """Plays everyone who gets a message, by one behaviour for all and exceptions per phone."""

    def __init__(self, world: World, scale: float) -> None:
        self._world = world
        self._scale = scale
        self.behaviour = Behaviour()
        self.special: dict[str, Behaviour] = {}
        self._talking: set[asyncio.Task[Any]] = set()
        world.on_sent.append(self.receive)

    def resume(self) -> None:
        """After a restart: go on with every message that was not yet delivered or read."""
        for message in self._world.messages:
            if message.read_at is None:
                self.receive(message)

    def change(self, values: dict[str, Any], phone: str | None = None) -> Behaviour:
        """Change the behaviour of everyone, or of one phone; ValueError for a bad setting."""
        changed = dataclasses.replace(
            self._of(numbers.canonical(phone)) if phone else self.behaviour
        )
        timing.change(changed, values)
        if phone:
            self.special[numbers.canonical(phone)] = changed
        else:
            self.behaviour = changed
        return changed

    def receive(self, message: Message) -> None:
        """A message reached WhatsApp: play what its recipient does with it."""
        behaviour = self._of(message.to)
        if numbers.chance(message.to, "deliver") >= behaviour.deliver_share:
            return
        self._later(behaviour.deliver_after, message.id, self._deliver, message)

    def _deliver(self, message: Message) -> None:
        self._world.receipt(message, "delivered")
        behaviour = self._of(message.to)
        if numbers.chance(message.to, "read") < behaviour.read_share:
            self._later(behaviour.read_after, message.id, self._read, message)
        if not message.in_group and numbers.chance(message.to, "reply") < behaviour.reply_share:
            self._later(behaviour.reply_after, message.id, self._reply, message)

    def _read(self, message: Message) -> None:
        self._world.receipt(message, "read")

    def _reply(self, message: Message) -> None:
        if any(
            reply.at > message.at and reply.account == message.account
            for reply in self._world.wrote[message.to]
        ):
            return
        self._world.receipt(message, "read")
        text = CANNED[int(numbers.chance(message.to, "words") * len(CANNED))]
        task = asyncio.get_running_loop().create_task(
            self._world.say(message.to, message.account, text)
        )
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)

    def _of(self, phone: str) -> Behaviour:
        return self.special.get(phone, self.behaviour)

    def _later(self, seconds: float, salt: str, action: Any, message: Message) -> None:
        spread = 0.5 + numbers.chance(message.to, salt)
        asyncio.get_running_loop().call_later(seconds * spread * self._scale, action, message)
