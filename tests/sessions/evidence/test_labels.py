"""What a driver stops at, and the screens that it tells apart, have words for the support."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from sessions.evidence.labels import KINDS, SCREENS, in_words
from sessions.transports.browser import reasons as codes
from sessions.transports.browser import sending
from sessions.transports.browser.screens import STATES, Screen

DRIVER: Path = settings.BASE / "sessions" / "transports" / "browser"
CLOSER = re.compile(r'\b(?:_keep_evidence|_stop)\(f?"([^"]+)"\)')
STOPS = re.compile(r"reasons\.(\w+), Link\.STOPPED|Link\.STOPPED, reasons\.(\w+)")


def kinds() -> set[str]:
    """Every kind of evidence that the driver's own files name."""
    texts = [file.read_text(encoding="utf-8") for file in DRIVER.glob("*.py")]
    found = {kind for text in texts for kind in CLOSER.findall(text)} - {"barrier-{barrier}"}
    stops = {name for text in texts for both in STOPS.findall(text) for name in both if name}
    verdicts = {codes.NO_ANSWER, codes.NO_CONFIRMATION, codes.PAGE_ODD}
    reasons = {getattr(codes, name) for name in stops} | verdicts
    reasons |= {reason for link, reason in STATES.values() if link.value == "stopped"}
    return found | {reason.replace("_", "-") for reason in reasons}


def barriers() -> set[str]:
    """What stands in the place of the box and stops the link, as the reader names it."""
    reader = (DRIVER / "reader" / "messages.js").read_text(encoding="utf-8")
    [listed] = re.findall(r"const BARRIERS = \[(.*)\]", reader)
    told = {*re.findall(r'"(\w+)"', listed), "unknown"}
    return {f"barrier-{name}" for name in told - {"contact", "terms"} - set(sending.WAITING)}


def test_every_kind_and_screen_of_the_driver_has_words() -> None:
    assert {"no-list", "unknown-icon", "unknown-page"} <= kinds()
    assert kinds() | barriers() == set(KINDS)
    assert {screen.value for screen in Screen} == set(SCREENS)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("no-list", "lista de conversas que não pode ser lida (no-list)"),
        ("chats", "conversas (chats)"),
        ("a-new-one", "a-new-one"),
        ("", ""),
    ],
)
def test_the_code_stands_beside_its_words_and_alone_where_it_has_none(code: str, said: str) -> None:
    assert in_words(code) == said
