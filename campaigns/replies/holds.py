"""Doubtful answers: nothing goes to who gave one until a person has decided, and ten minutes more."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business, User
from blu.accounts.refused import Refused
from campaigns.models import Delivery, Hold, Reply
from campaigns.models.hold_rules import NEVER, SETTLES_AFTER, WAITS
from campaigns.models.ledger_states import Reason, Status
from campaigns.replies import identity, queued
from contacts import consent, evidence, stops
from contacts.models import Contact, Source, Stop
from sessions.driving import link_updates

AT_ONCE = 200  # holds that one look carries out


class HoldRefusal(TextChoices):
    """Why a decision isn't taken, or not taken back."""

    DECIDED = "decided", _("Alguém já decidiu sobre esta resposta. Nada mudou agora.")
    SETTLED = "settled", _("Esta decisão já vale. Nada mudou agora.")


def place(reply: Reply, contacts: list[Contact]) -> bool:
    """Hold what is queued for a reply's writer, in the transaction that keeps it.

    A decision about an earlier answer that doesn't count yet is taken back. False where nobody can tell
    who wrote, or a stop stands for them.
    """
    keys = identity.every_key_of(reply)
    if not keys or stops.standing(reply.business_id, keys).exists():
        return False
    _hold_rows(contacts)
    key = identity.lasting_key_of(reply)
    open_again = {"reply": reply, "decision": "", "decided_at": None, "decided_by": None}
    # Again where the one that was open counted while this waited for it: what was decided is about an earlier answer.
    while True:
        hold, created = Hold.objects.get_or_create(
            business=reply.business, key=key, done_at=None, defaults={"reply": reply}
        )
        if created or Hold.objects.filter(pk=hold.pk, done_at=None).update(**open_again):
            return True


def decide(*, hold: Hold, decision: str, actor: User) -> None:
    """A person's answer, which counts in SETTLES_AFTER; Refused where it was decided already."""
    waiting = Hold.objects.filter(pk=hold.pk, decided_at=None, done_at=None)
    if not waiting.update(decision=Hold.Decision(decision), decided_at=Now(), decided_by=actor):
        raise Refused(HoldRefusal.DECIDED)


def undo(*, hold: Hold) -> None:
    """Take a decision back while it doesn't count yet; Refused afterwards."""
    fresh = Hold.objects.filter(pk=hold.pk, done_at=None, decided_at__gt=Now() - SETTLES_AFTER)
    if not fresh.update(decision="", decided_at=None, decided_by=None):
        raise Refused(HoldRefusal.SETTLED)


def end(reply: Reply, decision: Hold.Decision, contacts: list[Contact]) -> None:
    """The person wrote something clear meanwhile: whatever waited for a decision is decided by that."""
    keys = identity.every_key_of(reply, contacts)
    ended = Hold.objects.filter(business=reply.business_id, key__in=keys, done_at=None)
    if not ended.update(decision=decision, decided_at=Now(), decided_by=None, done_at=Now()):
        return
    if decision == Hold.Decision.GO_ON:
        _release(contacts)


def waiting(business: Business) -> QuerySet[Hold]:
    """What a business has to decide or may still take back, the newest first."""
    return Hold.objects.filter(business=business, done_at=None).order_by("-pk")


def undecided(business: Business) -> QuerySet[Hold]:
    """Those among them that nobody has decided."""
    return waiting(business).filter(decided_at=None)


def carry_out() -> int:
    """Do what was decided more than SETTLES_AFTER ago, and skip what waited too long. Returns how many holds."""
    due = Hold.objects.filter(done_at=None, decided_at__lte=Now() - SETTLES_AFTER)
    pks = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_carry_out(pk) for pk in pks) + _skip_forgotten()


def of_contacts(contacts: Iterable[Contact]) -> QuerySet[Delivery]:
    """The rows of these people that are held."""
    return Delivery.objects.filter(
        contact__in=list(contacts), status=Status.QUEUED, reason=Reason.HELD
    )


@transaction.atomic
def _carry_out(pk: int) -> bool:
    """False where somebody took it back, or was quicker."""
    due = Hold.objects.select_for_update(skip_locked=True, of=("self",)).select_related("reply")
    hold = due.filter(pk=pk, done_at=None, decided_at__lte=Now() - SETTLES_AFTER).first()
    if hold is None:
        return False
    contacts = people(hold)
    Hold.objects.filter(pk=pk).update(done_at=Now())
    if hold.decision == Hold.Decision.GO_ON:
        Reply.objects.filter(pk=hold.reply_id).update(kind=Reply.Kind.MESSAGE)
        _release(contacts)
        return True
    _stop(hold, contacts)
    return True


def _stop(hold: Hold, contacts: list[Contact]) -> None:
    """As if they had written SAIR; or, of another person's number, as the team says, and for imports as well."""
    asked = hold.decision == Hold.Decision.STOP
    queued.skip(contacts, Reason.STOP)
    message = evidence.message(hold.reply.message_id)
    for one in contacts:
        consent.revoke_all(
            contact=one,
            source=Source.WHATSAPP,
            actor=None if asked else hold.decided_by,
            evidence=message,
        )
    stops.keep(
        business_id=hold.business_id,
        keys=identity.keys_of(hold.reply, contacts) | {hold.key},
        why=Stop.Why.ASKED if asked else Stop.Why.OTHER_PERSON,
        source=Source.WHATSAPP,
        evidence=message,
        actor=hold.decided_by,
    )
    kind = Reply.Kind.STOP if asked else Reply.Kind.MESSAGE
    Reply.objects.filter(pk=hold.reply_id).update(
        kind=kind, handled_at=hold.decided_at, handled_by=hold.decided_by
    )


def people(hold: Hold) -> list[Contact]:
    """Everybody of the business behind a hold's key, as replies find them."""
    chat = identity.chat_of(hold.reply)
    return identity.contacts_of(hold.reply.session, chat)


def _hold_rows(contacts: list[Contact]) -> None:
    """What is just being claimed asks the hold itself."""
    rows = Delivery.objects.select_for_update(skip_locked=True).filter(
        contact__in=contacts, status=Status.QUEUED
    )
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=pks, status=Status.QUEUED).update(
        not_before=NEVER, reason=Reason.HELD
    )


def _release(contacts: list[Contact]) -> None:
    """Back to the queue, as soon as the limits let it."""
    rows = of_contacts(contacts)
    sessions = set(rows.values_list("session_id", flat=True))
    rows.update(not_before=Now(), reason=Reason.NONE)
    for session_id in sessions:
        link_updates.wake(session_id)


def _skip_forgotten() -> int:
    """Nobody decided in time: the person is not to hear of it so late. The hold itself stays."""
    queue = Delivery.objects.filter(status=Status.QUEUED)
    # Asked apart: in one condition each hold is held against every row that is queued.
    of_writer = Exists(queue.filter(contact=OuterRef("reply__contact")))
    of_number = Exists(
        queue.filter(contact__business=OuterRef("business"), contact__phone=OuterRef("key"))
    )
    # The holds stay open, so only those with something to skip: the first of all would be looked at for ever.
    late = Hold.objects.filter(done_at=None, decided_at=None, at__lte=Now() - WAITS)
    holding = late.filter(of_writer | of_number).select_related("reply__session")
    skipped = 0
    for hold in holding.order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            skipped += queued.skip(people(hold), Reason.HELD) > 0
    return skipped
