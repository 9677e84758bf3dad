"""Which business a request is about: the one whose slug stands in its address, for who belongs to it."""

from collections.abc import Sequence

from django.http import HttpRequest

from blu.accounts.models import Membership, User

# What blu.urls calls the slug before the addresses of a business.
KEY = "business"


def memberships_of(user: User | int) -> list[Membership]:
    """The memberships of a user, or of whom has that key, with them and their businesses; oldest first."""
    rows = Membership.objects.filter(user=user).select_related("user", "business")
    return list(rows.order_by("id"))


def enter(request: HttpRequest, slug: str, memberships: Sequence[Membership]) -> Membership | None:
    """Put `business`, `membership` and `memberships` on the request. Returns the membership or None."""
    membership = next((one for one in memberships if one.business.slug == slug), None)
    for name, value in (
        ("business", membership.business if membership else None),
        ("membership", membership),
        ("memberships", memberships),
    ):
        setattr(request, name, value)
    return membership
