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
    raise PermissionError: the account is no longer ours.
    """

    answers: Callable[[], Any]
    taken: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    url: str = ""
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


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Run it on a free port; `api.url` is where."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = 200, b""
            try:
                answer = json.dumps({"id": api.take(said["to"])}).encode()
            except PermissionError:
                status = 401
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
