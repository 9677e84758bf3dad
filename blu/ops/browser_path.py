"""Which browser to drive: the one that is set, or the first one found on the PATH."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
"""In order of preference: the shell needs about 60 % of the full browser's memory."""


class BrowserMissing(Exception):
    """No usable browser on this machine; the message is one line that says what to install."""


def browser_path(setting: str | None = None) -> str:
    """The executable of the browser to drive.

    `setting` (BLU_BROWSER) is a path or a name on the PATH and wins. Raises BrowserMissing.
    """
    if setting:
        found = shutil.which(os.path.expanduser(setting))
        if found is None:
            raise BrowserMissing(
                f"BLU_BROWSER aponta para {setting}, que não existe ou não pode ser executado."
            )
        return found
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    raise BrowserMissing(
        "Nenhum navegador encontrado: instale o pacote chromium-headless-shell (ou chromium), "
        "ou aponte BLU_BROWSER para o executável."
    )
