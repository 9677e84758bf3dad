"""Who has access to a business: roles changed, access taken away, and never without an owner."""

from django.db import transaction
from django.utils.translation import gettext as _

from blu.accounts.models import Business, Membership, Role


class Refused(Exception):
    """Nothing was changed; the sentence says why, for the person who asked."""


def change_role(*, business: Business, pk: int, role: str) -> Membership:
    """Give a member another role.

    Raises Refused for the last owner and Membership.DoesNotExist for nobody's key.
    """
    with transaction.atomic():
        membership = _alone_with(business, pk)
        if role != Role.OWNER:
            _refuse_the_last_owner(membership)
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def remove(*, business: Business, pk: int) -> Membership:
    """Take a member's access away; every request looks the membership up, so the next one feels it.

    Raises Refused for the last owner and Membership.DoesNotExist for nobody's key.
    """
    with transaction.atomic():
        membership = _alone_with(business, pk)
        _refuse_the_last_owner(membership)
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
