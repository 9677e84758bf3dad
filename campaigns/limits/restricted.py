"""People who are left out of a launch, because another account of the business talks to them and is restricted."""

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from campaigns.models.chat_keys import short_form
from campaigns.models.restricted_people import belongs_elsewhere
from contacts.models import Contact
from contacts.models.stops import number_key
from sessions.models import WhatsAppSession

_PHONE = "contacts_contact.phone"
_ELSEWHERE = belongs_elsewhere(
    "%s", "%s", "contacts_contact.id", f"{number_key(_PHONE)}, {short_form(_PHONE)}"
)


def others(business_id: int, session_id: int | None) -> QuerySet[WhatsAppSession]:
    """The business's other accounts whose people hear nothing from this one meanwhile."""
    linked = Q(
        restriction=WhatsAppSession.Restriction.RESTRICTED, active_link__linked_at__isnull=False
    )
    over = Q(restricted_until__lte=Now()) | ~Q(released_because="")
    mine = WhatsAppSession.objects.filter(business=business_id).exclude(pk=session_id or 0)
    return mine.exclude(restriction="").filter(linked | ~over)


def without(
    audience: QuerySet[Contact], business_id: int, session_id: int | None
) -> QuerySet[Contact]:
    """An audience without them."""
    return audience.exclude(_condition(business_id, session_id))


def only(
    audience: QuerySet[Contact], business_id: int, session_id: int | None
) -> QuerySet[Contact]:
    """Those of an audience."""
    return audience.filter(_condition(business_id, session_id))


def _condition(business_id: int, session_id: int | None) -> RawSQL:
    return RawSQL(_ELSEWHERE, (business_id, session_id or 0), BooleanField())
