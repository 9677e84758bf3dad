"""Which kinds of link the demo shows: those that this machine can drive, and it says where there is no browser."""

from pathlib import Path

import pytest
from pytest_django import Settings

from blu.lab import demo
from sessions.models import Runner

pytestmark = pytest.mark.django_db

SAID = "no browser on this machine: the demo works on the direct connection alone"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """A machine with a host; its one folder of programs, in which there is none."""
    Runner.objects.create(node="a", host="one", pid=1, born=0, capacity=500)
    monkeypatch.setenv("PATH", str(tmp_path))
    settings.BROWSER = ""
    return tmp_path


def test_without_any_browser_it_shows_the_direct_connection_alone_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert demo._kinds() == ["direct"]
    assert SAID in capsys.readouterr().out


def test_a_browser_that_is_set_and_is_not_there_is_none(
    machine: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BROWSER = str(machine / "chromium")
    assert demo._kinds() == ["direct"]
    assert f"{SAID} (BLU_BROWSER aponta para {settings.BROWSER}" in capsys.readouterr().out


def test_with_a_browser_it_shows_one_session_of_each_kind_and_says_nothing(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine / "chromium").touch(0o755)
    assert demo._kinds() == ["direct", "browser"]
    assert capsys.readouterr().out == ""
