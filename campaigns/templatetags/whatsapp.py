"""{{ text|whatsapp_text }}: how WhatsApp draws a message."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from campaigns.messages.whatsapp_markup import Piece, to_html

register = template.Library()


@register.filter
def whatsapp_text(message: str | Iterable[Piece]) -> SafeString:
    """The message as WhatsApp draws it; takes text or Pieces (what was filled in gets a mark)."""
    return to_html(message)
