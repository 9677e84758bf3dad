"""{% session_badge session %}: the state as a badge; connected only where it is proven."""

from django import template

from blu.web.status_badges import SESSION, Badge
from sessions import health
from sessions.models import WhatsAppSession

register = template.Library()


register.filter(health.may_be_the_phone)
register.filter(health.has_lost_its_home)
register.filter("state_word", health.in_words)


@register.inclusion_tag("components/badge.html")
def session_badge(session: WhatsAppSession) -> dict[str, Badge]:
    """Word, icon and tone of how the session is now."""
    return {"state": SESSION[health.shown_state_of(session)]}
