"""A torn end of the browser's own logs is cut off, and nothing else is touched."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sessions.transports.browser.leveldb_log import BLOCK, HEADER, framed
from sessions.transports.browser.torn_logs import sound_end, trim


def _log(*sizes: int) -> bytes:
    """A log of records of these sizes, written as LevelDB does."""
    written = b""
    for size in sizes:
        written += framed(b"x" * size, len(written))
    return written


def _end(content: bytes) -> int:
    return sound_end(io.BytesIO(content), len(content))


EDGE = BLOCK - 2 * HEADER.size  # leaves exactly a header's room in the block


@pytest.mark.parametrize(
    "sizes",
    [(), (0,), (5, 100), (BLOCK * 3,), (EDGE,), (EDGE, 10), (EDGE + 1, 10), (EDGE + 4, BLOCK * 2)],
)
def test_a_whole_log_is_sound_and_cut_anywhere_it_ends_with_its_last_whole_record(
    sizes: tuple[int, ...],
) -> None:
    content = _log(*sizes)
    assert _end(content) == len(content)
    ends = [len(_log(*sizes[:count])) for count in range(len(sizes) + 1)]
    for cut in {
        *range(0, len(content), 997),
        *(end - 1 for end in ends),
        *(end + 8 for end in ends),
    }:
        if 0 <= cut < len(content):
            kept = _end(content[:cut])
            whole = max(end for end in ends if end <= cut)
            # The zeros that fill up a block may stay.
            assert whole <= kept <= cut
            assert kept - whole < HEADER.size


@pytest.mark.parametrize("odd", [b"\0" * 500, b"\xff" * 500])
def test_what_is_not_a_torn_end_is_left_to_the_browser(odd: bytes) -> None:
    content = _log(100) + odd
    assert _end(content) == len(content)


def test_logs_are_trimmed_where_the_link_lives_and_data_files_stay(tmp_path: Path) -> None:
    databases = (
        tmp_path / "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb",
        tmp_path / "Default/Local Storage/leveldb",
    )
    whole, torn = _log(100), _log(100, 200)[:-1]
    for folder in databases:
        folder.mkdir(parents=True)
        for name in ("000003.log", "MANIFEST-000001", "000005.ldb", "LOG"):
            (folder / name).write_bytes(torn)
        (folder / "CURRENT").write_text("MANIFEST-000001\n")
    assert trim(tmp_path) == 4
    for folder in databases:
        assert (folder / "000003.log").read_bytes() == whole
        assert (folder / "MANIFEST-000001").read_bytes() == whole
        assert (folder / "000005.ldb").read_bytes() == torn
        assert (folder / "LOG").read_bytes() == torn
    assert trim(tmp_path) == 0


def test_a_new_profile_has_nothing_to_mend(tmp_path: Path) -> None:
    assert trim(tmp_path / "home") == 0
