"""From a draft to a campaign under way: test it on oneself, see who gets it, launch."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from blu.accounts.refused import Refused
from campaigns import lifecycle
from campaigns.alerts import session_problems
from campaigns.compose import audience, drafts
from campaigns.compose.forecast_views import of_draft
from campaigns.compose.preview import bubbles
from campaigns.messages import content
from campaigns.models import Campaign
from campaigns.models.scope import campaign_or_404, steps
from sessions import health
from sessions.models import WhatsAppSession
from sessions.states import LIMITED, State


@roles(*WRITERS)
@require_safe
@never_cache
def campaign_confirm(request: BusinessRequest, pk: int) -> HttpResponse:
    """The last look: how many, who is left out and why, the exact text, the state of the WhatsApp."""
    campaign = campaign_or_404(request, pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect(request.business.address("campaign_detail", pk))
    topic, segment = campaign.topic, campaign.segment
    reach = audience.reach(request.business, topic, segment) if topic else None
    elsewhere, busy = 0, None
    if topic and reach:
        elsewhere = audience.of_restricted(request.business, topic, segment, campaign.session_id)
        reach = replace(reach, receive=max(reach.receive - elsewhere, 0))
        busy = audience.busy(request.business, topic, segment, reach)
    missing = lifecycle.lacks(campaign, receive=reach.receive if reach else None)
    context = {
        "campaign": campaign,
        "steps": steps(),
        "business": request.business,
        "reach": reach,
        "elsewhere": elsewhere,
        "busy": busy,
        "named": audience.names_left_out(request.business, topic, segment, reach)
        if topic and reach
        else {},
        "lacks": lifecycle.lacks_in_words(campaign, missing),
        "problem": _session_problem(lifecycle.linked_session(campaign)),
        "bubbles": bubbles(request.business, topic, segment, campaign.body),
        "footer": content.footer(request.business),
        **of_draft(request, campaign, QueryDict()),
    }
    return render(request, "campaigns/compose/campaign_confirm.html", context)


def _session_problem(session: WhatsAppSession | None) -> session_problems.SessionProblem | None:
    """The problem that messages would wait for; None for a session that is visited again by itself."""
    if session is None:
        return None
    waits = not State(session.state).is_visited or health.shown_state_of(session) == LIMITED
    return session_problems.problem_of(session) if waits else None


@roles(*WRITERS)
@require_POST
def campaign_launch(request: BusinessRequest, pk: int) -> HttpResponse:
    """Launch once: a second press, or a second person, lands on the campaign already launched."""
    campaign = campaign_or_404(request, pk)
    was_draft = campaign.status == Campaign.Status.DRAFT
    try:
        launched = lifecycle.launch(
            campaign_id=campaign.pk,
            business=request.business,
            actor=request.user,
            seen=drafts.version_in(request.POST),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        page = "campaign_confirm" if was_draft else "campaign_detail"
        return redirect(request.business.address(page, pk))
    if was_draft and launched.launched_by_id == request.user.pk:
        messages.success(request, _("Campanha lançada. Pode fechar esta página: o envio continua."))
    elif launched.launched_by:
        words = _("Esta campanha já tinha sido lançada por %(person)s. Saiu uma vez só.")
        messages.success(request, words % {"person": launched.launched_by})
    return redirect(request.business.address("campaign_detail", pk))
