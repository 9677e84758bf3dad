"""System checks: what must not run in production, refused before anything starts."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from sessions import webhooks
from sessions.registry import BACKENDS, addresses


def node_has_a_plain_name(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """A node's name becomes part of queues, files and processes."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}", settings.NODE):
        return []
    return [
        checks.Error(
            f"NODE is {settings.NODE!r}.",
            hint="Use up to 30 letters, digits and dashes.",
            id="sessions.E002",
        )
    ]


def links_can_be_driven(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The checks that each kind of link has for this machine."""
    return [problem for backend in BACKENDS.values() for problem in backend.checks()]


def kinds_are_told_by_webhooks_only(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The addresses of a kind are open to the internet: each must be a webhook, which checks its sender."""
    return [
        checks.Error(
            f"The address {name!r} of a kind of link has no check of its sender.",
            hint="Make its view with sessions.webhooks.webhook(check).",
            id="sessions.E004",
        )
        for name, view in webhooks.views_of(addresses()).items()
        if not webhooks.is_webhook(view)
    ]


def simulator_only_in_trial(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The simulator, its simulated transport and trial pacing are for trials."""
    if settings.SIMULATOR_URL and not settings.TRIAL:
        return [
            checks.Error(
                "BLU_SIMULATOR_URL is set, and this is no trial.",
                hint="Unset it: sessions would send to a simulator, without limits.",
                id="sessions.E001",
            )
        ]
    return []
