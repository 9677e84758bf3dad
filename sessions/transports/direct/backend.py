"""A direct link, with this machine's library and the store of the role that runs hosts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from django.conf import settings
from django.core.checks import CheckMessage, Error

from blu.ops import dev_secrets
from sessions.interfaces import LinkLost
from sessions.models import Link
from sessions.reasons import Code
from sessions.transports.direct import DirectTransport
from sessions.transports.direct.library import Library, WrongLibrary, file_in, installed
from sessions.transports.direct.store import Store, ends_idle

COPIED_WITHIN = 30.0  # seconds
_loading = Lock()
WHATSAPP = b"wss://web.whatsapp.com/ws/chat"


def make(link: Link, *, wake: Callable[[], None], **_wiring: Any) -> DirectTransport:
    """The device that is linked for the link's home."""
    is_linked = link.linked_at is not None
    return DirectTransport(library, _store(), link.home, is_linked=is_linked, wake=wake)


def checks() -> Sequence[CheckMessage]:
    """Where there is no simulator the installed wheel is loaded: it must be as it came."""
    if settings.SIMULATOR_URL:
        return []
    try:
        untouched()
        return []
    except (WrongLibrary, OSError) as error:
        problem = f"The library of direct links can't be used: {error or type(error).__name__}."
    return [Error(problem, hint="Install neonize anew (make setup).", id="sessions.E005")]


def library() -> Library:
    """This process's, which must not fork afterwards. Raises as `package`, or OSError."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> Library:
    return Library(package())


@cache
def _store() -> Store:
    return Store(store_url(), ends_idle(store_url()))


def package() -> Path:
    """The package to load: the untouched wheel, or a simulator's copy of it, which knows no way to WhatsApp.

    WrongLibrary where it does know one, or the wheel was touched; LinkLost where the simulator doesn't answer.
    """
    if not settings.SIMULATOR_URL:
        return untouched()
    try:
        with urlopen(f"{settings.SIMULATOR_URL}/ws/copy", timeout=COPIED_WITHIN) as answer:
            copy = Path(json.load(answer)["package"])
    except HTTPError as refused:
        raise WrongLibrary("the simulator has no copy of the library") from refused
    except OSError as away:
        raise LinkLost(Code.SIMULATOR_AWAY) from away
    if WHATSAPP in file_in(copy).read_bytes():
        raise WrongLibrary("with a simulator nothing may know WhatsApp's address")
    return copy


def untouched() -> Path:
    """The installed wheel's package. WrongLibrary where there is none, or its library is not as the wheel brought it."""
    package = installed()
    if _digest(file_in(package)) != _recorded(file_in(package)):
        raise WrongLibrary(f"{file_in(package).name} is not as its wheel brought it")
    return package


def store_url() -> str:
    """Where devices are kept; in a trial that follows from its data folder. LinkLost where nobody said it."""
    if settings.DEVICE_STORE_URL:
        return str(settings.DEVICE_STORE_URL)
    if not settings.EMBEDDED_DATABASE:
        raise LinkLost(Code.PROGRAM_UNUSABLE)
    return dev_secrets.database_url(settings.VAR, "blu_store")


def _digest(file: Path) -> str:
    """As wheels record it."""
    with file.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _recorded(file: Path) -> str:
    """What the wheel's record says of a file of its package."""
    for one in distribution("neonize").files or ():
        if one.name == file.name and one.hash is not None:
            return str(one.hash.value)
    return ""
