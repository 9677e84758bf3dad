"""Homes: only the newest copy is ever opened, and another node goes on with its archive or not at all."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection

from sessions.driving import history, homes, leases
from sessions.events import Link
from sessions.interfaces import LeaseLost, LeaseToken, LinkLost
from sessions.linking import services
from sessions.models import HomeArchive, Lease, SessionEvent, State, WhatsAppSession
from sessions.models import Link as SessionLink
from sessions.reasons import in_words
from sessions.transports.browser import reasons
from tests import factories
from tests.full_disk import small_disk
from tests.leasing import hold, leased

pytestmark = pytest.mark.django_db

Settings = Any


@pytest.fixture
def shared(settings: Settings, tmp_path: Path) -> Path:
    """Two nodes' data folders and the storage that both see; this process is node a."""
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "archives", "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "homes": storage}
    (tmp_path / "archives").mkdir()
    settings.VAR = tmp_path / "a"
    return tmp_path


@pytest.fixture
def move(settings: Settings, shared: Path) -> Callable[[str], None]:
    """Become another node."""

    def become(name: str) -> None:
        settings.NODE, settings.VAR = name, shared / name

    return become


@pytest.fixture
def session(shared: Path) -> WhatsAppSession:
    return factories.make_session(factories.make_business(), transport="browser", node="a")


def _visit(session: WhatsAppSession, text: str = "", *, archived: bool = True) -> LeaseToken:
    """What a visit does to the home: opened, changed by the browser, closed and kept."""
    token = hold(session.pk)
    try:
        homes.make_ready(session.link, token)
        if text:
            for name in (
                "Default/IndexedDB/db/000003.log",
                "Default/Local Storage/leveldb/1",
                "Default/Cache/x",
            ):
                file = session.link.home_folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        if archived:
            assert homes.keep(session.link, token)
    finally:
        leases.release(token)
    return token


def _stands(session: WhatsAppSession) -> str:
    return (session.link.home_folder / "Default/IndexedDB/db/000003.log").read_text()


def _reloaded(session: WhatsAppSession) -> WhatsAppSession:
    return WhatsAppSession.objects.get(pk=session.pk)


def test_another_node_goes_on_with_the_newest_archive(
    session: WhatsAppSession, move: Callable[[str], None]
) -> None:
    _visit(session, "first")
    _visit(session, "second")
    move("b")
    _visit(session)
    assert _stands(session) == "second"
    assert (session.link.home_folder / "Default/Local Storage/leveldb/1").read_text() == "second"
    assert not (session.link.home_folder / "Default/Cache").exists()
    assert _reloaded(session).link.node == "b"


def test_an_archive_says_nothing_to_whoever_finds_it(
    session: WhatsAppSession, shared: Path
) -> None:
    _visit(session, "a very secret key")
    (file,) = (path for path in (shared / "archives").rglob("*") if path.is_file())
    assert b"secret" not in file.read_bytes()
    assert HomeArchive.objects.get().size == file.stat().st_size


def test_only_one_archive_is_kept(session: WhatsAppSession, shared: Path) -> None:
    for text in ("1", "2", "3"):
        _visit(session, text)
    assert len([path for path in (shared / "archives").rglob("*") if path.is_file()]) == 1


def test_an_older_copy_is_destroyed_and_never_opened(
    session: WhatsAppSession, move: Callable[[str], None]
) -> None:
    _visit(session, "on a")
    move("b")
    _visit(session, "on b")
    move("a")
    assert _stands(session) == "on a"
    assert homes.sweep() == 1
    assert not session.link.home_folder.exists()
    _visit(session)
    assert _stands(session) == "on b"


def test_an_older_copy_is_replaced_before_it_is_opened(
    session: WhatsAppSession, move: Callable[[str], None]
) -> None:
    _visit(session, "on a")
    move("b")
    _visit(session, "on b")
    move("a")
    _visit(session)
    assert _stands(session) == "on b"


def test_without_the_newest_archive_the_owner_is_asked_in_plain_words(
    session: WhatsAppSession, move: Callable[[str], None]
) -> None:
    _visit(session, "kept")
    _visit(session, "the node dies in this one", archived=False)
    move("b")
    with pytest.raises(LinkLost) as lost:
        _visit(session)
    assert lost.value.link is Link.LOGGED_OUT
    assert "Conecte o WhatsApp de novo" in in_words(lost.value.reason, lost.value.params)
    assert not session.link.home_folder.exists()


def test_the_node_that_comes_back_in_time_goes_on_itself(
    session: WhatsAppSession, move: Callable[[str], None]
) -> None:
    _visit(session, "newest", archived=False)
    move("b")
    with pytest.raises(LinkLost):
        _visit(session)
    history.set_state(session.link.pk, State.LOGGED_OUT, "home_lost")
    move("a")
    homes.sweep()
    found = _reloaded(session)
    assert (found.link.node, found.state) == ("a", State.OFFLINE)
    assert _stands(session) == "newest"


def test_a_link_ended_on_the_phone_is_not_claimed_back(session: WhatsAppSession) -> None:
    _visit(session, "newest")
    history.set_state(session.link.pk, State.LOGGED_OUT, "home_lost")
    homes.sweep()
    assert _reloaded(session).state == State.LOGGED_OUT


@pytest.mark.parametrize("damage", ["cut", "other", "gone", "another key"])
def test_a_damaged_archive_is_no_archive(
    session: WhatsAppSession,
    move: Callable[[str], None],
    shared: Path,
    settings: Settings,
    damage: str,
) -> None:
    _visit(session, "x" * 3_000_000)
    archive = HomeArchive.objects.get()
    file = shared / "archives" / archive.name
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: content.index(b"\n") + 1])
    elif damage == "other":
        lines = content.split(b"\n")
        file.write_bytes(b"\n".join([lines[1], lines[0], *lines[2:]]))
    elif damage == "gone":
        file.unlink()
    else:
        settings.ENCRYPTION_KEYS = ["OYqzzKtsFUvnNyCfAbTsRNEX5xyFrLmSg3Yg7f2ubBM="]
    move("b")
    with pytest.raises(LinkLost) as lost:
        _visit(session)
    assert lost.value.link is Link.LOGGED_OUT
    assert [path for path in (shared / "b" / "homes").glob("*") if path.name.startswith(".")] == []


def test_a_storage_that_is_away_is_no_reason_to_link_again(
    session: WhatsAppSession, move: Callable[[str], None], shared: Path
) -> None:
    _visit(session, "kept")
    (shared / "archives").rename(shared / "unmounted")
    move("b")
    with pytest.raises(LinkLost) as lost:
        _visit(session)
    assert lost.value.link is Link.OFFLINE
    (shared / "unmounted").rename(shared / "archives")
    _visit(session)
    assert _stands(session) == "kept"


def test_a_full_disk_loses_the_archive_but_not_the_visit(
    session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storages["homes"], "save", full)
    token = hold(session.pk)
    homes.make_ready(session.link, token)
    assert homes.keep(session.link, token) is False
    assert "No space left" in SessionEvent.objects.latest("id").explanation


def test_half_an_archive_is_taken_away_and_the_good_one_stays(
    session: WhatsAppSession, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _visit(session, "kept")
    save = storages["homes"].save

    def full_at_the_end(*args: Any, **kwargs: Any) -> None:
        save(*args, **kwargs)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storages["homes"], "save", full_at_the_end)
    _visit(session, "newer", archived=False)
    token = LeaseToken(session.pk, Lease.objects.get().fence)
    assert homes.keep(session.link, token) is False
    assert HomeArchive.objects.get().fence == kept.fence
    (file,) = (path for path in (shared / "archives").rglob("*") if path.is_file())
    assert file == shared / "archives" / HomeArchive.objects.get().name


@pytest.mark.parametrize("ready", [homes.make_ready, homes.make_ready_for_pairing])
def test_without_room_a_home_is_not_touched(
    session: WhatsAppSession, settings: Settings, ready: Callable[..., None]
) -> None:
    _visit(session, "good")
    before = _reloaded(session).link.home_fence
    settings.LEAST_FREE = 2**60
    token = leased(session.pk)
    with pytest.raises(LinkLost) as lost:
        ready(session.link, token)
    assert (lost.value.link, lost.value.reason) == (Link.OFFLINE, reasons.DISK_FULL)
    assert _reloaded(session).link.home_fence == before
    assert (session.link.home_folder / homes.STAMP).read_text() == f"{before}\n"
    assert _stands(session) == "good"


def test_a_copy_that_found_no_room_here_is_restored_once_there_is(
    session: WhatsAppSession, move: Callable[[str], None], settings: Settings, shared: Path
) -> None:
    _visit(session, "x" * 3_000_000)
    move("b")
    settings.LEAST_FREE = 0
    with small_disk(shared / "b", 2) as disk:
        with pytest.raises(LinkLost) as lost:
            _visit(session)
        assert (lost.value.link, lost.value.reason) == (Link.OFFLINE, reasons.DISK_FULL)
        assert [path.name for path in (disk.path / "homes").iterdir()] == []
        assert _reloaded(session).link.node == "a"
    _visit(session)
    assert _stands(session) == "x" * 3_000_000


def test_a_folder_that_cannot_be_used_says_so_and_stays(
    session: WhatsAppSession, shared: Path
) -> None:
    session.link.home_folder.parent.mkdir(parents=True)
    session.link.home_folder.write_text("not a folder")
    with pytest.raises(LinkLost) as lost:
        _visit(session)
    assert lost.value.link is Link.OFFLINE
    said = in_words(lost.value.reason, lost.value.params)
    assert "máquina a" in said
    assert "\n" not in said


@pytest.mark.django_db(transaction=True)
def test_an_archive_outlasts_a_restart_of_the_database(session: WhatsAppSession) -> None:
    token = _visit(session, "first", archived=False)
    connection.connection.close()
    assert homes.keep(session.link, token)
    assert HomeArchive.objects.get(link=session.link).fence == token.fence
    assert not SessionEvent.objects.filter(session=session).exists()


def test_an_overtaken_holder_opens_and_archives_nothing(session: WhatsAppSession) -> None:
    token = _visit(session, "kept")
    Lease.objects.filter(session=session).update(fence=token.fence + 1)
    with pytest.raises(LeaseLost):
        homes.make_ready(session.link, token)
    assert homes.keep(session.link, token) is False
    assert HomeArchive.objects.get().fence == token.fence


def test_unlinking_destroys_home_and_archive_everywhere(
    session: WhatsAppSession, move: Callable[[str], None], shared: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    _visit(session, "on a")
    move("b")
    with django_capture_on_commit_callbacks(execute=True):
        services.unlink(session=session, actor=factories.make_user())
    assert [path for path in (shared / "archives").rglob("*") if path.is_file()] == []
    move("a")
    assert homes.sweep() == 1
    assert not session.link.home_folder.exists()


def test_a_home_in_use_is_not_swept(session: WhatsAppSession) -> None:
    _visit(session, "on a")
    SessionLink.objects.filter(session=session).update(home_fence=1000)
    token = leased(session.pk)
    assert homes.sweep() == 0
    assert token is not None
    leases.release(token)
    assert homes.sweep() == 1


def test_a_folder_that_no_session_knows_is_left_alone(shared: Path) -> None:
    stranger = shared / "a" / "homes" / "of-another-database"
    stranger.mkdir(parents=True)
    assert homes.sweep() == 0
    assert stranger.exists()


def test_simulated_sessions_carry_nothing_and_move_freely(
    shared: Path, move: Callable[[str], None]
) -> None:
    session = factories.make_session(factories.make_business(), node="a")
    move("b")
    _visit(session, archived=False)
    assert not session.link.home_folder.exists()
