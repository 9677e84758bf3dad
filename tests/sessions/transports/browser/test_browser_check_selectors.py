"""`manage.py check_selectors` against pages of the simulator, in a real Chromium."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.leasing import hold
from tests.sessions.linked_account import SCALE, linked_session, new_account, new_person
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser


def check(**options: object) -> dict[str, list[str]]:
    """Run the command; its lines by their first word."""
    out = io.StringIO()
    call_command("check_selectors", stdout=out, **options)
    return {line.split()[0]: line.split() for line in out.getvalue().splitlines() if line}


@override_settings(TIME_SCALE=SCALE)
@pytest.mark.parametrize(
    ("profile", "box", "send", "message_text"),
    [
        ("2026-10", "1/4", "1/6", "1/3"),
        ("2026-08", "1/4", "1/6", "1/3"),
        ("2026-no-testid", "1/4", "1/6", "2/3"),
    ],
)
def test_candidates_that_match_are_listed_for_each_build(
    simulator: SimulatorProcess, profile: str, box: str, send: str, message_text: str
) -> None:
    simulator.set_page(profile=profile)
    try:
        table = check(url=simulator.url)
    finally:
        simulator.set_page(profile="2026-10")
    assert table["box*"][2] == box
    assert table["send*"][2] == send
    assert table["message_text*"][2] == message_text
    assert table["conflict"][1:3] == ["-", "-"]
    assert table["screen:"][1] == "chats"
    assert table["kinds"][-1] == "text"
    assert table["module"][-1] == "-"


@override_settings(TIME_SCALE=SCALE)
def test_missing_element_that_sending_needs_is_an_error(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    override = tmp_path / "selectors.json"
    override.write_text('{"elements": {"message_text": [{"css": "#gone"}]}}')
    out = io.StringIO()
    with override_settings(SELECTORS=str(override)), pytest.raises(CommandError) as caught:
        call_command("check_selectors", url=simulator.url, stdout=out)
    assert "message_text" in str(caught.value)
    assert "box" in out.getvalue()


def test_page_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(CommandError, match="unreachable"):
        call_command("check_selectors", url="http://127.0.0.1:18129", stdout=io.StringIO())


@pytest.mark.django_db(transaction=True)
def test_session_is_looked_at_under_its_lease_and_nothing_is_sent(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    with override_settings(
        VAR=tmp_path,
        TIME_SCALE=SCALE,
        SIMULATOR_URL=simulator.url,
        WHATSAPP_WEB_URL=simulator.url,
    ):
        session = linked_session(simulator, new_account(), write_to=new_person())
        seen = ids(simulator)
        table = check(session=session.pk)
        assert table["send*"][2] == "1/6"
        assert ids(simulator) == seen
        hold(session.pk)
        with pytest.raises(CommandError, match="being driven"):
            check(session=session.pk)


def ids(simulator: SimulatorProcess) -> list[str]:
    return [seen["id"] for seen in simulator.messages()]
