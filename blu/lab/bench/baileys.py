"""Baileys, another program for the same protocol, as npm installs it below var/."""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings

BAILEYS = "@whiskeysockets/baileys@7.0.0-rc14"
FETCHED_WITHIN = 120.0  # seconds


class NoBaileys(Exception):
    """There is no npm here, or it fetches nothing."""


def library() -> Path:
    """The package's folder, installed at the first call. Raises NoBaileys."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise NoBaileys("there is no npm here")
    home = settings.BASE / "var" / "baileys"
    folder: Path = home / "node_modules" / "@whiskeysockets" / "baileys"
    if not folder.exists():
        _install(home)
    return folder


def _install(home: Path) -> None:
    """Install it apart, and put it there whole: others may be asking for it, or doing the same."""
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="baileys-", dir=home.parent) as draft:
        command = ["npm", "install", "--prefix", draft, "--ignore-scripts", "--no-save", BAILEYS]
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=FETCHED_WITHIN)
        except subprocess.SubprocessError as error:
            raise NoBaileys("npm fetches nothing here") from error
        with suppress(OSError):  # somebody else was first
            (Path(draft) / "node_modules").rename(home / "node_modules")
