"""What every campaign page shares: rows of the business that asks, and keys from the address."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from blu.accounts.permissions import BusinessRequest, Role
from campaigns.models import Campaign, Delivery

# Who may write and launch; viewers look.
EDITORS: tuple[Role, ...] = ("owner", "receptionist")


def campaigns_of(request: BusinessRequest) -> QuerySet[Campaign]:
    """The campaigns of the business that is asking, and no other's."""
    return Campaign.objects.filter(business=request.business).select_related(
        "business", "topic", "segment", "session", "launched_by"
    )


def campaign_or_404(request: BusinessRequest, pk: int) -> Campaign:
    """One of the business's campaigns."""
    return get_object_or_404(campaigns_of(request), pk=pk)


def delivery_or_404(request: BusinessRequest, campaign: Campaign, pk: int) -> Delivery:
    """One of the campaign's deliveries, with its contact."""
    rows = Delivery.objects.filter(campaign=campaign, business_id=request.business.pk)
    return get_object_or_404(rows.select_related("contact"), pk=pk)


def key(request: HttpRequest, name: str) -> int:
    """A row's key from the address, 0 where it is missing or no key at all."""
    written = request.GET.get(name, "")
    # More digits than a bigint holds are nobody's key.
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0


def is_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def steps() -> list[str]:
    """The way from a draft to a launch."""
    return [_("Escrever"), _("Testar"), _("Confirmar")]
