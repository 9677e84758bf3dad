"""The loop of `manage.py watch`: tends its own node, and where it leads goes round for what is due."""

import threading
from pathlib import Path
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

EVERY = 2.0  # seconds between two rounds
LEADS = 15.0  # seconds without a round after which another watch leads


def watch(stop: threading.Event, token: UUID, run: Path) -> None:
    """Go round until `stop`; a database that is away is waited for. Raises NameTaken and Displaced."""
    upkeep = Upkeep(token, run)
    room = disk.Gauge(settings.VAR, settings.LEAST_FREE)
    ready = False
    while not stop.is_set():
        room.look()
        try:
            if not ready:
                nodes.claim(token)
                ready = True
            _turn(upkeep, token)
        except Error as error:
            if not is_away(error):
                raise
            log.warning("database_away", error=type(error).__name__)
            connection.close()
            upkeep.interrupted()
        stop.wait(max(0.1, clock.scaled(EVERY)))
    _leave(token)


def _turn(upkeep: Upkeep, token: UUID) -> None:
    upkeep.turn()
    if leads(token):
        rounds.go_round(steady=upkeep.steady())
        if upkeep.steady():
            rounds.tidy_gone_nodes()
            rounds.tidy_forgotten_imports()
            rounds.tidy_exports()
            rounds.tidy_strangers()


def _leave(token: UUID) -> None:
    try:
        nodes.leave(token)
        turns.give_back("watch", token)
    except Error as error:
        log.warning("database_away", error=type(error).__name__)


def leads(token: UUID) -> bool:
    """True for the one watch of all nodes that leads; after its end another does within LEADS seconds."""
    return turns.take("watch", token, seconds=LEADS)
