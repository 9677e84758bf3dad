"""`manage.py run_host`: one process that keeps the links open which need no browser, and drives them."""

import os
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

import structlog
from django.core.management.base import BaseCommand

from blu.dispatch import host_loop
from blu.ops import environment
from sessions.driving.host import CAPACITY

log = structlog.get_logger()


class Command(BaseCommand):
    help = "Keeps links that need no browser open, and sends what they have to send, until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--capacity", type=int, default=CAPACITY, help="links at most")

    def handle(self, *args: Any, **options: Any) -> None:
        environment.forget()
        stop = Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        try:
            host_loop.run(stop, options["capacity"])
        except Exception:
            log.exception("host_failed")
            os._exit(1)
        # A thread that hangs in a transport would keep the interpreter for ever.
        os._exit(0)
