"""What a page says of a moment near to now, at whatever hour the suite runs."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from blu.web import dates
from tests.eventually import eventually

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(moment: datetime) -> str:
    """A pattern of such a moment in a sentence: hoje às 9:58, and at one o'clock hoje à 1:07.

    Midnight may pass between test and page, so the day is any of the three. The words of a given day
    are held under a given clock, in tests/ui/test_dates.py.
    """
    said = "à" if timezone.localtime(moment).hour == 1 else "às"
    return rf"(?:ontem|hoje|amanhã) {said} {dates.clock(moment)}\b"


def wait_out_midnight() -> None:
    """Return where the day of São Paulo lasts a minute more: at once, but for its last minute."""
    eventually(lambda: _day(timezone.now()) == _day(timezone.now() + timedelta(minutes=1)))


def _day(moment: datetime) -> date:
    return moment.astimezone(SAO_PAULO).date()
