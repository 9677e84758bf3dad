"""The list of programs of a node, as supervisor reads it."""

import gc
import shlex
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from supervisor.options import ServerOptions

from blu.ops import dev_secrets
from blu.ops.supervisor_config import Node, configuration, programs


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    var = tmp_path / 'a "strange" 100% one'
    (var / "log").mkdir(parents=True)
    run = dev_secrets.make_run_folder(var)
    yield Node(
        root=tmp_path,
        var=var,
        name="b",
        host="127.0.0.1",
        port=18159,
        python="/opt/py thon/bin/python",
        embedded_postgres=True,
        simulator_port=18158,
        hosts=2,
    )
    run.rmdir()


def _read(node: Node) -> dict[str, Any]:
    """Supervisor's own reading of our file: its groups by name."""
    file = node.var / "supervisord.conf"
    file.write_text(configuration(node), encoding="utf-8")
    options = ServerOptions()
    options.realize(["-c", str(file)])
    return {group.name: group for group in options.process_group_configs}


def test_every_process_of_the_design_is_listed(node: Node) -> None:
    names = [program.name for program in programs(node)]
    clusters, hosts = ["jobs", "browser-b", "pairing-b"], ["host-1", "host-2"]
    assert names == ["postgres", "simulator", "web", *clusters, *hosts, "watch"]


def test_production_runs_neither_database_nor_simulator(node: Node) -> None:
    bare = replace(node, embedded_postgres=False, simulator_port=None)
    assert {program.name for program in programs(bare)}.isdisjoint({"postgres", "simulator"})
    assert set(_read(bare)) == {"work"}


def test_database_starts_first_and_stops_last(node: Node) -> None:
    groups = _read(node)
    order = sorted(groups, key=lambda name: groups[name].priority)
    assert order == ["postgres", "simulator", "work"]
    assert [name for name in order if groups[name].process_configs[0].autostart] == ["postgres"]


def test_supervisor_reads_back_what_we_mean(node: Node) -> None:
    known = {each.name: each for each in _read(node)["work"].process_configs}
    web, jobs = known["web"], known["jobs"]
    assert jobs.environment["Q_CLUSTER_NAME"] == "jobs"
    assert jobs.stdout_logfile == str(node.var / "log" / "jobs.log")
    run = str(dev_secrets.run_folder(node.var))
    words = shlex.split(web.command)
    assert words[:5] == ["/opt/py thon/bin/python", "-m", "blu.ops.exec_wrapper", run, "web"]
    assert "127.0.0.1:18159" in words


def test_programs_stop_gently_then_whole_groups_die(node: Node) -> None:
    for group in _read(node).values():
        for each in group.process_configs:
            assert each.autorestart
            # PostgreSQL waits for whoever is connected where it is asked otherwise.
            number = signal.SIGINT if each.name == "postgres" else signal.SIGTERM
            assert (each.stopsignal, each.stopwaitsecs, each.stopasgroup) == (number, 20, False)
            assert each.killasgroup


def test_two_clusters_never_share_a_name(node: Node) -> None:
    found = (p.environment.get("Q_CLUSTER_NAME") for p in programs(node))
    names = [name for name in found if name]
    assert len(set(names)) == len(names) == 3


def test_a_start_draws_no_tracebacks_and_looks_through_nothing_that_was_loaded() -> None:
    """Both took a tenth of it, for each process of a node."""
    assert not structlog.dev.rich
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
