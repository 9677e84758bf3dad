"""The layers let a kind's folder in as it is: no contract, and no other file, has a line for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.nodes

LINTS = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)


def test_a_folder_and_a_line_break_no_contract(tmp_path: Path) -> None:
    for package in ("blu", "campaigns", "contacts", "sessions"):
        no_locale = shutil.ignore_patterns("__pycache__", "locale")
        shutil.copytree(settings.BASE / package, tmp_path / package, ignore=no_locale)
    shutil.copy(settings.BASE / "pyproject.toml", tmp_path)
    folder = tmp_path / "sessions" / "transports" / "cloud"
    shutil.copytree(settings.BASE / "tests" / "cloud" / "kind", folder)
    for file in folder.glob("*.py"):
        file.write_text(file.read_text().replace("tests.cloud.kind", "sessions.transports.cloud"))
    done = subprocess.run(
        [sys.executable, "-c", LINTS], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    # And they would notice: what isn't the kind's entrance stays away from Django.
    with (folder / "transport.py").open("a") as transport:
        transport.write("\nfrom sessions.models import Link as Model\n")
    done = subprocess.run(
        [sys.executable, "-c", LINTS], cwd=tmp_path, capture_output=True, text=True
    )
    assert "sessions.transports.cloud.transport -> sessions.models" in done.stdout
