"""What must stand before the first program may use the database: tables, cache, a person to sign in."""

import os
import subprocess
import time
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.contrib.auth import get_user_model

from blu.dispatch import trial_code
from blu.ops import dev_database, dev_secrets, environment
from blu.ops.supervisor_config import Node, log_file

DATABASE_SECONDS = 60.0
OWNER = "blu_owner"
COLLECT = ("collectstatic", "--no-input")


class PreparationFailed(Exception):
    """One line that says what is wrong with the database or its tables."""


def prepare_database(node: Node, check: Callable[[], None] = lambda: None) -> None:
    """Wait for PostgreSQL, migrate as its owner, and in trial create the staff account.

    `check` raises where waiting is in vain. Raises PreparationFailed.
    """
    _wait_for_database(node, check)
    _manage(node, _as_owner(), "make_tables")
    if not settings.TRIAL:
        _manage(node, environment.of_program(os.environ, environment.WEB), *COLLECT)
    if settings.EMBEDDED_DATABASE:
        _create_staff()


def last_words(node: Node, program: str) -> str:
    """The last line a program wrote, with its name and the place of the rest."""
    file = log_file(node, program)
    lines = file.read_text(errors="replace").split("\n") if file.exists() else []
    said = [line.strip() for line in lines if line.strip()]
    return f"{program}: {said[-1] if said else 'said nothing'} (see {file})"


def _wait_for_database(node: Node, check: Callable[[], None]) -> None:
    url = _owner_url()
    deadline = time.monotonic() + DATABASE_SECONDS
    while True:
        check()
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as refused:
            if settings.EMBEDDED_DATABASE and "password authentication failed" in str(refused):
                raise PreparationFailed(_other_secrets(node)) from None
            if time.monotonic() > deadline:
                said = last_words(node, "postgres") if settings.EMBEDDED_DATABASE else refused
                raise PreparationFailed(f"PostgreSQL does not answer: {said}") from None
        time.sleep(0.1)


def _other_secrets(node: Node) -> str:
    file, data = node.var / dev_secrets.FILE_NAME, dev_database.data_folder(node.var)
    return f"{file} does not fit {data}: restore the file, or remove both to start anew."


def _owner_url() -> str:
    if settings.EMBEDDED_DATABASE:
        return dev_secrets.database_url(settings.VAR, OWNER)
    return os.environ.get(environment.OWNER, os.environ["DATABASE_URL"])


def _as_owner() -> dict[str, str]:
    """The environment of a process that migrates, the only one that gets the owner's URL."""
    ours = environment.of_program(os.environ, environment.WEB)
    return ours | (
        {"BLU_DATABASE_ROLE": OWNER}
        if settings.EMBEDDED_DATABASE
        else {"DATABASE_URL": _owner_url()}
    )


def _manage(node: Node, env: dict[str, str], *command: str) -> None:
    """Run a management command; its words are shown when it fails."""
    done = subprocess.run(
        [node.python, "manage.py", *command],
        cwd=node.root,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PreparationFailed(f"`manage.py {command[0]}` failed:\n{done.stdout.strip()}")


def _create_staff() -> None:
    people = get_user_model().objects
    person = people.filter(email=trial_code.STAFF_EMAIL).first()
    if person is None:
        password = dev_secrets.secrets(settings.VAR)["staff_password"]
        person = people.create_superuser(email=trial_code.STAFF_EMAIL, password=password)
    trial_code.give(person)
