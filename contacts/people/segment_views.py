"""Saved filters over contacts, with a live count while they are written."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from contacts import segments
from contacts.models import Segment, Topic
from contacts.people.segment_forms import SegmentForm
from contacts.spreadsheets.labels import attribute_name


@member_required
@require_safe
def segment_list(request: BusinessRequest) -> HttpResponse:
    """The segments and what each asks for."""
    found = Segment.objects.filter(business=request.business).order_by("name")
    context = {
        "segments": [(segment, _conditions(segment)) for segment in found],
        "may_change": may(request, *WRITERS),
    }
    return render(request, "contacts/people/segment_list.html", context)


def _conditions(segment: Segment) -> list[tuple[str, str]]:
    """(name, value) of what a segment asks of other data, as people call it."""
    asked = segment.filter.get("attributes", {})
    return [(attribute_name(key), value) for key, value in asked.items()]


@roles(*WRITERS)
def segment_new(request: BusinessRequest) -> HttpResponse:
    """Add a segment."""
    return _form(request, None)


@roles(*WRITERS)
def segment_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """Change a segment; campaigns already launched keep the people they had."""
    return _form(request, get_object_or_404(Segment, business=request.business, pk=pk))


def _form(request: BusinessRequest, segment: Segment | None) -> HttpResponse:
    form = SegmentForm(request.POST or None, business=request.business, segment=segment)
    if form.is_valid():
        saved = segment or Segment(business=request.business)
        saved.name, saved.filter = form.cleaned_data["name"], form.filter()
        saved.save()
        messages.success(request, _("Público salvo."))
        return redirect(request.business.address("segment_list"))
    reach = _reach(request, segment or Segment(business=request.business), patient=False)
    counting = any(people is None for _topic, people in reach)
    context = {"form": form, "segment": segment, "reach": reach, "counting": counting}
    return render(request, "contacts/people/segment_form.html", context)


@roles(*WRITERS)
@require_POST
def segment_count(request: BusinessRequest) -> HttpResponse:
    """How many people of each topic the filter being written would reach."""
    form = SegmentForm(request.POST, business=request.business)
    form.is_valid()
    tried = Segment(business=request.business, filter=form.filter())
    return render(
        request,
        "contacts/people/_segment_count.html",
        {"reach": _reach(request, tried, patient=True)},
    )


def _reach(
    request: BusinessRequest, segment: Segment, *, patient: bool
) -> list[tuple[Topic, int | None]]:
    """How many of each topic; None where very many would be counted while a page waits."""
    return segments.of_each_topic(business=request.business, segment=segment, patient=patient)
