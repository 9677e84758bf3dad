"""Text files of rows: which encoding, which separator, and the records, streaming."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO

from contacts.spreadsheets import limits
from contacts.spreadsheets.refusals import FileRefused, Refusal

SEPARATORS = (";", ",", "\t")
_SAMPLE_ROWS = 200
_BLOCK = 1024 * 1024
_DECLARED = re.compile(r"sep=(.)\s*", re.IGNORECASE)
# Follows the last line: if it doesn't come back as a record of its own, a quote swallowed it.
_END = "\x02end of file\x02"

Record = list[str]


def _windows_byte(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Windows-1252 leaves undefined, as Windows itself reads them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("windows-1252-holes", _windows_byte)


class TextFile:
    """A csv or txt file. `choose` gives each separator's sample of rows a score."""

    def __init__(self, path: Path, choose: Callable[[list[Record]], float]) -> None:
        """Raises FileRefused when the file is no text or is empty."""
        self.path = path
        self._size = path.stat().st_size
        self._raw: BinaryIO | None = None
        self.encoding, self._has_nul = _encoding(path)
        self.separator = self._separator(choose)

    def records(self) -> Iterator[Record]:
        """Every record, blank ones included; raises FileRefused for a quote that never closes."""
        with self._lines() as lines:
            for record in _records(lines, self.separator):
                yield [cell[: limits.MAX_CELL] for cell in record[: limits.MAX_COLUMNS]]

    def share(self) -> float:
        """How much of the file the reading under way has taken, from 0 to 1, by bytes."""
        raw = self._raw
        return raw.tell() / self._size if raw and self._size else 1.0

    def count(self) -> int:
        """How many records there are; raises FileRefused as `records` does."""
        return sum(1 for _record in self.records())

    @contextmanager
    def _lines(self) -> Iterator["_Lines"]:
        raw = self.path.open("rb")
        self._raw = raw
        source = io.BufferedReader(_WithoutNul(raw), _BLOCK) if self._has_nul else raw
        errors = "windows-1252-holes" if self.encoding == "cp1252" else "strict"
        with io.TextIOWrapper(source, self.encoding, errors, newline="") as lines:
            try:
                yield _Lines(lines)
            except UnicodeError as error:
                raise FileRefused(Refusal.DAMAGED) from error
            finally:
                self._raw = None

    def _separator(self, choose: Callable[[list[Record]], float]) -> str:
        samples = {separator: self._sample(separator) for separator in SEPARATORS}
        first = next(iter(samples[","]), [])
        if declared := _DECLARED.fullmatch(",".join(first)):
            return declared[1]
        if not any(any(map(str.strip, record)) for record in samples[";"]):
            self._refuse_if_blank()
        return max(SEPARATORS, key=lambda separator: choose(samples[separator]))

    def _sample(self, separator: str) -> list[Record]:
        with self._lines() as lines:
            head = io.StringIO("".join(_first(lines)), newline="")
            reader = csv.reader(head, delimiter=separator)
            try:
                return list(islice(reader, _SAMPLE_ROWS))
            except csv.Error:
                return []

    def _refuse_if_blank(self) -> None:
        with self._lines() as lines:
            for line in lines:
                lines.begin_record()
                if line.strip(" \t\r\n;,\xa0"):
                    return
        raise FileRefused(Refusal.EMPTY)


class _WithoutNul(io.RawIOBase):
    """A file's bytes without the NUL characters that old systems pad with."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while block := self._raw.read(len(buffer)):
            if kept := block.replace(b"\0", b""):
                buffer[: len(kept)] = kept
                return len(kept)
        return 0

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Lines:
    """A file's lines, of which those of one record may not take more than MAX_RECORD letters."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._taken = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._source.readline(limits.MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self._taken += len(line)
        if self._taken > limits.MAX_RECORD:
            raise FileRefused(Refusal.LONG_CELL)
        return line.replace("\0", "") if "\0" in line else line

    def begin_record(self) -> None:
        """What was read so far is no longer held."""
        self._taken = 0


def _first(lines: Iterator[str]) -> Iterator[str]:
    """The first lines of a file, in bounded size."""
    size = 0
    for line in lines:
        yield line[:_BLOCK]
        size += len(line)
        if size > _BLOCK // 4:
            return


def _encoding(path: Path) -> tuple[str, bool]:
    """Encoding by BOM, then strict UTF-8, then Windows-1252; and whether NULs must be dropped."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, nul, blank = True, False, True
    with path.open("rb") as file:
        start = file.read(3)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", False
        file.seek(0)
        while block := file.read(_BLOCK):
            nul = nul or b"\0" in block
            blank = blank and not block.strip(b"\0 \t\r\n")
            utf8 = utf8 and _decodes(decoder, block)
        utf8 = utf8 and _decodes(decoder, b"", final=True)
    if blank:
        raise FileRefused(Refusal.EMPTY)
    if start == codecs.BOM_UTF8:
        return ("utf-8-sig" if utf8 else "cp1252"), nul
    return ("utf-8" if utf8 else "cp1252"), nul


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _records(lines: _Lines, separator: str) -> Iterator[Record]:
    """Records one behind the reader, so that the end mark is known from the last of them."""
    reader = csv.reader(chain(lines, [_END]), delimiter=separator)
    try:
        held = next(reader)
        for number, record in enumerate(reader, 1):
            if number > limits.MAX_ROWS:
                raise FileRefused(Refusal.TOO_MANY_ROWS)
            lines.begin_record()
            yield held
            held = record
    except csv.Error as error:
        raise FileRefused(
            Refusal.LONG_CELL if "limit" in str(error) else Refusal.OPEN_QUOTE
        ) from error
    if held != [_END]:
        raise FileRefused(Refusal.OPEN_QUOTE)
