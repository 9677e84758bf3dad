"""What a browser was writing when it died is undone, and nothing else is lost: a real Chromium, killed in mid-transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blu.ops.browser_path import browser_path
from sessions.transports.browser import launch, open_scopes
from sessions.transports.browser.leveldb_log import batch, framed, payloads, writes
from sessions.transports.browser.thread import BrowserThread
from tests.sessions.linked_account import SECONDS

LINKED = """() => new Promise((resolve) => {
  const request = indexedDB.open("model-storage", 1);
  request.onupgradeneeded = () => ["identity", "chat", "message"].map((name) => request.result.createObjectStore(name));
  request.onsuccess = () => {
    const transaction = request.result.transaction("identity", "readwrite", { durability: "strict" });
    transaction.objectStore("identity").put("this account", "me");
    transaction.oncomplete = () => resolve();
  };
})"""
# Each table in a transaction of its own, with more than is kept in memory until the end; none ends.
WRITING = """(tables) => new Promise((resolve) => {
  const request = indexedDB.open("model-storage", 1);
  request.onsuccess = () => Promise.all(tables.map((name) => new Promise((written) => {
    const table = request.result.transaction(name, "readwrite").objectStore(name);
    for (let key = 0; key < 50; key++) table.put("x".repeat(30_000), key);
    const go_on = () => { written(); table.get(0).onsuccess = go_on; };
    table.get(49).onsuccess = go_on;
  }))).then(() => resolve());
})"""
FOUND = """() => new Promise((resolve) => {
  const request = indexedDB.open("model-storage", 1);
  request.onupgradeneeded = () => resolve("a new database");
  request.onsuccess = () => {
    const stores = request.result.transaction(["identity", "chat", "message"]);
    const asked = [stores.objectStore("identity").get("me"), ...["chat", "message"].map((name) => stores.objectStore(name).count())];
    stores.oncomplete = () => resolve(asked.map((one) => one.result));
  };
})"""


@contextmanager
def browser(profile: Path) -> Iterator[Any]:
    """Runs scripts in a page of WhatsApp's, in a browser on this profile."""
    thread = BrowserThread(profile, without_sandbox=True)
    try:
        page = thread.call(lambda: thread.start(str(browser_path(None)), ""), SECONDS)
        answer = {"body": "<html></html>", "content_type": "text/html"}
        thread.call(lambda: page.route("**/*", lambda route: route.fulfill(**answer)), SECONDS)
        thread.call(lambda: page.goto("http://127.0.0.1:9/"), SECONDS)
        yield lambda script, *given: thread.call(lambda: page.evaluate(script, *given), SECONDS)
    finally:
        thread.stop()


@pytest.mark.browser
@pytest.mark.parametrize("tables", [["chat"], ["chat", "message"]], ids=["one", "two"])
def test_a_browser_that_is_killed_in_mid_transaction_keeps_the_link(
    tmp_path: Path, tables: list[str]
) -> None:
    profile = tmp_path / "home"
    profile.mkdir()
    with browser(profile) as ask:
        ask(LINKED)
    with browser(profile) as ask:
        ask(WRITING, tables)
        launch.kill_on(profile)
    for _opening in range(2):
        with browser(profile) as ask:
            assert ask(FOUND) == ["this account", 0, 0]


LOCK = b"\x0a\x03\x12\x01d"
CHAT, MESSAGE = b"\x0a\x03\x12\x01c", b"\x0a\x03\x12\x01m"


def a_log(profile: Path, *batches: bytes) -> Path:
    """The log of a database in this profile."""
    folder = profile / "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb"
    folder.mkdir(parents=True)
    (folder / "CURRENT").write_text("MANIFEST-000001\n")
    content = b""
    for one in batches:
        content += framed(one, len(content))
    log = folder / "000003.log"
    log.write_bytes(content)
    return log


def scope(number: int) -> bytes:
    return open_scopes.SCOPE + bytes([number])


def test_of_what_several_scopes_hold_each_keeps_only_its_own(tmp_path: Path) -> None:
    log = a_log(
        tmp_path,
        batch(1, [(b"key", b"value"), (scope(1), LOCK + CHAT)]),
        batch(3, [(scope(2), LOCK + MESSAGE), (scope(3), LOCK), (scope(3), b"")]),
    )
    before = log.read_bytes()
    assert open_scopes.part(tmp_path) == 1
    *_known, added = payloads(log.read_bytes())
    assert log.read_bytes().startswith(before)
    assert writes(added) == (8, [(scope(1), CHAT), (scope(2), MESSAGE)])
    assert open_scopes.part(tmp_path) == 0


@pytest.mark.parametrize(
    "batches",
    [
        (),
        (batch(1, [(scope(1), LOCK + CHAT)]),),
        (batch(1, [(scope(1), LOCK + CHAT), (scope(2), LOCK + MESSAGE), (scope(1), b"")]),),
        (batch(1, [(scope(1), LOCK), (scope(2), LOCK)]),),
        (b"nothing that is known",),
        (batch(1, [(scope(1), b"no lock"), (scope(2), b"\x0a\xff")]),),
    ],
    ids=["nothing", "one", "one is committed", "all the same", "no batch", "no locks"],
)
def test_what_is_no_contradiction_or_not_understood_is_left_to_the_browser(
    tmp_path: Path, batches: tuple[bytes, ...]
) -> None:
    log = a_log(tmp_path, *batches)
    before = log.read_bytes()
    assert open_scopes.part(tmp_path) == 0
    assert log.read_bytes() == before


@given(st.lists(st.lists(st.tuples(st.binary(), st.binary(max_size=50_000)), max_size=4)))
def test_a_log_is_read_as_it_was_written(batches: list[list[tuple[bytes, bytes]]]) -> None:
    content, number, expected = b"", 1, []
    for one in batches:
        content += framed(batch(number, one), len(content))
        number += len(one)
        expected.append((number, one))
    assert [writes(payload) for payload in payloads(content)] == expected
