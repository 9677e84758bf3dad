"""What a transport captured of a page that it didn't understand, as plain values.

`sessions.evidence.store` seals and keeps them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

PART_MOST = 400_000
"""Bytes of a JPEG, or of a packed skeleton, of which the end is cut off."""
WORD_MOST = 40


@dataclass(frozen=True)
class Evidence:
    """One page that wasn't understood. `kind` says at what the driver stopped, `screen` which screen it was.

    `build` is the version that the page gives itself, and `matched` the profile: which candidate of each
    element it had. `picture` is a JPEG, `document` the packed skeleton, without anybody's words: empty where the page
    gave none.
    """

    kind: str
    screen: str = "unknown"
    build: str = ""
    matched: dict[str, int] = field(default_factory=dict)
    picture: bytes = b""
    document: bytes = b""


Keep = Callable[[Evidence], None]


def pack(document: str) -> bytes:
    """As it is kept: at most PART_MOST bytes, which is some ten times as many letters."""
    while len(packed := zlib.compress(document.encode(), 9)) > PART_MOST:
        document = document[: len(document) // 2]
    return packed


def unpack(packed: bytes) -> str:
    """What `pack` was given, or its beginning."""
    return zlib.decompress(packed).decode()
