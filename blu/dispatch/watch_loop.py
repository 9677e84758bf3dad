"""The loop of `manage.py watch`: tends its own node, and where it leads goes round for what is due."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, connection

from blu.accounts import turns
from blu.db import clock
from blu.db.retry import is_away
from blu.dispatch import dispatcher
from blu.dispatch.node_agent import NodeAgent
from blu.ops import disk
from blu.ops.supervisor import say_ready
from sessions.driving import nodes
from sessions.driving.throttled import Throttled

log = structlog.get_logger()

EVERY = 2.0  # seconds between two turns
# Seconds between two rounds of the watch that leads: what they enqueue, warn of or tidy has waited longer.
ROUND_EVERY = 10.0
LEADS = 15.0  # seconds without a turn after which another watch leads


def watch(stop: threading.Event, token: UUID, run: Path) -> None:
    """Go round until `stop`; a database that is away is waited for. Raises NameTaken and Displaced."""
    agent = NodeAgent(token, run)
    room = disk.Gauge(settings.VAR, settings.LEAST_FREE)
    every_round = Throttled(partial(_round, agent), clock.scaled(ROUND_EVERY))
    ready = False
    while not stop.is_set():
        room.is_low()
        try:
            if not ready:
                nodes.claim(token)
                ready = True
                say_ready()
            _turn(agent, token, every_round)
        except Error as error:
            if not is_away(error):
                raise
            log.warning("database_away", error=type(error).__name__)
            connection.close()
            agent.interrupted()
        stop.wait(max(0.1, clock.scaled(EVERY)))
    _leave(token)


def _turn(agent: NodeAgent, token: UUID, every_round: Callable[[], None]) -> None:
    agent.turn()
    if leads(token):
        every_round()


def _round(agent: NodeAgent) -> None:
    dispatcher.dispatch_due(steady=agent.steady())
    if agent.steady():
        dispatcher.tidy_gone_nodes()
        dispatcher.tidy_forgotten_imports()
        dispatcher.tidy_exports()
        dispatcher.tidy_strangers()
        dispatcher.tidy_opt_ins()
        dispatcher.tidy_web_sessions()
        dispatcher.forget_old()
        dispatcher.close_businesses()
        dispatcher.settle_holds()
        dispatcher.end_moves()


def _leave(token: UUID) -> None:
    try:
        nodes.leave(token)
        turns.give_back("watch", token)
    except Error as error:
        log.warning("database_away", error=type(error).__name__)


def leads(token: UUID) -> bool:
    """True for the one watch of all nodes that leads; after its end another does within LEADS seconds."""
    return turns.take("watch", token, seconds=LEADS)
