"""Locks that outlive a transaction, as rows with a heartbeat: they need no connection of their own.

Everything by the database's clock. A holder that dies has its turn for its last TTL still.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import Error, connection

from blu.accounts.models import Turn
from blu.db import clock

TTL = 30.0  # seconds

_TAKE = """
INSERT INTO accounts_turn (name, holder, until)
VALUES (%(name)s, %(holder)s, statement_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
 WHERE accounts_turn.holder = EXCLUDED.holder OR accounts_turn.until < statement_timestamp()
RETURNING name
"""


def take(name: str, holder: UUID, *, seconds: float) -> bool:
    """Take the turn `name` for so many seconds, or keep it; False while another has it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"name": name, "holder": holder, "seconds": seconds})
        return cursor.fetchone() is not None


def give_back(name: str, holder: UUID) -> None:
    """Give the turn back."""
    Turn.objects.filter(name=name, holder=holder).delete()


@contextmanager
def turn(name: str) -> Iterator[bool]:
    """Whether the turn is ours for the time of the block; then it is kept by a heartbeat."""
    holder, over = uuid4(), threading.Event()
    seconds = clock.scaled(TTL)
    if not take(name, holder, seconds=seconds):
        yield False
        return
    beat = threading.Thread(
        target=_keep, args=(name, holder, seconds, over), name=f"turn {name}", daemon=True
    )
    beat.start()
    try:
        yield True
    finally:
        over.set()
        beat.join(timeout=5)
        give_back(name, holder)


def _keep(name: str, holder: UUID, seconds: float, over: threading.Event) -> None:
    try:
        while not over.wait(seconds / 3):
            try:
                take(name, holder, seconds=seconds)
            except Error:
                connection.close()
    finally:
        connection.close()
