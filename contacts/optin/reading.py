"""The two reads of the public pages, as plain statements: hundreds of people may come within a second.

Django takes longer to write these joins than PostgreSQL to answer them. What comes is the models, with the columns
that a page shows and no others.
"""

from time import monotonic
from typing import Any

from blu.accounts import closing
from blu.accounts.models import Business
from blu.db import prepared_sql
from contacts.models import ConsentWording, OptIn, OptInText, Topic

_TEXT = """
       text.id AS text_id, text.code AS text_code, text.created_at AS text_created_at, text.closed_at,
       topic.id AS topic_id, topic.name AS topic_name, topic.description,
       wording.id AS wording_id, wording.text AS words,
       business.id AS business_id, business.name AS business_name, business.slug, business.default_area_code
"""
_OF_TEXT = """
  JOIN contacts_topic topic ON topic.id = text.topic_id
  JOIN contacts_consentwording wording ON wording.id = text.wording_id
  JOIN accounts_business business ON business.id = text.business_id
"""
_STAYS = closing.STAYS.format("business.id")
_PAGE = f"""
SELECT {_TEXT} FROM contacts_optintext text {_OF_TEXT}
 WHERE text.topic_id = %(topic)s AND business.slug = %(slug)s AND {_STAYS}
 ORDER BY text.id DESC LIMIT 1
"""
_REQUEST = f"""
SELECT request.id, request.token, request.code, request.name, request.phone, request.asked_at,
       request.from_other_at, request.hidden_at, request.code_asked_at, request.tries, request.confirmed_at, {_TEXT}
  FROM contacts_optin request JOIN contacts_optintext text ON text.id = request.text_id {_OF_TEXT}
 WHERE request.token = %(token)s AND {_STAYS}
"""
_OWN = (
    "id", "token", "code", "name", "phone", "asked_at", "from_other_at", "hidden_at", "code_asked_at", "tries",
    "confirmed_at",
)  # fmt: skip


# What a page said lately, to this process, by slug and topic; of so many pages.
_LATELY: dict[tuple[str, int], tuple[float, OptInText]] = {}
_LASTS = 5.0  # seconds
_PAGES_MOST = 1_000


def page_lately(slug: str, topic_id: int) -> OptInText | None:
    """The same as it was a few seconds ago, for what people type: nothing is kept under words that
    aren't those of now (contacts.optin.asking).
    """
    asked_at, text = _LATELY.get((slug, topic_id), (0.0, None))
    if text and monotonic() - asked_at < _LASTS:
        return text
    text = open_page(slug, topic_id)
    if text:
        if len(_LATELY) >= _PAGES_MOST:
            _LATELY.clear()
        _LATELY[slug, topic_id] = (monotonic(), text)
    return text


def open_page(slug: str, topic_id: int) -> OptInText | None:
    """What the page of a topic says now; None where it has none, or it is closed."""
    row = prepared_sql.one(_PAGE, {"slug": slug, "topic": topic_id})
    return None if row is None or row["closed_at"] else _text(row)


def request_of(token: str) -> OptIn | None:
    """Somebody's request, with its page; without the code that was sent."""
    row = prepared_sql.one(_REQUEST, {"token": token})
    if row is None:
        return None
    text = _text(row)
    return OptIn(business=text.business, text=text, **{name: row[name] for name in _OWN})


def _text(row: dict[str, Any]) -> OptInText:
    business = Business(
        id=row["business_id"],
        name=row["business_name"],
        slug=row["slug"],
        default_area_code=row["default_area_code"],
    )
    named = {"name": row["topic_name"], "description": row["description"]}
    return OptInText(
        id=row["text_id"],
        business=business,
        topic=Topic(id=row["topic_id"], business=business, **named),
        wording=ConsentWording(id=row["wording_id"], business=business, text=row["words"]),
        code=row["text_code"],
        created_at=row["text_created_at"],
        closed_at=row["closed_at"],
    )
