"""Becomes one program of a node: `python -m blu.ops.exec_wrapper RUN NAME KNOWS COMMAND…`.

The program is started with no other secret than those it KNOWS (blu.ops.environment). Runs between supervisor and the program. When a main process is killed, supervisor starts it again,
but its workers and their browsers live on: they would hold the port, the database and the
profile. So whatever still carries the program's mark in its environment is killed first. The mark
is inherited further than the process group, which every browser leaves.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from blu.ops import environment

MARK = "BLU_PROGRAM"
GONE_SECONDS = 5.0


def mark(run: str, name: str) -> str:
    """The mark of the processes of the program `name` of the node whose run folder is `run`."""
    return f"{run}:{name}"


def marked(value: str) -> Iterator[psutil.Process]:
    """The living processes that carry the mark, but this one."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == value:
                yield process


def kill_leftovers(value: str) -> int:
    """Kill what a dead predecessor left behind and wait for it. Returns the number of processes."""
    left = list(marked(value))
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=GONE_SECONDS)
    return len(left)


def running(run: Path, name: str) -> psutil.Process | None:
    """The main process of a program of this node, None while it does not run."""
    try:
        process = psutil.Process(int(_group_file(run, name).read_text(encoding="ascii")))
        ours = process.environ().get(MARK) == mark(str(run), name)
    except (OSError, ValueError, psutil.Error):
        return None
    return process if ours else None


def kill(run: Path, name: str) -> bool:
    """SIGKILL a program with its whole group; supervisor starts it again. False where none runs."""
    process = running(run, name)
    if process is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return True


def _group_file(run: Path, name: str) -> Path:
    return run / f"{name}.pgid"


def main(run: str, name: str, knows: str, *command: str) -> None:
    """Clear the place, leave the number of the process group in `run`, become `command`."""
    _clear(run, name)
    os.execvpe(command[0], command, environment.of_program(os.environ, environment.read(knows)))


def _clear(run: str, name: str) -> None:
    os.environ[MARK] = mark(run, name)
    kill_leftovers(os.environ[MARK])
    try:
        _group_file(Path(run), name).write_text(f"{os.getpgrp()}\n", encoding="ascii")
    except OSError as error:
        # A full disk keeps no program from working; the watch can't restart this one meanwhile.
        print(f"{name}: {error}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
