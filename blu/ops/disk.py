"""Free space on the disk, checked before something is written."""

import errno
import os
import shutil
from pathlib import Path

import structlog

log = structlog.get_logger()

FULL = (errno.ENOSPC, errno.EDQUOT)


def free(folder: Path) -> int:
    """Bytes that this user may still write where the folder is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def demand(folder: Path, least: int) -> None:
    """Raise OSError (ENOSPC) where fewer than `least` bytes are free."""
    if free(folder) < least:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Gauge:
    """Logs once that a folder's disk gets full, and once that there is space again."""

    def __init__(self, folder: Path, least: int) -> None:
        self._folder, self._least = folder, least
        self._low = False

    def is_low(self) -> bool:
        """True while fewer than `least` bytes are free."""
        left = free(self._folder)
        low = left < self._least
        if low and not self._low:
            log.error("disk_full", folder=str(self._folder), free=left, least=self._least)
        elif self._low and not low:
            log.info("disk_has_room", folder=str(self._folder), free=left)
        self._low = low
        return low
