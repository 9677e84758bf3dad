"""A campaign under way: its progress, its recipients; pause, resume and cancel."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blu.accounts.models import WRITERS, Role
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.refused import Refused
from blu.db.cached_by_cost import QUICK
from blu.jobs.prepared_files import MEDIA_TYPE
from blu.web.numbers import grouped
from campaigns import lifecycle
from campaigns.alerts import session_problems
from campaigns.alerts.session_problems import SessionProblem
from campaigns.limits import forecast
from campaigns.models import Campaign
from campaigns.models.scope import campaign_or_404, is_fragment
from campaigns.reports import exports, funnel
from campaigns.reports.recipient_views import recipients_context, tabs


@member_required
@require_safe
def campaign_detail(request: BusinessRequest, pk: int) -> HttpResponse:
    """What became of it so far, and everyone it goes to."""
    campaign = campaign_or_404(request, pk)
    if campaign.launched_at is None and campaign.status == Campaign.Status.DRAFT:
        return redirect(request.business.address("campaign_edit", pk))
    progress = _progress(campaign, patient=False)
    context = {
        **progress,
        **recipients_context(request, campaign, progress["counts"]),
        "may_act": may(request, *WRITERS),
        "problem": _session_problem(campaign),
        "may_link": may(request, Role.OWNER),
        "cancel_words": _cancel_words(progress["counts"]),
    }
    return render(request, "campaigns/reports/campaign_detail.html", context)


@member_required
@require_safe
def campaign_progress(request: BusinessRequest, pk: int) -> HttpResponse:
    """The fragment that is polled; it has the whole page reloaded once the campaign's state changed."""
    campaign = campaign_or_404(request, pk)
    if not is_fragment(request):
        return redirect(request.business.address("campaign_detail", pk))
    if request.GET.get("seen", _seen(campaign)) != _seen(campaign):
        return HttpResponse(headers={"HX-Refresh": "true"})
    progress = _progress(campaign, patient=True)
    context = {**progress, "tabs": tabs(request, progress["counts"]), "live": True}
    return render(request, "campaigns/reports/_progress.html", context)


def _progress(campaign: Campaign, *, patient: bool) -> dict[str, Any]:
    """Counts and pace. A first count of very many people is left to the fragment that follows."""
    counts = funnel.funnel(campaign) if patient else funnel.at_hand(campaign)
    known = counts or funnel.Funnel(recipients=campaign.recipients)
    return {
        "campaign": campaign,
        "counts": known,
        "counting": counts is None,
        "pace": funnel.pace(campaign, known),
        "moves": Campaign.Status(campaign.status).is_under_way or known.open > 0,
        "seen": _seen(campaign),
        **_foreseen(campaign, known, patient=patient),
    }


def _seen(campaign: Campaign) -> str:
    """The state for which the page around the fragment was drawn: the campaign's, and its session's problem."""
    return campaign.status + (":problem" if _session_problem(campaign) else "")


def _session_problem(campaign: Campaign) -> SessionProblem | None:
    """Why the session of a campaign under way sends nothing; None otherwise."""
    concerns = Campaign.Status(campaign.status).is_under_way and campaign.session is not None
    return session_problems.problem_of(campaign.session) if concerns and campaign.session else None


def _foreseen(campaign: Campaign, counts: funnel.Funnel, *, patient: bool) -> dict[str, Any]:
    """When it ends with today's limits; left out where nothing waits, or counting takes too long."""
    moves = campaign.status in (Campaign.Status.RUNNING, Campaign.Status.PAUSED)
    if not moves or not counts.queued or not (patient or campaign.recipients <= QUICK):
        return {"forecast": None}
    return forecast.for_page(forecast.of_launched(campaign), campaign.session)


def _cancel_words(counts: funnel.Funnel) -> str:
    """What a cancellation does, in numbers."""
    gone = ngettext(
        "%(people)s pessoa já recebeu, e isso não volta.",
        "%(people)s pessoas já receberam, e isso não volta.",
        counts.sent,
    ) % {"people": grouped(counts.sent)}
    waiting = ngettext(
        "A pessoa que falta não vai receber.",
        "As %(people)s pessoas que faltam não vão receber.",
        counts.open,
    ) % {"people": grouped(counts.open)}
    told = gone if counts.sent else _("Ninguém recebeu ainda.")
    return f"{told} {waiting}" if counts.open else str(told)


@roles(*WRITERS)
@require_POST
def campaign_pause(request: BusinessRequest, pk: int) -> HttpResponse:
    """Hold what is still in the queue."""
    _done_or_refused(request, campaign_or_404(request, pk), lifecycle.pause, Campaign.Status.PAUSED)
    return redirect(request.business.address("campaign_detail", pk))


@roles(*WRITERS)
@require_POST
def campaign_resume(request: BusinessRequest, pk: int) -> HttpResponse:
    """Let the queue go on."""
    _done_or_refused(
        request, campaign_or_404(request, pk), lifecycle.resume, Campaign.Status.RUNNING
    )
    return redirect(request.business.address("campaign_detail", pk))


@roles(*WRITERS)
@require_POST
def campaign_cancel(request: BusinessRequest, pk: int) -> HttpResponse:
    """End it for those who haven't got it yet; with `rascunho`, of whom asks on a draft's page, only a draft."""
    campaign = campaign_or_404(request, pk)
    act = lifecycle.discard if "rascunho" in request.POST else lifecycle.cancel
    if _done_or_refused(request, campaign, act, Campaign.Status.CANCELLED):
        if campaign.launched_at is None:
            messages.success(request, _("Rascunho descartado."))
            return redirect(request.business.address("campaign_list"))
        if campaign.recipients <= lifecycle.CHUNK:
            # The jobs cluster does it as well; so few are done before the page is there.
            lifecycle.cancel_rows(campaign.pk)
        messages.success(request, _("Campanha cancelada. Ninguém mais recebe."))
    return redirect(request.business.address("campaign_detail", pk))


def _done_or_refused(
    request: BusinessRequest, campaign: Campaign, act: Callable[..., object], wanted: str
) -> bool:
    """Returns whether the campaign has the status `wanted` now; else the next page shows the refusal.

    A second press of the button, or a colleague's, is no error.
    """
    try:
        act(campaign=campaign, actor=request.user)
    except Refused as refusal:
        campaign.refresh_from_db()
        if campaign.status == wanted:
            return True
        messages.error(request, str(refusal))
        return False
    return True


@roles(*WRITERS)
@require_http_methods(["GET", "POST"])
@never_cache
def campaign_sheet(request: BusinessRequest, pk: int) -> HttpResponse:
    """Request the spreadsheet of recipients. Returns the fragment with its state."""
    campaign = campaign_or_404(request, pk)
    prepared = exports.prepared_for(campaign)
    if request.method == "POST":
        prepared.request()
    if is_fragment(request):
        context = {"campaign": campaign, "prepared": prepared}
        return render(request, "campaigns/reports/_sheet.html", context)
    return redirect(request.business.address("campaign_detail", pk))


@roles(*WRITERS)
@require_safe
@never_cache
def campaign_export(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The recipients as the spreadsheet that a worker wrote."""
    campaign = campaign_or_404(request, pk)
    file = exports.prepared_for(campaign).open()
    if file is None:
        return redirect(request.business.address("campaign_detail", pk))
    name = exports.file_name(campaign)
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
