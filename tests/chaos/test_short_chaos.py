"""The proof in short: two nodes, real processes, PostgreSQL and a browser, killed in mid-campaign."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from blu.lab.chaos.two_nodes import Pace, running
from tests.prepared import begin_with_tables

pytestmark = pytest.mark.nodes

SECONDS = 420
SIZE = "--kills 4 --nodes 2 --recipients 70 --sessions 4 --browser 8 --browsers 1 --direct 12 --directs 1 --every 1.0"
LINE = (
    r"chaos: kills=(\d+) in_flight=(\d+) repeated=0 lost=0 uncertain_with_evidence=0"
    r" uncertain=\d+ seconds=\d+"
)


def test_four_kills_on_two_nodes_lose_and_repeat_nothing(tmp_path: Path) -> None:
    begin_with_tables(tmp_path / "var")
    with running(tmp_path / "var", Pace(), nodes=2) as env:
        done = subprocess.run(
            [sys.executable, "manage.py", "chaos", *SIZE.split(), "--inside"],
            cwd=settings.BASE, env=env, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    said = done.stdout + done.stderr
    found = re.search(LINE, done.stdout)
    assert found, said
    assert done.returncode == 0, said
    assert int(found[1]) == 4
    assert int(found[2]) >= 1, said
