"""What people wrote back: one line a person, the newest first, and their conversation."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS, Role
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.db.keyset import Page
from blu.web.keys import key_in
from campaigns.models import Campaign, Reply
from campaigns.models.scope import campaigns_of
from campaigns.replies import holds, pages, thread

# What waits comes first; a campaign's replies are all of them.
OPEN, ALL = "open", "all"
TABS = (OPEN, ALL, "stop")


@member_required
@require_safe
def reply_list(request: BusinessRequest) -> HttpResponse:
    """Who wrote, and the conversation of the one that is chosen."""
    tab, text = request.GET.get("aba", ""), request.GET.get("q", "").strip()[:100]
    campaign = campaigns_of(request).filter(pk=key_in(request, "campanha")).first()
    if tab not in TABS:
        tab = ALL if campaign else OPEN
    page = pages.replies(
        request.business,
        tab=tab,
        text=text,
        campaign=campaign,
        before=key_in(request, "antes"),
        after=key_in(request, "depois"),
    )
    kept = _kept(tab, text, campaign)
    context = {
        "page": page,
        "waiting": pages.waiting(request.business, page.rows),
        "tab": tab,
        "text": text,
        "campaign": campaign,
        "tabs": _tabs(request, text, campaign, tab),
        "kept": urlencode(kept),
        "previous": f"?{urlencode(kept | {'antes': page.before})}" if page.before else "",
        "next": f"?{urlencode(kept | {'depois': page.after})}" if page.after else "",
        "may_handle": may(request, *WRITERS),
        "may_erase": may(request, Role.OWNER),
        "undecided": holds.undecided(request.business).count(),
        "any": bool(page.rows) or Reply.objects.filter(business=request.business).exists(),
        **_conversation(request, page),
    }
    return render(request, "campaigns/replies/reply_list.html", context)


def _kept(tab: str, text: str, campaign: Campaign | None) -> dict[str, Any]:
    chosen = (("aba", tab), ("q", text), ("campanha", campaign.pk if campaign else ""))
    return {name: value for name, value in chosen if value}


def _tabs(
    request: BusinessRequest, text: str, campaign: Campaign | None, chosen: str
) -> list[tuple[str, str, int, bool]]:
    """(query, word, count, chosen); only what is waiting is worth a count."""
    words = ((OPEN, _("Por resolver")), (ALL, _("Todas")), ("stop", _("Saídas")))
    # Of what the page was narrowed to nobody counts.
    waiting = 0 if text or campaign else len(pages.open_replies(request.business))
    return [
        (
            urlencode(_kept(tab, text, campaign)),
            word,
            waiting if tab == OPEN else 0,
            tab == chosen,
        )
        for tab, word in words
    ]


def _conversation(request: BusinessRequest, page: Page[Reply]) -> dict[str, Any]:
    """The chosen reply with what it answers; on a wide screen the first one if none is chosen."""
    chosen = key_in(request, "resposta")
    if chosen:
        reply = get_object_or_404(_replies_of(request), pk=chosen)
    elif page.rows:
        reply = page.rows[0]
    else:
        return {"reply": None}
    return {
        "reply": reply,
        "is_chosen": bool(chosen),
        "delivery": reply.delivery,
        "waits": _of_same_person(reply).filter(handled_at__isnull=True).exists(),
        "thread": thread.conversation_of(reply),
    }


def _of_same_person(reply: Reply) -> QuerySet[Reply]:
    """The person's replies up to this one; later ones have not been seen on the page."""
    rows = Reply.objects.filter(business=reply.business_id, person=reply.person)
    return rows.filter(pk__lte=reply.pk)


def _replies_of(request: BusinessRequest) -> QuerySet[Reply]:
    rows = Reply.objects.filter(business=request.business)
    return rows.select_related("contact", "delivery__campaign", "handled_by")


@roles(*WRITERS)
@require_POST
def reply_handle(request: BusinessRequest, pk: int) -> HttpResponse:
    """Mark what a person wrote up to a reply as handled, or that reply as waiting again."""
    reply = get_object_or_404(Reply, business=request.business, pk=pk)
    if request.POST.get("reabrir"):
        Reply.objects.filter(pk=reply.pk).update(handled_at=None, handled_by=None)
    else:
        # The first one who handles it stays named.
        _of_same_person(reply).filter(handled_at__isnull=True).update(
            handled_at=Now(), handled_by=request.user
        )
    back = request.POST.get("volta", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back if safe else request.business.address("reply_list"))
