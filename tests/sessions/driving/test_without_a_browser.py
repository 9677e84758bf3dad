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
CORE = (
    "tests/driving",
    "tests/campaigns/ledger/test_outbox.py",
)
# This one, the one that takes half a minute, and those that wait for what hangs.
NOT_AGAIN = (
    "tests/sessions/driving/test_without_a_browser.py",
    "tests/sessions/driving/test_host.py::test_hundreds_of_links_take_few_threads_and_connections_and_hung_ones_delay_nobody",
    "tests/sessions/driving/test_host.py::test_a_stop_ends_the_process_though_links_hang_and_gives_the_others_back",
    "tests/sessions/driving/test_host.py::test_a_stop_gives_back_what_waits_for_a_thread_while_all_of_them_hang",
)


def test_drive_outbox_leases_and_host_pass_in_a_copy_without_browser_and_simulator(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "copy"
    skipped = shutil.ignore_patterns(".git", "var", ".mypy_cache", ".ruff_cache")
    shutil.copytree(settings.BASE, copy, ignore=skipped, symlinks=True)
    for folder in LEFT_OUT:
        shutil.rmtree(copy / folder)
    core = [name for name in CORE if (copy / name).exists()]
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    # Its server begins with the tables, which the copy's own migrations look at.
    begin_with_tables(tmp_path / "var")
    environment["BLU_TEST_VAR"] = str(tmp_path / "var")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *core, "-q", "-x", "-p", "no:cacheprovider",
         *(f"--deselect={name}" for name in NOT_AGAIN)],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
