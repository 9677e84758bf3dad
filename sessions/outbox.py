"""Which outbox this installation has, named by a setting as Django's mail backend is."""

from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from sessions.interfaces import Outbox


def make_outbox(*options: Any) -> Outbox:
    """A fresh one of the kind that settings.OUTBOX names, with its own options."""
    return cast(Outbox, import_string(settings.OUTBOX)(*options))
