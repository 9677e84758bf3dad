"""How an attempt to link ends that no phone's scan can bring to a good end."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.events import Link
from sessions.interfaces import PairingCode
from sessions.transports.direct import protocol
from sessions.transports.direct.inbox import Inbox
from sessions.transports.direct.linking import Linking


@pytest.mark.parametrize(
    ("status", "link", "reason"),
    [
        (protocol.PASSKEY, Link.NEEDS_PASSKEY, "needs_passkey"),
        (protocol.OUTDATED_HERE, Link.OUTDATED, "outdated"),
    ],
)
def test_what_whatsapp_asks_for_and_the_library_has_not_ends_it_with_its_reason(
    status: str, link: Link, reason: str
) -> None:
    nobody: Any = None  # neither library nor store is asked for that
    inbox = Inbox(nobody, nobody, "home", lambda: None)
    shown: list[PairingCode] = []
    inbox.on_code("a code")
    inbox.on_status(status)
    linking = Linking(nobody, "", inbox)
    opened = linking.follow(shown.append, float("inf"), phone="", stop=bool)
    assert [code.value for code in shown] == ["a code"]
    assert opened is not None
    assert (opened.link, opened.reason) == (link, reason)
