"""What contacts.optin needs of WhatsApp: the account that people write to, and a code to a number typed on a page.

The code is itself a message to a number that is nobody's yet: short, plain, one a day for a number, ten a day
through a session (campaigns.models.notice_rules).
"""

import secrets

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from blu.accounts.models import Business
from blu.accounts.refused import Refused
from campaigns.alerts import session_problems
from campaigns.models import Notice
from campaigns.models.notice_rules import VALID_MINUTES
from campaigns.notices.own_number import plain
from contacts.models import OptIn
from contacts.optin.messenger import Number
from contacts.optin.refusals import OptInRefusal
from sessions import health
from sessions.models import WhatsAppSession
from sessions.states import State

CODE_DIGITS = 6


class OptInMessenger:
    """contacts.optin.messenger.Messenger over a business's sessions and the ledger."""

    def number_of(self, business_id: int) -> Number | None:
        """The account that people write to; None where the business has none that hears."""
        sessions = _hearing(business_id)
        return _number(sessions[0]) if sessions else None

    def numbers_of(self, business: Business) -> list[Number]:
        """All accounts of a business that hear, the one above first."""
        return [_number(session) for session in _hearing(business.pk)]

    def send_code(self, request: OptIn) -> None:
        """Queue the code of a request for its number; Refused where none may go."""
        sessions = _hearing(request.business_id)
        if not sessions or session_problems.problem_stopping_all(sessions[0]):
            raise Refused(OptInRefusal.NO_CODE_NOW)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        waiting = OptIn.objects.filter(pk=request.pk, confirmed_at=None, code_asked_at=None)
        try:
            with transaction.atomic():
                if not waiting.update(typed_code=code, code_asked_at=Now()):
                    return  # a second click
                _queue(request, sessions[0].pk, code)
        except (
            IntegrityError
        ) as refusal:  # the rule of its kind: a stop, a doubt, or one went today
            raise Refused(OptInRefusal.NO_CODE_NOW) from refusal


def _hearing(business_id: int) -> list[WhatsAppSession]:
    """Sessions with a number that is linked, those first that are well and the oldest first."""
    linked = WhatsAppSession.objects.filter(business=business_id).exclude(phone="")
    linked = linked.filter(active_link__state__in=[one for one in State if one.is_linked])
    return sorted(linked, key=lambda session: (not health.is_well(session), session.pk))


def _number(session: WhatsAppSession) -> Number:
    return Number(session.phone, session.name)


def _queue(request: OptIn, session_id: int, code: str) -> None:
    said = _(
        "%(code)s é o código para receber mensagens de %(business)s. Vale por %(n)s minutos."
        " Se não foi você, ignore."
    )
    Notice.objects.create(
        business_id=request.business_id,
        session_id=session_id,
        kind=Notice.Kind.OPTIN_CODE,
        cause=str(request.pk),
        phone=request.phone,
        text=said % {"code": code, "business": plain(request.business.name), "n": VALID_MINUTES},
    )
