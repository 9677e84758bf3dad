"""The self-test: the campaign's message to one's own phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from blu.accounts.refused import Refused
from blu.web.keys import key_in
from campaigns.alerts import session_problems
from campaigns.compose.preview import bubbles
from campaigns.messages import content
from campaigns.models import Campaign, Notice, NumberProof
from campaigns.models.scope import campaign_or_404, is_fragment, steps
from campaigns.notices import self_tests

# A test that still moves is looked at again; these are the ends.
MOVING = ("queued", "sending", "sent")


@roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_test(request: BusinessRequest, pk: int) -> HttpResponse:
    """The message on one's own phone, once its number is proven."""
    campaign = campaign_or_404(request, pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect(request.business.address("campaign_detail", pk))
    if request.method == "POST":
        return send_test(request, campaign)
    notice = _notice(request)
    told = {
        "campaign": campaign,
        "notice": notice,
        "moving": notice is not None and notice.status in MOVING,
    }
    if is_fragment(request):
        return render(request, "campaigns/compose/_notice.html", told)
    page = {
        "number": NumberProof.number_of(business=request.business, user=request.user),
        "problem": session_problems.problem_stopping_all(campaign.session)
        if campaign.session
        else None,
        "steps": steps(),
        "business": request.business,
        "bubbles": bubbles(request.business, campaign.topic, campaign.segment, campaign.body),
        "footer": content.footer(request.business),
    }
    return render(request, "campaigns/compose/campaign_test.html", page | told)


def send_test(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    """Queue a test to the person's proven number and follow it; without one, lead to its proof."""
    if not NumberProof.number_of(business=request.business, user=request.user):
        return redirect(request.business.address("campaign_number", campaign.pk))
    url = request.business.address("campaign_test", campaign.pk)
    try:
        notice = self_tests.send_self_test(campaign=campaign, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(url)
    return redirect(f"{url}?aviso={notice.pk}")


def _notice(request: BusinessRequest) -> Notice | None:
    """The test that the page follows: one of the person's own."""
    mine = Notice.objects.filter(
        business=request.business, kind=Notice.Kind.SELF_TEST, asked_by=request.user
    )
    return mine.filter(pk=key_in(request, "aviso")).first()
