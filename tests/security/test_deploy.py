"""`check --deploy` names everything that production lacks, and what is written is its user's alone (18)."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks.registry import registry
from django.db import connection
from pytest_django import Settings

from blu.ops import dev_secrets, environment
from blu.ops.apps import OURS
from blu.ops.checks import commits_are_kept

pytestmark = pytest.mark.nodes

COMPLETE = {
    "DATABASE_URL": "postgresql://blu_web:x@127.0.0.1:1/blu",
    environment.JOBS: "postgresql://blu_jobs:x@127.0.0.1:1/blu",
    environment.OWNER: "postgresql://blu_owner:x@127.0.0.1:1/blu",
    environment.HOSTS: "postgresql://blu_host:x@127.0.0.1:1/blu",
    environment.DEVICES: "postgresql://blu_store:x@127.0.0.1:1/blu",
    "SECRET_KEY": "k3-" * 20 + "Zq_9",
    "BLU_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "BLU_ERASURE_KEY": "e4-" * 12 + "Yr_8",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "blü <nao-responda@example.com>",
    "BLU_PUBLIC_URL": "https://blu.example.com",
    "ALLOWED_HOSTS": "blu.example.com",
    "BLU_PROXIES": "1",
    # Somebody else's matter than the environment's: see test_the_sandbox_is_told.
    "BLU_SLOTS": "0",
}


def check(
    folder: Path, env: dict[str, str], of: tuple[str, ...] = ("--tag", OURS)
) -> "subprocess.CompletedProcess[str]":
    """Our own checks; with Django's, which load every page, it takes twice as long."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", *of],
        cwd=settings.BASE, env=kept | {"BLU_VAR": str(folder / "var")} | env,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_complete_environment_is_clean(tmp_path: Path) -> None:
    done = check(tmp_path, COMPLETE, of=())
    assert (done.returncode, "no issues" in done.stdout + done.stderr) == (0, True), done.stderr


def told(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """The variables that the errors name, each as often as it is named."""
    errors = done.stderr.partition("ERRORS:")[2].partition("WARNINGS:")[0]
    assert errors.count("HINT:") == errors.count("(blu.E"), errors
    return sorted(name for name in re.findall(r"\b(\w+) is", errors) if name in COMPLETE)


# One process for all that may be missing together: each costs a second.
@pytest.mark.parametrize(
    "missing",
    [{"DATABASE_URL"}, set(COMPLETE) - {"BLU_SLOTS", "DATABASE_URL", environment.DEVICES}],
)
def test_each_variable_is_missed_and_no_other(tmp_path: Path, missing: set[str]) -> None:
    done = check(tmp_path, {name: value for name, value in COMPLETE.items() if name not in missing})
    assert done.returncode == 1
    assert told(done) == sorted(missing), done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        {
            "SECRET_KEY": "short",
            "BLU_ENCRYPTION_KEYS": "no key",
            "EMAIL_URL": "filemail:///tmp/mails",
            "BLU_PUBLIC_URL": "http://blu.example.com",
            "ALLOWED_HOSTS": "*",
            environment.JOBS: COMPLETE["DATABASE_URL"],
            environment.OWNER: COMPLETE["DATABASE_URL"],
            environment.HOSTS: COMPLETE["DATABASE_URL"],
        },
        {"EMAIL_URL": "consolemail://", "ALLOWED_HOSTS": "other.example.com"},
    ],
    ids=["eight", "two"],
)
def test_a_value_that_does_not_do_is_told(tmp_path: Path, wrong: dict[str, str]) -> None:
    done = check(tmp_path, COMPLETE | wrong)
    assert done.returncode == 1
    assert set(told(done)) == set(wrong), done.stderr


@pytest.mark.parametrize("switch", ["DEBUG", "BLU_TRIAL"])
def test_debug_and_a_trial_are_told(tmp_path: Path, switch: str) -> None:
    done = check(tmp_path, COMPLETE | {switch: "1"})
    assert done.returncode == 1
    assert f"{switch} is on" in done.stderr


def test_the_sandbox_is_told(tmp_path: Path) -> None:
    """As root, and for whoever says that it shall be done without."""
    done = check(tmp_path, COMPLETE | {"BLU_SLOTS": "2", "BLU_BROWSER_WITHOUT_SANDBOX": "1"})
    assert done.returncode == 1
    assert "BLU_BROWSER_WITHOUT_SANDBOX" in done.stderr
    done = check(tmp_path, COMPLETE | {"BLU_SLOTS": "2"})
    assert (done.returncode == 1) == (os.geteuid() == 0), done.stderr


def test_every_check_of_ours_is_run() -> None:
    names = {one.__name__ for one in registry.get_checks(include_deployment_checks=True)}
    ours = {"deploy_is_complete", "sandbox_is_there", "statements_end", "commits_are_kept"}
    assert ours <= names


@pytest.mark.django_db
def test_a_database_that_forgets_what_it_has_answered_is_told(settings: Settings) -> None:
    """As that of the tests is run: what was pressed would be pressed again after a crash."""
    settings.TRIAL = False
    (told,) = commits_are_kept(databases=["default"])
    assert "fsync, full_page_writes, synchronous_commit" in told.msg
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
    (told,) = commits_are_kept(databases=["default"])
    assert "synchronous_commit" not in told.msg


MAIL = """
from django.core.mail import send_mail
try:
    send_mail("a", "um link", None, ["a@example.com"])
except OSError:
    print("no server")
"""


def test_without_a_mail_server_no_link_lies_on_a_disk(tmp_path: Path) -> None:
    env = {name: value for name, value in COMPLETE.items() if name != "EMAIL_URL"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", MAIL],
        cwd=settings.BASE, env=kept | env | {"BLU_VAR": str(tmp_path / "var")},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "no server" in done.stdout, done.stdout + done.stderr
    assert not list(tmp_path.rglob("*.log"))
    assert not (tmp_path / "var" / "mail").exists()


def open_to_others(folder: Path) -> list[str]:
    """What somebody else could read, write or pass through, but for the database's own account."""
    found = []
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or stat.S_ISSOCK(mode):
            continue
        passing = 0o010 if path.is_dir() and os.geteuid() == 0 else 0
        if mode & 0o077 & ~passing:
            found.append(f"{stat.filemode(mode)} {path.relative_to(folder)}")
    return found


def test_a_trial_writes_for_its_user_alone(tmp_path: Path) -> None:
    """Mails too, which hold links that open accounts; whatever umask it was started with."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    script = MAIL + "from django.core.files.storage import default_storage as d\n"
    script += (
        "from django.core.files.base import ContentFile\nd.save('exports/a', ContentFile(b'x'))"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", script],
        cwd=settings.BASE, env=kept | {"BLU_VAR": str(tmp_path / "var")},
        capture_output=True, text=True, check=False, timeout=120, umask=0o022,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    var = tmp_path / "var"
    assert list((var / "mail").iterdir())
    assert (var / "uploads" / "exports" / "a").exists()
    assert open_to_others(var) == []
    assert (var / dev_secrets.FILE_NAME).stat().st_mode & 0o777 == 0o600
