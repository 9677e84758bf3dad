"""A disk of a few megabytes that can be filled, for tests of what happens then."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    """A real file system of its own."""

    path: Path

    def fill(self) -> None:
        """Leave not one byte."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (65536, 1):
                while _written(file, b"\0" * size):
                    continue

    def empty(self) -> None:
        """Make room again."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a small disk at `path` for the time of the block; skips where this user may not."""
    path.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(path)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a disk that fills needs the right to mount one: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def _written(file: FileIO, content: bytes) -> bool:
    try:
        return file.write(content) == len(content)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False


def refuse_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """No disk, but the same answer: whoever writes a file's content or makes one is refused."""

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("write_text", "write_bytes", "touch", "mkdir"):
        monkeypatch.setattr(Path, name, full)
