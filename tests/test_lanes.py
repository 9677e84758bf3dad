"""The fast lane stays fast by design: what starts a process there fails, wherever it does so, and no sweep is in it."""

import subprocess
import threading
from pathlib import Path

import pytest

from tests import lanes

TESTS = Path(__file__).parent


@pytest.fixture
def refused() -> list[str]:
    """What was refused so far; emptied by the test, or it fails."""
    return lanes._refused


def test_a_process_is_refused_in_a_lane_without_any(refused: list[str]) -> None:
    with pytest.raises(pytest.fail.Exception, match="mark it browser or nodes"):
        subprocess.run(["true"], check=True)
    assert len(refused) == 1
    refused.clear()


def test_what_a_thread_starts_is_remembered_for_the_end_of_the_test(refused: list[str]) -> None:
    def start() -> None:
        with pytest.raises(pytest.fail.Exception):
            subprocess.run(["true"], check=True)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(refused) == 1
    refused.clear()


def test_what_ends_within_a_moment_may_start() -> None:
    assert subprocess.run(["git", "--version"], capture_output=True, check=True).stdout


def test_what_mirrors_no_app_is_a_sweep(request: pytest.FixtureRequest) -> None:
    assert lanes.lane(request.node) == "sweeps"
    assert set(lanes.SWEEPS) <= {"tests/test_", *(f"tests/{one.name}/" for one in TESTS.iterdir())}


@pytest.mark.nodes
def test_what_starts_processes_is_none(request: pytest.FixtureRequest) -> None:
    assert lanes.lane(request.node) == "nodes"


@pytest.mark.nodes
def test_the_other_lanes_start_what_they_like() -> None:
    subprocess.run(["true"], check=True)


def test_every_worker_begins_with_what_takes_long_and_no_test_is_left_out() -> None:
    files = [("tests/contacts/test_a.py", "fast")] * 70 + [
        ("tests/processes/test_kills.py", "nodes"),
        ("tests/nodes/test_two_nodes.py", "nodes"),
        *[(f"tests/browser/test_{n}.py", "browser") for n in range(8)],
    ]
    order = lanes.dealt(files, 4)
    assert sorted(order) == list(range(len(files)))
    begins = [files[order[n]][1] for n in range(0, len(files), len(files) // 4)]
    assert begins == ["nodes", "nodes", "browser", "fast"]


def test_the_row_of_this_run_is_the_one_that_was_dealt(request: pytest.FixtureRequest) -> None:
    """No other plugin puts it in another order afterwards, as pytest-django would."""
    workers = getattr(request.config, "workerinput", {"workercount": 0})["workercount"]
    files = lanes.known(request.session.items)
    assert not workers or lanes.dealt(files, workers) == list(range(len(files)))


def test_one_lane_alone_is_dealt_as_well() -> None:
    files = [(f"tests/browser/test_{n}.py", "browser") for n in range(7)]
    assert sorted(lanes.dealt(files, 3)) == list(range(7))
    assert lanes.dealt([], 2) == []
