"""All campaigns."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required
from blu.web.keys import key_in
from campaigns.models import Campaign
from campaigns.reports import funnel, pages


@member_required
@require_safe
def campaign_list(request: BusinessRequest) -> HttpResponse:
    """Every campaign with its state and how far it came."""
    page = pages.campaigns(
        request.business, before=key_in(request, "antes"), after=key_in(request, "depois")
    )
    context = {
        "page": page,
        "rows": [(one, _counts(one)) for one in page.rows],
        "previous": f"?antes={page.before}" if page.before else "",
        "next": f"?depois={page.after}" if page.after else "",
        "may_write": may(request, *WRITERS),
    }
    return render(request, "campaigns/reports/campaign_list.html", context)


def _counts(campaign: Campaign) -> funnel.Funnel | None:
    """The funnel where it is cheap: a list of huge campaigns must not count each of them."""
    return funnel.at_hand(campaign) if campaign.launched_at else None
