"""Processes of ours, forked from one that has loaded blü: each is there in a hundredth of a start.

    first = fork(work, session.pk, role="blu_host", simulator=simulator.url, TIME_SCALE=0.05)
    first.stalls_at("claimed")
    first.kill()

Each works on the test's database, is killed and stopped as any other, and shares nothing with its siblings
but what was loaded. What it does is a function of a module: `tell` is its first argument.
"""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import connection
from environ import Env

from blu.ops import dev_secrets
from tests.eventually import GENEROUS

Tell = Callable[[str], None]
Fork = Callable[..., "Forked"]

# Of the environment, beside what is said below: what a program needs, and a browser.
KEPT = ("PATH", "HOME", "BLU_BROWSER", "BLU_BROWSER_WITHOUT_SANDBOX", "NODE_COMPILE_CACHE")

SERVER = get_context("forkserver")
# The second is not there in a copy without it.
SERVER.set_forkserver_preload(["tests.loaded", "sessions.simulator.server"])


class Failed(Exception):
    """What a forked process raised, as a traceback."""


class Forked:
    """A process that does `work(tell, *args)`; what that gives is its last word."""

    def __init__(
        self, log: Path, begin: dict[str, Any], work: Callable[..., object], *args: object
    ) -> None:
        self._ear, mouth = SERVER.Pipe(duplex=False)
        self._log = log
        self._process = SERVER.Process(target=_be, args=(mouth, log, begin, work, args))
        self._process.start()
        mouth.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def log(self) -> str:
        """What it wrote to its streams so far."""
        return self._log.read_text(encoding="utf-8")

    def hears(self) -> str:
        """What it tells next. Failed where it raised, EOFError where it ended without another word."""
        assert self._ear.poll(GENEROUS), f"it says nothing: {self.log}"
        word = self._ear.recv()
        if isinstance(word, Failed):
            raise word
        return str(word)

    def stalls_at(self, word: str) -> None:
        """Return once it says that it stalls there."""
        assert self.hears() == f"at {word}"

    def result(self) -> str:
        """Its last word; it has ended by itself then, and well."""
        word = self.hears()
        assert self.wait() == 0, self.log
        return word

    def send(self, number: signal.Signals) -> None:
        """A signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9; it is gone then."""
        self._process.kill()
        self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        self._process.join(GENEROUS)
        assert self._process.exitcode is not None, f"it does not end: {self.log}"
        return self._process.exitcode

    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.is_alive()


def _be(
    mouth: Connection,
    log: Path,
    begin: dict[str, Any],
    work: Callable[..., object],
    args: tuple[object, ...],
) -> None:
    """In the process itself. No thread of its may hear the signal that ends a stall."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    with log.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    database = Env.db_url_config(begin.pop("url"))
    options = connection.settings_dict["OPTIONS"] | database["OPTIONS"]
    connection.settings_dict.update(database | {"OPTIONS": options})
    for name, value in begin.items():
        setattr(settings, name, value)
    try:
        mouth.send(work(mouth.send, *args))
    except BaseException:
        mouth.send(Failed(traceback.format_exc()))
        raise


def stall(tell: Tell, word: str) -> None:
    """Tell the test, then wait to be killed, or for SIGUSR1."""
    tell(f"at {word}")
    signal.sigtimedwait({signal.SIGUSR1}, GENEROUS)


@pytest.fixture(scope="session")
def forked_var() -> Path:
    """The data folder of whatever this worker forks."""
    return _var()


def _var() -> Path:
    return settings.VAR / f"forked-{os.environ.get('PYTEST_XDIST_WORKER', 'blu')}"


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Fork]:
    """Starts them, as a role of the database; those that still run at the end are killed."""
    started: list[Forked] = []

    def begin(
        work: Callable[..., object],
        *args: object,
        role: str = "blu_web",
        url: str = "",
        simulator: str = "",
        **changed: object,
    ) -> Forked:
        name = str(connection.settings_dict["NAME"])
        changed["url"] = url or dev_secrets.database_url(settings.VAR, role, database=name)
        changed |= {"SIMULATOR_URL": simulator, "WHATSAPP_WEB_URL": simulator}
        load()
        log = tmp_path / f"forked-{len(started)}.log"
        started.append(Forked(log, changed, work, *args))
        return started[-1]

    yield begin
    for process in started:
        process.kill()


def load() -> None:
    """Start what they are forked from, unless it runs: with no other variables than it needs."""
    kept = {key: os.environ[key] for key in KEPT if key in os.environ}
    env = kept | {
        "PYTHONPATH": str(settings.BASE),
        "DJANGO_SETTINGS_MODULE": "blu.settings",
        "DATABASE_URL": "postgresql://nobody@/none?host=/nowhere",  # each is told its own
        "BLU_VAR": str(_var()),
        "BLU_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "SECRET_KEY": settings.SECRET_KEY,
        "BLU_ERASURE_KEY": settings.ERASURE_KEY,
        "BLU_LOG_LEVEL": "WARNING",
        "BLU_TRIAL": "1",
    }
    with mock.patch.dict(os.environ, env, clear=True):
        forkserver.ensure_running()
