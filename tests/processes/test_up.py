"""`manage.py up`: stopped while it starts, refused, and what it decides; test_kills.py has a whole node."""

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from blu.dispatch import launcher
from blu.ops import process_lock
from tests.eventually import GENEROUS, eventually
from tests.prepared import begin_with_tables
from tests.processes.conftest import Start, free_port

pytestmark = pytest.mark.nodes


def _descendants(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_stop_while_starting_leaves_nothing(start: Start, house_env: dict[str, str]) -> None:
    begin_with_tables(Path(house_env["BLU_VAR"]))
    up = start("manage.py", "up")
    eventually(lambda: Path(house_env["BLU_VAR"], "postgres", "postmaster.pid").exists())
    family = _descendants(up)
    up.terminate()
    assert up.wait(GENEROUS) == launcher.INTERRUPTED
    assert [process for process in family if process.is_running()] == []


@pytest.fixture
def kept_signals() -> Iterator[None]:
    """A launcher in this process hears the signals that end it: until the test has ended."""
    kept = {number: signal.getsignal(number) for number in launcher.SIGNALS}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port: int = other.getsockname()[1]
        yield port


def test_taken_port_is_named_in_one_line(start: Start, taken: int) -> None:
    up = start("manage.py", "up", BLU_PORT=str(taken))
    words = up.communicate(timeout=GENEROUS)[0]
    assert up.returncode != 0
    assert words.strip().splitlines() == [
        f"CommandError: port {taken} is taken: free it, or set BLU_PORT to another"
    ]


@pytest.mark.usefixtures("kept_signals")
def test_that_of_the_simulator_is_refused_alike(settings: Settings, taken: int) -> None:
    settings.PORT, settings.SIMULATOR_PORT = free_port(), taken
    settings.EMBEDDED_DATABASE, settings.SIMULATOR_URL = True, f"http://127.0.0.1:{taken}"
    with pytest.raises(launcher.CannotStart) as refused:
        launcher.up()
    assert (
        str(refused.value)
        == f"port {taken} is taken: free it, or set BLU_SIMULATOR_PORT to another"
    )


class _House:
    """Stands in for supervisor: the launcher's own decisions are what is tested here."""

    def check(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def empty_house(kept_signals: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    @contextmanager
    def supervised(_node: object) -> Iterator[_House]:
        seen.append("started")
        yield _House()
        seen.append("stopped")

    monkeypatch.setattr(launcher, "supervised", supervised)
    monkeypatch.setattr(launcher, "_start", lambda *_: None)
    monkeypatch.setattr(launcher, "_refuse_taken_ports", lambda: None)
    return seen


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
