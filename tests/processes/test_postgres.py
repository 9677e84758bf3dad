"""`python -m blu.ops.dev_database_owner`, the one owner of the embedded server."""

import getpass
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from blu.ops import dev_secrets
from blu.ops.dev_database import Server
from tests.eventually import GENEROUS, eventually
from tests.processes.conftest import Start

pytestmark = pytest.mark.nodes

Env = dict[str, str]


Own = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def own(start: Start, house_env: Env) -> Own:
    """Starts an owner of the house's server."""
    return lambda *options: start(
        "-m", "blu.ops.dev_database_owner", "--data", house_env["BLU_VAR"], *options
    )


def _url(house_env: Env) -> str:
    return dev_secrets.database_url(Path(house_env["BLU_VAR"]), "blu_owner")


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _postmaster(house_env: Env) -> psutil.Process:
    file = Path(house_env["BLU_VAR"]) / "postgres" / "postmaster.pid"
    return psutil.Process(int(file.read_text().splitlines()[0]))


def _ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_server_survives_its_owner_and_is_adopted(own: Own, house_env: Env) -> None:
    owner = own("--not-durable")
    eventually(lambda: _answers(_url(house_env)))
    server = _postmaster(house_env)
    with psycopg.connect(_url(house_env), autocommit=True) as connection:
        owner.kill()
        owner.communicate()
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        heir = own("--not-durable")
        assert heir.stdout is not None
        assert "adopted" in heir.stdout.readline()
        assert _postmaster(house_env) == server
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    heir.terminate()
    assert heir.wait(GENEROUS) == 0
    assert _ended(server)


def test_server_that_dies_ends_its_owner_and_starts_again(own: Own, house_env: Env) -> None:
    owner = own()
    eventually(lambda: _answers(_url(house_env)))
    os.kill(_postmaster(house_env).pid, signal.SIGKILL)
    words = owner.communicate(timeout=GENEROUS)[0]
    assert owner.returncode != 0
    assert "PostgreSQL ended by itself" in words
    own()
    eventually(lambda: _answers(_url(house_env)))


def test_a_second_owner_is_refused_in_one_line_and_lost_secrets_are_named(
    own: Own, house_env: Env
) -> None:
    owner = own("--not-durable")
    eventually(lambda: _answers(_url(house_env)))
    second = own()
    words = second.communicate(timeout=GENEROUS)[0]
    assert second.returncode != 0
    assert words.strip().splitlines() == [
        f"postgres: somebody owns the one of {house_env['BLU_VAR']} already"
    ]
    owner.terminate()
    owner.communicate(timeout=GENEROUS)
    (Path(house_env["BLU_VAR"]) / "trial.json").unlink()
    heir = own()
    assert "trial.json does not fit" in heir.communicate(timeout=GENEROUS)[0]
    assert heir.returncode != 0


def test_server_starts_in_a_private_folder_with_a_long_path(own: Own, house_env: Env) -> None:
    """Its socket then lies elsewhere; the system user must reach the data all the same."""
    private = Path(house_env["BLU_VAR"]).with_name("private" * 12)
    private.mkdir(mode=0o700)
    house_env["BLU_VAR"] = str(private)
    owner = own("--not-durable")
    eventually(lambda: _answers(_url(house_env)) or owner.poll() is not None)
    assert owner.poll() is None


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
        Server(tmp_path).start()
    assert f"{data}: belongs to the user nobody" in str(refused.value)
    assert "\n" not in str(refused.value)
