"""The browser's own databases after a write that the disk cut short.

Chromium keeps IndexedDB and local storage, and in them the account's link, in LevelDB. Where the disk
was full, the last record of a log is torn. LevelDB overlooks that once, and writes on behind it; at the
opening after that one the record is in the middle, the database is called corrupt and thrown away: the
account would have to be linked again (seen with Chromium 156). Without its torn
end a log is what it would be after a power cut.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import structlog

from sessions.transports.browser.leveldb_log import BLOCK, HEADER, TYPES, WHOLE

log = structlog.get_logger()

DATABASES = ("Default/IndexedDB", "Default/Local Storage")


def trim(profile: Path) -> int:
    """Cut the torn end off every log of a profile that nobody has open; how many had one."""
    trimmed = 0
    for current in (path for name in DATABASES for path in (profile / name).rglob("CURRENT")):
        for file in (*current.parent.glob("*.log"), *current.parent.glob("MANIFEST-*")):
            with file.open("r+b") as content:
                size = content.seek(0, 2)
                end = sound_end(content, size)
                if end < size:
                    log.warning(
                        "torn_log_trimmed", home=profile.name, file=file.name, at=end, size=size
                    )
                    content.truncate(end)
                    trimmed += 1
    return trimmed


def sound_end(content: BinaryIO, size: int) -> int:
    """Where the last whole record of a log ends; its size where it isn't torn, or not only at its end."""
    end = at = 0
    while at < size:
        room = BLOCK - at % BLOCK
        if room < HEADER.size:
            at += room
            continue
        content.seek(at)
        header = content.read(HEADER.size)
        if len(header) < HEADER.size:
            return end
        _checksum, length, kind = HEADER.unpack(header)
        if kind not in TYPES or HEADER.size + length > room:
            return size
        at += HEADER.size + length
        if kind in WHOLE and at <= size:
            end = at
    return end if at > size or _fragment(end, at) else size


def _fragment(end: int, at: int) -> bool:
    """Whether there is more than a block's empty rest between the last whole record and here."""
    return at - end >= HEADER.size
