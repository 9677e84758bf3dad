"""What the shell around every page shows: the five places, what waits there, the WhatsApp state.

Everything is a function that the template calls when it needs it: a page without the shell, or an
htmx fragment, asks the database nothing.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from blu.accounts.models import Business, Membership
from blu.web.status_badges import SESSION, Badge
from campaigns.replies import holds, pages
from sessions import health
from sessions.models import WhatsAppSession
from sessions.states import URGENCY, State

# Which names of pages belong to which place, by how they begin.
PLACES = {
    "dashboard": ("dashboard",),
    "campaign_list": ("campaign", "delivery", "template"),
    "contact_list": ("contact", "import", "topic", "segment", "optin", "person_request"),
    "reply_list": ("reply", "hold"),
    "session_list": ("session",),
}


class Place(NamedTuple):
    """One link of the navigation; `exact` when the page is that very one."""

    label: str
    icon: str
    url: str
    current: bool
    exact: bool
    waiting: int = 0
    badge: Badge | None = None


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `shown`, `front`, `nav`, `whatsapp_badge`, `has_other_businesses`, `is_owner`."""
    membership = _shown(request)
    several = len(getattr(request, "memberships", ())) > 1
    if membership is None:
        front = reverse("home")
        nav = [Place(_("Início"), "home", front, current=False, exact=False)]
        return {"front": front, "nav": nav, "has_other_businesses": several}
    badge = cache(partial(whatsapp_badge, membership.business))
    return {
        "shown": membership,
        "front": membership.business.address("dashboard"),
        "nav": cache(partial(_places, request, membership.business, badge)),
        "whatsapp_badge": badge,
        "has_other_businesses": several,
        "is_owner": membership.role == "owner",
    }


def _shown(request: HttpRequest) -> Membership | None:
    """The membership whose shell a page has: of the business in the address, else the user's only one."""
    memberships: Sequence[Membership] = getattr(request, "memberships", ())
    only = memberships[0] if len(memberships) == 1 else None
    here: Membership | None = getattr(request, "membership", None)
    return here or only


def whatsapp_badge(business: Business) -> Badge:
    """The state of the business's WhatsApp, the most urgent one if it has several."""
    sessions = WhatsAppSession.objects.filter(business=business)
    states = {
        health.shown_state(*row)
        for row in sessions.values_list(
            "active_link__state", "active_link__proven_at", "new_chats_left", "new_chats_until"
        )
    }
    return SESSION[next((state for state in URGENCY if state in states), State.UNLINKED)]


def _to_answer(business: Business) -> int:
    """Returns the number of people who wait for an answer, or for a decision about theirs."""
    return len(pages.open_replies(business)) + holds.undecided(business).count()


def _places(request: HttpRequest, business: Business, badge: Callable[[], Badge]) -> list[Place]:
    page = request.resolver_match.url_name or "" if request.resolver_match else ""
    labels = {
        "dashboard": (_("Início"), "home"),
        "campaign_list": (_("Campanhas"), "campaign"),
        "contact_list": (_("Contatos"), "people"),
        "reply_list": (_("Respostas"), "reply"),
        "session_list": (_("WhatsApp"), "phone"),
    }
    state = badge()
    return [
        Place(
            label,
            icon,
            business.address(name),
            current=page.startswith(PLACES[name]),
            exact=page == name,
            waiting=_to_answer(business) if name == "reply_list" else 0,
            badge=state if name == "session_list" and state != SESSION[State.UNLINKED] else None,
        )
        for name, (label, icon) in labels.items()
    ]
