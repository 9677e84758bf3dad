"""What contacts.optin needs of WhatsApp: the account that people write to, and a code to a number typed on a page.

The code is itself a message to a number that is nobody's yet: short, plain, one a day for a number, ten a day
through a session (campaigns.models.notice_rules).
"""

import secrets

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from blu.accounts.refused import Refused
from blu.db import prepared_sql
from campaigns.alerts import session_problems
from campaigns.models import Notice
from campaigns.models.notice_rules import VALID_MINUTES
from campaigns.notices.own_number import plain
from contacts.models import OptIn
from contacts.optin.messenger import Number
from contacts.optin.refusals import OptInRefusal
from sessions.models import WhatsAppSession
from sessions.states import LINKED, WELL

CODE_DIGITS = 6
# Of those that are linked first one that is well, and then the oldest. A plain statement, since public pages ask it.
_HEARS = """
SELECT session.id, session.phone, session.name FROM wa_sessions_whatsappsession session
  JOIN wa_sessions_link link ON link.id = session.active_link_id
 WHERE session.business_id = %(business)s AND session.phone <> '' AND link.state = ANY(%(linked)s)
 ORDER BY link.state = ANY(%(well)s) DESC, session.id LIMIT 1
"""
_LINKED = [state.value for state in LINKED]
_WELL = [state.value for state in WELL]


class OptInMessenger:
    """contacts.optin.messenger.Messenger over a business's sessions and the ledger."""

    def number_of(self, business_id: int) -> Number | None:
        """The account that people write to; None where the business has none that hears."""
        row = prepared_sql.one(_HEARS, {"business": business_id, "linked": _LINKED, "well": _WELL})
        return Number(row["phone"], row["name"]) if row else None

    def send_code(self, request: OptIn) -> None:
        """Queue the code of a request for its number; Refused where none may go."""
        values = {"business": request.business_id, "linked": _LINKED, "well": _WELL}
        row = prepared_sql.one(_HEARS, values)
        session = WhatsAppSession.objects.get(pk=row["id"]) if row else None
        if session is None or session_problems.problem_stopping_all(session):
            raise Refused(OptInRefusal.NO_CODE_NOW)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        waiting = OptIn.objects.filter(pk=request.pk, confirmed_at=None, code_asked_at=None)
        try:
            with transaction.atomic():
                if not waiting.update(typed_code=code, code_asked_at=Now()):
                    return  # a second click
                _queue(request, session.pk, code)
        except (
            IntegrityError
        ) as refusal:  # the rule of its kind: a stop, a doubt, or one went today
            raise Refused(OptInRefusal.NO_CODE_NOW) from refusal


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
