"""Baileys, another program for the same protocol, as npm installs it below var/; never where CI runs."""

import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

BAILEYS = "@whiskeysockets/baileys@7.0.0-rc14"


class NoBaileys(Exception):
    """There is no npm here, or nothing may be fetched."""


def library() -> Path:
    """The package's folder, installed at the first call. Raises NoBaileys."""
    if shutil.which("npm") is None or shutil.which("node") is None or os.environ.get("CI"):
        raise NoBaileys("there is no npm here")
    home = settings.BASE / "var" / "baileys"
    folder: Path = home / "node_modules" / "@whiskeysockets" / "baileys"
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(home), "--ignore-scripts", "--no-save"]
        subprocess.run([*command, BAILEYS], check=True, stdout=subprocess.DEVNULL)
    return folder
