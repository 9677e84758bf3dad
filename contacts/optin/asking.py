"""Somebody fills in a public page: one statement, which counts and keeps it.

What is counted to refuse stands in the requests themselves, so that a request costs one row: so many an hour from
one address of the network, and for one number. Two at the same moment may make one too many, which harms nobody.
"""

from datetime import timedelta

from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from blu.accounts import closing
from blu.accounts.refused import Refused
from blu.db import prepared_sql
from blu.text.network import counted
from contacts.models import OptIn, OptInText
from contacts.models.opt_ins import new_code, new_token
from contacts.optin.refusals import OptInRefusal

# An hour. A whole town may come from one address of a phone company; a clinic's own network too.
FROM_ONE_ADDRESS = 120
# Of one business; and of all, which nobody should be able to fill from the page of one.
FOR_ONE_NUMBER = 6
FOR_ONE_NUMBER_OF_ALL = 30
UNCONFIRMED_FOR = timedelta(days=7)
SWEPT_AT_ONCE = 5_000
_TRIES = 3

_STAYS = closing.STAYS.format("%(business)s")
_ASK = f"""
INSERT INTO contacts_optin (business_id, text_id, token, code, name, phone, origin, typed_code)
SELECT %(business)s, %(text)s::bigint, %(token)s, %(code)s, %(name)s, %(phone)s::text, %(origin)s::text, ''
 WHERE (SELECT count(*) FROM contacts_optin
         WHERE origin = %(origin)s::text AND asked_at > statement_timestamp() - interval '1 hour') < {FROM_ONE_ADDRESS}
   AND (SELECT count(*) FROM contacts_optin
         WHERE phone = %(phone)s::text AND asked_at > statement_timestamp() - interval '1 hour') < {FOR_ONE_NUMBER_OF_ALL}
   AND (SELECT count(*) FROM contacts_optin
         WHERE phone = %(phone)s::text AND asked_at > statement_timestamp() - interval '1 hour'
           AND business_id = %(business)s) < {FOR_ONE_NUMBER}
   AND (SELECT id = %(text)s::bigint AND closed_at IS NULL FROM contacts_optintext
         WHERE topic_id = %(topic)s::bigint ORDER BY id DESC LIMIT 1)
   AND {_STAYS}
RETURNING token
"""
# Whether a page still says what was read there.
_STANDS = f"""
SELECT id = %(text)s::bigint AND closed_at IS NULL AND {_STAYS} AS stands FROM contacts_optintext
 WHERE topic_id = %(topic)s::bigint ORDER BY id DESC LIMIT 1
"""


class WordsChanged(Exception):
    """The page says something else meanwhile, or is closed: nobody agreed to what they had read."""


def ask(*, text: OptInText, name: str, phone: str, address: str) -> str:
    """Keep a request for a number (E.164) from an address of the network; returns its token.

    Raises Refused where too many came from there, or for that number, within the hour; and WordsChanged.
    """
    page = {"business": text.business_id, "text": text.pk, "topic": text.topic_id}
    who = {"name": name, "phone": phone, "origin": origin_of(address)}
    for _try in range(_TRIES):
        try:
            kept = prepared_sql.one(_ASK, page | who | {"token": new_token(), "code": new_code()})
        except IntegrityError:  # a code that somebody has
            continue
        if kept is None:
            break
        return str(kept["token"])
    stands = prepared_sql.one(_STANDS, page)
    if not (stands and stands["stands"]):
        raise WordsChanged
    raise Refused(OptInRefusal.MANY)


def origin_of(address: str) -> str:
    """An address as it is counted; never to be read back."""
    return salted_hmac("contacts.optin.origin", counted(address), algorithm="sha256").hexdigest()[
        :32
    ]


def sweep() -> int:
    """Delete what nobody confirmed in time. Returns the number of requests."""
    late = OptIn.objects.filter(confirmed_at=None, asked_at__lt=Now() - UNCONFIRMED_FOR)
    rows = OptIn.objects.filter(pk__in=late.values("pk")[:SWEPT_AT_ONCE])
    return rows.delete()[0]
