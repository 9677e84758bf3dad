"""Who has access to a business: roles changed, access taken away, and never without an owner."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts.models import Business, Invitation, Membership, Role


class Refused(Exception):
    """Nothing was changed; the sentence says why, for the person who asked."""


def change_role(*, business: Business, pk: int, role: str) -> Membership:
    """Give a member another role; who isn't an owner any more has invited nobody.

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


def lock(business: Business) -> None:
    """Make whoever changes access to this business wait for one another, and nobody else."""
    Business.objects.select_for_update(no_key=True).get(pk=business.pk)


def _alone_with(business: Business, pk: int) -> Membership:
    """The membership as it is now that nobody else can change who owns the business."""
    lock(business)
    return Membership.objects.select_related("user").get(business=business, pk=pk)


def _refuse_the_last_owner(membership: Membership) -> None:
    """An owner who can't sign in any more is none."""
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(
        business=membership.business_id, role=Role.OWNER, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise Refused(
            _("Todo negócio precisa de alguém responsável. Dê antes esse papel a outra pessoa.")
        )


def _cancel_open(business: Business, which: Q) -> None:
    """One by one, for the history."""
    rows = Invitation.objects.filter(
        which, business=business, accepted_at=None, cancelled_at=None
    ).order_by("pk")
    for invitation in rows.select_for_update(of=("self",)):
        invitation.cancelled_at = timezone.now()
        invitation.save(update_fields=["cancelled_at"])
