"""Files with people's data are deleted once they are no longer offered."""

import ast
import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from blu.db.cached_by_cost import pages
from blu.dispatch import dispatcher
from blu.jobs import prepared_files
from campaigns.models import Campaign
from campaigns.reports import export_sheet, exports
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared folder of this test, empty."""
    storage = FileSystemStorage(location=tmp_path)
    for module in (prepared_files, exports):
        monkeypatch.setattr(module, "default_storage", storage)
    pages.delete("exports-swept")
    return tmp_path


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def test_an_export_is_deleted_after_its_time_and_not_before(folder: Path) -> None:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    export_sheet.export(campaign.pk, "pt-br")
    (file,) = (folder / "exports").iterdir()
    assert exports.prepared_for(campaign).state == prepared_files.READY
    assert dispatcher.tidy_exports() == 0
    age(file, exports.FRESH.total_seconds() + 1)
    pages.delete("exports-swept")
    assert dispatcher.tidy_exports() == 1
    assert not file.exists()
    assert exports.prepared_for(campaign).open() is None


def test_whatever_lies_there_goes_also_what_is_nobodys(folder: Path) -> None:
    (folder / "exports").mkdir()
    for name in ("campaign-999.xlsx", "problems-1.xlsx", "half.xlsx.part"):
        age_of = folder / "exports" / name
        age_of.write_bytes(b"PK")
        age(age_of, 86_400)
    (folder / "exports" / "new.xlsx").write_bytes(b"PK")
    (folder / "other.csv").write_bytes(b"x")
    age(folder / "other.csv", 86_400)
    assert exports.sweep() == 3
    assert sorted(p.name for p in folder.rglob("*.*")) == ["new.xlsx", "other.csv"]


def test_a_folder_that_is_not_there_yet_is_swept_clean() -> None:
    assert exports.sweep() == 0


def test_it_is_looked_for_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = iter([1, 2, 3])
    monkeypatch.setattr(exports, "sweep", lambda: next(asked))
    assert [dispatcher.tidy_exports() for _round in range(3)] == [1, 0, 0]


def test_every_file_that_is_kept_is_either_offered_or_an_upload() -> None:
    """Who stores a file elsewhere finds this test, and says who deletes it."""
    found = {
        str(path.relative_to(settings.BASE))
        for root in ("blu", "campaigns", "contacts", "sessions")
        for path in (settings.BASE / root).rglob("*.py")
        for source in [path.read_text("utf-8")]
        if "save" in source and "storage" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr == "save"
        and isinstance(node.value, ast.Name)
        and node.value.id.endswith("storage")
    }
    # Uploads go with their import (contacts.imports.retention, run), archives with their session;
    # exports are swept.
    assert found == {
        "blu/jobs/prepared_files.py",
        "contacts/imports/first_rows.py",
        "contacts/imports/uploads.py",
        "sessions/driving/homes.py",
    }
