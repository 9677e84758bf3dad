"""The core knows no transport: its tests pass in a tree that has neither the browser nor the simulator."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.prepared import begin_with_tables

pytestmark = pytest.mark.nodes

LEFT_OUT = ("sessions/transports/browser", "sessions/simulator")
# What the tests of both share goes with them.
SHARED = "tests/sessions/conftest.py"
DRIVING = "tests/sessions/driving/test_"
# Each way into the core once: what a host does when it is killed, hung or locked out is the same in either tree.
CORE = (
    *(
        f"{DRIVING}{subject}.py"
        for subject in ("drive", "host_looks", "inprocess", "leases", "links")
    ),
    f"{DRIVING}host.py::test_the_links_of_a_killed_host_are_leased_by_another_and_nothing_is_repeated",
    f"{DRIVING}host.py::test_a_stop_lets_each_link_finish_the_step_in_hand",
    "tests/campaigns/ledger/test_outbox.py",
)


def test_drive_outbox_leases_and_host_pass_in_a_copy_without_browser_and_simulator(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "copy"
    skipped = shutil.ignore_patterns(".git", ".venv", "var", ".mypy_cache", ".ruff_cache")
    shutil.copytree(settings.BASE, copy, ignore=skipped, symlinks=True)
    for folder in LEFT_OUT:
        shutil.rmtree(copy / folder)
    (copy / SHARED).unlink()
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    # Its server begins with the tables, which the copy's own migrations look at.
    begin_with_tables(tmp_path / "var")
    environment["BLU_TEST_VAR"] = str(tmp_path / "var")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *CORE, "-q", "-x", "-p", "no:cacheprovider"],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
