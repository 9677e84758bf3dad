"""Waiting out a database that is away for a moment, for steps that must not be lost."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

log = structlog.get_logger()

T = TypeVar("T")

GIVE_UP_AFTER = 60.0  # seconds, never scaled: it is PostgreSQL's restart that is waited for


def patiently(step: Callable[[], T], *, give_up_after: float = GIVE_UP_AFTER) -> T:
    """Run an idempotent `step`, again every second while the database can't be reached.

    Raises the last OperationalError or InterfaceError after `give_up_after` seconds. Inside a
    transaction there is nothing to repeat, so the first error passes through.
    """
    deadline = time.monotonic() + give_up_after
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            log.warning("database_away", error=type(error).__name__)
            connection.close()
            time.sleep(1)
