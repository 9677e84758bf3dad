"""The loop of `manage.py watch`: tends its own node, and where it leads goes round for what is due."""

import threading
import time
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, connection

from blu import rounds
from blu.accounts import turns
from blu.lib import clock, disk
from blu.lib.patience import is_away
from blu.upkeep import Upkeep
from sessions import nodes

log = structlog.get_logger()

EVERY = 2.0  # seconds between two turns
# Seconds between two rounds of the watch that leads: what they ring for, warn of or tidy has waited longer.
ROUND_EVERY = 10.0
LEADS = 15.0  # seconds without a turn after which another watch leads


class Watch:
    """A node's watch: its turns, and the rounds of the one that leads."""

    def __init__(self, upkeep: Upkeep, token: UUID) -> None:
        self._upkeep = upkeep
        self._token = token
        self._next_round = 0.0  # monotonic; the first is gone at once

    def run(self, stop: threading.Event) -> None:
        """Turn until `stop`; a database that is away is waited for. Raises NameTaken and Displaced."""
        room = disk.Gauge(settings.VAR, settings.LEAST_FREE)
        ready = False
        while not stop.is_set():
            room.look()
            try:
                if not ready:
                    nodes.claim(self._token)
                    ready = True
                self.turn()
            except Error as error:
                if not is_away(error):
                    raise
                log.warning("database_away", error=type(error).__name__)
                connection.close()
                self._upkeep.interrupted()
            stop.wait(max(0.1, clock.scaled(EVERY)))
        self._leave()

    def turn(self) -> None:
        """Tend the node, and go round where it leads and the last round is old enough."""
        self._upkeep.turn()
        if leads(self._token) and time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + clock.scaled(ROUND_EVERY)
            rounds.go_round(steady=self._upkeep.steady())
            if self._upkeep.steady():
                rounds.tidy_gone_nodes()
                rounds.tidy_forgotten_imports()
                rounds.tidy_exports()
                rounds.tidy_strangers()

    def _leave(self) -> None:
        try:
            nodes.leave(self._token)
            turns.give_back("watch", self._token)
        except Error as error:
            log.warning("database_away", error=type(error).__name__)


def leads(token: UUID) -> bool:
    """True for the one watch of all nodes that leads; after its end another does within LEADS seconds."""
    return turns.take("watch", token, seconds=LEADS)
