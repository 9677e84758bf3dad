"""The embedded PostgreSQL: its data made once, the server run by supervisor or a test."""

import getpass
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from blu.ops import dev_database, dev_secrets
from tests.eventually import GENEROUS, NotYet, eventually
from tests.prepared import begin_with_tables
from tests.processes.conftest import Start

pytestmark = pytest.mark.nodes

SERVES = """
import sys
from pathlib import Path
from blu.ops import dev_database
with dev_database.running(Path(sys.argv[1]), durable=False):
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def served(var: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that runs the server of `var`."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVES, str(var)],
        cwd=settings.BASE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.communicate(timeout=GENEROUS)


def postmaster(var: Path) -> psutil.Process:
    try:
        pid = (var / "postgres" / "postmaster.pid").read_text().split("\n")[0]
        return psutil.Process(int(pid))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        raise NotYet("no server runs") from None


def owner(var: Path) -> psycopg.Connection:
    return psycopg.connect(dev_secrets.database_url(var, "blu_owner"), autocommit=True)


def test_a_server_ends_with_whoever_runs_it_and_keeps_what_was_committed(tmp_path: Path) -> None:
    var = tmp_path / "var"
    begin_with_tables(var)
    with served(var) as runner:
        with owner(var) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server = postmaster(var)
        runner.kill()
        eventually(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    with served(var), owner(var) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_server_starts_in_a_private_folder_with_a_long_path(tmp_path: Path) -> None:
    """Its socket then lies elsewhere; the system user must reach the data all the same."""
    private = tmp_path / ("private" * 12)
    private.mkdir(mode=0o700)
    with served(private):
        assert (private / "postgres" / "postmaster.pid").exists()


def test_lost_secrets_are_named(start: Start, house_env: dict[str, str]) -> None:
    var = Path(house_env["BLU_VAR"])
    begin_with_tables(var)
    (var / "trial.json").unlink()
    up = start("manage.py", "up")
    assert "trial.json does not fit" in up.communicate(timeout=GENEROUS)[0]
    assert up.returncode != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_no_other_run_of_the_suite_closes_the_folder_in_which_a_server_is_made(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Pytest closes the one that all runs of a user share, and a server made just then failed."""
    shared = Path(tempfile.gettempdir()) / f"pytest-of-{getpass.getuser()}"
    assert shared not in tmp_path.parents
    assert shared not in tmp_path_factory.getbasetemp().parents


def test_data_of_another_user_gets_one_clear_line(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    os.chown(data, 65534, 65534)
    with pytest.raises(dev_secrets.UnusableFolder) as refused:
        dev_database.prepare(tmp_path)
    assert f"{data}: belongs to the user nobody" in str(refused.value)
    assert "\n" not in str(refused.value)
