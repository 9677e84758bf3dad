"""What people and phones write, beside plain texts, as the simulator's page has it and as /truth tells it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page

from sessions.simulator import numbers
from sessions.simulator.client import CallRefused
from sessions.simulator.messages import KINDS
from tests.sessions.simulator.page import disk
from tests.simulator_browser import COMPOSE, new_context, pair
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

_people = count(87200001)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("messages")) as simulator:
        simulator.set_behaviour(reply_share=0)
        simulator.set_page(profile="2026-10")
        yield simulator


@pytest.fixture(scope="module")
def page(chromium: Browser, simulator: SimulatorProcess) -> Iterator[Page]:
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator)
    yield page
    context.close()


def id_of(phone: str) -> str:
    return f"{phone.removeprefix('+')}@c.us"


def test_every_kind_of_message_comes_as_it_was_sent(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    sent = {
        kind: simulator.say(
            person, OWNER, f"texto {kind}", message=kind, title=f"título {kind}", at=1790000000
        )["id"]
        for kind in KINDS
    }
    quoted = {"author": "Você", "text": "Oi"}
    answer = simulator.say(person, OWNER, "sim", quoted=quoted)["id"]
    for kind, message_id in sent.items():
        had = disk.message(
            page, message_id, kind=kind, text=f"texto {kind}", title=f"título {kind}"
        )
        assert (had["mine"], had["at"], had["chat"]) == (False, 1790000000, id_of(person))
    assert disk.message(page, answer)["quoted"] == quoted
    told = {one["id"]: one for one in simulator.truth()["replies"]}
    assert [told[sent[kind]]["kind"] for kind in KINDS] == list(KINDS)
    with pytest.raises(CallRefused, match="unknown message telegram"):
        simulator.say(person, OWNER, "Oi", message="telegram")


def test_a_late_text_is_waited_for_and_comes_under_the_same_id(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    late = simulator.say(person, OWNER, "SAIR", late=True)["id"]
    assert disk.message(page, late, kind="waiting")["text"] == ""
    simulator.arrive(OWNER, late)
    disk.message(page, late, kind="text", text="SAIR")
    assert disk.chat(page, id_of(person))["unread"] == 1


def test_an_edit_a_deletion_and_a_reaction_change_the_same_message(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    said = simulator.say(person, OWNER, "ok")["id"]
    other = simulator.say(person, OWNER, "bobagem")["id"]
    disk.message(page, other)
    assert simulator.edit(OWNER, said, "sair")["before"] == ["ok"]
    simulator.delete(OWNER, other)
    simulator.react(OWNER, said, "👍")
    disk.message(page, said, text="sair", edited=True, reactions=["👍"])
    disk.message(page, other, kind="deleted", text="")
    assert disk.chat(page, id_of(person), reaction="👍")["unread"] == 2
    with pytest.raises(CallRefused, match="unknown_message"):
        simulator.edit(OWNER, "AC00", "nada")


def test_the_owners_own_words_may_be_edited_too(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    written = simulator.write(OWNER, person, "amanha")["id"]
    simulator.edit(OWNER, written, "amanhã")
    assert disk.message(page, written, text="amanhã", edited=True)["mine"] is True


def test_a_groups_message_has_its_author_and_belongs_to_no_person(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    friend = "+5511972100001"
    simulator.mark_short(friend, False)
    simulator.save_contact(OWNER, friend, "Bia")
    simulator.set_person(person, pushname="Zé")
    group = simulator.make_group_chat(OWNER, "group", "Família", members=[friend, person])
    stranger = simulator.say(person, OWNER, "pare", group=group)["id"]
    saved = simulator.say(friend, OWNER, "oi", group=group)["id"]
    by_stranger = disk.message(page, stranger, chat=group, author="Zé", author_saved=False)
    assert by_stranger["author_number"] == person.removeprefix("+")
    disk.message(page, saved, author="Bia", author_saved=True)
    assert disk.chat(page, group, kind="group", name="Família")["members"] == [
        "Bia",
        numbers.pretty(person[1:]),
    ]
    assert id_of(person) not in disk.chats(page)
    assert simulator.truth(to=person)["replies"][-1]["chat"] == group
    simulator.make_group_chat(OWNER, "group", "Família Souza", members=[friend], id=group)
    assert disk.chat(page, group, name="Família Souza")["members"] == ["Bia"]


def test_what_is_written_into_a_group_is_told_as_written_there(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    group = simulator.make_group_chat(OWNER, "group", "Condomínio", members=[person])
    simulator.say(person, OWNER, "boa tarde", group=group)
    page.click("#pane-side >> text=Condomínio")
    page.fill(COMPOSE, "para todos")
    page.press(COMPOSE, "Enter")
    page.wait_for_selector("#main [data-id^='3EB0']")
    disk.message(page, page.get_attribute("#main [data-id^='3EB0']", "data-id") or "", ack=2)
    assert [one["text"] for one in simulator.messages(to=group)] == ["para todos"]
    assert simulator.messages(to=person) == []


def test_communities_and_channels_are_of_their_kind_and_take_no_words(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    for kind, end in (("community", "@g.us"), ("channel", "@newsletter")):
        group = simulator.make_group_chat(OWNER, kind, f"Avisos {kind}", followers=31)
        simulator.say(person, OWNER, "novidades", group=group)
        had = disk.chat(page, group, kind=kind, followers=31)
        assert (group.endswith(end), had["barred"]) == (True, "announcement")


def test_a_hidden_number_is_told_nowhere_until_it_is_saved(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    lid = simulator.set_person(person, username="ana.souza", hidden=True)["chat"]
    simulator.say(person, OWNER, "Quem é?")
    had = disk.chat(page, lid, username="ana.souza", number="", masked="")
    assert lid.endswith("@lid")
    assert person[-8:] not in str(had)
    simulator.save_contact(OWNER, person, "Ana")
    disk.chat(page, lid, name="Ana", number=person.removeprefix("+"))
    assert id_of(person) not in disk.chats(page)


def test_of_a_hidden_number_the_end_may_show(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    lid = simulator.set_person(person, hidden=True, masked=True, verified="Padaria")["chat"]
    simulator.say(person, OWNER, "Bom dia")
    assert disk.chat(page, lid, verified="Padaria")["masked"].endswith(person[-2:])


def test_two_people_may_have_one_name_and_a_name_may_be_a_number(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    others = [f"+55119{next(_people)}" for _ in range(2)]
    for phone, name in ((person, "Maria"), (others[0], "Maria"), (others[1], "(11) 99887-7665")):
        simulator.mark_short(phone, False)
        simulator.save_contact(OWNER, phone, name)
        simulator.say(phone, OWNER, "Oi")
        disk.chat(page, id_of(phone), name=name, number=phone.removeprefix("+"))


def test_a_new_name_reaches_a_chat_that_is_there(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    simulator.say(person, OWNER, "Oi")
    disk.chat(page, id_of(person), name="")
    simulator.save_contact(OWNER, person, "Ana Cabelo")
    disk.chat(page, id_of(person), name="Ana Cabelo")


def test_a_person_is_seen_online_and_typing(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    simulator.say(person, OWNER, "Oi")
    simulator.set_person(person, presence="online")
    simulator.put_chat(OWNER, person, typing="digitando…")
    disk.chat(page, id_of(person), presence="online", typing="digitando…")
    simulator.say(person, OWNER, "Tem vaga?")
    disk.chat(page, id_of(person), typing="", unread=2)


def test_the_accounts_own_chat_is_told_to_be_its_own(
    simulator: SimulatorProcess, page: Page
) -> None:
    simulator.write(OWNER, OWNER, "não esquecer")
    assert disk.chat(page, id_of(OWNER), own=True)["messages"][-1]["mine"] is True


def test_all_of_it_outlives_a_kill_of_the_simulator(
    simulator: SimulatorProcess, page: Page, person: str
) -> None:
    late = simulator.say(person, OWNER, "SAIR", late=True)["id"]
    simulator.put_chat(OWNER, person, archived=True, pinned=True)
    before = simulator.chats(OWNER)
    simulator.kill()
    simulator.restart()
    assert simulator.chats(OWNER) == before
    assert simulator.arrive(OWNER, late)["text"] == "SAIR"
    disk.message(page, late, kind="text", text="SAIR")
