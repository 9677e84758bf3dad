"""What every campaign page shares: rows of the business that asks."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from blu.accounts.permissions import BusinessRequest
from blu.web.keys import as_key
from campaigns.models import Campaign, Delivery

Row = TypeVar("Row", bound=Model)


def campaigns_of(request: BusinessRequest) -> QuerySet[Campaign]:
    """The campaigns of the business that is asking, and no other's."""
    return Campaign.objects.filter(business=request.business).select_related(
        "business", "topic", "segment", "session", "launched_by", "paused_by"
    )


def campaign_or_404(request: BusinessRequest, pk: int) -> Campaign:
    """One of the business's campaigns."""
    return get_object_or_404(campaigns_of(request), pk=pk)


def delivery_or_404(request: BusinessRequest, campaign: Campaign, pk: int) -> Delivery:
    """One of the campaign's deliveries, with its contact; of who was erased there is no page."""
    rows = Delivery.objects.filter(
        campaign=campaign, business_id=request.business.pk, contact__isnull=False
    )
    return get_object_or_404(rows.select_related("contact"), pk=pk)


def own_row(request: BusinessRequest, model: type[Row], pk: str) -> Row | None:
    """The business's own row of that key, given as text; None for any other, or none."""
    key = as_key(pk)
    return model._default_manager.filter(business=request.business, pk=key).first() if key else None


def is_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def steps() -> list[str]:
    """The way from a draft to a launch."""
    return [_("Escrever"), _("Testar"), _("Confirmar")]
