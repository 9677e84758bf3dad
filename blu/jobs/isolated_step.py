"""A step of a worker in a process of its own: what it may take ends with it, and so does a crash.

A limit on the worker itself would have to be lifted again, and a library that aborts where it gets no
memory would take the worker with it. Forked, the step has Django at hand at once.
"""

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import structlog
from django.db import connections

log = structlog.get_logger()

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_DONE, _FAILED, _NO_MEMORY = 0, 1, 3
# How a library ends that gets no memory, and how the kernel ends what takes too long; a SIGKILL comes from
# outside, and says nothing of the step.
_CRASHES = (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGXCPU)


class TooMuch(Exception):
    """The step asked for more memory or time than it may have; the worker is as it was."""


class StepFailed(Exception):
    """The step ended otherwise than it should; the reason is in the log."""


def run(step: Callable[[], object], *, memory: int, seconds: int) -> None:
    """Do `step` in a child that may take `simulated` bytes on top of what this process has, and so many
    `seconds` of processor.

    Raises TooMuch, StepFailed. The child dies with this process; connections are not shared.
    """
    connections.close_all()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _be_the_child(step, memory, seconds, parent)
    _pid, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == _NO_MEMORY or code in _CRASHES:
        raise TooMuch
    if code != _DONE:
        raise StepFailed(f"the step ended with {code}")


def limit_memory(more: int) -> None:
    """Let this process take `more` bytes on top of the address space it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, hard))


def _be_the_child(step: Callable[[], object], memory: int, seconds: int, parent: int) -> NoReturn:
    code = _FAILED
    try:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            limit_memory(memory)
            # Below the second number the process is told which limit ended it.
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            step()
            code = _DONE
    except MemoryError:
        code = _NO_MEMORY
    except Exception:
        log.exception("step_failed")
    finally:
        # Whatever was raised: two processes must not go on where there was one.
        os._exit(code)
