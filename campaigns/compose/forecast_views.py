"""When a draft would end, while it is written and before it is launched."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from blu.accounts.permissions import BusinessRequest, member_required
from blu.db.cached_by_cost import QUICK
from campaigns.compose import audience
from campaigns.limits import forecast
from campaigns.models import Campaign
from campaigns.models.scope import campaign_or_404, own_row
from contacts.models import Segment, Topic
from sessions.models import WhatsAppSession


@member_required
@require_POST
def campaign_forecast(request: BusinessRequest, pk: int) -> HttpResponse:
    """The forecast for what is chosen in the form now; of the saved draft where nothing is posted."""
    campaign = campaign_or_404(request, pk)
    context = of_draft(request, campaign, request.POST, patient=True)
    return render(request, "campaigns/compose/_forecast.html", context)


def of_draft(
    request: BusinessRequest, campaign: Campaign, data: QueryDict, *, patient: bool = False
) -> dict[str, Any]:
    """Context: `forecast`, None before topic and session are chosen, and `foreseeing` where it is left to a fragment.

    A first count of very many people is left to the fragment, which is `patient`.
    """
    topic, segment, session = campaign.topic, campaign.segment, campaign.session
    if "topic" in data:
        topic = own_row(request, Topic, data.get("topic", ""))
        segment = own_row(request, Segment, data.get("segment", ""))
        session = own_row(request, WhatsAppSession, data.get("session", ""))
    context: dict[str, Any] = {"campaign": campaign, "forecast": None, "foreseeing": False}
    if topic is None or session is None:
        return context
    size = None if patient else audience.at_hand(request.business, topic, segment)
    if not patient and (size is None or size > QUICK):
        return context | {"foreseeing": True}
    found = forecast.of_draft(request.business, topic, segment, session)
    return context | forecast.for_page(found, session)
