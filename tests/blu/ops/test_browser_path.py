"""Finding a browser, in the order that the README promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from blu.ops.browser_path import BrowserMissing, browser_path


def executable(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_shell_comes_before_chromium_and_chrome(path_folder: Path) -> None:
    chrome = executable(path_folder, "google-chrome")
    assert browser_path() == str(chrome)
    chromium = executable(path_folder, "chromium")
    assert browser_path() == str(chromium)
    shell = executable(path_folder, "chromium-headless-shell")
    assert browser_path() == str(shell)


def test_setting_wins_over_the_path(path_folder: Path) -> None:
    executable(path_folder, "chromium-headless-shell")
    mine = executable(path_folder, "my-browser")
    assert browser_path(str(mine)) == str(mine)
    assert browser_path("my-browser") == str(mine)


def test_setting_that_leads_nowhere_is_named_not_replaced(path_folder: Path) -> None:
    executable(path_folder, "chromium")
    with pytest.raises(BrowserMissing, match=r"/nowhere/chromium"):
        browser_path("/nowhere/chromium")


def test_missing_browser_says_in_one_line_what_to_install(path_folder: Path) -> None:
    with pytest.raises(BrowserMissing, match=r"chromium-headless-shell.*BLU_BROWSER") as caught:
        browser_path()
    assert "\n" not in str(caught.value)
