"""What a killed program leaves behind is gone before the next one starts."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from blu.ops import exec_wrapper
from tests.eventually import eventually


@contextmanager
def _sleeper(**environment: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        ["sleep", "100"], env=os.environ | environment, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_leftovers_of_the_program_are_killed_in_whatever_group() -> None:
    ours, other = exec_wrapper.mark("/run", "browser-a"), exec_wrapper.mark("/run", "browser-b")
    with (
        _sleeper(BLU_PROGRAM=ours) as first,
        _sleeper(BLU_PROGRAM=ours) as second,
        _sleeper(BLU_PROGRAM=other) as stranger,
    ):
        eventually(lambda: len(list(exec_wrapper.marked(ours))) == 2)
        assert exec_wrapper.kill_leftovers(ours) == 2
        assert not psutil.pid_exists(first.pid)
        assert not psutil.pid_exists(second.pid)
        assert stranger.poll() is None


@pytest.mark.nodes
def test_program_records_its_group_and_becomes_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "blu.ops.exec_wrapper",
            str(tmp_path),
            "jobs",
            "",
            "sh",
            "-c",
            "echo $$",
        ],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        check=True,
    )
    assert (tmp_path / "jobs.pgid").read_text() == done.stdout


@pytest.mark.nodes
def test_no_descendant_outlives_its_family() -> None:
    """A grandchild in a session of its own, whose parent is dead, as a killed worker's browser."""
    script = """
        import subprocess
        from blu.ops import process_tree as family
        family.inherit_orphans()
        parent = subprocess.run(
            ["sh", "-c", "setsid sleep 100 >/dev/null & echo $!"], stdout=subprocess.PIPE, text=True
        )
        print(parent.stdout.strip(), *family.end_all(5))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    pid, *killed = done.stdout.split()
    # It may be ended before setsid has become sleep.
    assert killed in (["sleep"], ["setsid"])
    assert not psutil.pid_exists(int(pid))


@pytest.mark.nodes
def test_child_ends_with_its_parent() -> None:
    script = """
        import os, subprocess, signal
        from blu.ops import process_tree as family
        child = subprocess.Popen(["sleep", "100"], preexec_fn=family.end_with_parent)
        print(child.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    pid = int(done.stdout)

    def gone() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    eventually(gone)


def test_mark_tells_houses_and_programs_apart() -> None:
    pairs = [("/a/run", "jobs"), ("/b/run", "jobs"), ("/a/run", "browser-a"), ("/a/run", "jobs-b")]
    assert len({exec_wrapper.mark(run, name) for run, name in pairs}) == len(pairs)
