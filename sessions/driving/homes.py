"""Homes: the profile folders of browser sessions on this node, and their copies for other nodes.

A home carries the fence it was last opened with, in a file of its own; the database knows the
newest. A copy that is older has missed what happened since: opening it would speak to WhatsApp
with keys of yesterday, so it is destroyed. Another node goes on only with an archive made when
the newest opening was closed.
"""

import contextlib
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import connection, transaction

from blu.db.encrypted_files import Sealer, Unsealable, unsealed
from blu.db.retry import retry_while_away
from blu.ops import disk
from sessions import events
from sessions.driving import leases
from sessions.driving.history import note, set_state
from sessions.interfaces import LeaseLost, LeaseToken, LinkLost
from sessions.models import OPEN_PAIRING, HomeArchive, Link
from sessions.reasons import Code
from sessions.registry import backend_of
from sessions.states import State

log = structlog.get_logger()

CARRIED = ("Default/IndexedDB", "Default/Local Storage")
STAMP = "blu-fence"
STORAGE = "homes"
LIMIT = 2 * 1024**3  # bytes of an archive; a home beyond that stays where it is

_OPENED = """
UPDATE wa_sessions_link link
   SET home_fence = lease.fence, node = %(node)s
  FROM wa_sessions_lease lease
 WHERE link.id = %(link)s AND lease.link_id = link.id AND lease.fence = %(fence)s
"""

_ARCHIVED = """
INSERT INTO wa_sessions_homearchive (link_id, name, fence, size)
SELECT link_id, %(name)s, fence, %(size)s FROM wa_sessions_lease
 WHERE link_id = %(link)s AND fence = %(fence)s
ON CONFLICT (link_id) DO UPDATE
   SET name = EXCLUDED.name, fence = EXCLUDED.fence, size = EXCLUDED.size,
       made_at = statement_timestamp()
 WHERE wa_sessions_homearchive.fence <= EXCLUDED.fence
"""


class TooBig(Exception):
    """The home is beyond what is archived."""


def make_ready(link: Link, token: LeaseToken) -> None:
    """Before a visit opens it: the newest copy lies here, under this token's fence.

    Raises LinkLost where there is none or the folder can't be used,
    and LeaseLost.
    """
    if not _has_home(link):
        return
    link.refresh_from_db(fields=["home_fence", "node"])
    with _usable():
        disk.demand(link.home_folder, settings.LEAST_FREE)
        if _fence_on_disk(link) < link.home_fence:
            _take_over(link)
        _stamp(link, token.fence)
    values = {"link": link.pk, "fence": token.fence, "node": settings.NODE}
    with connection.cursor() as cursor:
        cursor.execute(_OPENED, values)
        if not cursor.rowcount:
            raise LeaseLost


def make_ready_for_pairing(link: Link, token: LeaseToken) -> None:
    """Before an account is linked: an old copy is gone. Raises LinkLost for an unusable folder."""
    if not _has_home(link):
        return
    with _usable():
        disk.demand(link.home_folder, settings.LEAST_FREE)
        if _fence_on_disk(link) < link.home_fence:
            _destroy(link.home_folder)
        _stamp(link, token.fence)


def keep(link: Link, token: LeaseToken) -> bool:
    """Archive a closed home under this token's fence; False where it could not be.

    A home without an archive works on where it is. Never raises for disks or storages.
    """
    if not _has_home(link) or _fence_on_disk(link) != token.fence:
        return False
    started = time.monotonic()
    try:
        size = _archive(link, token)
    except LeaseLost:
        return False
    except Exception as error:  # noqa: BLE001  a storage of any kind may raise anything
        log.warning("home_not_archived", link=link.pk, error=repr(error))
        why = {"error": str(error)}
        retry_while_away(lambda: link.refresh_from_db(fields=["state"]))
        retry_while_away(lambda: note(link, Code.HOME_NOT_ARCHIVED, params=why, token=token))
        return False
    log.info("home_archived", link=link.pk, size=size, seconds=round(time.monotonic() - started, 3))
    return True


def forget(link: Link) -> None:
    """Remove what carried an account that is no longer linked: its archive, and the home if it is here.

    A home that is still open, or on another node, goes with that node's next sweep.
    """
    HomeArchive.objects.filter(link=link).delete()
    _delete_archives(link, but="")
    _destroy_if_old(link)


def sweep() -> int:
    """Look through the homes on this node: destroy old copies, claim those given up too early.

    Gives how many were destroyed. Folders that no session knows are left alone: this may be the
    wrong database.
    """
    folder = Path(settings.VAR, "homes")
    names = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    destroyed = 0
    for link in Link.objects.filter(home__in=names).select_related("lease"):
        if _destroy_if_old(link):
            destroyed += 1
            log.info("old_home_destroyed", link=link.pk)
        elif link.node == "" and link.state == State.LOGGED_OUT:
            _claim_back(link)
    return destroyed


def _has_home(link: Link) -> bool:
    return backend_of(link).bound


def _take_over(link: Link) -> None:
    """Put the newest archive in the place of whatever lies here; LinkLost where there is none."""
    _destroy(link.home_folder)
    archive = HomeArchive.objects.filter(link=link, fence=link.home_fence).first()
    if archive is None or not _restored(link, archive):
        # Where its node comes back before the owner has linked again, that one claims it back.
        Link.objects.filter(pk=link.pk).update(node="")
        raise LinkLost(Code.HOME_LOST, events.Link.LOGGED_OUT)
    log.info("home_restored", link=link.pk, fence=archive.fence, size=archive.size)


def _restored(link: Link, archive: HomeArchive) -> bool:
    path = link.home_folder
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    _destroy(draft)
    # A storage that isn't there is no reason to ask the owner for anything: an OSError passes.
    storages[STORAGE].listdir("")
    try:
        with storages[STORAGE].open(archive.name) as source:
            _unpack(cast(BinaryIO, source), draft, label=_label(link, archive.fence))
        draft.rename(path)
    except (Unsealable, tarfile.TarError, FileNotFoundError) as error:
        log.warning("archive_unusable", link=link.pk, error=repr(error))
        return False
    finally:
        _destroy(draft)
    return True


def _unpack(source: BinaryIO, target: Path, *, label: int) -> None:
    target.mkdir(mode=0o700, parents=True)
    with unsealed(source, label=label) as content:
        # Only what _pack made can be unsealed, so its names need no suspicion.
        with tarfile.open(fileobj=content, mode="r|") as tar:
            tar.extractall(target)
        while content.read(tarfile.RECORDSIZE):
            continue


def _archive(link: Link, token: LeaseToken) -> int:
    storage = storages[STORAGE]
    draft = Path(settings.VAR, "tmp", f"{link.home}.{os.getpid()}")
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with draft.open("wb") as target:
            size = _pack(link.home_folder, target, label=_label(link, token.fence))
        with draft.open("rb") as content:
            name = storage.save(f"{link.home}/{token.fence}", File(content))
    except OSError:
        # Half an archive on a full disk is in everybody's way.
        storage.delete(f"{link.home}/{token.fence}")
        raise
    finally:
        draft.unlink(missing_ok=True)
    values: dict[str, Any] = {
        "link": link.pk,
        "fence": token.fence,
        "name": name,
        "size": size,
    }
    if not retry_while_away(lambda: _register(values)):
        storage.delete(name)
        raise LeaseLost
    _delete_archives(link, but=name)
    return size


def _register(values: dict[str, Any]) -> bool:
    """Name the archive as the session's; False when a newer token did."""
    with connection.cursor() as cursor:
        cursor.execute(_ARCHIVED, values)
        return bool(cursor.rowcount)


def _pack(home: Path, target: BinaryIO, *, label: int) -> int:
    sealer = Sealer(target, label=label)
    with tarfile.open(fileobj=cast(BinaryIO, sealer), mode="w|", bufsize=64 * 1024) as tar:
        for name in CARRIED:
            for file in _files(home / name):
                tar.add(file, arcname=file.relative_to(home), recursive=False)
                if sealer.size > LIMIT:
                    raise TooBig(f"more than {LIMIT} bytes")
    sealer.finish()
    return sealer.size


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "LOCK")


def _delete_archives(link: Link, *, but: str) -> None:
    """All archives of a session but one: a kill may have left some that nobody points to."""
    storage = storages[STORAGE]
    with contextlib.suppress(FileNotFoundError):
        for name in storage.listdir(link.home)[1]:
            if f"{link.home}/{name}" != but:
                storage.delete(f"{link.home}/{name}")


def _label(link: Link, fence: int) -> int:
    """What binds an archive to its session and fence; both fit half of 64 bits."""
    return (link.pk << 32 | fence & 0xFFFFFFFF) & 0xFFFFFFFFFFFFFFFF


def _fence_on_disk(link: Link) -> int:
    """The fence of the copy here: 0 for one without a stamp, -1 where there is none."""
    path = link.home_folder
    if not path.is_dir():
        return -1 if link.home_fence else 0
    try:
        return int((path / STAMP).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def _stamp(link: Link, fence: int) -> None:
    """Before the database knows of the opening: a copy that is ahead of it is the newest."""
    path = link.home_folder
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path / f".{STAMP}"
    with draft.open("w", encoding="ascii") as file:
        file.write(f"{fence}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path / STAMP)


@contextlib.contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.error("home_unusable", node=settings.NODE, error=str(error))
        if error.errno in disk.FULL:
            raise LinkLost(Code.DISK_FULL) from error
        why = {"node": settings.NODE, "error": error.strerror or str(error)}
        raise LinkLost(Code.HOME_UNUSABLE, params=why) from error


def _destroy(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)


def _destroy_if_old(link: Link) -> bool:
    """Destroy a copy that must never be opened; False where there is none, or it is in use."""
    with transaction.atomic():
        # The locked lease keeps openers away.
        lease = leases.free().select_for_update().filter(link=link).first()
        link.refresh_from_db()
        path = link.home_folder
        if (
            lease is None
            or not path.is_dir()
            or not _is_old(link)
            or backend_of(link).processes_on(path)
        ):
            return False
        _destroy(path)
        return True


def _is_old(link: Link) -> bool:
    """Of an account that is no longer linked, or missing what happened elsewhere since."""
    pairing = link.pairings.filter(status__in=OPEN_PAIRING)
    unlinked = link.linked_at is None and not pairing.exists()
    return unlinked or _fence_on_disk(link) < link.home_fence


def _claim_back(link: Link) -> None:
    """The newest copy is here after all: its node was away for longer than others waited."""
    if _fence_on_disk(link) < link.home_fence:
        return
    with transaction.atomic():
        found = Link.objects.filter(
            pk=link.pk, node="", state=State.LOGGED_OUT, home_fence=link.home_fence
        ).update(node=settings.NODE)
        if found:
            set_state(link.pk, State.OFFLINE, Code.HOME_BACK, only_from=(State.LOGGED_OUT,))
