"""The message on one's own phone, before anybody else sees it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from blu.accounts.permissions import BusinessRequest, roles
from campaigns import message, services
from campaigns.forms import OwnNumberForm
from campaigns.models import Campaign, Notice
from campaigns.preview import bubbles
from campaigns.views.scope import EDITORS, campaign_or_404, is_fragment, key, steps

# A test that still moves is looked at again; these are the ends.
MOVING = ("queued", "sending", "sent")


@roles(*EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_test(request: BusinessRequest, pk: int) -> HttpResponse:
    """The message on one's own phone, once the number is known."""
    campaign = campaign_or_404(request, pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect("campaign_detail", pk)
    notice = _notice(request)
    if is_fragment(request) and request.method == "GET":
        return render(request, "campaigns/_notice.html", {"campaign": campaign, **_told(notice)})
    form = OwnNumberForm(instance=request.user, business=request.business)
    if request.method == "POST":
        form = OwnNumberForm(request.POST, instance=request.user, business=request.business)
        if "phone" not in request.POST and request.user.phone:
            return send_test(request, campaign)
        if form.is_valid():
            form.save()
            return send_test(request, campaign)
        request.user.refresh_from_db()
    return render(
        request, "campaigns/campaign_test.html", _test_page(request, campaign, form, notice)
    )


def _test_page(
    request: BusinessRequest, campaign: Campaign, form: OwnNumberForm, notice: Notice | None
) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "form": form,
        "asks": bool(form.errors) or not request.user.phone or "numero" in request.GET,
        "steps": steps(),
        "business": request.business,
        "bubbles": bubbles(request.business, campaign.topic, campaign.segment, campaign.body),
        "footer": message.footer(request.business),
        **_told(notice),
    }


def _told(notice: Notice | None) -> dict[str, Any]:
    return {"notice": notice, "moving": notice is not None and notice.status in MOVING}


def send_test(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    """Queue a test to the person's own number and follow it; the page asks for the number first."""
    url = reverse("campaign_test", args=[campaign.pk])
    if not request.user.phone:
        return redirect(url)
    try:
        notice = services.send_self_test(campaign=campaign, actor=request.user)
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(url)
    return redirect(f"{url}?aviso={notice.pk}")


def _notice(request: BusinessRequest) -> Notice | None:
    """The test that the page follows: one of the person's own."""
    mine = Notice.objects.filter(
        business=request.business, kind=Notice.Kind.SELF_TEST, phone=request.user.phone
    )
    return mine.filter(pk=key(request, "aviso")).first()
