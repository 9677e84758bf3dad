"""Files that are made to be fetched soon: written by jobs into one folder, offered for a while, then deleted.

Whoever writes such a file puts it there; `sweep` needs to know nothing of what it is, so also what a
killed worker left half written goes.
"""

from datetime import timedelta

from django.core.files.storage import default_storage

from blu.lib import clock

FOLDER = "exports"
# How long a file is offered.
FRESH = timedelta(minutes=30)


def sweep() -> int:
    """Delete every file that isn't offered any more; how many."""
    if not default_storage.exists(FOLDER):
        return 0
    old = [
        path
        for name in default_storage.listdir(FOLDER)[1]
        if not is_fresh(path := f"{FOLDER}/{name}")
    ]
    for path in old:
        default_storage.delete(path)
    return len(old)


def is_fresh(path: str) -> bool:
    """Whether the file is there and still offered."""
    try:
        return clock.now() - default_storage.get_modified_time(path) < FRESH
    except FileNotFoundError:
        return False
