"""LevelDB's log: what was written to a database and stands in no table of it yet.

Format: leveldb/doc/log_format.md; a payload is a batch of writes (leveldb/db/write_batch.cc).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator

BLOCK = 32 * 1024
HEADER = struct.Struct("<IHB")  # checksum, length, type
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
WHOLE = (FULL, LAST)
TYPES = range(FULL, LAST + 1)
BATCH = struct.Struct("<QI")  # number of the first write, how many
DELETE, PUT = 0, 1

Write = tuple[bytes, bytes | None]
"""A key with its value, or with None where it was deleted."""


def payloads(content: bytes) -> Iterator[bytes]:
    """Of a log without a torn end, in order. Checksums are the browser's to look at."""
    at, begun = 0, b""
    while at < len(content):
        room = BLOCK - at % BLOCK
        if room < HEADER.size or at + HEADER.size > len(content):
            at += room
            continue
        _checksum, length, kind = HEADER.unpack_from(content, at)
        at += HEADER.size + length
        part = content[at - length : at]
        begun = part if kind in (FULL, FIRST) else begun + part
        if kind in WHOLE:
            yield begun


def framed(payload: bytes, at: int) -> bytes:
    """A payload as it is written to a log that ends `at` so many bytes."""
    written, begun = b"", False
    while True:
        room = BLOCK - (at + len(written)) % BLOCK
        if room < HEADER.size:
            written += b"\0" * room
            continue
        part, payload = payload[: room - HEADER.size], payload[room - HEADER.size :]
        kind = (MIDDLE if begun else FIRST) if payload else (LAST if begun else FULL)
        written += HEADER.pack(_checksum(bytes([kind]) + part), len(part), kind) + part
        if not payload:
            return written
        begun = True


def batch(number: int, writes: list[tuple[bytes, bytes]]) -> bytes:
    """A payload that puts these keys and values, the first of them as write `number` of the database."""
    puts = (bytes([PUT]) + _sized(key) + _sized(value) for key, value in writes)
    return BATCH.pack(number, len(writes)) + b"".join(puts)


def writes(payload: bytes) -> tuple[int, list[Write]]:
    """The number of the write that comes after a payload, and its own; ValueError, IndexError, struct.error for none."""
    number, count = BATCH.unpack_from(payload)
    at, found = BATCH.size, list[Write]()
    for _write in range(count):
        kind = payload[at]
        key, at = _taken(payload, at + 1)
        value: bytes | None = None
        if kind == PUT:
            value, at = _taken(payload, at)
        elif kind != DELETE:
            raise ValueError(f"no write: {kind}")
        found.append((key, value))
    return number + count, found


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, seven bits a byte, and where it ends."""
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return number, at


def _taken(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = varint(data, at)
    if at + size > len(data):
        raise ValueError("a write ends beyond its batch")
    return data[at : at + size], at + size


def _sized(data: bytes) -> bytes:
    size, said = len(data), b""
    while size > 127:
        said, size = said + bytes([size & 127 | 128]), size >> 7
    return said + bytes([size]) + data


def _checksum(data: bytes) -> int:
    """CRC-32C, turned and shifted as LevelDB keeps it (leveldb/util/crc32c.h)."""
    table, rest = _table(), 0xFFFFFFFF
    for byte in data:
        rest = table[(rest ^ byte) & 255] ^ (rest >> 8)
    rest ^= 0xFFFFFFFF
    return ((rest >> 15 | rest << 17) + 0xA282EAD8) & 0xFFFFFFFF


@functools.cache
def _table() -> tuple[int, ...]:
    table = []
    for rest in range(256):
        for _bit in range(8):
            rest = rest >> 1 ^ 0x82F63B78 if rest & 1 else rest >> 1
        table.append(rest)
    return tuple(table)
