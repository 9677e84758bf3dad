"""The processes below this one: none of them may outlive it.

A browser leaves its parent's process group and a killed parent leaves orphans, so groups are not
enough. Linux offers two things: a "subreaper" inherits every orphan below it, and a child can ask
for a signal when its parent dies (prctl(2)).
"""

import contextlib
import ctypes
import os
import signal
import time

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# A child that ended, if any, which stays to be buried: the kernel knows, without a look through /proc.
_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT


def inherit_orphans() -> None:
    """From now on a descendant whose parent dies becomes a child of this process."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent() -> None:
    """Ask for SIGTERM when the parent dies; for a child, between fork and exec."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def reap(*, spare: int) -> None:
    """Collect the exit of inherited orphans that ended; `spare` is a child that other code waits for."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, _LOOK)) and ended.si_pid != spare:
            os.waitpid(ended.si_pid, os.WNOHANG)


def end_all(patience: float) -> list[str]:
    """Kill every descendant and wait until none is left; gives the names of those killed."""
    killed = []
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        reap(spare=0)
        left = psutil.Process().children(recursive=True)
        if not left:
            break
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.status() != psutil.STATUS_ZOMBIE:
                    killed.append(process.name())
                    process.kill()
        time.sleep(0.05)
    return killed


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
