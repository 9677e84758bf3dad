"""What the library's error of a send is worth: only what is known word for word says that nothing went out."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from sessions.interfaces import InDoubt, NotSent
from sessions.reasons import Code
from sessions.transports.direct.outcomes import of_code, of_error
from tests.sessions.linked_account import nothing, outgoing
from tests.sessions.transports.direct.scripted_library import (
    LET_IN,
    OneDevice,
    ScriptedLibrary,
    opened,
)


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


def logged_of(messages: Any, error: str) -> list[Any]:
    """What the log says of a send that ended with this error."""
    library = ScriptedLibrary(messages, LET_IN)
    library.error = error
    with (
        opened(library, OneDevice()) as link,
        capture_logs() as lines,
        pytest.raises((InDoubt, NotSent)),
    ):
        link.send(outgoing("+5511988887777", wa_id="5511988887777"), nothing)
    return [line for line in lines if line["event"] == "send_failed"]


def test_an_unknown_error_is_logged_by_its_kind_and_without_anybodys_number(messages: Any) -> None:
    (line,) = logged_of(
        messages,
        "failed to reach 5511988887777@s.whatsapp.net for +55 11 98888-7777: oh 98888-7777",
    )
    assert line["log_level"] == "warning"
    assert line["error"].startswith("failed to reach")
    assert not any(letter.isdigit() for letter in str(line))


def test_a_known_error_is_not_logged(messages: Any) -> None:
    assert logged_of(messages, "server returned error 463") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("phone number too short", Code.WRONG_NUMBER),
        ("international phone number required (must not start with 0)", Code.WRONG_NUMBER),
        ("info query returned status 400: bad-request", Code.WRONG_NUMBER),
        ("info query returned status 429: rate-overlimit", Code.TOO_MANY_ATTEMPTS),
        ("websocket not connected", ""),
    ],
)
def test_why_there_is_no_code_for_a_phone_is_a_reason_that_has_words(
    text: str, reason: str
) -> None:
    assert of_code(text) == reason
