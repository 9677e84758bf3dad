"""`manage.py up`: stopped while it starts, refused, and what it decides; test_kills.py has a whole node."""

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from blu.dispatch import launcher
from blu.ops import process_lock
from tests.eventually import GENEROUS, eventually
from tests.processes.conftest import Start

pytestmark = pytest.mark.nodes


def _descendants(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_stop_while_starting_leaves_nothing(start: Start, house_env: dict[str, str]) -> None:
    up = start("manage.py", "up")
    eventually(lambda: Path(house_env["BLU_VAR"], "postgres", "postmaster.pid").exists())
    family = _descendants(up)
    up.terminate()
    assert up.wait(GENEROUS) == launcher.INTERRUPTED
    assert [process for process in family if process.is_running()] == []


@pytest.mark.parametrize("variable", ["BLU_PORT", "BLU_SIMULATOR_PORT"])
def test_taken_port_is_named_in_one_line(
    start: Start, house_env: dict[str, str], variable: str
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(house_env[variable])))
        other.listen()
        up = start("manage.py", "up")
        words = up.communicate(timeout=GENEROUS)[0]
    assert up.returncode != 0
    assert words.strip().splitlines() == [
        f"CommandError: port {house_env[variable]} is taken: free it, or set {variable} to another"
    ]


class _House:
    """Stands in for supervisor: the launcher's own decisions are what is tested here."""

    def check(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def empty_house(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    kept = {number: signal.getsignal(number) for number in launcher.SIGNALS}
    seen: list[str] = []

    @contextmanager
    def supervised(_node: object) -> Iterator[_House]:
        seen.append("started")
        yield _House()
        seen.append("stopped")

    monkeypatch.setattr(launcher, "supervised", supervised)
    monkeypatch.setattr(launcher, "_start", lambda *_: None)
    monkeypatch.setattr(launcher, "_refuse_taken_ports", lambda: None)
    yield seen
    for number, handler in kept.items():
        signal.signal(number, handler)


def _interrupted() -> int:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("script", "once", "status"),
    [
        (lambda: 3, True, 3),
        (lambda: 3, False, 3),
        (lambda: 0, True, 0),
        (None, False, 0),
        (_interrupted, True, launcher.INTERRUPTED),
    ],
)
def test_status_is_that_of_the_script(
    empty_house: list[str], script: Callable[[], int] | None, once: bool, status: int
) -> None:
    assert launcher.up(then=script, once=once) == status
    assert empty_house == ["started", "stopped"]


def test_a_stop_whose_exception_was_swallowed_is_heard_all_the_same(
    empty_house: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python swallows what a signal raises while it takes an object apart."""

    def swallows() -> int:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        return 0

    monkeypatch.setattr(_House, "check", lambda _self: None)
    launcher.up(then=swallows)
    assert empty_house == ["started", "stopped"]


def test_second_launcher_of_a_house_is_refused(empty_house: list[str]) -> None:
    def again() -> int:
        with pytest.raises(launcher.CannotStart, match="already runs"):
            launcher.up()
        return 0

    assert launcher.up(then=again, once=True) == 0


def test_lock_ends_with_its_block(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with (
        process_lock.only_one(file),
        pytest.raises(process_lock.AlreadyHeld),
        process_lock.only_one(file),
    ):
        raise AssertionError("two hold it")
    with process_lock.only_one(file):
        pass
