"""`manage.py watch`: tends its own node, and where it leads goes round for what is due."""

import os
import signal
import threading
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blu.dispatch import watch_loop
from blu.dispatch.node_agent import Displaced
from blu.ops import dev_secrets, environment
from blu.ops.supervisor import INSTANCE, displaced_file
from sessions.driving import nodes


class Command(BaseCommand):
    """Work until told to stop; one runs per node, one of them leads."""

    # As the clusters: `up` has checked everything.
    requires_system_checks: list[str] = []
    help = "Tends this node's processes; one watch of all enqueues every job that is due."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go round until SIGTERM; a database that is away is waited for."""
        environment.forget()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        run = dev_secrets.make_run_folder(settings.VAR)
        token = UUID(os.environ[INSTANCE]) if INSTANCE in os.environ else uuid4()
        try:
            watch_loop.watch(stop, token, run)
        except (nodes.NameTaken, Displaced) as taken:
            displaced_file(run).write_text(f"{taken}\n")
            raise CommandError(str(taken), returncode=os.EX_TEMPFAIL) from None
