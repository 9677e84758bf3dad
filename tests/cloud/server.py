"""The API's side: takes messages over HTTP, and counts how many it has in hand at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Api:
    """`taken` holds what came, with the id it was given; `answers` is waited for before each answer, and may
    raise PermissionError: the account is no longer ours. `key` is what it knows the account by, `phone` its number.
    """

    answers: Callable[[], Any]
    taken: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    url: str = ""
    key: str = ""
    phone: str = ""
    _in_hand: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, to: str) -> str:
        """The id of a message, which is this person's."""
        with self._lock:
            self._in_hand += 1
            self.most = max(self.most, self._in_hand)
            message_id = f"wamid.{len(self.taken)}"
            self.taken.append((to, message_id))
        try:
            self.answers()
        finally:
            with self._lock:
                self._in_hand -= 1
        return message_id


class Handler(BaseHTTPRequestHandler):
    """What the API answers to whoever shows the account's key."""

    api: Api

    def do_GET(self) -> None:
        if self.is_allowed():
            self.answer(200, {"phone": self.api.phone})

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.is_allowed():
            return
        try:
            self.answer(200, {"id": self.api.take(said["to"])})
        except PermissionError:
            self.answer(401, {})

    def is_allowed(self) -> bool:
        shown = self.headers["Authorization"].removeprefix("Bearer").strip()
        if shown != self.api.key:
            self.answer(401, {})
        return bool(shown == self.api.key)

    def answer(self, status: int, said: dict[str, str]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Silent."""


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Run it on a free port; `api.url` is where."""

    class OfThis(Handler):
        pass

    OfThis.api = api
    server = ThreadingHTTPServer(("127.0.0.1", 0), OfThis)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
