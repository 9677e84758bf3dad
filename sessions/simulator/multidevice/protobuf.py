"""Protocol Buffers' wire format for the few messages we read or write; unknown fields are skipped.

A `Shape` names fields: (number, kind), where the kind is "bytes", "text", "number" (whole numbers, truth
values, enums) or the shape of a message within. A field in brackets, [(number, kind)], is repeated.
Source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

Values = dict[str, Any]
Shape = dict[str, Any]

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """These bytes are no message."""


def pack(shape: Shape, values: Values) -> bytes:
    """A message as bytes, fields in the order of the shape; what is None or missing is left out."""
    out = bytearray()
    for name, (number, kind, many) in _fields(shape):
        value = values.get(name)
        for each in value if many and value is not None else [value]:
            if each is not None:
                _put(out, number, kind, each)
    return bytes(out)


def unpack(shape: Shape, data: bytes) -> Values:
    """What a message says, by the names of its shape: only fields that are there; Malformed otherwise."""
    known = {number: (name, kind, many) for name, (number, kind, many) in _fields(shape)}
    values: Values = {}
    for number, wire, raw in _read(data):
        if number not in known:
            continue
        name, kind, many = known[number]
        if many:
            values.setdefault(name, []).extend(_many(kind, wire, raw))
        else:
            values[name] = _value(kind, raw)
    return values


def _fields(shape: Shape) -> Iterator[tuple[str, tuple[int, Any, bool]]]:
    for name, field in shape.items():
        many = isinstance(field, list)
        number, kind = field[0] if many else field
        yield name, (number, kind, many)


def _put(out: bytearray, number: int, kind: Any, value: Any) -> None:
    if kind == "number":
        out += varint(number << 3 | VARINT) + varint(int(value))
        return
    if kind == "text":
        data = str(value).encode()
    else:
        data = bytes(value) if kind == "bytes" else pack(kind, value)
    out += varint(number << 3 | LENGTH) + varint(len(data)) + data


def _many(kind: Any, wire: int, raw: int | bytes) -> list[Any]:
    if kind == "number" and wire == LENGTH:
        packed, at, found = cast(bytes, raw), 0, []
        while at < len(packed):
            value, at = _varint(packed, at)
            found.append(value)
        return found
    return [_value(kind, raw)]


def _value(kind: Any, raw: int | bytes) -> Any:
    if (kind == "number") is not isinstance(raw, int):
        raise Malformed("a field has another kind")
    if isinstance(raw, int) or kind == "bytes":
        return raw
    if kind == "text":
        return raw.decode(errors="replace")
    return unpack(kind, raw)


def varint(value: int) -> bytes:
    """A whole number, not negative, seven bits a byte."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a number has no end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _read(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield key >> 3, wire, value
            continue
        if wire == LENGTH:
            size, at = _varint(data, at)
        else:
            size = {FIXED64: 8, FIXED32: 4}.get(wire, len(data))
        if at + size > len(data):
            raise Malformed("a field is cut off")
        raw = data[at : at + size]
        at += size
        yield key >> 3, wire, raw if wire == LENGTH else int.from_bytes(raw, "little")
