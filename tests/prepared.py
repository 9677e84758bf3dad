"""A data folder of a trial with all its tables, made once a run: houses of tests begin with a copy of it.

What a house would do at its first start anyway, which `tests/processes/test_up.py` lets one do.
"""

import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from blu.ops import dev_database, dev_secrets
from blu.ops.dev_database_account import as_account, give, program

PREPARED = settings.VAR / "prepared"


def prepare() -> None:
    """Copy the running server of the tests, whose tables are there and no rows yet."""
    data = dev_database.data_folder(PREPARED)
    data.mkdir(mode=0o700, parents=True)
    give(data)
    url = dev_database.superuser_url(settings.VAR, "postgres")
    copy = as_account(
        program("pg_basebackup"), "--pgdata", str(data), "--dbname", url, "--checkpoint=fast",
        "--wal-method=fetch", "--no-sync",
    )  # fmt: skip
    copied = subprocess.run(copy, cwd=data, capture_output=True, text=True, check=False)
    assert copied.returncode == 0, copied.stderr
    shutil.copy2(settings.VAR / dev_secrets.FILE_NAME, PREPARED)


def begin_with_tables(var: Path) -> None:
    """Give a trial that was never started its database with the tables; its secrets are those of the tests."""
    subprocess.run(["cp", "--archive", str(PREPARED), str(var)], check=True)
