"""The `simulated` transport's connection to the simulator: JSON over one keep-alive connection."""

from __future__ import annotations

import json
import select
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

Values = dict[str, Any]
TIMEOUT = 30.0


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
    """One keep-alive HTTP connection, opened when needed."""

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        self._connection = HTTPConnection(
            address.hostname or "127.0.0.1", address.port or 80, timeout=TIMEOUT
        )

    def connect(self) -> None:
        """Make sure of a connection that is alive, as far as can be seen from here; Away if there is none."""
        socket = self._connection.sock
        if socket is not None and not select.select([socket], [], [], 0)[0]:
            return
        self.close()
        try:
            self._connection.connect()
        except OSError as error:
            raise Away(f"the simulator does not answer: {error}", asked=False) from error

    def call(self, method: str, path: str, values: Values | None = None) -> Values:
        """One request; Refused for an answer that is no, Away when there was none."""
        self.connect()
        data = b"" if values is None else json.dumps(values).encode()
        try:
            self._connection.request(method, path, data, {"Content-Type": "application/json"})
            with self._connection.getresponse() as answer:
                body: Values = json.load(answer)
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            raise Away(f"the connection ended before an answer: {error}", asked=True) from error
        if answer.status >= 400:
            raise Refused(body)
        return body

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
