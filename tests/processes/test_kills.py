"""kill -9 of any one process of a node under load: work goes on by itself, and nothing is sent twice.

One node for all of them, from its first start in an empty folder until it is stopped, with two simulated
sessions, a real browser and a direct link sending. Before it is hurt, what its processes know is looked at.
"""

import re
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from blu.lab.chaos.two_nodes import Pace
from blu.ops import ports
from sessions.transports.browser.launch import pids_on
from tests.eventually import GENEROUS, SELDOM, NotYet, eventually
from tests.processes.running_node import Running, fresh_node, kill, up
from tests.processes.secrets_seen import canaries, secrets_of_the_living
from tests.security.test_environment import may_know

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    pace = Pace(time_scale=0.5, least=0.8, most=1.6, slots=3)
    folder = tmp_path_factory.mktemp("kills")
    with up(fresh_node(folder, pace, **canaries(folder))) as running:
        _write_slowly(running)
        running.send(recipients=600, sessions=2, browser=100, direct=400)
        yield running


def _write_slowly(house: Running) -> None:
    """A page takes its time for each message: it costs most of all at work here. A simulator forgets it when killed."""
    house.simulator.set_page(starting_chat=3.0)


def _worker(house: Running) -> psutil.Process:
    return house.driver(house.sessions[0])


def _browser(house: Running) -> list[psutil.Process]:
    (home,) = house.sql(
        "SELECT home FROM wa_sessions_link WHERE session_id = %s", house.sessions[2]
    )[0]
    family = [psutil.Process(pid) for pid in pids_on(house.var / "homes" / home)]
    if not family:
        raise NotYet("no browser is open")
    return family


def _browser_main(house: Running) -> psutil.Process:
    return next(each for each in _browser(house) if not _kind(each))


def _page(house: Running) -> psutil.Process:
    return next(each for each in _browser(house) if "--type=renderer" in _kind(each))


def _kind(process: psutil.Process) -> str:
    return " ".join(
        word for word in " ".join(process.cmdline()).split() if word.startswith("--type=")
    )


def _main(name: str) -> Callable[[Running], psutil.Process]:
    return lambda house: house.main(name)


def _child(name: str) -> Callable[[Running], psutil.Process]:
    return lambda house: house.main(name).children()[0]


def _backend(house: Running) -> psutil.Process:
    rows = house.sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'blu_jobs' ORDER BY backend_start LIMIT 1"
    )
    return psutil.Process(rows[0][0])


def _postmaster(house: Running) -> psutil.Process:
    pid = (house.var / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0]
    return psutil.Process(int(pid))


# Each moment takes another driver of each kind, and with them what has nothing to do with driving.
Victims = dict[str, Callable[[Running], psutil.Process]]
VICTIMS: tuple[Victims, ...] = (
    {"a worker in a visit": _worker, "the browser": _browser_main, "web": _main("web")},
    {
        "the browser's page": _page, "a host": _main("host-1"), "watch": _main("watch"),
        "the pairing cluster": _main("pairing-a"),
    },
    {"a cluster's main process": _main("browser-a"), "a web worker": _child("web")},
    {"the simulator": _main("simulator")},
)  # fmt: skip
# After which the jobs' cluster is another one.
AND_THE_JOBS: tuple[Victims, ...] = (
    {
        "a cluster's sentinel": _child("browser-a"), "the jobs cluster": _main("jobs"),
        "a PostgreSQL backend": _backend,
    },
    {"PostgreSQL": _postmaster},
)  # fmt: skip


def _all_at_work(house: Running, moment: object) -> bool:
    """Each has sent what was claimed since then."""
    sent = house.sent_since(moment)
    return set(house.sessions) <= set(sent)


def test_a_node_that_started_in_an_empty_folder_says_how_to_sign_in(house: Running) -> None:
    assert f"http://127.0.0.1:{house.env['BLU_PORT']}/" in house.said
    assert "equipe@blu.local" in house.said
    command = re.search(r"code of: (?:BLU_VAR=\S+ )?(.+ trial_code)$", house.said, re.MULTILINE)
    assert command, house.said
    code = subprocess.run(
        shlex.split(command[1]), cwd=settings.BASE, env=house.env, capture_output=True, text=True
    )
    assert re.fullmatch(r"\d{6}\n", code.stdout), code.stderr


def test_no_process_of_a_house_was_started_with_what_it_may_not_know(house: Running) -> None:
    seen: dict[str, set[str]] = {}

    def all_were_seen() -> bool:
        for name, held in secrets_of_the_living(house):
            seen.setdefault(name, set()).update(held)
        return {"up", "supervisord", "web", "chromium", "node", "host-1", "simulator"} <= set(seen)

    eventually(all_were_seen, every=SELDOM)
    for name, held in seen.items():
        assert held <= may_know(name), (name, held)


def test_only_a_host_has_loaded_what_speaks_to_whatsapp_directly(house: Running) -> None:
    """So that a crash in it ends no other: neither its library nor what reads its messages."""

    def loads(process: psutil.Process) -> set[str]:
        try:
            maps = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
        except OSError:  # it has ended
            return set()
        return {word for word in ("neonize", "google/_upb") if word in maps}

    eventually(lambda: loads(house.main("host-1")) == {"neonize", "google/_upb"})
    for name in ("web", "jobs", "browser-a", "pairing-a", "watch"):
        family = house.marked(name)
        assert family, name
        assert [process for process in family if loads(process)] == [], name


@pytest.fixture(scope="module")
def before(house: Running) -> str:
    """The last probe that the jobs answered before all their idle workers were killed at once."""
    answered = eventually(lambda: house.answered("jobs"))
    for process in house.main("jobs").children()[0].children():
        kill(process)
    return answered


@pytest.mark.usefixtures("before")
def test_a_stop_finishes_the_message_in_hand_and_leaves_nothing_to_reconcile(
    house: Running,
) -> None:
    eventually(lambda: _all_at_work(house, house.now_minus(10)), every=SELDOM)
    cluster = house.main("browser-a")
    cluster.terminate()
    cluster.wait(GENEROUS)
    moment = house.now()
    eventually(lambda: _all_at_work(house, moment), every=SELDOM)
    cut = "SELECT count(*) FROM campaigns_delivery WHERE attempts > 1 OR status = 'uncertain'"
    assert house.sql(cut) == [(0,)]


@pytest.mark.parametrize("victims", VICTIMS, ids=" and ".join)
def test_work_goes_on_by_itself(house: Running, victims: Victims) -> None:
    _goes_on_without(victims, house)


def test_idle_workers_killed_at_once_do_not_stall_their_cluster(
    house: Running, before: str
) -> None:
    """django-q2 may lose its queue's lock with them: only a task that is answered proves it works.

    They were killed while the browsers' cluster was stopped and came back.
    """
    eventually(lambda: house.answered("jobs") not in ("", before))


@pytest.mark.parametrize("victims", AND_THE_JOBS, ids=" and ".join)
def test_work_goes_on_by_itself_also_where_the_jobs_are_hit(
    house: Running, victims: Victims
) -> None:
    _goes_on_without(victims, house)


def _goes_on_without(victims: Victims, house: Running) -> None:
    """Within a minute, on a machine of its own: `manage.py chaos` says how long it took."""
    _write_slowly(house)
    eventually(lambda: _all_at_work(house, house.now_minus(10)), every=SELDOM)
    for victim in victims.values():
        kill(eventually(lambda victim=victim: victim(house)))
    moment = eventually(house.now)
    eventually(lambda: _all_at_work(house, moment), every=SELDOM)
    eventually(lambda: _whole(house))


def _whole(house: Running) -> bool:
    """Pages are served, and every cluster answers a probe sent from now on."""
    programs = ("web", "jobs", "browser-a", "pairing-a", "host-1", "watch", "simulator")
    port = int(house.env["BLU_PORT"])
    return all(house.main(name) for name in programs) and ports.answers("127.0.0.1", port)


def test_nothing_was_sent_twice_and_the_whole_node_stops_and_leaves_nothing(
    house: Running,
) -> None:
    assert house.repeated() == []
    family = psutil.Process(house.process.pid).children(recursive=True)
    assert "postgres" in {process.name() for process in family}
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(GENEROUS) == 0
    assert [process for process in family if process.is_running()] == []
    for variable in ("BLU_PORT", "BLU_SIMULATOR_PORT"):
        assert not ports.taken("127.0.0.1", int(house.env[variable]))
