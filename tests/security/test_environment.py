"""Who may know which secret: a table of all programs, then every process of a house that runs (security.md 11)."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from blu.chaos.house import Pace
from blu.lib import environment, processes, trial
from blu.lib.environment import JOBS, OWNER, SECRETS
from sessions.transports.browser import launch
from tests.processes import house

KEYS = {"SECRET_KEY", "BLU_ENCRYPTION_KEYS"}
# What each program may know. Who adds a program adds its line, and thinks about it.
MAY_KNOW = {
    "postgres": set[str](),
    "simulator": set[str](),
    "web": {*KEYS, "DATABASE_URL", "EMAIL_URL"},
    "jobs": {*KEYS, "DATABASE_URL", "EMAIL_URL"},
    "browser-a": {*KEYS, "DATABASE_URL"},
    "pairing-a": {*KEYS, "DATABASE_URL"},
    "watch": {*KEYS, "DATABASE_URL"},
}
OURS = {name: f"canary-{name}" for name in SECRETS} | {"PATH": "/bin", "HOME": "/root", "X": "y"}


def node() -> processes.Node:
    return processes.Node(
        root=settings.BASE, var=settings.VAR, name="a", host="127.0.0.1", port=1,
        python="python", embedded_postgres=True, simulator_port=2,
    )  # fmt: skip


def test_every_program_gets_what_it_may_know_and_no_more() -> None:
    found = {
        program.name: environment.of_program(OURS, program.knows).keys() & set(SECRETS)
        for program in processes.programs(node())
    }
    assert found == MAY_KNOW


def test_each_program_connects_as_its_own_role() -> None:
    urls = {
        program.name: environment.of_program(OURS, program.knows).get("DATABASE_URL")
        for program in processes.programs(node())
    }
    web = urls.pop("web")
    assert web == OURS["DATABASE_URL"]
    assert {url for url in urls.values() if url} == {OURS[JOBS]}


def test_nobody_but_the_process_that_migrates_gets_the_owners() -> None:
    for program in processes.programs(node()):
        given = environment.of_program(OURS, program.knows)
        assert OURS[OWNER] not in given.values(), program.name


def test_every_secret_of_the_settings_is_in_the_table() -> None:
    """A new variable that holds a key, a password or an address with one belongs there."""
    text = (settings.BASE / "blu" / "settings.py").read_text("utf-8")
    read = {part.split('"')[1] for part in text.replace("\n", " ").replace("(    ", "(").split("env.")[1:] if '"' in part}  # fmt: skip
    telling = ("KEY", "SECRET", "PASSWORD", "TOKEN", "DATABASE_URL", "EMAIL_URL")
    secrets = {name for name in read if name.isupper() and any(one in name for one in telling)}
    assert secrets <= set(SECRETS)
    assert {"SECRET_KEY", "BLU_ENCRYPTION_KEYS", "DATABASE_URL", "EMAIL_URL"} <= secrets


def test_what_knows_is_written_is_read_again() -> None:
    for knows in (environment.WEB, environment.WORKERS, environment.VISITS, environment.NOTHING):
        assert environment.read(environment.written(knows)) == knows


def test_the_configuration_holds_no_secret() -> None:
    text = processes.configuration(node())
    for program in processes.programs(node()):
        assert "blu.lib.program" in text.partition(f"[program:{program.name}]")[2]
    assert trial.secrets(settings.VAR)["owner_password"] not in text


def test_a_browser_gets_what_it_needs_to_run_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OURS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(launch, "version_of", lambda _executable: "150")
    given = launch.options("chromium", tmp_path, sandbox=True)["env"]
    assert set(given) <= set(environment.HARMLESS)
    assert not any("canary" in value for value in given.values())


def test_what_was_read_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OURS.items():
        monkeypatch.setenv(name, value)
    environment.forget()
    assert not set(SECRETS) & set(os.environ)


def test_the_settings_keep_no_password_of_another_role() -> None:
    secrets = trial.secrets(settings.VAR)
    import blu.settings as ours

    held = str({n: v for n, v in vars(ours).items() if n != "DATABASES" and not n.startswith("__")})
    # Tests are the owner themselves.
    for name in ("superuser_password", "jobs_password", "web_password", "host_password"):
        assert secrets[name] not in held, name


@pytest.fixture
def running(tmp_path: Path) -> Iterator[house.Running]:
    """A trial, and on its database a node as in production, with a canary in every secret."""
    canaries = {
        "SECRET_KEY": "canary-secret-key-" + "x" * 50,
        "BLU_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "EMAIL_URL": f"filemail://{tmp_path}/canary-mail",
        OWNER: "postgresql://canary-owner:x@127.0.0.1:1/x",
    }
    env = house.node(tmp_path, Pace(slots=1), **canaries)
    with house.up(env) as here:
        yield here


def environ(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/environ").read_text("utf-8", errors="replace")


@pytest.mark.nodes
def test_no_process_of_a_house_was_started_with_what_it_may_not_know(
    running: house.Running,
) -> None:
    running.send(recipients=0, sessions=0, browser=40, browsers=1)
    seen: dict[str, set[str]] = {}

    def all_were_seen() -> bool:
        for name, held in _secrets_of_the_living(running):
            seen.setdefault(name, set()).update(held)
        return {"up", "supervisord", "web", "chromium", "node", "simulator"} <= set(seen)

    house.eventually(all_were_seen)
    for name, held in seen.items():
        assert held <= _allowed(name), (name, held)


def _secrets_of_the_living(running: house.Running) -> Iterator[tuple[str, set[str]]]:
    """(program, names of the secrets that it was started with) of every process of the house."""
    main = psutil.Process(running.process.pid)
    for process in (main, *main.children(recursive=True)):
        with contextlib.suppress(psutil.Error, OSError, IndexError):
            held = f"\0{environ(process)}"
            yield _name(process), {name for name in SECRETS if f"\0{name}=" in held}


def _allowed(name: str) -> set[str]:
    if name in ("up", "supervisord"):
        return set(SECRETS) - {OWNER}
    return MAY_KNOW.get(name, set())


def _name(process: psutil.Process) -> str:
    """The program it belongs to; foreign ones by their own name."""
    words = process.cmdline()
    for foreign in ("node", "postgres"):
        if Path(words[0].split()[0]).name.startswith(foreign):
            return foreign
    if "chrom" in process.name() or "headless" in process.name():
        return "chromium"
    if "up" in words:
        return "up"
    if "supervisor.supervisord" in words:
        return "supervisord"
    if "postgres" in words:
        return "postgres"
    return str(process.environ().get("BLU_PROGRAM", "")).rpartition(":")[2] or " ".join(words)
