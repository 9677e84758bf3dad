"""The pages of a business: which topics have one, what it says, and the message that people send from it."""

from urllib.parse import quote

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from blu.accounts.models import Business, User
from contacts.models import ConsentWording, OptIn, OptInText, Topic

WORDING_MOST = 600


def of_each_topic(business: Business) -> list[tuple[Topic, OptInText | None]]:
    """The topics of a business, each with what its page says, also of one that is closed; None without one."""
    newest = OptInText.objects.filter(topic=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    topics = Topic.objects.filter(business=business).annotate(text_pk=Subquery(newest))
    found = list(topics.select_related("business").order_by("name"))
    texts = OptInText.objects.select_related("wording").in_bulk([one.text_pk for one in found])
    return [(topic, texts.get(topic.text_pk)) for topic in found]


def newest_of(topic: Topic) -> OptInText | None:
    """What a topic's page says, also while it is closed."""
    return OptInText.objects.filter(topic=topic).select_related("wording").order_by("-pk").first()


def suggested(topic: Topic) -> str:
    """The words that a new page begins with."""
    what = topic.name if not topic.description else f"{topic.name}. {topic.description}"
    said = _(
        "Ao confirmar, autorizo %(business)s a me escrever no WhatsApp sobre: %(what)s."
        " Posso sair quando quiser: basta responder SAIR."
    )
    return said % {"business": topic.business.name, "what": what.rstrip(".")}


@transaction.atomic
def publish(*, topic: Topic, words: str, actor: User) -> OptInText:
    """Open the page of a topic with these words; the same words as now change nothing but that it is open."""
    newest = newest_of(topic)
    if newest and newest.wording.text == words:
        OptInText.objects.filter(topic=topic).update(closed_at=None)
        newest.closed_at = None
        return newest
    wording, _created = ConsentWording.objects.get_or_create(
        business_id=topic.business_id, text=words
    )
    OptInText.objects.filter(topic=topic).update(closed_at=None)
    return OptInText.objects.create(
        business_id=topic.business_id, topic=topic, wording=wording, created_by=actor
    )


def close(topic: Topic) -> None:
    """The page says that it is closed, and the codes of its posters grant nothing."""
    OptInText.objects.filter(topic=topic, closed_at=None).update(closed_at=Now())


def message_of(request: OptIn) -> str:
    """What the person is to send: their own wish, with the code of their request."""
    said = _("Quero receber “%(topic)s” de %(business)s. Meu nome é %(name)s. (código %(code)s)")
    return said % {
        "topic": request.text.topic.name,
        "business": request.text.business.name,
        "name": request.name,
        "code": request.code,
    }


def message_of_page(text: OptInText) -> str:
    """The same from a poster, on which no name is known."""
    said = _("Quero receber “%(topic)s” de %(business)s. (código %(code)s)")
    return said % {"topic": text.topic.name, "business": text.business.name, "code": text.code}


def chat_link(phone: str, message: str) -> str:
    """WhatsApp's own address that opens a chat with a number (E.164), the message ready to be sent."""
    return f"https://wa.me/{phone.lstrip('+')}?text={quote(message, safe='')}"
