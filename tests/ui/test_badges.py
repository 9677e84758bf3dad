"""Every state that the models know has its word, icon and tone."""

import re

import pytest

from blu.web import status_badges
from campaigns.models import Campaign
from campaigns.models.ledger_states import Status
from contacts.models import Import
from contacts.models import State as ConsentState
from sessions.models import State as SessionState
from tests.ui.sources import ROOT


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        ("delivery", [*Status.values, "replied", "left"]),
        ("campaign", Campaign.Status.values),
        ("session", SessionState.values),
        ("consent", ConsentState.values),
        ("import", Import.Status.values),
    ],
)
def test_every_state_has_a_badge(kind: str, states: list[str]) -> None:
    assert set(states) <= set(status_badges.KINDS[kind])


def test_every_badge_has_an_icon_and_a_tone_that_exist() -> None:
    icons = set(re.findall(r'id="i-([\w-]+)"', (ROOT / "static/blu/img/icons.svg").read_text()))
    plain = {"queued", "sent", "delivered", "cancelled"}
    tones = set(re.findall(r"\.badge--(\w+)", (ROOT / "static/blu/css/components.css").read_text()))
    for table in status_badges.KINDS.values():
        for badge in table.values():
            assert badge.icon in icons
            assert badge.tone in tones | plain


def test_an_unknown_state_is_an_error_and_not_an_empty_mark() -> None:
    with pytest.raises(KeyError, match="no badge for delivery state 'lost'"):
        status_badges.badge_for("lost", "delivery")
