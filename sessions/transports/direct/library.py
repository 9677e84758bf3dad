"""The native library of neonize by its C interface: one function a call, bytes in, bytes out.

Of the wheel only two things are used, the library and the messages of `proto`. Its Python is never imported: on
import that would load a dozen packages, and fetch a library from GitHub where the one it finds is not of its version.

Whoever has loaded it must not fork any more: the child hangs.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sessions.transports.direct.registry_lock import RegistryLock

VERSION = "0.5.2"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_SAID = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_HEARD = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
_LOGGED = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int)
_TEXT, _SIZE, _POINTER = ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p


class WrongLibrary(Exception):
    """What lies there is not the library that this was written for."""


class _Bytes(ctypes.Structure):
    _fields_ = [("pointer", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def installed() -> Path:
    """The folder of the installed wheel, which is not imported; WrongLibrary where there is none."""
    found = find_spec("neonize")
    if found is None or found.origin is None:
        raise WrongLibrary("neonize is not installed")
    return Path(found.origin).parent


def file_in(package: Path) -> Path:
    """The native library in a package's folder, for this machine."""
    machine = _MACHINES.get(platform.machine(), platform.machine())
    return package / f"neonize-linux-{machine}.so"


def load_messages(package: Path) -> tuple[Any, Any, Any]:
    """The package's messages: the library's own, those of chats, those of a registration. Who has no more than these may fork."""
    proto = str(package / "proto")
    if proto not in sys.path:
        sys.path.append(proto)
    names = (
        "Neonize_pb2",
        "waE2E.WAWebProtobufsE2E_pb2",
        "waCompanionReg.WAWebProtobufsCompanionReg_pb2",
    )
    library, content, registration = map(importlib.import_module, names)
    return library, content, registration


class Library:
    """The library from one package folder; a process may load one only.

    Every call takes a client's name, and ends the process where no such client is running: `Client` sees to that.
    """

    def __init__(self, package: Path) -> None:
        self.messages, self._content, registration = load_messages(package)
        props = registration.DeviceProps
        # What the phone's list of linked devices shows.
        self.properties: bytes = props(os="blü", platformType=props.CHROME).SerializeToString()
        self._silence_stdout()
        self.registry = RegistryLock()
        self._code = _loaded(file_in(package))
        self._on_log = _LOGGED(lambda _data, _size: None)  # its texts hold people's numbers

    def make_tables(self, store: str) -> bool:
        """Make its tables in the store, or renew those of an older version. Returns whether they are there.

        It does so before whatever it is asked of a store, and not well in two processes or threads at once.
        """
        told: bytes = self._code.GetAllDevices(store.encode(), self._on_log)
        return not told.startswith(b"error: ")

    @staticmethod
    def _silence_stdout() -> None:
        """It prints the errors of sends there, with numbers of people."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)

    def text(self, body: str) -> bytes:
        """A message of plain text."""
        written: bytes = self._content.Message(conversation=body).SerializeToString()
        return written

    def code_params(self, phone: str) -> bytes:
        """What is asked for eight characters; the phone shows a notice that somebody wants to be linked."""
        params: bytes = self.messages.PairPhoneParams(
            phone=phone.lstrip("+"),
            showPushNotification=True,
            clientType=1,
            clientDisplayName="Chrome (Linux)",
        ).SerializeToString()
        return params

    def run(
        self,
        name: str,
        *,
        store: str,
        device: bytes,
        events: bytes,
        on_code: Callable[[str], None],
        on_status: Callable[[str], None],
        on_event: Callable[[int, bytes], None],
    ) -> str:
        """Connect a client and serve it, in this thread, until it is stopped. Returns an error's text, or "".

        `device` is the JID of a linked device in the store, empty for one that is to be linked: then codes
        for a QR picture are given, and how it ended. `events` are the numbers of the events to be given. All are
        given from threads of the library's own, one at a time. Whoever calls holds `registry` as one who begins.
        """
        callbacks = (
            _SAID(lambda _name, text: on_code(_string(text))),
            _SAID(lambda _name, text: on_status(_string(text))),
            _HEARD(lambda _name, data, size, number: on_event(number, _copied(data, size))),
            self._on_log,
        )
        error: bytes = self._code.Neonize(
            store.encode(), name.encode(), device, len(device), int(not device), b"ERROR", *callbacks,
            events, len(events), self.properties, len(self.properties), b"", 0, None,
        )  # fmt: skip
        return error.decode()

    def stop(self, name: str) -> None:
        """End `run`; of a client that doesn't run it does nothing."""
        with self.registry.ending():
            self._code.Stop(name.encode())

    def disconnect(self, name: str) -> None:
        """Hang up; what was heard is still given."""
        self._code.Disconnect(name.encode())

    def is_online(self, name: str) -> bool:
        """Whether there is a line, and the server has let it in."""
        return bool(self._code.IsConnected(name.encode()) and self._code.IsLoggedIn(name.encode()))

    def log_out(self, name: str) -> str:
        """Take the device off the account, and out of the store. Returns an error's text, or ""."""
        error: bytes = self._code.Logout(name.encode())
        return error.decode()

    def pair_code(self, name: str, params: bytes) -> Any:
        """The eight characters for a phone."""
        said = self._code.PairPhone(name.encode(), params, len(params))
        return self.messages.PairPhoneReturnFunction.FromString(said)

    def look_up(self, name: str, number: str) -> Any:
        """What WhatsApp says of a number."""
        said = self._code.IsOnWhatsApp(name.encode(), number.encode())
        return self.messages.IsOnWhatsAppReturnFunction.FromString(said)

    def send(self, name: str, to: bytes, message: bytes) -> Any:
        """Send; returns after the server's word, 75 seconds without one, or an error before."""
        said = self._code.SendMessage(name.encode(), to, len(to), message, len(message))
        return self.messages.SendMessageReturnFunction.FromString(said)

    def number_of(self, name: str, jid: bytes) -> Any:
        """The number that the store knows for a LID's JID."""
        said = self._code.GetPNFromLID(name.encode(), jid, len(jid))
        return self.messages.GetJIDFromStoreReturnFunction.FromString(said)


# The functions used here, with what they take.
_BYTES_OUT: dict[str, list[Any]] = {
    "PairPhone": [_TEXT, _TEXT, _SIZE],
    "IsOnWhatsApp": [_TEXT, _TEXT],
    "SendMessage": [_TEXT, _TEXT, _SIZE, _TEXT, _SIZE],
    "GetPNFromLID": [_TEXT, _TEXT, _SIZE],
}
_RUN = [
    _TEXT, _TEXT, _TEXT, _SIZE, _SIZE, _TEXT, _SAID, _SAID, _HEARD, _LOGGED, _TEXT, _SIZE, _TEXT, _SIZE, _TEXT, _SIZE,
    _POINTER,
]  # fmt: skip


def _loaded(file: Path) -> Any:
    """The functions, declared; WrongLibrary where it is another version."""
    code = ctypes.CDLL(str(file))
    code.GetVersion.restype = _TEXT
    if code.GetVersion().decode() != VERSION:
        raise WrongLibrary(f"{file.name} is not of version {VERSION}")
    code.FreeBytesStruct.argtypes, code.FreeBytesStruct.restype = [_POINTER], None
    code.FreeString.argtypes, code.FreeString.restype = [_POINTER], None
    for name, takes in _BYTES_OUT.items():
        function = getattr(code, name)
        function.argtypes, function.restype = takes, ctypes.POINTER(_Bytes)
        function.errcheck = lambda result, _function, _given: _taken_bytes(code, result)
    for name, takes in (
        ("Neonize", _RUN),
        ("Logout", [_TEXT]),
        ("GetAllDevices", [_TEXT, _LOGGED]),
    ):
        function = getattr(code, name)
        function.argtypes, function.restype = takes, _POINTER
        function.errcheck = lambda result, _function, _given: _taken_text(code, result)
    for name in ("Stop", "Disconnect"):
        getattr(code, name).argtypes, getattr(code, name).restype = [_TEXT], None
    for name in ("IsConnected", "IsLoggedIn"):
        getattr(code, name).argtypes, getattr(code, name).restype = [_TEXT], ctypes.c_bool
    return code


def _taken_bytes(code: Any, result: Any) -> bytes:
    """A copy of what it returns, which is then freed."""
    if not result:
        return b""
    try:
        return _copied(result.contents.pointer, result.contents.size)
    finally:
        code.FreeBytesStruct(result)


def _taken_text(code: Any, result: int | None) -> bytes:
    if not result:
        return b""
    try:
        return ctypes.string_at(result)
    finally:
        code.FreeString(result)


def _copied(data: int | None, size: int) -> bytes:
    return ctypes.string_at(data, size) if data and size > 0 else b""


def _string(text: int | None) -> str:
    return ctypes.string_at(text).decode() if text else ""
