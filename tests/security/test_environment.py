"""Who may know which secret: a table of all programs.

`tests/processes/test_kills.py` holds every process of a running node against it.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings

from blu.ops import dev_secrets, environment, supervisor_config
from blu.ops.environment import DEVICES, HOSTS, JOBS, OWNER, SECRETS
from sessions.transports.browser import launch

KEYS = {"SECRET_KEY", "BLU_ENCRYPTION_KEYS", "BLU_ERASURE_KEY"}
# What each program may know. Who adds a program adds its line, and thinks about it.
MAY_KNOW = {
    "postgres": set[str](),
    "simulator": set[str](),
    "web": {*KEYS, "DATABASE_URL", "EMAIL_URL"},
    "jobs": {*KEYS, "DATABASE_URL", "EMAIL_URL"},
    "browser-a": {*KEYS, "DATABASE_URL"},
    "pairing-a": {*KEYS, "DATABASE_URL"},
    "host-1": {*KEYS, "DATABASE_URL", DEVICES},
    "host-2": {*KEYS, "DATABASE_URL", DEVICES},
    "watch": {*KEYS, "DATABASE_URL"},
}


def may_know(program: str) -> set[str]:
    """The secrets that a process of this name may be started with."""
    if program in ("up", "supervisord"):
        return set(SECRETS) - {OWNER}
    return MAY_KNOW.get(program, set())


OURS = {name: f"canary-{name}" for name in SECRETS} | {"PATH": "/bin", "HOME": "/root", "X": "y"}


def node() -> supervisor_config.Node:
    return supervisor_config.Node(
        root=settings.BASE, var=settings.VAR, name="a", host="127.0.0.1", port=1,
        python="python", embedded_postgres=True, simulator_port=2, hosts=2,
    )  # fmt: skip


def test_every_program_gets_what_it_may_know_and_no_more() -> None:
    found = {
        program.name: environment.of_program(OURS, program.knows).keys() & set(SECRETS)
        for program in supervisor_config.programs(node())
    }
    assert found == MAY_KNOW


def test_each_program_connects_as_its_own_role() -> None:
    urls = {
        program.name: environment.of_program(OURS, program.knows).get("DATABASE_URL")
        for program in supervisor_config.programs(node())
    }
    web = urls.pop("web")
    assert web == OURS["DATABASE_URL"]
    hosts = [urls.pop(f"host-{number}") for number in (1, 2)]
    assert hosts == [OURS[HOSTS]] * 2
    assert {url for url in urls.values() if url} == {OURS[JOBS]}


def test_only_hosts_may_read_the_devices_of_direct_links() -> None:
    may = {name for name, held in MAY_KNOW.items() if DEVICES in held}
    assert may == {"host-1", "host-2"}


def test_nobody_but_the_process_that_migrates_gets_the_owners() -> None:
    for program in supervisor_config.programs(node()):
        given = environment.of_program(OURS, program.knows)
        assert OURS[OWNER] not in given.values(), program.name


def test_every_secret_of_the_settings_is_in_the_table() -> None:
    """A new variable that holds a key, a password or an address with one belongs there."""
    text = (settings.BASE / "blu" / "settings.py").read_text("utf-8")
    read = {part.split('"')[1] for part in text.replace("\n", " ").replace("(    ", "(").split("env.")[1:] if '"' in part}  # fmt: skip
    telling = ("KEY", "SECRET", "PASSWORD", "TOKEN", "DATABASE_URL", "EMAIL_URL", "STORE_URL")
    secrets = {name for name in read if name.isupper() and any(one in name for one in telling)}
    assert secrets <= set(SECRETS)
    assert {*KEYS, "DATABASE_URL", "EMAIL_URL", DEVICES} <= secrets


def test_what_knows_is_written_is_read_again() -> None:
    for knows in (
        environment.WEB, environment.WORKERS, environment.VISITS, environment.HOST, environment.NOTHING,
    ):  # fmt: skip
        assert environment.read(environment.written(knows)) == knows


def test_the_configuration_holds_no_secret() -> None:
    text = supervisor_config.configuration(node())
    for program in supervisor_config.programs(node()):
        clears = "--reset-env" if program.name == "postgres" else "blu.ops.exec_wrapper"
        assert clears in text.partition(f"[program:{program.name}]")[2]
    assert dev_secrets.secrets(settings.VAR)["owner_password"] not in text


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
    secrets = dev_secrets.secrets(settings.VAR)
    import blu.settings as ours

    held = str({n: v for n, v in vars(ours).items() if n != "DATABASES" and not n.startswith("__")})
    # Tests are the owner themselves.
    for name in ("superuser_password", "jobs_password", "web_password", "host_password"):
        assert secrets[name] not in held, name
