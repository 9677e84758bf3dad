"""`manage.py watch`: tends its own node, and where it leads goes round for what is due."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from blu import rounds
from blu.accounts import turns
from blu.lib import clock, disk, environment, trial
from blu.lib.patience import is_away
from blu.lib.supervision import INSTANCE, displaced_file
from blu.upkeep import Displaced, Upkeep
from sessions import nodes

log = structlog.get_logger()

EVERY = 2.0  # seconds between two turns
# Seconds between two rounds of the watch that leads: what they ring for, warn of or tidy has waited longer.
ROUND_EVERY = 10.0
LEADS = 15.0  # seconds without a turn after which another watch leads


class Command(BaseCommand):
    """Work until told to stop; one runs per node, one of them leads."""

    # As the clusters: `up` has checked everything.
    requires_system_checks: list[str] = []
    help = (
        "Tends this node's processes; one watch of all rings for every session and job that is due."
    )

    _next_round = 0.0  # monotonic; the first is gone at once

    def handle(self, *args: Any, **options: Any) -> None:
        """Go round until SIGTERM; a database that is away is waited for."""
        environment.forget()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        run = trial.make_run_folder(settings.VAR)
        token = UUID(os.environ[INSTANCE]) if INSTANCE in os.environ else uuid4()
        try:
            self._work(stop, token, run)
        except (nodes.NameTaken, Displaced) as taken:
            displaced_file(run).write_text(f"{taken}\n")
            raise CommandError(str(taken)) from None

    def _work(self, stop: threading.Event, token: UUID, run: Path) -> None:
        upkeep = Upkeep(token, run)
        room = disk.Gauge(settings.VAR, settings.LEAST_FREE)
        ready = False
        while not stop.is_set():
            room.look()
            try:
                if not ready:
                    nodes.claim(token)
                    ready = True
                self._turn(upkeep, token)
            except Error as error:
                if not is_away(error):
                    raise
                log.warning("database_away", error=type(error).__name__)
                connection.close()
                upkeep.interrupted()
            stop.wait(max(0.1, clock.scaled(EVERY)))
        self._leave(token)

    def _turn(self, upkeep: Upkeep, token: UUID) -> None:
        upkeep.turn()
        if leads(token) and time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + clock.scaled(ROUND_EVERY)
            rounds.go_round(steady=upkeep.steady())
            if upkeep.steady():
                rounds.tidy_gone_nodes()
                rounds.tidy_forgotten_imports()
                rounds.tidy_exports()
                rounds.tidy_strangers()

    def _leave(self, token: UUID) -> None:
        try:
            nodes.leave(token)
            turns.give_back("watch", token)
        except Error as error:
            log.warning("database_away", error=type(error).__name__)


def leads(token: UUID) -> bool:
    """True for the one watch of all nodes that leads; after its end another does within LEADS seconds."""
    return turns.take("watch", token, seconds=LEADS)
