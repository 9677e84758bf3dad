"""How far the reading of a file has come: for the page alone, so it is kept in the cache and may be lost."""

from blu.db.cached_by_cost import pages

# Longer than any chunk takes to read; a worker that died leaves nothing behind for long.
_REMEMBERED = 120


def note(import_id: int, share: float) -> None:
    """So much of the file was read, from 0 to 1."""
    pages.set(_memory(import_id), min(share, 1.0), _REMEMBERED)


def share_read(import_id: int) -> float | None:
    """How much of the file was read, None before the first word of it."""
    known: float | None = pages.get(_memory(import_id))
    return known


def forget(import_id: int) -> None:
    """The reading is over."""
    pages.delete(_memory(import_id))


def _memory(import_id: int) -> str:
    return f"import-read:{import_id}"
