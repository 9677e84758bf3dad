"""The live server's connections: a late answer would use the next test's database."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer

ANSWER_SECONDS = 30


class Answers:
    """Knows who is connected to a threading server, from now on."""

    def __init__(self, server: ThreadedWSGIServer) -> None:
        self._server = server
        self.connected: dict[Any, socket.socket] = {}
        self._changed = Condition()
        self._answer = server.process_request_thread
        server.process_request_thread = self._answering  # type: ignore[method-assign]

    def _answering(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self.connected[client_address] = request
            self._changed.notify_all()
        try:
            self._answer(request, client_address)
        finally:
            with self._changed:
                del self.connected[client_address]
                self._changed.notify_all()

    @contextmanager
    def ended(self) -> Iterator[None]:
        """All that the server was asked is answered after the block; raises TimeoutError.

        A browser keeps connections for what it may ask later. Nothing more is read from them than has come.
        """
        try:
            yield
        finally:
            with socket.create_connection(self._server.server_address[:2]) as last:
                # They are taken in the order in which they were opened: all are known, once this one is.
                self._wait(lambda: last.getsockname() in self.connected)
                self._hang_up()
                self._wait(lambda: not self.connected)

    def _hang_up(self) -> None:
        with self._changed:
            for connection in self.connected.values():
                with suppress(OSError):  # it is just being closed
                    connection.shutdown(socket.SHUT_RD)

    def _wait(self, true: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(true, ANSWER_SECONDS):
                raise TimeoutError("the live server still answers a browser that has left")
