"""How the browser is started, and whose processes are whose."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from blu.ops.browser_path import browser_path
from sessions.interfaces import LinkLost
from sessions.transports.browser import BrowserTransport, launch, reasons
from tests.eventually import GENEROUS
from tests.sessions.listening import hear

SLEEP = "import time; time.sleep(60)"
NOBODY = "http://127.0.0.1:18129"


@pytest.mark.browser
def test_user_agent_is_plain_chrome_of_the_installed_version() -> None:
    version = launch.version_of(browser_path())
    agent = launch.user_agent(version)
    assert int(version) >= 100
    assert f"Chrome/{version}.0.0.0" in agent
    assert "Headless" not in agent


def test_profile_that_crashed_is_marked_as_closed_well(tmp_path: Path) -> None:
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"profile": {"exit_type": "Crashed", "name": "x"}}))
    launch.mark_clean(tmp_path)
    assert json.loads(preferences.read_text())["profile"] == {
        "exit_type": "Normal",
        "exited_cleanly": True,
        "name": "x",
    }


def test_missing_or_broken_preferences_are_left_to_the_browser(tmp_path: Path) -> None:
    launch.mark_clean(tmp_path)
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text("{")
    launch.mark_clean(tmp_path)
    assert preferences.read_text() == "{"


@pytest.mark.nodes
def test_leftovers_are_found_by_their_profile_and_killed(tmp_path: Path) -> None:
    command = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"
    leftover = subprocess.Popen([sys.executable, "-c", command, f"--user-data-dir={tmp_path}"])
    other = subprocess.Popen(["sleep", "60"])
    try:
        assert leftover.pid in launch.pids_on(tmp_path)
        assert leftover.pid in launch.kill_on(tmp_path)
        assert leftover.wait(GENEROUS) == -9
        assert launch.pids_on(tmp_path) == []
        assert other.poll() is None
    finally:
        other.kill()
        leftover.kill()


@pytest.mark.nodes
@pytest.mark.parametrize("spelling", ["{home}/", "{home}/../home", "link", "./home"])
def test_a_browser_is_found_however_its_profile_is_spelled(tmp_path: Path, spelling: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    flag = f"--user-data-dir={spelling.format(home=home)}"
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP, flag], cwd=tmp_path)
    neighbour = subprocess.Popen([sys.executable, "-c", SLEEP, f"--user-data-dir={home}2"])
    try:
        assert launch.pids_on(home) == [stranger.pid]
        assert launch.pids_on(tmp_path / "link") == [stranger.pid]
    finally:
        for process in (stranger, neighbour):
            process.kill()
            process.wait()


@pytest.mark.nodes
def test_who_holds_the_profiles_lock_is_found_without_any_flag(tmp_path: Path) -> None:
    command = f"import sys; file = open(sys.argv[1], 'w'); print(flush=True); {SLEEP}"
    holder = subprocess.Popen(
        [sys.executable, "-c", command, str(tmp_path / "Cookies")], stdout=subprocess.PIPE
    )
    other = subprocess.Popen([sys.executable, "-c", SLEEP])
    try:
        assert holder.stdout.readline()
        lock = tmp_path / "SingletonLock"
        lock.symlink_to(f"{socket.gethostname()}-{holder.pid}")
        assert launch.pids_on(tmp_path) == [holder.pid]
        # A dead browser's lock, whose pid is another's by now, and that of another machine.
        for target in (f"{socket.gethostname()}-{other.pid}", f"elsewhere-{holder.pid}"):
            lock.unlink()
            lock.symlink_to(target)
            assert launch.pids_on(tmp_path) == []
    finally:
        for process in (holder, other):
            process.kill()
            process.wait()


@pytest.mark.browser
def test_a_full_disk_is_said_before_a_browser_starts(tmp_path: Path) -> None:
    with pytest.raises(LinkLost) as caught:
        BrowserTransport(tmp_path, NOBODY, executable="/bin/true", least_free=2**60).open()
    assert caught.value.reason == reasons.DISK_FULL


def test_missing_browser_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "sessions.transports.browser.transport.log.warning",
        lambda said, *values: told.append(said % values),
    )
    transport = BrowserTransport(tmp_path, NOBODY, executable="/nowhere/chromium")
    with pytest.raises(LinkLost) as caught:
        transport.open()
    assert caught.value.reason == reasons.BROWSER_MISSING
    assert "/nowhere/chromium" in "".join(told)
    transport.close()


@pytest.mark.browser
def test_browser_that_does_not_start_is_said_plainly(tmp_path: Path) -> None:
    transport = BrowserTransport(tmp_path, NOBODY, executable="/bin/true")
    with pytest.raises(LinkLost) as caught:
        transport.open()
    assert caught.value.reason == reasons.BROWSER_FAILED


@pytest.mark.browser
@pytest.mark.parametrize("said", [True, False])
def test_a_machine_without_a_usable_sandbox_goes_without_it_only_where_somebody_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bool
) -> None:
    wrapper = tmp_path / "chromium"
    wrapper.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *--version*|*--no-sandbox*) exec {browser_path()} --no-sandbox "$@";; esac\n'
        'echo "FATAL: No usable sandbox! Install chromium-sandbox." >&2; exit 1\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setattr(launch, "may_sandbox", lambda: True)
    with pytest.raises(LinkLost) as caught:
        BrowserTransport(
            tmp_path / "home", NOBODY, executable=str(wrapper), without_sandbox=said
        ).open()
    assert caught.value.reason == (reasons.UNREACHABLE if said else reasons.NO_SANDBOX)


@pytest.mark.browser
def test_root_opens_no_browser_unless_somebody_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "may_sandbox", lambda: False)
    monkeypatch.delenv("BLU_BROWSER_WITHOUT_SANDBOX", raising=False)
    with pytest.raises(LinkLost) as caught:
        BrowserTransport(tmp_path / "home", NOBODY).open()
    assert caught.value.reason == reasons.NO_SANDBOX


@pytest.mark.browser
def test_whatsapp_down_is_a_lost_link_and_leaves_no_process(tmp_path: Path) -> None:
    transport = BrowserTransport(tmp_path, NOBODY)
    with pytest.raises(LinkLost) as caught:
        transport.open()
    assert caught.value.reason == reasons.UNREACHABLE
    assert transport.pids() == []


@pytest.mark.browser
def test_unusable_home_is_said_before_a_browser_starts(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(LinkLost) as caught:
        BrowserTransport(tmp_path / "home", NOBODY).open()
    assert caught.value.reason == reasons.PROFILE_UNUSABLE


def test_commands_without_an_open_browser_are_a_lost_link(tmp_path: Path) -> None:
    transport = BrowserTransport(tmp_path, NOBODY)
    with pytest.raises(LinkLost):
        hear(transport)
    with pytest.raises(LinkLost):
        transport.lookup("+5511987654321")
    transport.close()
