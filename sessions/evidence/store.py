"""Evidence of unknown pages in the database: sealed by drivers on any node; each opening by support is logged.

What a page shows is other people's chats. So it is sealed before it gets anywhere near the disk, the role of the
drivers can't read it back, and it goes to no log: of an opening the log has numbers only.
"""

import structlog
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from blu.accounts.models import User
from blu.db import encrypted_fields
from blu.db.retry import retry_while_away
from sessions.evidence.captured import Evidence, unpack
from sessions.models import EvidenceOpening, PageEvidence
from sessions.models.evidence import KEPT

log = structlog.get_logger()

NEWEST = 10
"""Of one link: it is looked at again every half an hour, and shows the same each time."""

# The row that is older than these goes.
_BEYOND = """
DELETE FROM wa_sessions_pageevidence
 WHERE id IN (SELECT id FROM wa_sessions_pageevidence
               WHERE link_id = %s ORDER BY id DESC OFFSET %s)
"""


class Unopenable(Exception):
    """There is no such part, or none of our keys opens it."""


def keep(link_id: int, found: Evidence) -> None:
    """Seal and keep one page of a link. Waits out a database that is away for a moment."""
    parts = {name: _sealed(getattr(found, name)) for name in EvidenceOpening.Part.values}
    row = {name: getattr(found, name) for name in ("kind", "screen", "build", "matched")}
    retry_while_away(
        lambda: PageEvidence.objects.create(link_id=link_id, node=settings.NODE, **row, **parts)
    )
    retry_while_away(lambda: _drop_beyond(link_id))
    log.warning("evidence_kept", link=link_id, kind=found.kind, screen=found.screen)


def sweep() -> int:
    """Delete what is older than a month. Returns the number deleted."""
    return PageEvidence.objects.filter(at__lte=Now() - KEPT).delete()[0]


@transaction.atomic
def opened(*, pk: int, part: EvidenceOpening.Part, who: User, reason: str) -> bytes:
    """Open a part of a page, and write the row that says who saw it and why.

    The picture is a JPEG, the document plain text. Raises PageEvidence.DoesNotExist, also after a month, and
    Unopenable, after which nothing is written down because nothing was seen.
    """
    row = PageEvidence.objects.fresh().select_related("link__session__business").get(pk=pk)
    session = row.link.session
    EvidenceOpening.objects.create(
        evidence=row,
        about=f"{session.business} · {session}"[:200],
        part=part,
        who=who,
        reason=reason,
    )
    content = _unsealed(bytes(getattr(row, part)))
    log.warning("evidence_opened", evidence=pk, part=part.value, who=who.pk)
    return unpack(content).encode() if part is EvidenceOpening.Part.DOCUMENT else content


def _sealed(content: bytes) -> bytes:
    return encrypted_fields.seal(content) if content else b""


def _unsealed(token: bytes) -> bytes:
    if not token:
        raise Unopenable
    try:
        return encrypted_fields.unseal(token)
    except InvalidToken as error:
        raise Unopenable from error


def _drop_beyond(link_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BEYOND, [link_id, NEWEST])
