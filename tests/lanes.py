"""The suite's lanes, by marker: `browser`, `nodes`, `sweeps`, and what is unmarked is fast.

    make test-fast      no browser, no node, no whole process, and no sweep
    make test-sweeps    what holds of the whole house: every address, admin page, role, text and file is gone through
    make test-browser   a Chromium of this process
    make test-nodes     other processes of ours, which may start browsers themselves
    make test           all of them

A test of the two first that starts a process all the same fails: they are where the time goes that everybody waits
for. A test of several lanes counts as the first of `nodes`, `browser`, `sweeps`.
"""

import os
import subprocess
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import wraps
from itertools import chain, islice
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

LANES = ("nodes", "browser", "sweeps", "fast")
WITHOUT_PROCESSES = ("sweeps", "fast")
# Where the tests stand that mirror no app: nobody has to mark them.
SWEEPS = ("tests/security/", "tests/ui/", "tests/test_")
# About how many seconds the files take that take longest, and any other file of their lanes: workers
# beside each other begin with these, dealt so that none is left alone with them at the end.
LONG = {
    "tests/blu/lab/test_bench.py": 110,
    "tests/browser/test_account_pages.py": 30,
    "tests/browser/test_campaign_pages.py": 75,
    "tests/browser/test_contact_pages.py": 45,
    "tests/browser/test_faults.py": 35,
    "tests/browser/test_respect_pages.py": 25,
    "tests/browser/test_session_pages.py": 35,
    "tests/concurrency/test_erasure.py": 25,
    "tests/concurrency/test_killed_drivers.py": 30,
    "tests/concurrency/test_stop_and_claim.py": 25,
    "tests/nodes/test_pgbouncer.py": 35,
    "tests/nodes/test_two_nodes.py": 140,
    "tests/processes/test_kills.py": 115,
    "tests/security/test_import_memory.py": 25,
    "tests/sessions/driving/test_host.py": 95,
    "tests/sessions/driving/test_hosts_share.py": 25,
    "tests/sessions/driving/test_without_a_browser.py": 30,
    "tests/sessions/transports/browser/test_browser_badges.py": 60,
    "tests/sessions/transports/browser/test_browser_builds.py": 75,
    "tests/sessions/transports/browser/test_browser_day.py": 45,
    "tests/sessions/transports/browser/test_browser_faults.py": 40,
    "tests/sessions/transports/browser/test_browser_full_disk.py": 35,
    "tests/sessions/transports/browser/test_browser_link_faults.py": 125,
    "tests/sessions/transports/browser/test_browser_linking.py": 25,
    "tests/sessions/transports/browser/test_browser_list.py": 35,
    "tests/sessions/transports/browser/test_browser_people.py": 40,
    "tests/sessions/transports/browser/test_browser_profiles.py": 45,
    "tests/sessions/transports/browser/test_browser_renamed.py": 35,
    "tests/sessions/transports/browser/test_browser_sending_faults.py": 100,
    "tests/sessions/transports/browser/test_browser_unheard.py": 155,
    "tests/sessions/transports/browser/test_browser_visits.py": 85,
    "tests/sessions/transports/direct/test_direct_crashes.py": 25,
    "tests/sessions/transports/direct/test_direct_faults.py": 35,
    "tests/sessions/transports/direct/test_direct_fleet.py": 30,
    "tests/sessions/transports/direct/test_direct_host.py": 25,
    "tests/sessions/transports/direct/test_direct_host_faults.py": 90,
    "tests/sessions/transports/direct/test_moving_from_a_browser.py": 95,
    "tests/sessions/transports/direct/test_moving_over.py": 40,
    "tests/sessions/transports/test_transport_contract.py": 120,
}
HOUSES = 2  # workers that begin with tests of whole processes
USUAL = {"nodes": 10, "browser": 10}
# By which Python starts a process. An audit hook would see them too, and be called for every `id()`.
STARTS = (
    (subprocess.Popen, "_execute_child"), (os, "posix_spawn"), (os, "fork"),
    (forkserver, "connect_to_new_process"),
)  # fmt: skip
# What ctypes.util.find_library asks.
FINDS_A_LIBRARY = {"ldconfig", "gcc", "cc", "ld", "objdump"}
# What ends within a moment and is none of our processes: the programs of Debian that tests ask or
# end, and the reader through which every spreadsheet goes.
GETTEXT = {"xgettext", "msguniq", "msgmerge", "msgattrib", "msgfmt"}
SHORT = {"git", "sleep", "mount", "umount", *GETTEXT, *FINDS_A_LIBRARY}
READER = "contacts.spreadsheets.calamine_reader"

_running: list[pytest.Item] = []
_refused: list[str] = []


def lane(item: pytest.Item) -> str:
    """The lane of a test."""
    return next((name for name in LANES if item.get_closest_marker(name)), "fast")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Sweeps are marked, before any lane is chosen; workers beside each other begin with what takes long.

    After all other plugins: pytest-django puts in order by who uses the database, over all files.
    """
    for item in items:
        if item.nodeid.startswith(SWEEPS):
            item.add_marker("sweeps")
    yield
    if hasattr(config, "workerinput"):
        order = dealt(known(items), config.workerinput["workercount"])
        items[:] = [items[n] for n in order]


def known(items: Sequence[pytest.Item]) -> list[tuple[str, str]]:
    """File and lane of each test."""
    return [(item.nodeid.split("::")[0], lane(item)) for item in items]


def dealt(files: Sequence[tuple[str, str]], workers: int) -> list[int]:
    """The order of tests, each given by its file and lane, for so many workers.

    xdist gives each worker an even share of the row, so each share begins with files that take long
    and goes on with fast tests. Whole houses are for two workers: so many at a time are enough for a
    machine. Browsers and houses wait for a third of their time, so the last worker has fast tests alone, which never do.
    """
    by_file: dict[tuple[str, str], list[int]] = {}
    for n, one in enumerate(files):
        by_file.setdefault(one, []).append(n)
    shares: list[list[int]] = [[] for _ in range(workers)]
    seconds = [0] * workers
    fast: list[int] = []
    waiting = workers - (workers > HOUSES and any(name in WITHOUT_PROCESSES for _, name in files))
    for (file, name), tests in sorted(by_file.items(), key=lambda one: (-_takes(*one[0]), one[0])):
        if name in WITHOUT_PROCESSES:
            fast += tests
            continue
        among = range(min(HOUSES, workers) if name == "nodes" else waiting)
        least = min(among, key=seconds.__getitem__)
        shares[least] += tests
        seconds[least] += _takes(file, name)
    left, others = len(files), iter(fast)
    for n, share in enumerate(shares):
        share.extend(islice(others, max(0, left // (workers - n) - len(share))))
        left -= len(share)
    return [*chain.from_iterable(shares), *others]


def _takes(file: str, name: str) -> int:
    return LONG.get(file, USUAL.get(name, 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """While a test runs, with its fixtures, whoever starts a process is asked for its lane.

    Its reports say the lane too, for CI's second run of browser tests.
    """
    item.user_properties.append(("lane", lane(item)))
    _running.append(item)
    _refused.clear()
    try:
        return (yield)
    finally:
        _running.pop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """A refusal that a thread heard, or that the code under test took for a failure, counts too."""
    done = yield
    if _refused:
        pytest.fail(_refused.pop())
    return done


def _asked(start: Callable[..., Any]) -> Callable[..., Any]:
    """The same start of a process, which a test of a lane without processes is refused unless it is short."""

    @wraps(start)
    def begin(*arguments: Any, **options: Any) -> Any:
        if _running and (refusing := lane(_running[-1])) in WITHOUT_PROCESSES:
            command = _command(arguments) if start.__name__ == "_execute_child" else []
            if not is_short(command):
                what = command or start.__name__
                why = f"a test of the lane {refusing} starts {what}: mark it browser or nodes"
                _refused.append(why)
                pytest.fail(why)
        return start(*arguments, **options)

    return begin


def _command(arguments: tuple[Any, ...]) -> list[str]:
    """The program and its arguments, as a Popen starts them; one line for a shell stands alone."""
    given = arguments[1]
    return [given] if isinstance(given, str) else list(map(os.fsdecode, given))


def is_short(command: Sequence[str]) -> bool:
    """Whether a command may start in a lane without processes."""
    return bool(command) and (Path(command[0]).name in SHORT or READER in command)


for owner, name in STARTS:
    setattr(owner, name, _asked(getattr(owner, name)))
