"""What comes in on the page's own WebSocket, seen through the debugging protocol.

WhatsApp keeps its line busy every 15 to 30 seconds and needs no question for it: a frame that
came in is the proof of a link that costs nothing. The socket may be a worker's.
"""

from __future__ import annotations

import json
import logging
import math
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

log = logging.getLogger(__name__)

QUIET_SECONDS = 45.0
"""A line on which frames came in regularly is never silent for so long."""
REGULAR = 3
"""So many frames, some seconds apart, make a rhythm."""
APART_SECONDS = 5.0
NO_BODIES = {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0}


class Frames:
    """When frames came in. Everything here is the browser's thread."""

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._others: set[str] = set()
        self._last: float | None = None
        self._counted: float | None = None
        self._beats = 0
        self._session: CDPSession | None = None

    def watch(self, page: Page, base_url: str) -> None:
        """Look at the sockets that this page and its workers open to WhatsApp from now on."""
        host = urlsplit(base_url).hostname or ""
        try:
            self._session = session = page.context.new_cdp_session(page)
            session.on("Network.webSocketCreated", lambda event: self._created("", host, event))
            session.on("Network.webSocketFrameReceived", lambda event: self._came("", event))
            session.on("Target.attachedToTarget", self._attached)
            session.on("Target.receivedMessageFromTarget", lambda event: self._told(host, event))
            session.send("Network.enable", NO_BODIES)
            session.send(
                "Target.setAutoAttach",
                {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False},
            )
        except Exception as error:  # noqa: BLE001  one sense less: what can't be proven is said so
            log.warning("frames of the page can't be seen: %s", str(error).splitlines()[0])

    @property
    def last(self) -> float:
        """When the last one came in (monotonic seconds); minus infinity before the first."""
        return self._last if self._last is not None else -math.inf

    def fell_silent(self) -> bool:
        """Did frames come in regularly, and none for longer than a line that is alive is ever quiet?"""
        quiet = QUIET_SECONDS * self._scale
        return (
            self._last is not None
            and self._beats >= REGULAR
            and time.monotonic() - self._last > quiet
        )

    def _attached(self, event: dict[str, Any]) -> None:
        if self._session is None or event["targetInfo"].get("type") not in (
            "worker",
            "shared_worker",
            "service_worker",
        ):
            return
        message = json.dumps({"id": 1, "method": "Network.enable", "params": NO_BODIES})
        try:
            self._session.send(
                "Target.sendMessageToTarget", {"sessionId": event["sessionId"], "message": message}
            )
        except Exception as error:  # noqa: BLE001  the worker is gone already
            log.info("a worker's frames can't be seen: %s", str(error).splitlines()[0])

    def _told(self, host: str, event: dict[str, Any]) -> None:
        said = json.loads(event["message"])
        if said.get("method") == "Network.webSocketCreated":
            self._created(event["sessionId"], host, said["params"])
        if said.get("method") == "Network.webSocketFrameReceived":
            self._came(event["sessionId"], said["params"])

    def _created(self, target: str, host: str, event: dict[str, Any]) -> None:
        if urlsplit(event["url"]).hostname != host:
            self._others.add(f"{target} {event['requestId']}")

    def _came(self, target: str, event: dict[str, Any]) -> None:
        if f"{target} {event['requestId']}" in self._others:
            return
        now = time.monotonic()
        if self._counted is None or now - self._counted >= APART_SECONDS * self._scale:
            self._beats += 1
            self._counted = now
        self._last = now
