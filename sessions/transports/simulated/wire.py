"""The `simulated` transport's connection to the simulator: JSON over one keep-alive connection."""

from __future__ import annotations

import json
import re
import select
import socket
from typing import Any
from urllib.parse import urlsplit

Values = dict[str, Any]
TIMEOUT = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Away(Exception):
    """The simulator can't be reached; `asked` is true when the request may have arrived."""

    reason = "simulator_away"

    def __init__(self, detail: str, *, asked: bool) -> None:
        super().__init__(detail)
        self.asked = asked


class Refused(Exception):
    """The simulator answered no; `body` is its JSON with the word under "error"."""

    def __init__(self, body: Values) -> None:
        super().__init__(str(body.get("error", "")))
        self.reason = str(body.get("error", ""))
        self.body = body


class Wire:
    """One keep-alive HTTP connection, opened when needed.

    It speaks just enough HTTP for the simulator's answers, in one packet each way: http.client took
    longer over its headers than the ledger over a message.
    """

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        self._address = (address.hostname or "127.0.0.1", address.port or 80)
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        """Make sure of a connection that is alive, as far as can be seen from here; Away if there is none."""
        if self._socket is not None and not select.select([self._socket], [], [], 0)[0]:
            return
        self.close()
        try:
            self._socket = socket.create_connection(self._address, TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Away(f"the simulator does not answer: {error}", asked=False) from error

    def call(self, method: str, path: str, values: Values | None = None) -> Values:
        """One request; Refused for an answer that is no, Away when there was none."""
        self.connect()
        assert self._socket is not None
        data = b"" if values is None else json.dumps(values).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._address[0]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        try:
            self._socket.sendall(head.encode() + data)
            status, answer = _answer(self._socket)
            body: Values = json.loads(answer)
        except (OSError, ValueError) as error:
            self.close()
            raise Away(f"the connection ended before an answer: {error}", asked=True) from error
        if status >= 400:
            raise Refused(body)
        return body

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body of one answer; OSError where it ends too soon, ValueError where it is no HTTP."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, body = got.split(b"\r\n\r\n", 1)
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 ") or length is None:
        raise ValueError("this is no answer of the simulator")
    while len(body) < int(length.group(1)):
        body += _more(connection)
    return int(head[9:12]), body


def _more(connection: socket.socket) -> bytes:
    block = connection.recv(65_536)
    if not block:
        raise ConnectionResetError("closed by the other side")
    return block
