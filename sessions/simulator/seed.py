"""A few dozen conversations to start with, so that a linked page doesn't open empty."""

from __future__ import annotations

import time

from sessions.simulator import numbers
from sessions.simulator.state import World

OWNER = "5511988880000"
NAMES = (
    "Ana Beatriz",
    "Sr. Antônio",
    "Camila Rocha",
    "Dona Lourdes",
    "Eduardo",
    "Farmácia Central",
)
LINES = (
    "Bom dia! Tudo bem?",
    "Obrigada pelo atendimento.",
    "Qual o horário de sábado?",
    "Vou passar aí mais tarde.",
)
PEOPLE = 40
HOUR = 3600.0


def plant(world: World, owner: str = OWNER) -> None:
    """Write the conversations of `owner` (canonical digits), all of them read; does nothing the second time."""
    if world.account(owner).replies:
        return
    start = time.time() - PEOPLE * HOUR
    for place in range(PEOPLE):
        number = f"55119{71000000 + place * 137:08d}"
        if place < len(NAMES):
            world.commit({"kind": "named", "account": owner, "phone": number, "name": NAMES[place]})
        world.commit(
            {
                "kind": "said",
                "id": f"AC{place:030X}",
                "account": owner,
                "from": number,
                "wa_id": world.wa_id(number) or numbers.canonical(number),
                "text": LINES[place % len(LINES)],
                "at": start + place * HOUR,
            }
        )
        seen = {"kind": "seen", "account": owner, "chat": number, "at": start + place * HOUR + 1}
        world.commit(seen)
