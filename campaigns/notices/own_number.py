"""How a member shows that a number is theirs: a code typed back, or a word written to the session.

The code is itself a message to a number that is nobody's yet, so it is short, plain, and one a day.
"""

import re
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts.models import Membership
from blu.accounts.refused import Refused
from blu.text import phone as phones
from blu.text.fold import fold
from campaigns.alerts import session_problems
from campaigns.models import Hold, Notice, NumberProof
from campaigns.models.notice_rules import CODES_A_DAY, VALID_MINUTES
from campaigns.models.proof import TRIES, VALID
from campaigns.notices.refusals import NoticeRefusal
from campaigns.notices.self_tests import asked_today, refuse_beyond_new_chats
from contacts import stops
from contacts.models import State, Subscription
from sessions.driving import link_updates
from sessions.events import Incoming
from sessions.models import WhatsAppSession

WORD = "TESTE"
_WRITTEN = re.compile(r"\W*teste\W*(\d{4})\W*")
# Of a name of somebody's choice that goes to a stranger's number: nothing that could be an address.
_NAME_MOST = 40
_NAME_DIGITS = 4  # of a year (Ótica 2000) or an hour; more could be called
# WhatsApp tells minutes, and clocks differ.
_SLACK = timedelta(minutes=2)
# A session may be away: what was written in time may be heard late.
_HEARD_WITHIN = timedelta(days=1)


def attempt(membership: Membership, how: str) -> NumberProof | None:
    """The member's newest attempt of one kind, while it may still be proven."""
    newest = NumberProof.objects.filter(membership=membership, how=how, proven_at__isnull=True)
    proof = newest.select_related("session").order_by("-id").first()
    return proof if proof and proof.is_open else None


def has_just_proven(membership: Membership) -> bool:
    """The member has proven a number after whatever they asked for last."""
    mine = NumberProof.objects.filter(membership=membership)
    proven = mine.filter(proven_at__isnull=False).first()
    asked = mine.filter(proven_at__isnull=True).order_by("-id").first()
    if proven is None or proven.proven_at is None:
        return False
    return asked is None or proven.proven_at > asked.asked_at


@transaction.atomic
def ask_for_word(*, membership: Membership, session: WhatsAppSession) -> NumberProof:
    """A word that the member is to write to the session from their own phone."""
    _forget_attempts(membership, NumberProof.How.WROTE)
    taken = {proof.code for proof in _awaited(session)}
    code = next(code for code in iter(lambda: _digits(4), None) if code not in taken)
    proof = NumberProof.objects.create(
        membership=membership, session=session, how=NumberProof.How.WROTE, code=code
    )
    transaction.on_commit(lambda: link_updates.wake(session.pk))
    proof.refresh_from_db()
    return proof


@transaction.atomic
def ask_for_code(*, membership: Membership, session: WhatsAppSession, phone: str) -> NumberProof:
    """Send a code to a number (E.164) that the member says is theirs.

    Refused where the session sends nothing now, to a number that asked this business to stop, beyond
    CODES_A_DAY of a person, one to a number and ten through a session, and beyond the day's new chats.
    """
    ill = session_problems.problem_stopping_all(session)
    if ill:
        raise Refused(NoticeRefusal.SESSION_AWAY, trouble=ill.title)
    if _has_stopped(membership.business_id, phone):
        raise Refused(NoticeRefusal.ASKED_TO_STOP)
    if asked_today(membership.user, Notice.Kind.NUMBER_CODE) >= CODES_A_DAY:
        raise Refused(NoticeRefusal.MANY_CODES, n=CODES_A_DAY)
    refuse_beyond_new_chats(session, phone)
    _forget_attempts(membership, NumberProof.How.CODE)
    code = _digits(6)
    proof = NumberProof.objects.create(
        membership=membership, session=session, how=NumberProof.How.CODE, phone=phone, code=code
    )
    try:
        with transaction.atomic():
            _queue_code(proof, code)
    except IntegrityError as refusal:
        # Somebody asked for this number's today, in whatever business, or for too many through this session.
        raise Refused(NoticeRefusal.NO_CODE_TODAY) from refusal
    proof.refresh_from_db()
    return proof


def to_write(proof: NumberProof) -> str:
    """The words of an attempt that are to be written: TESTE 4821."""
    return f"{WORD} {proof.code}"


def confirm(*, membership: Membership, typed: str) -> str:
    """The number that the typed code proves. Refused, and counted, where the code is another."""
    proof = attempt(membership, NumberProof.How.CODE)
    # Counted before it is compared: guesses at the same moment are counted as well.
    counted = proof and NumberProof.objects.filter(
        pk=proof.pk, proven_at__isnull=True, tries__lt=TRIES
    ).update(tries=F("tries") + 1)
    if proof is None or not counted:
        raise Refused(NoticeRefusal.CODE_OVER)
    if not secrets.compare_digest(proof.code, re.sub(r"[^0-9]", "", typed) or "-"):
        last = proof.tries + 1 >= TRIES
        raise Refused(NoticeRefusal.CODE_WRONG_AGAIN if last else NoticeRefusal.CODE_WRONG)
    try:
        prove(proof, proof.phone)
    except IntegrityError as refusal:
        raise Refused(NoticeRefusal.CODE_TAKEN) from refusal
    return proof.phone


def written(session: WhatsAppSession, incoming: Incoming, number: str) -> NumberProof | None:
    """The attempt whose word this message from `number` has, also where the same message comes again."""
    match = _WRITTEN.fullmatch(fold(incoming.content.body))
    if match is None:
        return None
    for proof in _awaited(session):
        in_time = proof.asked_at - _SLACK <= incoming.at <= proof.ends_at + _SLACK
        again = proof.phone in ("", number)
        if proof.code == match[1] and in_time and again:
            return proof
    return None


@transaction.atomic
def prove(proof: NumberProof, phone: str) -> None:
    """Prove the member's number, in place of the one before. Repeating it changes nothing."""
    if proof.proven_at is not None:
        return
    NumberProof.objects.filter(membership=proof.membership_id, proven_at__isnull=False).delete()
    NumberProof.objects.filter(pk=proof.pk).update(phone=phone, proven_at=Now())


def withdraw(business_id: int, phone: str) -> None:
    """Forget the proofs of a number whose holder asked to stop."""
    NumberProof.objects.filter(
        phone__in=phones.forms(phone), membership__business=business_id, proven_at__isnull=False
    ).delete()


def is_a_members(business_id: int, phone: str) -> bool:
    """Whether a member has proven that this number is theirs: tests go there."""
    proven = NumberProof.objects.filter(
        phone__in=phones.forms(phone), membership__business=business_id, proven_at__isnull=False
    )
    return proven.exists()


def plain(name: str) -> str:
    """A user-chosen name without links and numbers, of which phones would make links."""
    if sum(letter.isnumeric() for letter in name) > _NAME_DIGITS:
        name = "".join(" " if letter.isnumeric() else letter for letter in name)
    kept = "".join(letter if letter.isalnum() or letter in " &'’-" else " " for letter in name)
    return " ".join(kept.split())[:_NAME_MOST].strip()


def _awaited(session: WhatsAppSession) -> list[NumberProof]:
    """A handful: the words that were asked for lately (index proof_awaited)."""
    since = timezone.now() - VALID - _HEARD_WITHIN
    rows = NumberProof.objects.filter(session=session, asked_at__gte=since)
    return list(rows.filter(how=NumberProof.How.WROTE).order_by("-asked_at"))


def _forget_attempts(membership: Membership, how: str) -> None:
    NumberProof.objects.filter(membership=membership, how=how, proven_at__isnull=True).delete()


def _digits(length: int) -> str:
    return f"{secrets.randbelow(10**length):0{length}}"


def _queue_code(proof: NumberProof, code: str) -> None:
    member = proof.membership
    said = _(
        "%(code)s é o seu código para receber testes de %(business)s. Quem pediu: %(person)s."
        " Vale por %(n)s minutos. Se não foi você, ignore."
    )
    Notice.objects.create(
        business=member.business,
        session_id=proof.session_id,
        kind=Notice.Kind.NUMBER_CODE,
        cause=str(proof.pk),
        phone=proof.phone,
        asked_by=member.user,
        text=said
        % {
            "code": code,
            "business": plain(member.business.name),
            "person": plain(member.user.name) or _("alguém da equipe"),
            "n": VALID_MINUTES,
        },
    )


def _has_stopped(business_id: int, phone: str) -> bool:
    revoked = Subscription.objects.filter(
        business=business_id, contact__phone=phone, state=State.REVOKED
    )
    held = Hold.objects.filter(business=business_id, key=stops.key_of(phone), done_at=None)
    stopped = stops.of_number(business_id, phone) or stops.erased(business_id, [phone])
    return revoked.exists() or held.exists() or bool(stopped)
