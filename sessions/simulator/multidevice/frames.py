"""Frames: three bytes of length, then so many of content; before the first one, the client's header."""

from __future__ import annotations

HEADER = b"WA\x06\x03"
ROUTING = b"ED\x00\x01"
LENGTH = 3
MAX_FRAME = 1 << 24


class NotTheProtocol(Exception):
    """Who is at the other end does not begin as a multi-device client does."""


class Frames:
    """Cuts what comes in into frames, however the socket cut it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._begun = False

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are whole now; NotTheProtocol for another header."""
        self._buffer += data
        if not self._begun and not self._begin():
            return []
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> bytes | None:
        size = int.from_bytes(self._buffer[:LENGTH], "big")
        if len(self._buffer) < LENGTH or len(self._buffer) < LENGTH + size:
            return None
        frame = bytes(self._buffer[LENGTH : LENGTH + size])
        del self._buffer[: LENGTH + size]
        return frame

    def _begin(self) -> bool:
        """Take the header off, and the routing that a client may put before it."""
        start = 0
        if self._buffer.startswith(ROUTING):
            start = len(ROUTING) + LENGTH + int.from_bytes(self._buffer[4:7], "big")
        if len(self._buffer) < start + len(HEADER):
            return False
        if self._buffer[start : start + len(HEADER)] != HEADER:
            raise NotTheProtocol(f"a client began with {bytes(self._buffer[:8])!r}")
        del self._buffer[: start + len(HEADER)]
        self._begun = True
        return True


def framed(content: bytes) -> bytes:
    """One frame."""
    return len(content).to_bytes(LENGTH, "big") + content
