"""Which format a file is, by its content: its name is a stranger's word."""

import mmap
import zipfile
from enum import Enum
from pathlib import Path

from contacts.spreadsheets import limits
from contacts.spreadsheets.refusals import FileRefused, Refusal

HEAD = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_DOCUMENTS = ("WordDocument", "PowerPoint Document", "__substg", "VisioDocument")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = (
    "<html", "<!doctype", "<head", "<body", "<table", "<meta", "<style", "<script", "<div", "<?xml", "<!--",
    "mime-version:",
)  # fmt: skip
_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
)
# Control characters that no text export writes; NUL is dropped, not judged.
_CONTROL = frozenset(range(1, 32)) - {9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31}


class Format(Enum):
    """The formats that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    TEXT = "csv"


def glance(path: Path) -> None:
    """Refuse what its first bytes show to be no spreadsheet, without reading more than those."""
    _head(path)


def sniff(path: Path) -> Format:
    """The format of a file; raises FileRefused for everything that is none of the four.

    Reads what a stranger's file says of itself, so it is for workers: see `glance`.
    """
    head = _head(path)
    if head.startswith(b"PK"):
        return _zip_format(path)
    if head.startswith(_OLE):
        return _ole_format(path)
    return Format.TEXT


def _head(path: Path) -> bytes:
    if path.stat().st_size > limits.MAX_BYTES:
        raise FileRefused(Refusal.TOO_BIG)
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise FileRefused(Refusal.EMPTY)
    if not head.startswith((b"PK", _OLE)):
        _refuse_what_is_no_text(head)
    return head


def _refuse_what_is_no_text(head: bytes) -> None:
    """HTML and XML named .xls, a phone's contacts, and binary files named .csv."""
    if head.startswith(_BINARY):
        raise FileRefused(Refusal.NOT_A_SHEET)
    utf16 = head.startswith(_UTF16)
    text = head.decode("utf-16" if utf16 else "latin-1", "ignore").replace("\0", "")
    begins = text.removeprefix("\xef\xbb\xbf").lstrip("\ufeff \t\r\n").lower()
    if begins.startswith(_MARKUP):
        raise FileRefused(Refusal.HTML)
    if begins.startswith("begin:vcard"):
        raise FileRefused(Refusal.VCARD)
    strange = 0 if utf16 else sum(byte in _CONTROL for byte in head)
    if strange * 50 > len(head):
        raise FileRefused(Refusal.NOT_A_SHEET)


def _zip_format(path: Path) -> Format:
    """xlsx and ods are zips; what they declare to hold is checked before it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive)
            return _format_by_entries(archive)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise FileRefused(Refusal.DAMAGED) from error


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > limits.MAX_ZIP_ENTRIES or unpacked > limits.MAX_UNPACKED_BYTES:
        raise FileRefused(Refusal.BOMB)
    if unpacked > packed * limits.MAX_ZIP_RATIO or any(map(_unpacks_too_far, entries)):
        raise FileRefused(Refusal.BOMB)


def _unpacks_too_far(entry: zipfile.ZipInfo) -> bool:
    """Whether one part does that others with it make up for."""
    far = entry.file_size > entry.compress_size * limits.MAX_ZIP_RATIO
    return far and entry.file_size > limits.MAX_ZIP_PART


def _format_by_entries(archive: zipfile.ZipFile) -> Format:
    names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise FileRefused(Refusal.PASSWORD)
    if "xl/workbook.bin" in names:
        raise FileRefused(Refusal.NOT_A_SHEET)
    if any(name.startswith("xl/") for name in names):
        return Format.XLSX
    if "content.xml" in names and b"spreadsheet" in _start_of(archive, "mimetype"):
        if b"encryption-data" in _start_of(archive, "META-INF/manifest.xml"):
            raise FileRefused(Refusal.PASSWORD)
        return Format.ODS
    raise FileRefused(Refusal.NOT_A_SHEET)


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as entry:
        return entry.read(1024 * 1024)


def _ole_format(path: Path) -> Format:
    """xls, or the wrapping of an encrypted xlsx: known by the names in the compound file's folder."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:

        def has(*names: str) -> bool:
            return any(content.find(name.encode("utf-16-le")) >= 0 for name in names)

        if has("EncryptedPackage"):
            raise FileRefused(Refusal.PASSWORD)
        if has("Workbook\0", "Book\0"):
            return Format.XLS
        raise FileRefused(Refusal.NOT_A_SHEET if has(*_OTHER_DOCUMENTS) else Refusal.DAMAGED)
