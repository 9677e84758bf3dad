"""`manage.py run_host` whose links of sessions called “Parada …” never answer, and “Lenta …” slowly, for tests of hosts."""

import os

from django.core.management import call_command

from sessions.driving import hanging as hangs
from sessions.driving import host, hosted
from sessions.models import Link
from sessions.transports.inprocess import InProcessTransport, backend
from tests.forked import Tell

FOR_EVER, SLOW = 3600.0, 0.3
NAME = "blu-host-test"  # of its connections to the database


def run(_tell: Tell, of_itself: float | None = None, blocked_most: int | None = None) -> None:
    """Until SIGTERM. It does something by itself, unasked, after so many seconds only, and has so many threads
    more for links that are blocked.
    """
    os.environ["PGAPPNAME"] = NAME
    if blocked_most is not None:
        hosted.BLOCKED_MOST = host.BLOCKED_MOST = blocked_most
    if of_itself is not None:
        host.LOOK_EVERY = host.HEAR_EVERY = of_itself
    hangs.HANGS_AFTER = FOR_EVER
    make = backend.make

    def hanging(link: Link, **wiring: object) -> InProcessTransport:
        transport = make(link, **wiring)
        if link.session.name.startswith("Parada"):
            transport.hang = FOR_EVER
        if link.session.name.startswith("Lenta"):
            transport.hang = SLOW
        return transport

    backend.make = hanging  # type: ignore[assignment]
    call_command("run_host")
