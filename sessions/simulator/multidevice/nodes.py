"""Nodes: what goes over the wire once it is decrypted. A tag, attributes, and children or bytes.

The binary form names frequent words by the tokens of dictionary.txt, the third version: the first block is said
in one byte, the four others in two.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sessions.simulator.multidevice.jids import DOMAINS, PEOPLE, SERVERS_BY_DOMAIN, Jid, jid_of

EMPTY, BLOCKS = 0, 236
INTEROP, MESSENGER, DEVICE_JID, LIST8, LIST16, JID = 245, 246, 247, 248, 249, 250
HEX, BINARY8, BINARY20, BINARY32, NIBBLE = 251, 252, 253, 254, 255
DEFLATED = 2
NIBBLES, HEXES = "0123456789-.\x00\x00\x00", "0123456789ABCDEF"

_single, *_double = [
    block.split("\n")
    for block in (Path(__file__).parent / "dictionary.txt")
    .read_text("utf-8")
    .rstrip()
    .split("\n\n")
]
WORDS = {word: bytes([at]) for at, word in enumerate(_single) if word}
for _block, _words in enumerate(_double):
    WORDS.update({w: bytes([BLOCKS + _block, at]) for at, w in enumerate(_words) if w not in WORDS})

Attribute = str | Jid
Attributes = Mapping[str, Attribute]


class NoNode(ValueError):
    """These bytes are no node."""


@dataclass(slots=True)
class Node:
    """One element. Addresses among the attributes are `Jid`s, everything else is text."""

    tag: str
    attrs: Attributes = field(default_factory=dict)
    content: list[Node] | bytes | None = None

    def text(self, name: str, default: str = "") -> str:
        """An attribute as text."""
        return str(self.attrs.get(name, default))

    def jid(self, name: str) -> Jid | None:
        """An attribute as an address; None when it isn't there."""
        value = self.attrs.get(name)
        return jid_of(value) if isinstance(value, str) else value

    def children(self, tag: str = "") -> list[Node]:
        """The children, or those of one tag."""
        inner = self.content if isinstance(self.content, list) else []
        return [node for node in inner if tag in ("", node.tag)]

    def child(self, tag: str) -> Node | None:
        """The first child of a tag."""
        return next(iter(self.children(tag)), None)

    def data(self, tag: str = "") -> bytes:
        """Its bytes, or those of its child of this tag; empty when there are none."""
        if tag:
            inner = self.child(tag)
            return inner.data() if inner is not None else b""
        return self.content if isinstance(self.content, bytes) else b""


def encode(node: Node) -> bytes:
    """A node as it is encrypted."""
    out = bytearray([0])
    _write_node(out, node)
    return bytes(out)


def decode(data: bytes) -> Node:
    """The reverse; NoNode when it isn't one."""
    try:
        plain = zlib.decompress(data[1:]) if data[0] & DEFLATED else data[1:]
        return _Reader(plain).node()
    except (IndexError, zlib.error) as error:
        raise NoNode("a node is cut off") from error


def _write_node(out: bytearray, node: Node) -> None:
    attrs = {name: value for name, value in node.attrs.items() if value != ""}
    has_content = node.content is not None
    _write_size(out, 2 * len(attrs) + 1 + has_content)
    _write_text(out, node.tag)
    for name, value in attrs.items():
        _write_text(out, name)
        if isinstance(value, Jid):
            _write_jid(out, value)
        else:
            _write_text(out, value)
    if isinstance(node.content, bytes):
        _write_bytes(out, node.content)
    elif node.content is not None:
        _write_size(out, len(node.content))
        for child in node.content:
            _write_node(out, child)


def _write_size(out: bytearray, size: int) -> None:
    if size == 0:
        out.append(EMPTY)
    elif size < 256:
        out += bytes([LIST8, size])
    else:
        out += bytes([LIST16]) + size.to_bytes(2, "big")


def _write_text(out: bytearray, text: str) -> None:
    word = WORDS.get(text)
    if word is not None:
        out += word
    else:
        _write_bytes(out, text.encode())


def _write_bytes(out: bytearray, data: bytes) -> None:
    size = len(data)
    if size < 256:
        out += bytes([BINARY8, size])
    elif size < 1 << 20:
        out += bytes([BINARY20]) + size.to_bytes(3, "big")
    else:
        out += bytes([BINARY32]) + size.to_bytes(4, "big")
    out += data


def _write_jid(out: bytearray, jid: Jid) -> None:
    if jid.device:
        out += bytes([DEVICE_JID, DOMAINS[jid.server], jid.device])
        _write_text(out, jid.user)
        return
    out.append(JID)
    if jid.user:
        _write_text(out, jid.user)
    else:
        out.append(EMPTY)
    _write_text(out, jid.server)


class _Reader:
    """Reads one node from its bytes; IndexError when they end too soon."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def node(self) -> Node:
        size = self._size(self._number(1))
        if not size:
            raise NoNode("a node is empty")
        tag = str(self._text())
        attrs: dict[str, Attribute] = {}
        for _pair in range((size - 1) // 2):
            name = str(self._text())
            attrs[name] = self._text()
        return Node(tag, attrs, self._content() if size % 2 == 0 else None)

    def _content(self) -> list[Node] | bytes | None:
        tag = self._number(1)
        if tag in (LIST8, LIST16):
            return [self.node() for _child in range(self._size(tag))]
        if tag == EMPTY:
            return None
        value = self._value(tag)
        return value if isinstance(value, bytes) else str(value).encode()

    def _size(self, tag: int) -> int:
        if tag not in (EMPTY, LIST8, LIST16):
            raise NoNode(f"{tag} is no list")
        return 0 if tag == EMPTY else self._number(1 if tag == LIST8 else 2)

    def _text(self) -> Attribute:
        value = self._value(self._number(1))
        return value.decode(errors="replace") if isinstance(value, bytes) else value

    def _value(self, tag: int) -> Attribute | bytes:
        if tag in (BINARY8, BINARY20, BINARY32):
            return self._take(self._number({BINARY8: 1, BINARY20: 3, BINARY32: 4}[tag]))
        if tag in (NIBBLE, HEX):
            return self._packed(NIBBLES if tag == NIBBLE else HEXES)
        if tag in (JID, DEVICE_JID, MESSENGER, INTEROP):
            return self._jid(tag)
        if BLOCKS <= tag < BLOCKS + len(_double):
            return _double[tag - BLOCKS][self._number(1)]
        if tag >= len(_single):
            raise NoNode(f"{tag} is no word")
        return _single[tag]

    def _jid(self, tag: int) -> Jid:
        if tag == DEVICE_JID:
            domain, device = self._number(1), self._number(1)
            return Jid(str(self._text()), SERVERS_BY_DOMAIN.get(domain, PEOPLE), device)
        user = str(self._text())
        device = self._number(2) if tag in (MESSENGER, INTEROP) else 0
        if tag == INTEROP:
            self._number(2)
        return Jid(user, str(self._text()), device)

    def _packed(self, letters: str) -> str:
        start = self._number(1)
        raw = self._take(start & 0x7F)
        text = "".join(
            letters[byte >> 4] + letters[min(byte & 15, len(letters) - 1)] for byte in raw
        )
        return text[:-1] if start & 0x80 else text

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise IndexError
        self._at += size
        return self._data[self._at - size : self._at]
