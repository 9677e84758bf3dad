"""Connections to the database that the live server's threads use one after the other, as a web process keeps its own.

A new one starts a process, and its first queries read what every table is: that costs more than most answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


class KeptConnections:
    """Lends one to each thread of a server, from now on."""

    def __init__(self, server: ThreadedWSGIServer) -> None:
        self._free: list[BaseDatabaseWrapper] = []
        self._answer = server.process_request_thread
        server.process_request_thread = self._answering  # type: ignore[method-assign]
        # Django's own server closes those of a thread as it ends.
        server._close_connections = lambda: None  # type: ignore[method-assign]

    def _answering(self, request: Any, client_address: Any) -> None:
        with self._lent():
            self._answer(request, client_address)

    @contextmanager
    def _lent(self) -> Iterator[None]:
        lent = self._free.pop() if self._free else _new()
        connections[DEFAULT_DB_ALIAS] = lent
        try:
            yield
        finally:
            del connections[DEFAULT_DB_ALIAS]
            self._free.append(lent)


def _new() -> BaseDatabaseWrapper:
    made = connections.create_connection(DEFAULT_DB_ALIAS)
    made.inc_thread_sharing()
    made.settings_dict = made.settings_dict | {"CONN_MAX_AGE": None}
    return made
