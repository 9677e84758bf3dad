"""What the memory wire hears of messages that only the page can show as they are."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sessions.simulator import feed
from sessions.simulator.record import Record
from sessions.simulator.state import World


def test_the_memory_wire_calls_nothing_incoming_but_what_a_person_wrote_to_the_account(
    tmp_path: Path,
) -> None:
    """The `simulated` transport would take them for a person's, or for an empty text."""
    world = World(Record(tmp_path / "record.jsonl"))
    owner, person = "5511988880000", "5511972200099"

    async def day() -> None:
        world.commit(
            {
                "kind": "group_chat",
                "account": owner,
                "group_chat": {"id": "1@g.us", "kind": "group", "name": "G"},
            }
        )
        await world.say(person, owner, "pare", group="1@g.us")
        late = await world.say(person, owner, "SAIR", content={"waiting": True})
        await world.say(person, owner, "mudou de número", content={"kind": "system"})
        device = await world.link(owner, kind="wire", name="um")
        device.cursor = 0
        before = [(one["kind"], one.get("text")) for one in feed.pending(world, device)]
        kinds = [("in_group", "pare"), ("waiting", ""), ("system", "mudou de número")]
        assert before[1:] == kinds
        world.commit(
            {
                "kind": "changed",
                "account": owner,
                "id": late.id,
                "values": {"waiting": False},
                "at": 1.0,
            }
        )
        assert feed.pending(world, device)[-1]["kind"] == "incoming"

    asyncio.run(day())
