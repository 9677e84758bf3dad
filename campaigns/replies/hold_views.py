"""Doubtful answers, one card a person, and one tap for each decision."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.refused import Refused
from campaigns.models import Hold
from campaigns.replies import hold_words, holds, pages, thread
from campaigns.replies.thread import ChatMessage

SHOWN = 50  # the newest; the rest comes up as these are decided
SAID = 3  # messages of a card


@dataclass(frozen=True)
class Card:
    """One person who waits: what they answered, what it may mean, and how much is held for them."""

    hold: Hold
    words: str
    said: list[ChatMessage]
    waiting: int


@member_required
@require_safe
def hold_list(request: BusinessRequest) -> HttpResponse:
    """Whose answer a person must read, those that were decided just now among them."""
    rows = holds.waiting(request.business).select_related(
        "reply__contact", "reply__session", "reply__delivery__campaign", "decided_by"
    )
    cards = [_card(hold) for hold in rows[:SHOWN]]
    context = {
        "cards": cards,
        "undecided": holds.undecided(request.business).count(),
        "held": sum(card.waiting for card in cards),
        "open": len(pages.open_replies(request.business)),
        "may_decide": may(request, *WRITERS),
    }
    return render(request, "campaigns/replies/hold_list.html", context)


def _card(hold: Hold) -> Card:
    held = holds.of_contacts(holds.people(hold)).count()
    said = thread.conversation_of(hold.reply, SAID)[-SAID:]
    return Card(hold, hold_words.why(hold.reply.reason), said, held)


@roles(*WRITERS)
@require_POST
def hold_decide(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take a decision, or take it back."""
    hold = get_object_or_404(Hold, business=request.business, pk=pk)
    decision = request.POST.get("decisao", "")
    try:
        if request.POST.get("desfazer"):
            holds.undo(hold=hold)
        elif decision in Hold.Decision.values:
            holds.decide(hold=hold, decision=decision, actor=request.user)
        else:
            messages.error(request, _("Escolha uma das três respostas."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(request.business.address("hold_list"))
