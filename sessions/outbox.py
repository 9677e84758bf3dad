"""Which outbox this installation has, named by a setting as Django's mail backend is."""

from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from sessions.interfaces import Outbox


def make_outbox(*options: Any) -> Outbox:
    """A new outbox of the class in settings.OUTBOX, with its options."""
    return cast(Outbox, import_string(settings.OUTBOX)(*options))
