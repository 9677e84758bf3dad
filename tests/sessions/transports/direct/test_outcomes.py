"""What the library's error of a send is worth: only what is known word for word says that nothing went out."""

from __future__ import annotations

import pytest

from sessions.interfaces import InDoubt, NotSent
from sessions.transports.direct.outcomes import of_error


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("server returned error 463", "chat_locked"),
        ("server returned error 429", "too_much_asked"),
        ("websocket not connected", "link_lost"),
        ("failed to send message node: websocket not connected", "link_lost"),
        ("failed to get device list: failed to send usync query: websocket not connected", "link_lost"),
        (
            "failed to get user info for 5511981000004@s.whatsapp.net to fill LID cache: "
            "failed to send usync query: websocket not connected",
            "link_lost",
        ),
        (
            "failed to get user info for 5511981000003@s.whatsapp.net to fill LID cache: "
            "failed to send usync query: info query returned status 429: rate-overlimit",
            "too_much_asked",
        ),
    ],
)  # fmt: skip
def test_a_known_refusal_goes_again_later(text: str, reason: str) -> None:
    outcome = of_error(text)
    assert isinstance(outcome, NotSent)
    assert (outcome.reason, outcome.permanent) == (reason, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "server returned error 479",
        "server returned error 4630",
        "timed out waiting for message send response",
        "websocket disconnected before info query returned response",
        "failed to send message node: write: broken pipe",
        "something that a newer library says",
    ],
)
def test_any_other_error_leaves_the_message_in_doubt(text: str) -> None:
    outcome = of_error(text)
    assert isinstance(outcome, InDoubt)
    assert outcome.reason == "unknown_error"
