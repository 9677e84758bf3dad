"""Writing down, answering and finding what people ask about their data."""

from datetime import timedelta

from django.db.models import QuerySet, TextChoices
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business, User
from blu.accounts.refused import Refused
from blu.text import phone as phones
from contacts.models import Contact, PersonRequest
from contacts.models.person_requests import ANSWERED_WITHIN

SOON = timedelta(days=5)  # before its day the first page tells of it
SHOWN = 200

State = PersonRequest.State


class RequestRefusal(TextChoices):
    """Why a request isn't closed."""

    CLOSED = "closed", _("Alguém já respondeu a este pedido. Nada mudou agora.")
    NOT_ERASED = (
        "not_erased",
        _("Os dados ainda estão aqui. Apague o contato: o pedido fica atendido com isso."),
    )
    NOT_OWNER = "not_owner", _("Só um dono recusa um pedido de apagar dados.")


def ask(
    *,
    business: Business,
    kind: str,
    contact: Contact | None = None,
    phone: str = "",
    note: str = "",
    actor: User | None = None,
) -> PersonRequest:
    """Write down what a person asks; an open request of the same person and kind stands already.

    `actor` None: they asked on their own page. Without a contact the number (E.164) finds one.
    """
    if contact is None and phone:
        found = Contact.objects.filter(business=business, phone__in=phones.forms(phone))
        contact = found.order_by("replaced_by_id", "pk").last()
    theirs = {"contact": contact, "phone": "" if contact else phone}
    request, _created = PersonRequest.objects.get_or_create(
        business=business,
        kind=kind,
        state=State.OPEN,
        **theirs,
        defaults={
            "note": note[:300],
            "taken_by": actor,
            "due_at": timezone.now() + ANSWERED_WITHIN,
        },
    )
    return request


def close(*, request: PersonRequest, state: str, answer: str, actor: User, may_erase: bool) -> None:
    """Note how a request was answered; Refused where somebody was quicker.

    One to erase data is done once they are gone; to say no is for who may erase.
    """
    if request.kind == PersonRequest.Kind.ERASURE:
        if state == State.DONE and _is_known(request):
            raise Refused(RequestRefusal.NOT_ERASED)
        if state == State.REFUSED and not may_erase:
            raise Refused(RequestRefusal.NOT_OWNER)
    still_open = PersonRequest.objects.filter(pk=request.pk, state=State.OPEN)
    if not still_open.update(state=state, answer=answer, closed_at=Now(), closed_by=actor):
        raise Refused(RequestRefusal.CLOSED)


def _is_known(request: PersonRequest) -> bool:
    if request.contact_id:
        return True
    numbers = phones.forms(request.phone) if request.phone else ()
    return Contact.objects.filter(business=request.business_id, phone__in=numbers).exists()


def waiting(business: Business) -> QuerySet[PersonRequest]:
    """What a business has to answer, the most pressing first."""
    rows = PersonRequest.objects.filter(business=business, state=State.OPEN)
    return rows.select_related("contact", "taken_by").order_by("due_at", "pk")


def due_soon(business: Business) -> QuerySet[PersonRequest]:
    """Those whose day has come, or comes within SOON."""
    return waiting(business).filter(due_at__lt=Now() + SOON)


def answered(business: Business) -> QuerySet[PersonRequest]:
    """What was answered, the newest first."""
    rows = PersonRequest.objects.filter(business=business).exclude(state=State.OPEN)
    return rows.select_related("contact", "closed_by").order_by("-id")
