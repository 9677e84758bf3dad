"""Files that the jobs cluster makes for who asked: not there, being prepared, ready. Made once.

A spreadsheet of many rows takes minutes to write, so no request does it (docs/decisions/0024).
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from blu.db.cached_by_cost import pages
from blu.jobs import queue

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# How long a file that was asked for is left to its worker.
PATIENCE = timedelta(minutes=20)
NOT_THERE, PREPARING, READY = "", "preparing", "ready"


@dataclass(frozen=True)
class Prepared:
    """A file of the default storage, and the task that makes it (a path into blu.tasks, its arguments).

    It is offered for as long as it is `fresh`.
    """

    name: str
    task: str
    arguments: tuple[object, ...]
    fresh: timedelta

    @property
    def state(self) -> str:
        """NOT_THERE, PREPARING or READY."""
        if pages.get(self._asked) is not None:
            return PREPARING
        return READY if self.made_at is not None else NOT_THERE

    @property
    def made_at(self) -> datetime | None:
        """When it was made; None where there is none, or none that is fresh."""
        if not default_storage.exists(self.name):
            return None
        made = default_storage.get_modified_time(self.name)
        return made if timezone.now() - made < self.fresh else None

    def open(self) -> IO[bytes] | None:
        """The file, or None."""
        return default_storage.open(self.name) if self.made_at is not None else None

    def request(self) -> None:
        """Have it made, unless it is there or under way."""
        seconds = int(PATIENCE.total_seconds())
        if self.state == NOT_THERE and pages.add(self._asked, timezone.now(), seconds):
            queue.enqueue(self.task, *self.arguments)

    def make(self, write: Callable[[IO[bytes]], None]) -> None:
        """For the task: store what `write` writes, whole or not at all."""
        try:
            with tempfile.TemporaryFile() as target:
                write(target)
                target.seek(0)
                part = default_storage.save(f"{self.name}.part", File(target))
            os.replace(default_storage.path(part), default_storage.path(self.name))
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Clear the mark that it is being prepared, so that it may be requested again."""
        pages.delete(self._asked)

    @property
    def _asked(self) -> str:
        return f"prepared:{self.name}"
