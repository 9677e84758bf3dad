"""Two nodes on one database, made by one environment file: the proof in short, then one of them is stopped, and dies.

What is killed in the proof are single processes, PostgreSQL and a browser among them, in mid-campaign. Where sessions
that hosts drive go when theirs is gone is in tests/sessions/driving/test_hosts_share.py.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings

from blu.lab.chaos.two_nodes import Pace, second_node
from tests.eventually import GENEROUS, SELDOM, eventually
from tests.processes.conftest import free_port
from tests.processes.running_node import Running, kill, node, stop, up

pytestmark = pytest.mark.nodes

SECONDS = 420
SIZE = "--kills 4 --nodes 2 --recipients 36 --sessions 3 --browser 8 --browsers 1 --direct 12 --directs 1 --every 1.0"
LINE = (
    r"chaos: kills=(\d+) in_flight=(\d+) repeated=0 lost=0 uncertain_with_evidence=0"
    r" uncertain=\d+ seconds=\d+"
)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Node a, with few slots, which make room soon: some of what is linked is driven by b while that is there."""
    env = node(tmp_path_factory.mktemp("nodes"), Pace(slots=2), BLU_VISIT_SECONDS="60")
    with up(env) as running:
        yield running


@pytest.fixture(scope="module")
def file_of_b(first: Running) -> dict[str, str]:
    """The environment of node b."""
    return second_node(first.env, slots=4)


@pytest.fixture(scope="module")
def second(first: Running, file_of_b: dict[str, str]) -> Iterator[Running]:
    """Node b, until a test stops it."""
    with up(file_of_b) as running:
        yield running


@pytest.fixture(scope="module")
def chaos(first: Running, second: Running) -> "subprocess.CompletedProcess[str]":
    """The proof in short; its browser is linked on b."""
    command = [sys.executable, "manage.py", "chaos", *SIZE.split(), "--inside"]
    with subprocess.Popen(
        command, cwd=settings.BASE, env=first.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        with _nobody_links_on(first):
            eventually(lambda: _browser_is_linked(first) or process.poll() is not None)
        said = process.communicate(timeout=SECONDS)[0]
    return subprocess.CompletedProcess(command, process.returncode, said)


@pytest.fixture(scope="module")
def sending(first: Running, chaos: object) -> Running:
    """Node a while two sessions of the proof and its browser send once more, for longer than any test takes."""
    first.simulator.set_behaviour(reply_share=0)
    first.simulator.set_page(starting_chat=5.0)  # the browser slowly: it costs most
    first.send_on(recipients=150, simulated=2, browser=1)
    return first


@contextmanager
def _nobody_links_on(node: Running) -> Iterator[None]:
    """Its pairing cluster sleeps meanwhile: whoever is linked is linked elsewhere."""
    cluster = node.marked("pairing-a")
    assert cluster
    for process in cluster:
        process.suspend()
    yield
    for process in cluster:
        # Asleep for long, as on a machine with much else to do, it was killed by the watch and is back.
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _browser_is_linked(first: Running) -> bool:
    linked = "SELECT 1 FROM wa_sessions_link WHERE transport = 'browser' AND linked_at IS NOT NULL"
    return bool(first.sql(linked))


def _node_of(first: Running, session: int) -> str:
    return str(first.sql("SELECT node FROM wa_sessions_lease WHERE session_id = %s", session)[0][0])


def _all_sent_since(first: Running, moment: Any) -> bool:
    sent = first.sent_since(moment)
    return set(first.sessions) <= set(sent)


def test_a_second_node_of_one_name_is_refused_in_one_line(
    file_of_b: dict[str, str], tmp_path: Path
) -> None:
    twin = file_of_b | {"NODE": "a", "BLU_VAR": str(tmp_path), "BLU_PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=settings.BASE, env=twin, timeout=GENEROUS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    (line,) = done.stdout.strip().splitlines()
    assert line.startswith("CommandError: another node called 'a' is running on")


def test_four_kills_on_two_nodes_lose_and_repeat_nothing(
    chaos: "subprocess.CompletedProcess[str]",
) -> None:
    found = re.search(LINE, chaos.stdout)
    assert found, chaos.stdout
    assert chaos.returncode == 0, chaos.stdout
    assert int(found[1]) == 4
    assert int(found[2]) >= 1, chaos.stdout


def test_a_stopped_nodes_sessions_go_on_elsewhere_with_their_link(
    sending: Running, second: Running
) -> None:
    browser = sending.sessions[-1]
    eventually(lambda: _all_sent_since(sending, sending.now_minus(15)), every=SELDOM)
    assert _node_of(sending, browser) == "b"
    stop(second)
    moment = sending.now()
    eventually(lambda: _all_sent_since(sending, moment), every=SELDOM)
    assert {_node_of(sending, session) for session in sending.sessions} == {"a"}
    home = sending.sql(
        "SELECT node, home_fence FROM wa_sessions_link WHERE session_id = %s", browser
    )
    assert home[0][0] == "a"
    events = sending.sql(
        "SELECT state FROM wa_sessions_sessionevent WHERE session_id = %s", browser
    )
    assert ("logged_out",) not in events


def test_a_node_that_dies_at_once_leaves_its_work_to_the_other(
    sending: Running, second: Running, file_of_b: dict[str, str]
) -> None:
    memory = sending.sessions[:-1]
    stop(second)
    with up(file_of_b | {"BLU_HOST_PROCESSES": "0"}) as again:
        # a has two slots for three sessions, of which one is bound to it.
        eventually(lambda: "b" in {_node_of(sending, session) for session in memory})
        family = psutil.Process(again.process.pid).children(recursive=True)
        again.process.kill()
        for process in family:
            if process.is_running():
                kill(process)
    moment = sending.now()
    eventually(lambda: _all_sent_since(sending, moment), every=SELDOM)


def test_nobody_got_a_message_twice(sending: Running) -> None:
    assert sending.repeated() == []
