"""Every sample gives exactly its expected report, in the process and as a command."""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contacts.spreadsheets.dry_run import dry_run

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "samples"
FILES = sorted(path.name.removesuffix(".expected.json") for path in SAMPLES.glob("*.expected.json"))


def expected(name):
    return json.loads((SAMPLES / f"{name}.expected.json").read_text())


@pytest.mark.parametrize("name", FILES)
def test_a_sample_gives_exactly_its_expected_report(name):
    assert dry_run(SAMPLES / name, today=datetime.date(2026, 11, 24)) == expected(name)


@pytest.mark.parametrize("name", FILES)
def test_rows_add_up(name):
    report = expected(name)
    assert report["rows_total"] == report["imported"] + report["duplicates"] + len(report["errors"])


def command(*arguments, tmp_path):
    """The command where no database answers."""
    environment = {
        "PATH": os.environ["PATH"],
        "BLU_VAR": str(tmp_path / "var"),
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere",
        "BLU_TRIAL": "1",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "import_contacts", *map(str, arguments)],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.nodes
def test_the_dry_run_command_prints_the_expected_form_without_a_database(tmp_path):
    done = command(SAMPLES / "recepcao-antiga.csv", "--dry-run", "--json", tmp_path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected("recepcao-antiga.csv")


@pytest.mark.nodes
def test_the_dry_run_command_fails_with_one_sentence_for_a_refused_file(tmp_path):
    page = tmp_path / "contatos.xlsx"
    page.write_text("<html><table></table></html>")
    done = command(page, "--dry-run", "--json", tmp_path=tmp_path)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert not report["ok"]
    assert "página da internet" in report["error"]
    assert report["contacts"] == []


def test_an_xls_file_is_read_like_the_others():
    report = dry_run(SAMPLES / "fichario.xls", today=datetime.date(2026, 11, 24))
    assert report["rows_total"] == 3
    assert report["errors"] == [{"row": 8, "reason": "missing area code"}]
    assert report["contacts"] == [
        {"name": "João D'Ávila", "phone": "+5511900001234", "birth_date": "1980-05-01", "opt_in": True, "flags": []},
        {"name": "Inês", "phone": "+553132221010", "birth_date": "1981-01-30", "opt_in": False, "flags": ["landline"]},
    ]  # fmt: skip
