"""The append-only file of everything that happened, synced to disk before anything is acknowledged.

One JSON object a line. Everything that gathers in one turn of the event loop goes out with one
sync. What nobody waits for (receipts, cursors) may lag by LAZY seconds: a killed simulator plays
it again.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

LAZY = 0.05

Event = dict[str, Any]


class Record:
    """The record of one data folder. Not safe for two processes: see `folder.py`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._buffer: list[bytes] = []
        self._waiting: asyncio.Future[None] | None = None
        self._due: asyncio.TimerHandle | None = None
        self._file: BinaryIO | None = None

    def replay(self) -> Iterator[Event]:
        """Every event on disk, oldest first. A half-written last line is cut off the file."""
        if not self._path.exists():
            return
        whole = 0
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield json.loads(line)
        if whole < self._path.stat().st_size:
            os.truncate(self._path, whole)

    def append(self, event: Event) -> None:
        """Write an event within LAZY seconds; `synced` hurries it and tells when it is safe."""
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        self._buffer.append(line.encode() + b"\n")
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(LAZY, self._flush)

    async def synced(self) -> None:
        """Return once everything appended so far is on disk.

        The sync itself runs in the loop's thread: everyone who asked in the same turn of the loop
        shares it, and a hop to another thread costs more than the sync of a quick disk.
        """
        if not self._buffer:
            return
        if self._waiting is None:
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            loop.call_soon(self._flush)
        await asyncio.shield(self._waiting)

    def _flush(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        lines, self._buffer = self._buffer, []
        waiting, self._waiting = self._waiting, None
        if lines:
            self._write(b"".join(lines))
        if waiting is not None:
            waiting.set_result(None)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        self._file.write(data)
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Write and sync what is left."""
        self._flush()
        if self._file is not None:
            self._file.close()
            self._file = None
