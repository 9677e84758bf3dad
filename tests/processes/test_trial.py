"""Secrets and addresses of a trial."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from psycopg.conninfo import conninfo_to_dict

from blu.ops import dev_secrets


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    var = tmp_path / "var"
    made = dev_secrets.secrets(var)
    assert stat.S_IMODE((var / "trial.json").stat().st_mode) == 0o600
    assert dev_secrets.secrets(var) == made
    assert len(set(made.values())) == len(made)
    Fernet(made["encryption_key"])


def test_processes_that_start_together_get_the_same_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(dev_secrets.secrets, [tmp_path] * 32))
    assert all(each == made[0] for each in made)
    assert os.listdir(tmp_path) == ["trial.json"]


def test_folder_of_another_user_gets_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    dev_secrets.secrets(tmp_path)
    (tmp_path / "trial.json").chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(dev_secrets.UnusableFolder) as refused:
            dev_secrets.secrets(tmp_path)
    finally:
        os.seteuid(me)
    assert str(tmp_path) in str(refused.value)
    assert "BLU_VAR" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("depth", [0, 30])
def test_sockets_fit_however_deep_the_folder_is(tmp_path: Path, depth: int) -> None:
    var = tmp_path.joinpath(*["fundo"] * depth)
    socket = dev_secrets.run_folder(var) / dev_secrets.LONGEST_SOCKET
    assert len(str(socket)) <= 107
    assert (dev_secrets.run_folder(var) == var / "run") == (depth == 0)
    assert dev_secrets.run_folder(var) == dev_secrets.run_folder(var)
    assert dev_secrets.run_folder(var) != dev_secrets.run_folder(var / "other" / ("x" * 80))


def test_each_role_has_its_own_url(tmp_path: Path) -> None:
    urls = {
        role: conninfo_to_dict(dev_secrets.database_url(tmp_path, role))
        for role in dev_secrets.ROLES
    }
    assert {url["user"] for url in urls.values()} == set(dev_secrets.ROLES)
    assert len({url["password"] for url in urls.values()}) == len(dev_secrets.ROLES)
    assert {url["host"] for url in urls.values()} == {str(tmp_path / "run" / "pg")}
    with pytest.raises(ValueError, match="no role 'postgres'"):
        dev_secrets.database_url(tmp_path, "postgres")
