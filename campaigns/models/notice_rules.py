"""To whom a message outside campaigns may go: one rule for each kind.

The triggers of `campaigns_notice` and the claim are both written from RULES, so that raw SQL and the
admin obey the same table as the code. No notice has hours, every notice has the interval.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.chat_keys import keys_of
from campaigns.models.hold_rules import held
from contacts.models.stops import standing


class Kind(models.TextChoices):
    """What a notice is."""

    STOP_CONFIRMATION = "stop_confirmation", _("confirmação de saída")
    RETURN_CONFIRMATION = "return_confirmation", _("confirmação de volta")
    SELF_TEST = "self_test", _("teste para mim")
    NUMBER_CODE = "number_code", _("código para confirmar um número")
    OPTIN_CODE = "optin_code", _("código pedido na página de aceite")


# Whose day it is that is counted by: a business's own clock is its owner's to move, and a person has several.
DAY_IN = "America/Sao_Paulo"
TESTS_A_DAY = 10  # of one person, in all businesses
CODES_A_DAY = 3  # asked for by one person
CODES_A_NUMBER = 1  # a day, whoever asks: it is nobody's number yet
CODES_A_SESSION = 10  # a day, whoever asks: strangers bear with few of them
VALID_MINUTES = 10  # of a code, and of a word to be written
OPTIN_CODES_A_NUMBER = 1  # a day, whatever page it was typed on
OPTIN_CODES_A_SESSION = 10  # a day: who writes to us instead costs nothing
# A confirmation is for who wrote just now, but a session may be away for days. The code confirms
# within the first, the database lets pass until the second: no moment lies between the two.
CONFIRMED_DAYS, CONFIRMED_DAYS_AT_MOST = 7, 8
NOTICE_MOST = 300  # characters of what isn't the person's own text


@dataclass(frozen=True)
class Rule:
    """To whom, as a condition in SQL over the notice `{n}`; whether a new chat counts for the quota
    before it is opened; how many a day by whom, to which number or
    through which session, as (column, most).
    """

    to_whom: str
    new_chat_quota: bool = False
    a_day: tuple[tuple[str, int], ...] = ()


def _who_wrote(kind: str) -> str:
    return f"""EXISTS (
        SELECT 1 FROM public.campaigns_reply reply
         WHERE reply.session_id = {{n}}.session_id AND reply.message_id = {{n}}.cause
           AND reply.phone = {{n}}.phone AND reply.kind = '{kind}'
           AND reply.at > statement_timestamp() - interval '{CONFIRMED_DAYS_AT_MOST} days')"""


_KEYS = keys_of("{n}.business_id", "{n}.phone")


def _stopped(more: str = "") -> str:
    """Whether a stop stands for the number's holder, `more` over the row `stop`."""
    return standing("{n}.business_id", _KEYS, more)


def _held(more: str = "") -> str:
    """Whether a hold is open for the number's holder, `more` over the row `hold`."""
    return held("{n}.business_id", _KEYS, more)


# Who asked to stop and proved the number later asks for the test anew.
_PROVEN = f"""EXISTS (
        SELECT 1 FROM public.campaigns_numberproof proof
          JOIN public.accounts_membership member ON member.id = proof.membership_id
         WHERE member.user_id = {{n}}.asked_by_id AND member.business_id = {{n}}.business_id
           AND proof.phone = {{n}}.phone AND proof.proven_at IS NOT NULL
           AND NOT {_stopped(" AND stop.at >= proof.proven_at")}
           AND NOT {_held(" AND hold.at >= proof.proven_at")})"""

# What the team took out is sent no code either.
_STOPPED = f"""({_stopped()} OR {_held()} OR EXISTS (
        SELECT 1 FROM public.contacts_contact contact
          JOIN public.contacts_subscription subscription ON subscription.contact_id = contact.id
         WHERE contact.business_id = {{n}}.business_id AND contact.phone = {{n}}.phone
           AND subscription.state = 'revoked'))"""

_ASKED_FOR = f"""(EXISTS (
        SELECT 1 FROM public.campaigns_numberproof proof
          JOIN public.accounts_membership member ON member.id = proof.membership_id
         WHERE proof.id::text = {{n}}.cause AND proof.how = 'code' AND proof.phone = {{n}}.phone
           AND proof.session_id = {{n}}.session_id AND proof.proven_at IS NULL
           AND proof.asked_at > statement_timestamp() - interval '{VALID_MINUTES} minutes'
           AND member.user_id = {{n}}.asked_by_id AND member.business_id = {{n}}.business_id)
    AND NOT {_STOPPED})"""

# Who asked on the page just now, and hasn't confirmed meanwhile. A stop is only lifted by a message of theirs.
_ASKED_ON_THE_PAGE = f"""(EXISTS (
        SELECT 1 FROM public.contacts_optin request
         WHERE request.id::text = {{n}}.cause AND request.phone = {{n}}.phone
           AND request.business_id = {{n}}.business_id AND request.confirmed_at IS NULL
           AND request.code_asked_at > statement_timestamp() - interval '{VALID_MINUTES} minutes')
    AND NOT ({_stopped()} OR {_held()}))"""

_BY_THIS_MESSAGE = " AND stop.evidence_kind = 'message' AND stop.evidence_ref = {n}.cause"

RULES: dict[str, Rule] = {
    # Under the stop that it confirms, and no other message of theirs.
    Kind.STOP_CONFIRMATION: Rule(
        f"({_who_wrote('stop')} AND {_stopped(_BY_THIS_MESSAGE)})",
    ),
    Kind.RETURN_CONFIRMATION: Rule(
        f"({_who_wrote('return')} AND NOT {_stopped()} AND NOT {_held()})"
    ),
    Kind.SELF_TEST: Rule(_PROVEN, new_chat_quota=True, a_day=(("asked_by_id", TESTS_A_DAY),)),
    Kind.NUMBER_CODE: Rule(
        _ASKED_FOR,
        new_chat_quota=True,
        a_day=(
            ("asked_by_id", CODES_A_DAY),
            ("phone", CODES_A_NUMBER),
            ("session_id", CODES_A_SESSION),
        ),
    ),
    # Of its own budget, and not of the day's new chats.
    Kind.OPTIN_CODE: Rule(
        _ASKED_ON_THE_PAGE,
        a_day=(("phone", OPTIN_CODES_A_NUMBER), ("session_id", OPTIN_CODES_A_SESSION)),
    ),
}

# What goes to a number that may be a stranger's, in one plain line.
CODES = (Kind.NUMBER_CODE, Kind.OPTIN_CODE)

# Kinds that open no new chat beyond the day's quota.
UNDER_QUOTA = tuple(kind for kind, rule in RULES.items() if rule.new_chat_quota)


def allowed(notice: str) -> str:
    """The condition, in SQL, under which the notice of that name or alias may go out now."""
    cases = " ".join(
        f"WHEN '{kind}' THEN {rule.to_whom.replace('{n}', notice)}" for kind, rule in RULES.items()
    )
    return f"(CASE {notice}.kind {cases} ELSE false END)"
