"""The units of docs/systemd start what `manage.py up` starts, with the same secrets and the same end."""

import os
import re
import shutil
import socket
import subprocess
from contextlib import nullcontext
from pathlib import Path
from threading import Event
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from blu.dispatch import watch_loop
from blu.ops import environment
from blu.ops.supervisor_config import STOP_SECONDS, Node, Program, programs
from sessions.driving import nodes

UNITS = settings.BASE / "docs" / "systemd"
PYTHON = "/opt/blu/.venv/bin/python"
NODE = Node(
    root=Path("/opt/blu"), var=Path("/var/lib/blu"), name="${NODE}", host="${BLU_HOST}", port="${BLU_PORT}",  # type: ignore[arg-type]
    python=PYTHON, embedded_postgres=False, simulator_port=None, hosts=1,
)  # fmt: skip


def started(name: str) -> str:
    """What a unit starts; how many web workers there are is the machine's matter."""
    (command,) = re.findall(r"^ExecStart=(.+)$", (UNITS / name).read_text("utf-8"), re.MULTILINE)
    return re.sub(r"--workers \d+", "--workers N", command)


def wanted(program: Program) -> str:
    """The same, as the table of programs has it; which host it is, is said by the unit's name."""
    cluster = program.environment.get("Q_CLUSTER_NAME")
    words = ["/usr/bin/env", f"Q_CLUSTER_NAME={cluster}"] if cluster else []
    name = program.name.replace("host-1", "host-%i")
    words += [PYTHON, "-m", "blu.ops.exec_wrapper", "${BLU_VAR}/run", name]
    command = " ".join([*words, environment.written(program.knows), *program.command])
    return re.sub(r"--workers \d+", "--workers N", command)


def unit(program: Program) -> str:
    """Its file: one for all nodes, and one for all hosts of a node."""
    name = program.name.removesuffix("-${NODE}").replace("host-1", "host@")
    return f"blu-{name}.service"


def test_each_program_has_its_unit_which_starts_it_in_the_same_way() -> None:
    found = {path.name: started(path.name) for path in UNITS.glob("blu-*.service")}
    assert found == {unit(each): wanted(each) for each in programs(NODE)}
    target = (UNITS / "blu.target").read_text("utf-8")
    (line,) = re.findall(r"^Wants=(.+)$", target, re.MULTILINE)
    assert {re.sub(r"@\d+", "@", name) for name in line.split()} == set(found)
    for name in found.keys() - {"blu-watch.service"}:
        text = (UNITS / name).read_text("utf-8")
        assert "Requires=blu-watch.service\nAfter=blu-watch.service\n" in text


def test_a_unit_has_as_long_to_stop_as_under_supervisor_and_leaves_nothing() -> None:
    common = (UNITS / "blu-.service.d" / "common.conf").read_text("utf-8")
    assert f"TimeoutStopSec={STOP_SECONDS}\n" in common
    assert "KillMode=mixed\n" in common
    assert "Restart=always\n" in common


@pytest.mark.parametrize("taken", [False, True])
def test_a_watch_is_ready_once_it_has_its_nodes_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    def claim(_token: UUID) -> None:
        if taken:
            raise nodes.NameTaken

    stop = Event()
    monkeypatch.setattr(nodes, "claim", claim)
    monkeypatch.setattr(watch_loop, "_turn", lambda *_: stop.set())
    monkeypatch.setattr(watch_loop, "_leave", lambda _token: None)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        with pytest.raises(nodes.NameTaken) if taken else nullcontext():
            watch_loop.watch(stop, uuid4(), tmp_path)
        with pytest.raises(BlockingIOError) if taken else nullcontext():
            assert systemd.recv(100) == b"READY=1"


@pytest.mark.nodes
@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and "CI" not in os.environ,
    reason="systemd-analyze is missing: install systemd",
)
def test_systemd_reads_the_units_without_a_word(tmp_path: Path) -> None:
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.rglob("*.*"):
        if path.is_file():  # a checkout stands elsewhere, and its user may have another name
            text = path.read_text("utf-8").replace("/opt/blu/.venv/bin/python", "/bin/true")
            path.write_text(text.replace("User=blu", "User=root"), "utf-8")
    units = sorted(tmp_path.glob("*.service"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "blu.target"), *map(str, units)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)
