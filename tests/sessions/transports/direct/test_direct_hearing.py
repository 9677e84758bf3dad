"""What a direct link hears of people, and of what it hears nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sessions.events import Address, Event, Incoming, Receipt
from tests.eventually import eventually
from tests.sessions.linked_account import new_person, nothing, outgoing
from tests.sessions.listening import hear_all, heard_until, heard_until_read
from tests.sessions.transports.direct.conftest import Maker
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes


def replies(events: list[Event]) -> list[Incoming]:
    return [event for event in events if isinstance(event, Incoming)]


def next_reply(transport: DirectElsewhere) -> Incoming:
    """What is heard next of a person."""
    return replies(heard_until(transport, lambda events: bool(replies(events))))[0]


def after(transport: DirectElsewhere, deed: Callable[[], object], then: Callable[[], str]) -> None:
    """Nothing is heard of the deed, though what is said after it is."""
    hear_all(transport)
    deed()
    last = then()
    heard = heard_until(
        transport, lambda events: last in [one.message_id for one in replies(events)]
    )
    assert [one for one in heard if one != replies(heard)[-1]] == []


def test_an_edited_reply_is_told_again_under_its_id(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    said = simulator.say(person, account, "Quanto custa?")["id"]
    first = next_reply(linked)
    simulator.edit(account, said, "SAIR")
    second = next_reply(linked)
    assert (first.message_id, first.content.body, first.edited) == (said, "Quanto custa?", False)
    assert (second.message_id, second.content.body, second.edited) == (said, "SAIR", True)


def test_pictures_films_and_documents_are_told_with_their_captions_and_a_voice_as_no_words(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    for kind in ("image", "video", "document"):
        said = simulator.say(person, account, "SAIR", message=kind, title="recibo.pdf")["id"]
        reply = next_reply(linked)
        assert (reply.message_id, reply.content.body) == (said, "SAIR"), kind
    for kind in ("voice", "sticker", "image"):
        said = simulator.say(person, account, message=kind)["id"]
        reply = next_reply(linked)
        assert (reply.message_id, reply.content.body) == (said, ""), kind


@pytest.mark.parametrize("username", ["", "ana.souza"])
def test_a_person_without_a_number_is_known_by_their_lid_also_one_with_a_username(
    linked: DirectElsewhere,
    simulator: SimulatorProcess,
    account: str,
    person: str,
    username: str,
) -> None:
    simulator.set_person(person, hidden=True, username=username)
    said = simulator.say(person, account, "Quero")["id"]
    first = next_reply(linked)
    simulator.edit(account, said, "SAIR")
    second = next_reply(linked)
    assert first.chat.lid
    # The library tells no usernames: the LID, which nobody can change, says who it is.
    assert first.chat == second.chat == Address(lid=first.chat.lid)
    assert (second.message_id, second.content.body, second.edited) == (said, "SAIR", True)


def test_who_has_a_number_is_known_by_number_and_lid(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    address = linked.lookup(person)
    simulator.say(person, account, "Oi")
    chat = next_reply(linked).chat
    assert address is not None
    assert (chat.wa_id, chat.lid) == (person[1:], address.lid)


def test_what_the_owner_writes_on_the_phone_and_its_receipts_are_let_go(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    after(
        linked,
        lambda: simulator.write(account, person, "do celular"),
        lambda: simulator.say(new_person(), account, "Oi")["id"],
    )


def test_groups_channels_and_reactions_are_let_go(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    group = simulator.make_group_chat(account, "group", "Família", members=[person])
    said = simulator.say(person, account, "Oi")["id"]
    next_reply(linked)

    def deed() -> None:
        simulator.say(person, account, "SAIR", group=group)
        simulator.react(account, said, "👍")
        simulator.delete(account, said)

    after(linked, deed, lambda: simulator.say(new_person(), account, "Oi")["id"])


def test_what_was_heard_and_not_kept_is_told_by_the_next_opening_also_after_a_kill(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    sent = linked.send(outgoing(person), nothing)
    heard_until_read(linked, sent)
    said = simulator.say(person, account, "SAIR")["id"]
    eventually(lambda: linked.poll(0.5).events)
    linked.kill()
    again = direct()
    again.open()
    assert next_reply(again).message_id == said
    # WhatsApp tells it as well where the library was killed before its word that it has it.
    later = [one for one in hear_all(again) if isinstance(one, (Receipt, Incoming))]
    assert {one.message_id for one in later} <= {said}
