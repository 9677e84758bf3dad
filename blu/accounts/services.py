"""What changes in accounts as one transaction."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from blu.accounts.models import Business, Membership, Role, User
from blu.accounts.refused import AccessRefusal, Refused

ATTEMPTS = 3
# Businesses of one person: every page of theirs looks at all.
BUSINESSES_MOST = 20


@transaction.atomic
def create_another(*, owner: User, **fields: str) -> Business:
    """One more business of somebody, as `create_business`. Refused where they have BUSINESSES_MOST."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # who asks twice at once waits
    if owner.memberships.count() >= BUSINESSES_MOST:
        raise Refused(AccessRefusal.MANY_BUSINESSES, most=BUSINESSES_MOST)
    return create_business(owner=owner, **fields)


def create_business(
    *, owner: User, name: str, time_zone: str = "America/Sao_Paulo", default_area_code: str = ""
) -> Business:
    """A new business with `owner` as its first member; its slug is the name's, numbered if taken, for good.

    Two businesses of one name in the same instant may choose the same slug: the later one meets
    the unique constraint and chooses again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        business = Business(name=name, time_zone=time_zone, default_area_code=default_area_code)
        business.slug = _free_slug(name)
        try:
            with transaction.atomic():
                business.save()
                Membership.objects.create(user=owner, business=business, role=Role.OWNER)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return business


def _free_slug(name: str) -> str:
    """The first free one of clinica, clinica-2, clinica-3 …"""
    stem = slugify(name)[:70].strip("-_") or "negocio"
    taken = set(Business.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (stem, *numbered) if slug not in taken)
