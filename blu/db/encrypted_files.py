"""Files encrypted piece by piece: of any size, in little memory, unreadable when cut or mixed.

Each line of a sealed file is a Fernet token of one piece, which begins with the file's label, its
own number and whether it is the last.
"""

import io
import struct
from typing import TYPE_CHECKING, BinaryIO

from cryptography.fernet import InvalidToken

from blu.db import encrypted_fields

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1024 * 1024
_HEAD = struct.Struct(">QIB")  # label, number, 1 for the last piece


class Unsealable(Exception):
    """The file is not what its label says, or not whole, or none of our keys opens it."""


class Sealer:
    """Writes one sealed file to `target`; `label` must be given again to read it."""

    def __init__(self, target: BinaryIO, *, label: int) -> None:
        self._target = target
        self._label = label
        self._number = 0
        self._waiting = bytearray()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Take more content."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        """Write what is left. A file without its last piece can't be opened."""
        self._piece(bytes(self._waiting), last=True)

    def _piece(self, data: bytes, *, last: bool) -> None:
        token = encrypted_fields.seal(_HEAD.pack(self._label, self._number, last) + data)
        self.size += self._target.write(token + b"\n")
        self._number += 1


def unsealed(source: BinaryIO, *, label: int) -> io.BufferedReader:
    """The content of a sealed file. Reading raises Unsealable, at the latest at its end."""
    return io.BufferedReader(_Unsealer(source, label=label), PIECE)


class _Unsealer(io.RawIOBase):
    def __init__(self, source: BinaryIO, *, label: int) -> None:
        self._source = source
        self._label = label
        self._number = 0
        self._ready = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """Reading is all it does."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._ready and not self._ended:
            self._ready = memoryview(self._piece())
        room = memoryview(buffer)
        size = min(len(room), len(self._ready))
        room[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _piece(self) -> bytes:
        try:
            content = encrypted_fields.unseal(self._source.readline().rstrip(b"\n"))
        except InvalidToken:
            raise Unsealable("cut off, damaged, or sealed with another key") from None
        label, number, last = _HEAD.unpack_from(content)
        if (label, number) != (self._label, self._number):
            raise Unsealable("the pieces are not those of this file")
        self._number += 1
        self._ended = bool(last)
        return content[_HEAD.size :]
