"""{% session_badge session %}: the state as a badge; connected only where it is proven."""

from django import template

from blu.web.status_badges import SESSION, Badge
from sessions import liveness
from sessions.models import WhatsAppSession

register = template.Library()


register.filter(liveness.may_be_the_phone)
register.filter(liveness.has_lost_its_home)
register.filter("state_word", liveness.word)


@register.inclusion_tag("components/badge.html")
def session_badge(session: WhatsAppSession) -> dict[str, Badge]:
    """Word, icon and tone of how the session is now."""
    return {"state": SESSION[liveness.of(session)]}
