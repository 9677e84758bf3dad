"""An unmodified Baileys and a direct link write to each other: what one sends is what the other reads."""

from __future__ import annotations

import pytest

from sessions.events import Incoming
from tests.sessions.linked_account import new_account, nothing, outgoing
from tests.sessions.listening import heard_until
from tests.sessions.simulator.multidevice.standard_clients import StandardClient
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess

# The library is asked for first: where it is missing, no simulator is started.
pytestmark = [pytest.mark.nodes, pytest.mark.usefixtures("baileys_folder")]


def test_texts_go_both_ways_letter_by_letter(
    baileys_client: StandardClient,
    linked: DirectElsewhere,
    simulator: SimulatorProcess,
    account: str,
) -> None:
    theirs = new_account()
    simulator.scan(baileys_client.hear("qr"), theirs)
    baileys_client.hear("open")
    for text in ("Olá, Lúcia 😊\n\nÉ amanhã.", "Outra vez"):
        sent = linked.send(outgoing(theirs, text), nothing)
        assert baileys_client.hear("text", id=sent.message_id, mine=False) == text
    for text in ("Recebi 👍\nObrigada", "SAIR"):
        baileys_client.ask(to=account, text=text)
        message_id = baileys_client.hear("sent")
        heard = heard_until(
            linked, lambda events: any(isinstance(event, Incoming) for event in events)
        )
        (reply,) = [event for event in heard if isinstance(event, Incoming)]
        assert (reply.message_id, reply.content.body) == (message_id, text)
