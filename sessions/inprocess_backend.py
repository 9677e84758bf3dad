"""A stand-in inside this process for a session."""

from collections.abc import Callable
from typing import Any

from sessions.models import WhatsAppSession
from sessions.transports.inprocess import InProcessTransport


def make(
    _session: WhatsAppSession, *, wake: Callable[[], None], **_wiring: Any
) -> InProcessTransport:
    """It takes every message, and brings it nowhere."""
    return InProcessTransport(wake=wake)
