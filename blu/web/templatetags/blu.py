"""Tags and filters of the look. They fill the partials of templates/components.

{% icon "home" %}  {% icon "check" size="sm" label="Feito" %}
{% field form.name %}  {% field form.phone help="…" label="…" optional="opcional" %}
{% badge delivery.status %}  {% badge campaign.status kind="campaign" %}
{{ 1249|number }} {{ sent|percent:total }} {{ contact.phone|phone }}
{{ moment|when }} {{ moment|at }} {{ moment|day }} {{ moment|clock }} {{ moment|ago }}
{{ name|quoted }} {{ text|unlinked }} in mails
{{ name|initials }}  {% page_address %}
{% address "contact_detail" contact.pk %}  {% address "contact_list" as url %}
{% for fault in form|faults %}{{ fault.anchor }} {{ fault.label }} {{ fault.text }}{% endfor %}
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django import forms, template
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from blu.web import dates, names, numbers, phone_display, safe_redirects
from blu.web.status_badges import Badge, badge_for

register = template.Library()


@register.simple_tag(takes_context=True)
def page_address(context: Context) -> str:
    """The address that opens this page again, also where a POST brought it; "" without a request."""
    request = context.get("request")
    return safe_redirects.page_of(request) if request else ""


@register.simple_tag(takes_context=True)
def address(context: Context, name: str, *keys: int) -> str:
    """The address of a page of the request's business (blu.accounts.models.Business.address)."""
    path: str = context["request"].business.address(name, *keys)
    return path


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of icons.svg: decoration, unless `label` gives it a meaning of its own."""
    meaning = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon{}" {}><use href="{}#i-{}"/></svg>',
        f" icon--{size}" if size else "",
        meaning,
        static("blu/img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/badge.html")
def badge(state: str | Badge, kind: str = "") -> dict[str, Badge]:
    """A state as word, icon and tone; `kind` tells apart states of the same name."""
    return {"state": state if isinstance(state, Badge) else badge_for(state, kind)}


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    label: str = "",
    help: str | None = None,
    optional: str = "",
    placeholder: str | None = None,
) -> dict[str, Any]:
    """Label, control, help and error of a form's field, tied together for screen readers.

    `help=""` and `placeholder=""` take away what the form brings and the page doesn't need.
    """
    help_text = bound.help_text if help is None else help
    help_id, error_id = f"{bound.auto_id}_help", f"{bound.auto_id}_error"
    ids = [i for i, shown in ((help_id, help_text), (error_id, bound.errors)) if shown]
    kind = _kind(bound)
    return {
        "kind": kind,
        "id": bound.id_for_label,
        "group_id": bound.auto_id,
        "label": label or bound.label,
        "optional": optional,
        "help": help_text,
        "help_id": help_id,
        "errors": bound.errors,
        "error_id": error_id,
        "described_by": " ".join(ids),
        "options": list(_options(bound)) if kind == "group" else [],
        "control": "" if kind == "group" else _control(bound, kind, " ".join(ids), placeholder),
    }


def _kind(bound: BoundField) -> str:
    """Which of the shapes in components/field.html this control takes."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        return "select"
    return "input"


def _control(
    bound: BoundField, kind: str, described_by: str, placeholder: str | None
) -> SafeString:
    css = "check__box" if kind == "check" else "input"
    own = bound.field.widget.attrs
    attrs: dict[str, str | bool] = {"class": f"{css} {own.get('class', '')}".strip()}
    if kind == "hidden":
        return bound.as_hidden()
    if described_by:
        attrs["aria-describedby"] = described_by
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if placeholder is not None:
        attrs["placeholder"] = placeholder or False
    return bound.as_widget(attrs=attrs)


def _options(bound: BoundField) -> Iterable[Any]:
    for option in bound.subwidgets:
        option.data["attrs"]["class"] = "check__box"
        yield option


class Fault(NamedTuple):
    """One thing that is wrong in a form: the id of its control and its label, where it has one."""

    anchor: str
    label: str
    text: str


@register.filter
def faults(form: Any) -> list[Fault]:
    """What is wrong in a form, in the order of the page; nothing for what is no form, or has not been sent."""
    if not isinstance(form, forms.BaseForm):
        return []
    found = [Fault("", "", str(error)) for error in form.non_field_errors()]
    for bound in form:
        found += [Fault(bound.auto_id, str(bound.label), str(error)) for error in bound.errors]
    return found


@register.filter
def number(value: float | None) -> str:
    """1249 → 1.249; empty for None."""
    return "" if value is None else numbers.grouped(value)


@register.filter
def plain(value: float | None) -> str:
    """A number for an attribute, never localised: 1249."""
    return str(value or 0)


@register.filter
def percent(part: float | None, whole: float | None) -> str:
    """The share as text: 87 %, 0,5 %; empty without a whole."""
    return numbers.percent(part or 0, whole or 0)


@register.filter
def of_hundred(part: float | None, whole: float | None) -> str:
    """The share as a bare number from 0 to 100, for drawings."""
    return f"{min(100.0, 100 * (part or 0) / whole):.1f}" if whole else "0"


@register.filter
def capped(value: int) -> str:
    """A count that fits a small mark: 99+."""
    return numbers.capped(value)


@register.filter
def phone(value: str) -> str:
    """+5511900023180 → (11) 90002-3180."""
    return phone_display.readable(value or "")


@register.filter
def when(moment: datetime | None) -> str:
    """hoje, 10:04; ontem, 9:12; quinta, 26/11."""
    return dates.when(moment) if moment else ""


@register.filter
def at(moment: datetime | None) -> str:
    """hoje às 11:20; quinta, 26/11, às 16:40."""
    return dates.at(moment) if moment else ""


register.filter(names.quoted)
register.filter(names.unlinked)


@register.filter
def day(moment: datetime | date | None) -> str:
    """hoje; ontem; quinta, 26/11; 26/11/2025."""
    return dates.day(moment) if moment else ""


@register.filter
def long_day(moment: datetime) -> str:
    """Terça-feira, 24 de novembro, 10:12."""
    return dates.long_day(moment)


@register.filter
def clock(moment: datetime | None) -> str:
    """9:58."""
    return dates.clock(moment) if moment else ""


@register.filter
def clock_seconds(moment: datetime | None) -> str:
    """9:58:07, for timelines only."""
    return dates.clock_seconds(moment) if moment else ""


@register.filter
def ago(moment: datetime | None) -> str:
    """há 42 minutos."""
    return dates.ago(moment) if moment else ""


@register.filter
def time_left(span: timedelta | None) -> str:
    """1 h 08 min."""
    return dates.time_left(span) if span else ""


@register.filter
def initials(name: str) -> str:
    """First and last initial, for an avatar: Lúcia Prado → LP."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
