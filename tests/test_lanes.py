"""The fast lane stays fast by design: what starts a process there fails, wherever it does so."""

import subprocess
import threading

import pytest

from tests import lanes


@pytest.fixture
def refused() -> list[str]:
    """What was refused so far; emptied by the test, or it fails."""
    return lanes._refused


def test_a_process_is_refused_in_the_fast_lane(refused: list[str]) -> None:
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


@pytest.mark.nodes
def test_the_other_lanes_start_what_they_like() -> None:
    subprocess.run(["true"], check=True)
