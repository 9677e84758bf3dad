"""Waiting out a database that is away for a moment, for steps that must not be lost."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import Error, InterfaceError, OperationalError, connection
from psycopg.errors import ReadOnlySqlTransaction

log = structlog.get_logger()

T = TypeVar("T")

GIVE_UP_AFTER = 60.0  # seconds, never scaled: it is PostgreSQL's restart that is waited for


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database is away for a moment, not that something wrong was asked of it.

    A server that was just replaced lets its clients read and no more, until they look for the new one.
    """
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, Error) and isinstance(error.__cause__, ReadOnlySqlTransaction)


def retry_while_away(step: Callable[[], T], *, give_up_after: float = GIVE_UP_AFTER) -> T:
    """Run an idempotent `step`, again every second while the database can't be reached.

    Raises the last error that says so after `give_up_after` seconds, and any other at once. Inside a
    transaction there is nothing to repeat, so the first error passes through.
    """
    deadline = time.monotonic() + give_up_after
    while True:
        try:
            return step()
        except Error as error:
            if not is_away(error) or connection.in_atomic_block or time.monotonic() > deadline:
                raise
            log.warning("database_away", error=type(error).__name__)
            connection.close()
            time.sleep(1)
