"""The append-only file of everything that happened, synced to disk before anything is acknowledged.

One JSON object a line. Appends are buffered and written by one flusher: everything that gathered
while the last sync ran goes out with the next one, so that thousands of messages share an fsync.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

Event = dict[str, Any]


class Record:
    """The record of one data folder. Not safe for two processes: see `folder.py`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._buffer: list[bytes] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._flushing: asyncio.Task[None] | None = None
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
        """Write an event soon; `synced` tells when it is safe."""
        self._buffer.append(
            json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        )
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def synced(self) -> None:
        """Return once everything appended so far is on disk."""
        if not self._buffer and self._flushing is None:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._buffer or self._waiting:
            lines, self._buffer = self._buffer, []
            waiting, self._waiting = self._waiting, []
            await loop.run_in_executor(None, self._write, b"".join(lines))
            for future in waiting:
                if not future.done():
                    future.set_result(None)
        self._flushing = None

    def _write(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        self._file.write(data)
        os.fdatasync(self._file.fileno())

    async def close(self) -> None:
        """Write and sync what is left."""
        await self.synced()
        if self._file is not None:
            self._file.close()
            self._file = None
