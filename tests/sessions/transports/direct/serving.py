"""A direct transport in a process of its own, served over a pipe.

Whoever has loaded the library can't fork, and may load it for one simulator only: so no test loads it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sessions.interfaces import InDoubt, LeaseLost, LinkLost, NotSent
from sessions.transports.direct.library import Library
from sessions.transports.direct.store import Store
from sessions.transports.direct.transport import DirectTransport

CALLBACKS = ("show", "stop", "before_wire")


def packed(error: BaseException) -> tuple[Any, ...]:
    """An error as it may be sent."""
    if isinstance(error, LinkLost):
        return LinkLost, (error.reason, error.link, error.until), {"params": dict(error.params)}
    if isinstance(error, NotSent):
        return NotSent, (error.reason,), {"permanent": error.permanent, "of_text": error.of_text}
    if isinstance(error, InDoubt):
        return InDoubt, (error.reason, error.message_id), {}
    if isinstance(error, LeaseLost):
        return LeaseLost, (), {}
    return RuntimeError, (f"{type(error).__name__}: {error}",), {}


class Served:
    """What one caller asks, in its order; its functions are called over there."""

    def __init__(self, pipe: Connection, transport: DirectTransport) -> None:
        self._pipe, self._transport = pipe, transport
        self._batches = 0
        self._batch: Any = None

    def serve(self) -> None:
        """Until the caller is gone."""
        while True:
            try:
                name, args, named = self._pipe.recv()
            except EOFError:
                return
            for callback in CALLBACKS:
                if callback in named:
                    named[callback] = self._over_there(callback)
            try:
                self._pipe.send(("done", self._answer(name, args, named)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told
                self._pipe.send(("raised", packed(error)))

    def _answer(self, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if name == "acknowledge":
            batch = self._batch if args[0] == self._batches else None
            return self._transport.acknowledge(batch)
        answer = getattr(self._transport, name)(*args, **named)
        if name != "poll":
            return answer
        if answer is not self._batch:
            self._batch, self._batches = answer, self._batches + 1
        return self._batches, answer

    def _over_there(self, name: str) -> Callable[..., Any]:
        def called(*args: Any) -> Any:
            self._pipe.send(("call", (name, args)))
            word, value = self._pipe.recv()
            if word == "raised":
                raise LeaseLost
            return value

        return called


def serve(
    pipe: Connection, package: Path, stores: tuple[str, str], home: str, is_linked: bool
) -> None:
    """In the process itself."""
    # The library greets whoever starts it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    link = DirectTransport(partial(Library, package), Store(*stores), home, is_linked=is_linked)
    Served(pipe, link).serve()
