"""The deliveries in doubt, and the view that decides one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, roles
from blu.accounts.refused import Refused
from blu.db.keyset import Page
from campaigns.ledger import decisions
from campaigns.ledger.forms import DecisionForm
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from campaigns.models.scope import campaign_or_404, delivery_or_404
from campaigns.reports import funnel, timeline

# Of the doubts above a list that shows other rows as well.
FIRST = 3


def doubtful(campaign: Campaign, page: Page[Delivery], tab: str) -> list[Delivery]:
    """The deliveries in doubt to show above the recipients: their own tab's page, else the first few."""
    if tab == Status.UNCERTAIN:
        return list(page.rows)
    if tab or page.before:
        return []
    # Index delivery_ended: (campaign, status, id).
    doubtful = Delivery.objects.filter(
        campaign=campaign, status=Status.UNCERTAIN, contact__isnull=False
    )
    return list(doubtful.prefetch_related("contact").order_by("pk")[:FIRST])


def asking(request: BusinessRequest, doubts: list[Delivery]) -> dict[str, Any]:
    """Context of the questions: the doubts in words, and whether this member may decide."""
    return {
        "doubts": [(row, timeline.doubt(row)) for row in doubts],
        "may_decide": may(request, *WRITERS),
        "most": decisions.MOST,
    }


@roles(*WRITERS)
@require_POST
def delivery_decide(request: BusinessRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Did it arrive? The answer and its reason are written down, and nothing is sent twice."""
    campaign = campaign_or_404(request, pk)
    delivery = delivery_or_404(request, campaign, delivery_pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return _back(request, campaign, delivery)
    try:
        decisions.decide(
            delivery=delivery,
            arrived=form.cleaned_data["arrived"],
            actor=request.user,
            reason=form.cleaned_data["reason"],
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        funnel.forget(campaign)
        messages.success(request, _done(delivery))
    return _back(request, campaign, delivery)


def _done(delivery: Delivery) -> str:
    who = {"who": delivery.person.name or _("Esta pessoa")}
    if delivery.status == Status.QUEUED:
        return _("%(who)s voltou para a fila e recebe quando for a vez.") % who
    if delivery.status == Status.SENT:
        return _("Anotado: %(who)s já recebeu. Nada é enviado de novo.") % who
    return _("Anotado: %(who)s não recebeu. A campanha está cancelada, e nada mais sai.") % who


def _back(request: BusinessRequest, campaign: Campaign, delivery: Delivery) -> HttpResponse:
    """To the list it was decided from, or to the person's own page."""
    if "situacao" not in request.POST:
        return redirect(request.business.address("delivery_detail", campaign.pk, delivery.pk))
    tab = request.POST["situacao"]
    query = urlencode({"situacao": tab}) if tab == Status.UNCERTAIN else ""
    return redirect(
        f"{request.business.address('campaign_detail', campaign.pk)}?{query}#destinatarios"
    )
