"""How the browser is started: flags, user agent, profile folder, and whose processes are whose."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from blu.ops import environment

PROFILE_FLAG = "--user-data-dir="
LAUNCH_SECONDS = 40.0
"""A cold start on a busy machine takes up to 10 s; beyond this the browser is taken for stuck."""

TAKEN = ("ProcessSingleton", "profile appears to be in use", "SingletonLock")
"""What the browser says when another one, or one of another machine, holds the profile."""

NO_SANDBOX = "No usable sandbox"
"""What it says where a plain user may not make namespaces, as in many containers."""

FLAGS = (
    "--in-process-gpu",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--num-raster-threads=1",
    "--enable-features=NetworkServiceInProcess2",
    "--js-flags=--max-old-space-size=384 --max-semi-space-size=1 --max-lazy --optimize-for-size",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-crash-restore-bubble",
    "--lang=pt-BR",
    # Sound and pictures beyond the page's own are of no use here and cost memory.
    "--mute-audio",
    "--disk-cache-size=33554432",
)
"""Measured at 8 browsers on the simulator's page: 65 MB (PSS) for each beyond the first, where the
shell's defaults take 124."""

VIEWPORT = {"width": 1000, "height": 700}
"""Each pixel is kept several times over; the page needs 750 for list and conversation side by side."""

DRIVER_OPTIONS = "--max-semi-space-size=1 --max-old-space-size=96 --v8-pool-size=1"
"""For Playwright's own node process, one for each browser: 68 MB instead of 100."""


@functools.cache
def version_of(executable: str) -> str:
    """The browser's major version, as in "156". Raises OSError when it can't be run."""
    done = subprocess.run(
        [executable, "--version"],
        capture_output=True,
        text=True,
        timeout=LAUNCH_SECONDS,
        check=False,
    )
    found = re.search(r"(\d+)\.\d+", done.stdout)
    if found is None:
        raise OSError(f"{executable} --version: {(done.stderr or done.stdout).strip()[:200]}")
    return found.group(1)


def user_agent(version: str) -> str:
    """Plain Chrome's user agent: the page refuses "HeadlessChrome" and old versions."""
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0 Safari/537.36"
    )


def goes_without_sandbox(said: bool | None) -> bool:
    """Whether a browser may be opened without a sandbox: as said, or else by the environment."""
    return os.environ.get("BLU_BROWSER_WITHOUT_SANDBOX") == "1" if said is None else said


def may_sandbox() -> bool:
    """Chromium refuses its own sandbox when it is run as root."""
    return os.geteuid() != 0


def options(executable: str, profile: Path, *, sandbox: bool) -> dict[str, Any]:
    """Keyword arguments of Playwright's launch_persistent_context.

    Signals stay with our own process: whoever runs the transport decides when the browser ends.
    """
    # With its sandbox on, Chromium refuses --no-zygote.
    flags = list(FLAGS) if sandbox else [*FLAGS, "--no-zygote", "--no-sandbox"]
    return {
        "user_data_dir": str(profile),
        "executable_path": executable,
        "headless": True,
        "args": flags,
        "chromium_sandbox": sandbox,
        "env": environment.of_stranger(os.environ),
        "user_agent": user_agent(version_of(executable)),
        "locale": "pt-BR",
        "viewport": VIEWPORT,
        "accept_downloads": False,
        # Ten seconds after it has loaded, the page begs for it in a banner.
        "permissions": ["notifications"],
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": LAUNCH_SECONDS * 1000,
    }


def mark_clean(profile: Path) -> None:
    """Tell the profile that it was closed well, so that no old tabs come back.

    A restored tab opens WhatsApp twice and ends in a "Usar aqui" conflict with ourselves. A
    profile without readable preferences is new, and has no tabs.
    """
    preferences = profile / "Default" / "Preferences"
    try:
        data = json.loads(preferences.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    state = data.get("profile")
    if isinstance(state, dict) and state.get("exit_type") not in (None, "Normal"):
        state |= {"exit_type": "Normal", "exited_cleanly": True}
        draft = preferences.with_name(".blu-preferences")
        draft.write_text(json.dumps(data), encoding="utf-8")
        draft.replace(preferences)


def pids_on(profile: Path) -> list[int]:
    """Every process of a browser that runs on this profile folder: the main one and its children.

    Known by its command line, however that spells the folder, or by the profile's own lock.
    """
    profile = profile.resolve()
    holder = _holder(profile)
    found: dict[int, None] = {}
    for process in psutil.process_iter():
        try:
            if process.pid != holder and profile not in _profiles_of(process):
                continue
            family = [process, *process.children(recursive=True)]
        except psutil.Error:
            continue
        found |= dict.fromkeys(member.pid for member in family)
    return list(found)


def _profiles_of(process: psutil.Process) -> Iterator[Path]:
    """The folders that a process was told to use, as they are called without links and detours."""
    for argument in process.cmdline():
        if argument.startswith(PROFILE_FLAG):
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                folder = Path(argument.removeprefix(PROFILE_FLAG))
                start = Path() if folder.is_absolute() else Path(process.cwd())
                yield (start / folder).resolve()


def _holder(profile: Path) -> int | None:
    """Who holds the profile's lock, a link to "machine-pid". A dead browser leaves one behind, and its pid
    may be another's by now: only who has the profile's files open is meant."""
    try:
        machine, _, pid = os.readlink(profile / "SingletonLock").rpartition("-")
        if machine != socket.gethostname():
            return None
        holder = psutil.Process(int(pid))
        has_it = any(Path(file.path).is_relative_to(profile) for file in holder.open_files())
    except (OSError, ValueError, psutil.Error):
        return None
    return holder.pid if has_it else None


def kill_on(profile: Path, seconds: float = 5.0) -> list[int]:
    """End what still runs on this profile with SIGKILL, and wait until it is gone.

    For the end of a visit and for a new lease holder that finds its predecessor's browser.
    Returns the pids that were killed.
    """
    killed: list[int] = []
    limit = time.monotonic() + seconds
    while (left := pids_on(profile)) and time.monotonic() < limit:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.append(pid)
        time.sleep(0.05)
    return killed
