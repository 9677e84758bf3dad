"""Any standard client can use the simulator's server: an unmodified Baileys links, writes and reads, and comes back."""

from __future__ import annotations

import pytest

from blu.text.phone import forms
from tests.sessions.simulator.multidevice.standard_clients import StandardClient
from tests.simulator_process import SimulatorProcess

# The library is asked for first: where it is missing, no simulator is started.
pytestmark = [pytest.mark.nodes, pytest.mark.usefixtures("baileys_folder")]

REFUSED, DELIVERED, READ = 0, 3, 4  # Baileys' own numbers for ticks


def number_in(jid: str) -> str:
    """As WhatsApp knows it, with the ninth digit or without."""
    return f"+{jid.partition(':')[0]}"


def test_it_links_by_a_qr_code_and_texts_go_both_ways(
    baileys_client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    simulator.scan(baileys_client.hear("qr"), account)
    assert baileys_client.hear("closed") == 515
    assert number_in(baileys_client.hear("open")) in forms(account)
    baileys_client.ask(to=person, text="Olá do Baileys 😊")
    sent = baileys_client.hear("sent")
    assert baileys_client.hear("status", id=sent) in (DELIVERED, READ)
    (message,) = simulator.messages(to=person)
    assert (message["id"], message["text"]) == (sent, "Olá do Baileys 😊")
    simulator.say(person, account, "Oi, recebi!")
    assert baileys_client.hear("text", mine=False) == "Oi, recebi!"
    simulator.kill()
    simulator.restart()
    baileys_client.hear("open")
    baileys_client.ask(to=person, text="Depois da volta")
    baileys_client.hear("sent")
    assert [each["text"] for each in simulator.messages(to=person)][-1] == "Depois da volta"


def test_it_links_by_eight_characters_and_knows_a_lost_ack_a_time_lock_and_a_515_as_what_they_are(
    baileys_client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    baileys_client.hear("qr")
    baileys_client.ask(code=account[1:])
    simulator.enter_code(baileys_client.hear("code"), account)
    assert number_in(baileys_client.hear("open")) in forms(account)
    simulator.set_fault(account, "no_ack")
    baileys_client.ask(to=person, text="Sem resposta do servidor")
    assert baileys_client.hear("status", id=baileys_client.hear("sent")) in (DELIVERED, READ)
    simulator.clear_faults(account)
    simulator.set_fault(account, "timelock")
    baileys_client.ask(to=person, text="Recusada")
    assert baileys_client.hear("status", id=baileys_client.hear("sent")) == REFUSED
    simulator.clear_faults(account)
    assert baileys_client.hear("closed") == 515  # after pairing
    simulator.set_fault(account, "restart_required")
    assert baileys_client.hear("closed") == 515
    baileys_client.hear("open")
    baileys_client.ask(to=person, text="De volta")
    baileys_client.hear("status", id=baileys_client.hear("sent"))
    texts = [message["text"] for message in simulator.messages(to=person)]
    assert texts == ["Sem resposta do servidor", "De volta"]
