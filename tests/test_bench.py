"""The benches run in a house of their own, say one JSON line a figure, and leave nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.conf import settings

pytestmark = pytest.mark.nodes

COMMON = {"bench", "rows", "unit", "figure", "floor", "ratio", "peak_mb", "target"}
# Figures are printed to a thousandth, and so few rows take some thousandths of a second.
ROUNDED = 0.0005


@pytest.mark.parametrize(
    ("name", "rows", "lines"), [("launch", 200, 1), ("ledger", 24, 1), ("import", 200, 2)]
)
def test_a_bench_prints_its_figures_and_leaves_nothing(
    tmp_path: Path, name: str, rows: int, lines: int
) -> None:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "BLU_BROWSER") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", name, "--rows", str(rows)],
        cwd=settings.BASE,
        env=kept | {"BLU_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(figures) == lines
    for figure in figures:
        assert figure.keys() >= COMMON
        assert figure["rows"] == rows
        assert figure["figure"] > 0
        assert figure["floor"] > ROUNDED
        least = (figure["figure"] - ROUNDED) / (figure["floor"] + ROUNDED)
        most = (figure["figure"] + ROUNDED) / (figure["floor"] - ROUNDED)
        assert least - ROUNDED <= figure["ratio"] <= most + ROUNDED
    assert list(tmp_path.glob("bench-*")) == []
    left = [
        p.pid for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(p.info["cmdline"])
    ]
    assert left == []


def test_an_unknown_bench_is_refused_with_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "nothing"],
        cwd=settings.BASE, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    for name in ("import", "launch", "ledger", "visit"):
        assert name in done.stderr
