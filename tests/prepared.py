"""A data folder of a trial with all its tables, made once a run: houses of tests begin with a copy of it.

What a house would do at its first start anyway, which `tests/processes/test_up.py` lets one do.
"""

import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from blu.ops import dev_secrets
from blu.ops.dev_database import Server
from blu.ops.dev_database_files import Account

PREPARED = settings.VAR / "prepared"


def prepare() -> None:
    """Copy the running server of the tests, whose tables are there and no rows yet."""
    account = Account.current()
    data = PREPARED / "postgres"
    data.mkdir(mode=0o700, parents=True)
    account.own(data)
    url = Server(settings.VAR).superuser_url("postgres")
    with (settings.VAR / "prepared.log").open("w+b") as log:
        copied = account.spawn(
            "pg_basebackup", "--pgdata", str(data), "--dbname", url, "--checkpoint=fast",
            "--wal-method=fetch", "--no-sync", cwd=data, out=log.fileno(),
        ).wait()  # fmt: skip
        log.seek(0)
        assert copied == 0, log.read().decode()
    shutil.copy2(settings.VAR / dev_secrets.FILE_NAME, PREPARED)


def begin_with_tables(var: Path) -> None:
    """Give a trial that was never started its database with the tables; its secrets are those of the tests."""
    subprocess.run(["cp", "--archive", str(PREPARED), str(var)], check=True)
