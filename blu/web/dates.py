"""Days and hours as people say them.

All functions take aware datetimes and speak in the active time zone (the business's: see
blu.accounts.middleware). `now` is given by tests only.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _


def clock(moment: datetime) -> str:
    """Hour and minute: 9:58."""
    return date_format(timezone.localtime(moment), "G:i")


def clock_seconds(moment: datetime) -> str:
    """Hour, minute and second, for timelines: 9:58:07."""
    return date_format(timezone.localtime(moment), "G:i:s")


def day(moment: datetime | date, now: datetime | None = None) -> str:
    """The day in words: hoje, ontem, amanhã, quinta, 26/11; the year when it isn't this one."""
    here = timezone.localtime(now or timezone.now()).date()
    that = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    near = {0: _("hoje"), -1: _("ontem"), 1: _("amanhã")}.get((that - here).days)
    if near:
        return near
    if that.year != here.year:
        # Translators: a date with its year, in the syntax of Django's date filter
        return date_format(that, _("d/m/Y"))
    # Translators: a date of this year, in the syntax of Django's date filter
    short = date_format(that, _("d/m"))
    return _("%(weekday)s, %(date)s") % {"weekday": _small(date_format(that, "l")), "date": short}


def when(moment: datetime, now: datetime | None = None) -> str:
    """Day, and the hour while it is near: hoje, 10:04; ontem, 9:12; quinta, 26/11."""
    here = timezone.localtime(now or timezone.now()).date()
    if abs((timezone.localtime(moment).date() - here).days) > 1:
        return day(moment, now)
    return _("%(day)s, %(time)s") % {"day": day(moment, now), "time": clock(moment)}


def at(moment: datetime, now: datetime | None = None) -> str:
    """Day and hour inside a sentence: hoje às 11:20; quinta, 26/11, às 16:40."""
    hour = timezone.localtime(moment).hour
    words = {"day": day(moment, now), "time": clock(moment)}
    here = timezone.localtime(now or timezone.now()).date()
    if abs((timezone.localtime(moment).date() - here).days) <= 1:
        return (_("%(day)s à %(time)s") if hour == 1 else _("%(day)s às %(time)s")) % words
    return (_("%(day)s, à %(time)s") if hour == 1 else _("%(day)s, às %(time)s")) % words


def long_day(moment: datetime) -> str:
    """The head of a page: Terça-feira, 24 de novembro, 10:12."""
    local = timezone.localtime(moment)
    said = _("%(weekday)s, %(day)s de %(month)s") % {
        "weekday": date_format(local, "l"),
        "day": local.day,
        "month": _small(date_format(local, "F")),
    }
    return _("%(day)s, %(time)s") % {"day": said, "time": clock(moment)}


def _small(name: str) -> str:
    """A weekday or month as Portuguese says it inside a sentence; English leaves Django's as it is."""
    in_portuguese = (get_language() or "").startswith("pt")
    return name.lower().removesuffix("-feira") if in_portuguese else name


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long since: há 42 minutos; há 3 horas; há 2 dias; agora mesmo below a minute."""
    spell = duration((now or timezone.now()) - moment)
    return _("há %(duration)s") % {"duration": spell} if spell else _("agora mesmo")


def duration(span: timedelta) -> str:
    """One unit, rounded down: 42 minutos, 3 horas, 2 dias; empty below a minute."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return ""
    if minutes < 60:
        return ngettext("%(n)s minuto", "%(n)s minutos", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(n)s hora", "%(n)s horas", hours) % {"n": hours}
    return ngettext("%(n)s dia", "%(n)s dias", hours // 24) % {"n": hours // 24}


def time_left(span: timedelta) -> str:
    """A wait on the way, to the minute: 45 min; 1 h 08 min; 2 dias e 4 h."""
    minutes = max(int(span.total_seconds() // 60), 0)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": max(rest, 1)}
    if hours < 24:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": f"{rest:02}"}
    days = hours // 24
    said = ngettext("%(n)s dia", "%(n)s dias", days) % {"n": days}
    return _("%(days)s e %(hours)s h") % {"days": said, "hours": hours % 24}


def greeting(moment: datetime) -> str:
    """Bom dia, boa tarde or boa noite, by the hour in the active time zone."""
    hour = timezone.localtime(moment).hour
    if 5 <= hour < 12:
        return _("Bom dia")
    return _("Boa tarde") if 12 <= hour < 18 else _("Boa noite")
