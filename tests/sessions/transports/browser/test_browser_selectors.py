"""The selector data and what it says of icons; pure, without a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from sessions import checks
from sessions.events import Tick
from sessions.interfaces import LinkLost
from sessions.registry import backend_of
from sessions.transports.browser import dom_rows, selectors, ticks
from sessions.transports.browser.selectors import BadSelectors
from sessions.transports.browser.ticks import Icon
from tests.factories import make_business, make_session

SHIPPED = selectors.load()


def write(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "override.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("icon", "tick"),
    [
        (Icon("wds-ic-status-pending", " Pendente "), None),
        (Icon("wds-ic-delivered", " Enviada "), Tick.SENT),
        (Icon("wds-ic-read", " Entregue "), Tick.DELIVERED),
        (Icon("wds-ic-read", " Lida "), Tick.READ),
        (Icon("wds-ic-read", blue=True), Tick.READ),
        (Icon("wds-ic-read", " Read "), Tick.READ),
        (Icon("msg-time"), None),
        (Icon("msg-check"), Tick.SENT),
        (Icon("msg-dblcheck"), Tick.DELIVERED),
        (Icon("msg-dblcheck-ack"), Tick.READ),
    ],
)
def test_names_of_ticks_mean_what_whatsapp_means(icon: Icon, tick: Tick | None) -> None:
    assert ticks.tick_of([Icon("tail-out"), icon], SHIPPED) == tick
    assert ticks.unknown_icons([Icon("tail-out"), icon], SHIPPED) == []


def test_icon_that_is_not_known_is_named() -> None:
    assert ticks.tick_of([Icon("wds-ic-quantum")], SHIPPED) is None
    assert ticks.unknown_icons([Icon("tail-out"), Icon("wds-ic-quantum")], SHIPPED) == [
        "wds-ic-quantum"
    ]


def test_ticks_are_news_only_when_they_go_further() -> None:
    assert ticks.further(Tick.SENT, None)
    assert ticks.further(Tick.READ, Tick.SENT)
    assert not ticks.further(Tick.DELIVERED, Tick.DELIVERED)
    assert not ticks.further(Tick.SENT, Tick.READ)


def test_override_replaces_the_candidates_of_the_elements_it_names(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"elements": {"send": [{"css": "#go"}]}, "ticks": {"sent": [{"name": "one-tick"}]}},
    )
    changed = selectors.load(path)
    assert changed.elements["send"] == [{"css": "#go"}]
    assert changed.elements["box"] == SHIPPED.elements["box"]
    assert ticks.tick_of([Icon("one-tick")], changed) is Tick.SENT
    assert ticks.tick_of([Icon("wds-ic-delivered")], changed) is None


def test_every_candidate_says_where_it_comes_from_and_guesses_stand_last() -> None:
    belief = {"code": 0, "live": 0, "told": 1, "ours": 2}
    for element, candidates in SHIPPED.elements.items():
        order = [belief[candidate["from"]] for candidate in candidates]
        assert order == sorted(order), element


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"elements": {"sendd": [{"css": "#go"}]}}, "sendd"),
        ({"elements": {"send": []}}, "send"),
        ({"elements": {"send": [{"text": "Enviar"}]}}, "send"),
        ({"elements": {"send": [{"css": "#go", "text": "("}]}}, "send"),
        ({"elements": {"send": [{"css": "#go", "from": "dream"}]}}, "send"),
        ({"elementos": {}}, "elementos"),
        ([], "object"),
    ],
)
def test_unusable_override_is_refused_in_one_line(tmp_path: Path, data: object, word: str) -> None:
    with pytest.raises(BadSelectors) as caught:
        selectors.load(write(tmp_path, data))
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_override_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSelectors, match=r"nowhere\.json"):
        selectors.load(tmp_path / "nowhere.json")


def test_an_unusable_override_stops_a_node_before_anything_starts(
    tmp_path: Path, settings: Settings
) -> None:
    settings.SELECTORS = str(write(tmp_path, {"elements": {"sendd": [{"css": "#go"}]}}))
    (problem,) = checks.links_can_be_driven()
    assert "sendd" in problem.msg
    settings.SELECTORS = ""
    assert checks.links_can_be_driven() == []


@pytest.mark.django_db
def test_an_override_that_breaks_under_a_running_node_keeps_its_sessions_waiting(
    tmp_path: Path, settings: Settings
) -> None:
    settings.SELECTORS = str(tmp_path / "nowhere.json")
    session = make_session(make_business(), transport="browser")
    with pytest.raises(LinkLost, match="bad_selectors"):
        backend_of(session.link).make(session.link)


def row(**changes: object) -> dict[str, object]:
    bare = {
        "id": "3EB0AA",
        "text": "Olá",
        "stamp": "",
        "icons": [],
        "outgoing": False,
        "incoming": False,
    }
    return bare | changes


def icon(name: str, label: str = "") -> dict[str, object]:
    return {"name": name, "label": label, "blue": False}


def test_direction_of_a_row_is_told_by_tick_tail_or_old_id() -> None:
    data = [
        row(id="AC01", icons=[icon("tail-in")], incoming=True),
        row(id="AC02"),  # the second of a group has no tail
        row(id="3EB001", icons=[icon("wds-ic-status-pending")]),
        row(id="3EB002", icons=[icon("wds-ic-delivered", " Enviada ")]),
        row(id="true_551187654321@c.us_3EB003", icons=[icon("msg-check")]),
        row(id="false_551187654321@c.us_AC03"),
    ]
    read = dom_rows.message_rows(data, SHIPPED)
    assert [one.outgoing for one in read] == [False, False, True, True, True, False]
    assert [one.tick for one in read] == [None, None, None, Tick.SENT, Tick.SENT, None]
    assert [one.id for one in read][-2:] == ["3EB003", "AC03"]
    assert read[-1].phone == "551187654321"


def test_unknown_icon_of_an_outgoing_row_is_kept() -> None:
    (read,) = dom_rows.message_rows(
        [row(icons=[icon("tail-out"), icon("wds-ic-quantum")], outgoing=True)], SHIPPED
    )
    assert read.unknown == ("wds-ic-quantum",)
    assert read.tick is None
