"""How a draft will look on a phone."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from blu.accounts.models import Business
from blu.web.phone_display import readable
from campaigns.compose import audience
from campaigns.compose.audience import Example
from campaigns.messages import content, variables
from campaigns.messages.whatsapp_markup import Piece
from contacts.models import Segment, Topic


class Bubble(NamedTuple):
    """One message of the preview: the person it goes to, why it is shown, its text in pieces."""

    person: str
    why: str
    pieces: Sequence[Piece]


def bubbles(
    business: Business,
    topic: Topic | None,
    segment: Segment | None,
    body: str,
    *,
    number: int = 1,
    worst: bool = False,
) -> list[Bubble]:
    """The message of the person at place `number`, or those of the worst cases.

    Where no audience is chosen yet, the text with every datum missing.
    """
    examples: list[Example] = []
    if topic is not None and worst:
        examples = audience.worst(business, topic, segment, body)
    elif topic is not None:
        one = audience.example(business, topic, segment, body, number)
        examples = [one] if one else []
    if not examples and not worst:
        return [Bubble("", "", _pieces(body, {}))]
    return [Bubble(_person(one), _why(one), _pieces(body, one.data)) for one in examples]


def _pieces(body: str, data: dict[str, str]) -> list[Piece]:
    """Without the blanks that are cut off around a message (campaigns.messages.content.render)."""
    return variables.render_marked(body.strip(), content.with_link(data))


def _person(example: Example) -> str:
    return example.contact.name or readable(example.contact.phone)


def _why(example: Example) -> str:
    if example.longest:
        return _("Dados mais longos")
    missing = [variable.label for variable in example.missing]
    if len(missing) > 1:
        return _("Sem %(some)s e sem %(last)s") % {
            "some": ", ".join(missing[:-1]),
            "last": missing[-1],
        }
    return _("Sem %(what)s") % {"what": missing[0]} if missing else ""
