"""Another connection took a link's line: right after the opening it comes again once, and says what came of that."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.events import Link, LinkChange
from sessions.interfaces import LinkLost
from sessions.transports.direct import protocol, transport
from sessions.transports.direct.heard import OFFLINE
from sessions.transports.direct.transport import DirectTransport
from tests.sessions.transports.direct.scripted_library import (
    LET_IN,
    OneDevice,
    ScriptedLibrary,
    opened,
)

CONFLICT = LinkChange(Link.CONFLICT, "conflict")


def told(link: DirectTransport) -> tuple[Any, ...]:
    """What the next poll says, and is kept."""
    batch = link.poll(0)
    link.acknowledge(batch)
    return batch.events


def assert_is_down(link: DirectTransport, change: LinkChange) -> None:
    """Nothing goes out any more, for the reason that was told."""
    with pytest.raises(LinkLost) as lost:
        link.lookup("+5511987650002")
    assert (lost.value.link, lost.value.reason) == (change.link, change.reason)


def test_who_is_displaced_early_comes_again_once_and_then_it_is_a_conflict(messages: Any) -> None:
    library = ScriptedLibrary(messages, LET_IN, LET_IN, LET_IN)
    with opened(library, OneDevice()) as link:
        library.hear(protocol.REPLACED)
        assert (told(link), library.opened) == ((), 2)
        library.hear(protocol.REPLACED)
        assert (told(link), library.opened) == ((CONFLICT,), 2)
        assert_is_down(link, CONFLICT)


def test_who_is_displaced_later_does_not_come_again(
    messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "REPLACED_EARLY", 0.0)
    library = ScriptedLibrary(messages, LET_IN, LET_IN)
    with opened(library, OneDevice()) as link:
        library.hear(protocol.REPLACED)
        assert (told(link), library.opened) == ((CONFLICT,), 1)
        assert_is_down(link, CONFLICT)


@pytest.mark.parametrize(
    ("number", "why", "change"),
    [
        (protocol.LOGGED_OUT, "LOGGED_OUT", LinkChange(Link.LOGGED_OUT, "logged_out")),
        (protocol.LOGGED_OUT, "MAIN_DEVICE_GONE", LinkChange(Link.BANNED, "banned")),
        (protocol.OUTDATED, "", LinkChange(Link.OUTDATED, "outdated")),
        (protocol.REFUSED, "", LinkChange(Link.STOPPED, "unknown_sign")),
        (protocol.REPLACED, "", CONFLICT),
    ],
)
def test_a_link_that_comes_again_and_is_not_let_in_says_why(
    messages: Any, number: int, why: str, change: LinkChange
) -> None:
    event = messages.LoggedOut(OnConnect=True, Reason=why).SerializeToString() if why else b""
    library = ScriptedLibrary(messages, LET_IN, (number, event))
    with opened(library, OneDevice()) as link:
        library.hear(protocol.REPLACED)
        assert told(link) == (change,)
        assert_is_down(link, change)


def test_a_link_that_is_restricted_as_it_comes_again_says_until_when(messages: Any) -> None:
    ban = messages.TemporaryBan(Code="BLOCKED_BY_USERS", Expire=6000).SerializeToString()
    library = ScriptedLibrary(messages, LET_IN, (protocol.BANNED, ban))
    with opened(library, OneDevice()) as link:
        library.hear(protocol.REPLACED)
        (change,) = told(link)
        assert (change.link, change.reason) == (Link.RESTRICTED, "no_messages")
        assert change.until is not None


def test_a_link_that_comes_again_and_does_not_reach_whatsapp_is_offline(messages: Any) -> None:
    library = ScriptedLibrary(messages, LET_IN)
    with opened(library, OneDevice()) as link:
        library.hear(protocol.REPLACED)
        change = LinkChange(Link.OFFLINE, "unreachable")
        assert (told(link), library.opened) == ((change,), 2)
        assert_is_down(link, change)


def test_a_link_that_comes_again_without_its_store_is_offline(messages: Any) -> None:
    library, store = ScriptedLibrary(messages, LET_IN, LET_IN), OneDevice()
    with opened(library, store) as link:
        store.is_away = True
        library.hear(protocol.REPLACED)
        assert told(link) == (LinkChange(Link.OFFLINE, "database_error"),)
        assert library.opened == 1


def test_a_link_whose_device_was_taken_out_leaves_it_to_the_next_opening(messages: Any) -> None:
    library, store = ScriptedLibrary(messages, LET_IN, LET_IN), OneDevice()
    with opened(library, store) as link:
        store.device = ""
        library.hear(protocol.REPLACED)
        assert (told(link), library.opened) == ((OFFLINE,), 1)
