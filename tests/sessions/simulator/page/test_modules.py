"""The page's own modules by the names of FACTS.md: with them, without, and under names that changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.eventually import eventually
from tests.sessions.simulator.page import disk
from tests.simulator_browser import AWAY, COMPOSE
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

PERSON = "+5511987400001"
HIDDEN = "+5511987400002"
PING = "() => window.require('WAComms').sendPing()"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("modules")) as simulator:
        simulator.set_behaviour(reply_share=0)
        simulator.set_page(profile="2026-10")
        for phone in (PERSON, HIDDEN):
            simulator.mark_short(phone, False)
        yield simulator


@pytest.fixture
def page(context: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    """The one page with its modules, loaded where a test before has not left it so."""
    (page,) = context.pages
    if not page.locator("#pane-side").count():
        opened(page, simulator, modules="with", line="page")
    yield page
    simulator.clear_faults(OWNER)


def opened(page: Page, simulator: SimulatorProcess, **phone: str) -> None:
    """The page loaded anew for a phone that has these."""
    simulator.set_phone(OWNER, **phone)
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side")


def asked(page: Page, script: str, argument: Any = None) -> Any:
    return page.evaluate(script, argument)


def test_a_ping_is_answered_on_a_healthy_line_and_false_without_one(
    simulator: SimulatorProcess, page: Page
) -> None:
    eventually(lambda: asked(page, PING))
    assert asked(page, "() => require('WAWebCommsWorkerProxy').sendPing()") is True
    assert (
        asked(
            page,
            "() => { window.first = require('WAComms').sendPing(); return require('WAComms').sendPing(); }",
        )
        is False
    )
    simulator.set_fault(OWNER, "offline")
    eventually(lambda: asked(page, PING) is False)
    simulator.clear_faults(OWNER)
    eventually(lambda: asked(page, PING))


def test_a_ping_into_a_silent_cut_is_never_answered_with_true(
    simulator: SimulatorProcess, page: Page
) -> None:
    eventually(lambda: asked(page, PING))
    simulator.set_fault(OWNER, "silent_cut")
    page.evaluate(
        "() => { window.said = 'nothing'; require('WAComms').sendPing().then((answer) => { window.said = answer; }); }"
    )
    assert asked(page, PING) is False
    eventually(lambda: asked(page, "() => window.said") is False)
    page.goto(simulator.url + AWAY)


def test_the_sockets_state_is_the_lines(simulator: SimulatorProcess, page: Page) -> None:
    state = "() => { const { state, stream } = require('WAWebSocketModel').Socket; return [state, stream]; }"
    eventually(lambda: asked(page, state) == ["CONNECTED", "CONNECTED"])
    simulator.set_fault(OWNER, "conflict")
    eventually(lambda: asked(page, state) == ["CONFLICT", "DISCONNECTED"])
    page.goto(simulator.url + AWAY)


def test_messages_and_chats_are_there_without_opening_them(
    simulator: SimulatorProcess, page: Page
) -> None:
    said = simulator.say(PERSON, OWNER, "Pare por favor")
    late = simulator.say(PERSON, OWNER, "depois", late=True)["id"]
    picture = simulator.say(PERSON, OWNER, "olha", message="image")["id"]
    written = simulator.write(OWNER, "+5511987400003", "bom dia")["id"]
    disk.message(page, written, ack=2)
    all_of = """() => Object.fromEntries(require('WAWebCollections').Msg.getModelsArray()
      .map((one) => [one.id.id, [one.id.fromMe, one.type, one.body, one.caption ?? null, one.ack]]))"""
    told = eventually(lambda: {} if written not in (had := asked(page, all_of)) else had)
    assert told[said["id"]] == [False, "chat", "Pare por favor", None, 0]
    assert told[late][1:3] == ["ciphertext", ""]
    assert told[picture][1:4] == ["image", "", "olha"]
    assert told[written][:3] == [True, "chat", "bom dia"]
    assert told[written][4] >= 2
    chats = """() => Object.fromEntries(require('WAWebCollections').Chat.getModelsArray()
      .map((one) => [one.id._serialized, [one.id.server, one.unreadCount, one.lastReceivedKey?.id]]))"""
    assert asked(page, chats)["5511987400001@c.us"] == ["c.us", 3, picture]
    assert simulator.chats(OWNER)["5511987400001@c.us"]["unread"] == 3


def test_lock_and_quota_stand_in_the_pages_preferences(
    simulator: SimulatorProcess, page: Page
) -> None:
    get = "(name) => require('WAWebUserPrefsIndexedDBStorage').userPrefsIdb.get(name)"
    assert asked(page, get, "WAReachoutTimelockState") is None
    assert asked(page, get, "WANewChatMessageCappingData") is None
    simulator.set_fault(OWNER, "timelock", until=4102444800, type="RESTRICT_ALL_COMPANIONS")
    simulator.set_fault(
        OWNER, "cap", total=40, used=31, status="FIRST_WARNING", cycle_end=4102444800
    )
    lock = asked(page, get, "WAReachoutTimelockState")
    assert (lock["enforcement_type"], lock["time_enforcement_ends"]) == (
        "RESTRICT_ALL_COMPANIONS",
        4102444800000,
    )
    cap = asked(page, get, "WANewChatMessageCappingData")
    assert (cap["total_quota"], cap["used_quota"], cap["capping_status"]) == (
        40,
        31,
        "FIRST_WARNING",
    )
    assert cap["cycle_end_timestamp"] == 4102444800
    simulator.set_fault(OWNER, "timelock")
    lock = asked(page, get, "WAReachoutTimelockState")
    assert (lock["state"], lock["time_enforcement_ends"]) == ("VISIBLE", None)


def test_the_number_of_a_lid_is_told_where_the_page_has_asked_for_it(
    simulator: SimulatorProcess, page: Page
) -> None:
    lid = simulator.set_person(HIDDEN, username="bia", hidden=True)["chat"]
    number = "(lid) => require('WAWebApiContact').getPhoneNumber(lid)?.user ?? null"
    simulator.say(HIDDEN, OWNER, "Quem é?")
    disk.chat(page, lid)
    assert asked(page, number, lid) is None
    page.goto(f"{simulator.url}/send?phone={HIDDEN[1:]}")
    page.wait_for_selector(COMPOSE)
    assert asked(page, number, lid) == HIDDEN[1:]
    back = "(pn) => require('WAWebLidMigrationUtils').toUserLid(pn)?._serialized ?? null"
    assert asked(page, back, f"{HIDDEN[1:]}@c.us") == lid


def test_a_page_may_have_none_or_know_them_by_other_names(
    simulator: SimulatorProcess, page: Page
) -> None:
    assert asked(
        page, "() => { try { require('WAElse'); } catch (error) { return error.message; } }"
    ).startswith("Requiring unknown module")
    opened(page, simulator, modules="without")
    assert asked(page, "() => typeof window.require") == "undefined"
    opened(page, simulator, modules="renamed")
    assert (
        asked(page, "() => { try { return typeof require('WAComms'); } catch { return 'gone'; } }")
        == "gone"
    )
    assert asked(page, "() => typeof require('WAComms.react').sendPing") == "function"
    page.goto(simulator.url + AWAY)


def test_the_socket_may_live_in_a_worker_and_nothing_else_is_different(
    simulator: SimulatorProcess, page: Page
) -> None:
    opened(page, simulator, line="worker")
    assert [worker.url.rpartition("/")[2] for worker in page.workers] == ["line_worker.js"]
    assert asked(page, PING) is True
    simulator.set_fault(OWNER, "offline")
    eventually(lambda: page.query_selector("[data-testid=chat-butterbar-offline]"))
    assert asked(page, PING) is False
    simulator.clear_faults(OWNER)
    eventually(lambda: asked(page, PING))
    page.goto(simulator.url + AWAY)
