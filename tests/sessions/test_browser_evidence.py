"""What is kept of pages that nobody knew: sealed, for a month, and each look is logged."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from structlog.testing import capture_logs

from blu.lib import encryption
from sessions.transports.browser import evidence

PICTURE = b"\x89PNG"


class Shown:
    """A page that gives a picture."""

    page = SimpleNamespace(screenshot=lambda **_: PICTURE)

    def ask(self, _question: str) -> str:
        return "div"


@pytest.fixture
def kept(tmp_path: Path, settings: Settings) -> Path:
    settings.VAR = tmp_path
    page: Any = Shown()
    picture = evidence.keep(page, tmp_path / "screenshots", "unknown-page", encryption.seal)
    assert picture is not None
    return picture


def test_a_picture_is_sealed_and_its_skeleton_is_not(kept: Path) -> None:
    assert PICTURE not in kept.read_bytes()
    assert kept.name.endswith("-unknown-page.png.sealed")
    assert kept.with_name(kept.name.replace(".png.sealed", ".txt")).read_text() == "div"


def test_a_look_says_who_and_why_and_is_logged(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "seen.png"
    with pytest.raises(CommandError):
        call_command("evidence", open=kept.name, to=str(target))
    with capture_logs() as logs:
        call_command("evidence", open=kept.name, to=str(target), who="ana@blu.test", why="issue 9")
    assert target.read_bytes() == PICTURE
    assert [(one["event"], one["who"]) for one in logs] == [("evidence_opened", "ana@blu.test")]
    out = io.StringIO()
    call_command("evidence", stdout=out)
    assert kept.name in out.getvalue()


def test_evidence_older_than_a_month_is_deleted(kept: Path) -> None:
    past = time.time() - 31 * 86_400
    os.utime(kept, (past, past))
    assert evidence.sweep(kept.parent) == 1
    assert not kept.exists()
