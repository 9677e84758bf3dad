"""A client of the simulator for a link."""

from typing import Any

from django.conf import settings

from sessions.models import Link
from sessions.transports.simulated import SimulatedTransport


def make(link: Link, **_wiring: Any) -> SimulatedTransport:
    """The account that the simulator knows under the name of the link's home.

    It reports every tick by itself, and nobody waits for it elsewhere than in poll.
    """
    return SimulatedTransport(settings.WHATSAPP_WEB_URL, link.home, delay=settings.SIMULATED_DELAY)
