"""IndexedDB's transactions that were under way when a browser died.

Chromium keeps a scope of each that writes, with its locks, until it is committed; the next browser takes the locks of
those that are left and undoes what they wrote. All of a database share one lock, beside that of their own tables.
Alone such a scope is undone as it should be; of two the next browser says that their locks contradict each other, calls the
database corrupt and throws it away, and with it the account's link (seen with Chromium 156: once in 220 full disks,
each time where it is killed between the writes of two transactions). So of what several hold, each holds only its own.

Format: components/services/storage/indexed_db/scopes in Chromium's sources.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import structlog

from sessions.transports.browser import leveldb_log

log = structlog.get_logger()

SCOPE = b"\0\0\0\0\x32\x01"
"""What the key of a scope begins with; its number follows."""
LOCK = b"\x0a"
"""Before each lock in a scope's value. A scope without locks is committed."""


def part(profile: Path) -> int:
    """Take what several scopes share off those of a profile that nobody has open; how many databases had such."""
    parted = 0
    for current in (profile / "Default/IndexedDB").rglob("CURRENT"):
        logs = sorted(current.parent.glob("*.log"), key=lambda path: path.name)
        try:
            number, scopes = _left_open(logs)
            shared = _without_shared(scopes)
        except (ValueError, IndexError, struct.error) as error:
            log.warning("scopes_unreadable", home=profile.name, error=type(error).__name__)
            continue
        if shared:
            payload = leveldb_log.batch(number, shared)
            with logs[-1].open("ab") as content:
                content.write(leveldb_log.framed(payload, content.tell()))
            log.warning("scopes_parted", home=profile.name, scopes=len(scopes))
            parted += 1
    return parted


def _left_open(logs: list[Path]) -> tuple[int, dict[bytes, bytes]]:
    """The number of the next write, and the scopes that are not committed."""
    number, scopes = 0, dict[bytes, bytes]()
    for content in (path.read_bytes() for path in logs):
        for payload in leveldb_log.payloads(content):
            number, writes = leveldb_log.writes(payload)
            for key, value in writes:
                if key.startswith(SCOPE):
                    scopes[key] = value or b""
    return number, {key: value for key, value in scopes.items() if value}


def _without_shared(scopes: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """What is to be written in the place of scopes that share a lock: their own locks, where they have any."""
    locks = {key: list(_locks(value)) for key, value in scopes.items()}
    held = Counter(lock for its in locks.values() for lock in its)
    own = {key: b"".join(lock for lock in its if held[lock] == 1) for key, its in locks.items()}
    return [(key, value) for key, value in own.items() if value and value != scopes[key]]


def _locks(value: bytes) -> Iterator[bytes]:
    """Each lock of a scope, as it stands there; ValueError where something else does."""
    at = 0
    while at < len(value):
        size, begin = leveldb_log.varint(value, at + 1)
        if value[at : at + 1] != LOCK or begin + size > len(value):
            raise ValueError("no lock")
        yield value[at : begin + size]
        at = begin + size
