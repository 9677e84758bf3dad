"""A client of the simulator for a session."""

from typing import Any

from django.conf import settings

from sessions.models import WhatsAppSession
from sessions.transports.simulated import SimulatedTransport


def make(session: WhatsAppSession, **_wiring: Any) -> SimulatedTransport:
    """The account that the simulator knows under the name of the session's home.

    It reports every tick by itself, and nobody waits for it elsewhere than in poll.
    """
    return SimulatedTransport(
        settings.WHATSAPP_WEB_URL, session.home, delay=settings.SIMULATED_DELAY
    )
