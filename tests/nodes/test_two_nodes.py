"""Two nodes on one database, made by one environment file: sessions move when theirs is gone.

None of them is of a kind that hosts drive: tests/sessions/driving/test_hosts_share.py has those.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings

from blu.lab.chaos.two_nodes import Pace
from tests.eventually import GENEROUS, SELDOM, eventually
from tests.processes.conftest import free_port
from tests.processes.running_node import Running, kill, node, stop, up

pytestmark = pytest.mark.nodes

WITHOUT_HOSTS = {"BLU_HOST_PROCESSES": "0"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Node a, with few slots, which make room soon: what is linked while b is there goes to b."""
    pace = Pace(time_scale=0.2, least=0.6, most=1.2, slots=2)
    own = WITHOUT_HOSTS | {"BLU_VISIT_SECONDS": "60"}
    with up(node(tmp_path_factory.mktemp("nodes"), pace, **own)) as running:
        yield running


@pytest.fixture(scope="module")
def file_of_b(first: Running) -> dict[str, str]:
    """The environment of node b: what `node_file` prints, and nothing else."""
    done = subprocess.run(
        [sys.executable, "manage.py", "node_file", "b", "--port", str(free_port()), "--slots", "6"],
        cwd=settings.BASE, env=first.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = (line.partition("=") for line in done.stdout.splitlines())
    bare = {name: first.env[name] for name in ("PATH", "HOME") if name in first.env}
    kept = {name: value for name, value in first.env.items() if name.startswith("BLU_SIMULATED")}
    return bare | WITHOUT_HOSTS | kept | {name: value.strip("'") for name, _equals, value in lines}


def _second(stack: ExitStack, file_of_b: dict[str, str]) -> Running:
    return stack.enter_context(up(file_of_b | {"DJANGO_SETTINGS_MODULE": "blu.settings"}))


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


def _node_of(first: Running, session: int) -> str:
    return str(first.sql("SELECT node FROM wa_sessions_lease WHERE session_id = %s", session)[0][0])


def _all_sent_since(first: Running, moment: Any) -> bool:
    sent = first.sent_since(moment)
    return set(first.sessions) <= set(sent)


def test_a_second_node_of_one_name_is_refused_in_one_line(
    first: Running, file_of_b: dict[str, str], tmp_path: Path
) -> None:
    twin = file_of_b | {"NODE": "a", "BLU_VAR": str(tmp_path), "BLU_PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=settings.BASE, env=twin, timeout=GENEROUS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    (line,) = done.stdout.strip().splitlines()
    assert line.startswith("CommandError: another node called 'a' is running on")


def test_a_stopped_nodes_sessions_go_on_elsewhere_with_their_link(
    first: Running, file_of_b: dict[str, str]
) -> None:
    with ExitStack() as stack:
        second = _second(stack, file_of_b)
        with _nobody_links_on(first):
            first.send(recipients=1200, sessions=2, browser=200)
        browser = first.sessions[-1]
        eventually(lambda: _all_sent_since(first, first.now_minus(15)), every=SELDOM)
        assert _node_of(first, browser) == "b"
        stop(second)
    moment = first.now()
    eventually(lambda: _all_sent_since(first, moment), every=SELDOM)
    assert {_node_of(first, session) for session in first.sessions} == {"a"}
    home = first.sql("SELECT node, home_fence FROM wa_sessions_link WHERE session_id = %s", browser)
    assert home[0][0] == "a"
    events = first.sql("SELECT state FROM wa_sessions_sessionevent WHERE session_id = %s", browser)
    assert ("logged_out",) not in events


def test_a_node_that_dies_at_once_leaves_its_work_to_the_other(
    first: Running, file_of_b: dict[str, str]
) -> None:
    memory = first.sessions[:-1]
    with ExitStack() as stack:
        second = _second(stack, file_of_b)
        # a has two slots for three sessions, of which one is bound to it.
        eventually(lambda: "b" in {_node_of(first, session) for session in memory})
        family = psutil.Process(second.process.pid).children(recursive=True)
        second.process.kill()
        for process in family:
            if process.is_running():
                kill(process)
    moment = first.now()
    eventually(lambda: _all_sent_since(first, moment), every=SELDOM)


def test_nobody_got_a_message_twice(first: Running) -> None:
    assert first.repeated() == []
