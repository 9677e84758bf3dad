"""Who has access to a business: roles changed, access taken away, and never without an owner."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from blu.accounts.models import Business, Invitation, Membership, Role, User
from blu.accounts.refused import AccessRefusal, Refused


def change_role(*, business: Business, pk: int, role: str) -> Membership:
    """Give a member another role; the open invitations of a former owner are cancelled.

    Raises Refused for the last owner and Membership.DoesNotExist for nobody's key.
    """
    with transaction.atomic():
        membership = _alone_with(business, pk)
        if role != Role.OWNER:
            _refuse_the_last_owner(membership)
            _cancel_open(business, Q(invited_by=membership.user))
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def remove(*, business: Business, pk: int) -> Membership:
    """Take a member's access away; every request looks the membership up, so the next one feels it.

    No open invitation brings them back, neither to them nor by them.
    Raises Refused for the last owner and Membership.DoesNotExist for nobody's key.
    """
    with transaction.atomic():
        membership = _alone_with(business, pk)
        _refuse_the_last_owner(membership)
        user = membership.user
        _cancel_open(business, Q(invited_by=user) | Q(email=user.email.lower()))
        membership.delete()
    return membership


@contextmanager
def with_an_owner(business: Business) -> Iterator[None]:
    """Let the block change memberships; access that ends there ends as in `change_role` and `remove`.

    Raises Refused where it takes the last owner; for use in a transaction, which that undoes.
    """
    lock(business)
    before = _roles(business)
    had_owner = _owners(business).exists()
    yield
    if had_owner and not _owners(business).exists():
        raise Refused(AccessRefusal.LAST_OWNER)
    after = _roles(business)
    lowered = [u for u, r in before.items() if r == Role.OWNER and after.get(u) != Role.OWNER]
    out = User.objects.filter(pk__in=before.keys() - after.keys())
    addresses = [user.email.lower() for user in out]
    _cancel_open(business, Q(invited_by__in=lowered) | Q(email__in=addresses))


def _roles(business: Business) -> dict[int, str]:
    return dict(Membership.objects.filter(business=business).values_list("user_id", "role"))


def lock(business: Business) -> None:
    """Lock the business's access until the end of the transaction: changes of it wait for each other."""
    Business.objects.select_for_update(no_key=True).get(pk=business.pk)


def _alone_with(business: Business, pk: int) -> Membership:
    """Returns the membership, under the lock of the business's access."""
    lock(business)
    return Membership.objects.select_related("user").get(business=business, pk=pk)


def _refuse_the_last_owner(membership: Membership) -> None:
    """An owner who can't sign in any more is none."""
    if membership.role != Role.OWNER:
        return
    if not _owners(membership.business).exclude(pk=membership.pk).exists():
        raise Refused(AccessRefusal.LAST_OWNER)


def _owners(business: Business) -> QuerySet[Membership]:
    """Those who can sign in."""
    return Membership.objects.filter(business=business, role=Role.OWNER, user__is_active=True)


def _cancel_open(business: Business, which: Q) -> None:
    """Cancel open invitations one by one, so that each has its line in the history."""
    rows = Invitation.objects.filter(
        which, business=business, accepted_at=None, cancelled_at=None
    ).order_by("pk")
    for invitation in rows.select_for_update(of=("self",)):
        invitation.cancelled_at = timezone.now()
        invitation.save(update_fields=["cancelled_at"])
