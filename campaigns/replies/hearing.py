"""How an answer is read on its way in: in the light of what it answers, and never for long."""

from datetime import datetime, timedelta

from campaigns.models import Delivery, Reply
from campaigns.replies.keywords import reading
from campaigns.replies.reasons import Answer, Reading, Reason
from contacts.models import Topic

# Characters that are read, which takes some 30 ms; WhatsApp's longest text would take seconds.
MOST = 2_000
# The kind of the newest message in that chat counts for so long.
CONTEXT = timedelta(days=7)
# Of a person of whom nobody can tell what they were written.
UNKNOWN = "unknown"


def read(text: str, context: str = "") -> Reading:
    """What a text asks of us; `context` as campaigns.replies.keywords.reading has it, or UNKNOWN.

    Where the context would decide and isn't known, a person does; and what a text longer than MOST says,
    unless it begins with a stop.
    """
    if context == UNKNOWN:
        news, appointment = (read(text, str(kind)) for kind in Topic.Kind)
        unsure = Reading(Answer.HOLD, Reason.UNCLEAR)
        return news if news.answer is appointment.answer else unsure
    first = reading(text[:MOST], context)
    if len(text) > MOST and first.answer is not Answer.STOP:
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    return first


def kind_of(text: str, context: str = "") -> Reply.Kind:
    """The same as the kind of a reply."""
    return Reply.Kind(read(text, context).answer)


def context_of(answered: Delivery | None, at: datetime) -> str:
    """The kind of what was answered at that time, where it was written within CONTEXT; else ""."""
    if answered is None or answered.sent_at is None or answered.sent_at < at - CONTEXT:
        return ""
    topics = Topic.objects.filter(campaign=answered.campaign_id)
    return topics.values_list("kind", flat=True).first() or ""
