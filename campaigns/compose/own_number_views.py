"""The page on which a member shows that a number is theirs: a word written, or a code typed back."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from blu.accounts.refused import Refused
from campaigns import lifecycle
from campaigns.alerts import session_problems
from campaigns.compose.own_number_forms import CodeForm, OwnNumberForm
from campaigns.models import Campaign, Notice, NumberProof
from campaigns.models.scope import campaign_or_404, is_fragment, steps
from campaigns.notices import own_number, self_tests

How = NumberProof.How


@roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_number(request: BusinessRequest, pk: int) -> HttpResponse:
    """Both ways to prove one's number; the page polls for what it waits for."""
    campaign = campaign_or_404(request, pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect(request.business.address("campaign_detail", pk))
    if request.method == "POST":
        return _asked(request, campaign)
    if is_fragment(request):
        return _state(request, campaign)
    return _page(request, campaign)


def _asked(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    """Carry out the button's action; a refusal is shown beside its field, or above the page."""
    action = request.POST.get("acao")
    try:
        if action == "confirmar":
            return _confirmed(request, campaign)
        if action == "codigo":
            return _code_asked_for(request, campaign)
        session = self_tests.linked_session(campaign)
        own_number.ask_for_word(membership=request.membership, session=session)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(request.business.address("campaign_number", campaign.pk))


def _confirmed(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, code=form)
    try:
        typed = form.cleaned_data["code"]
        own_number.confirm(membership=request.membership, typed=typed)
    except Refused as refusal:
        form.add_error("code", str(refusal))
        return _page(request, campaign, code=form)
    return _proven(request, campaign)


def _code_asked_for(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    form = OwnNumberForm(request.POST, business=request.business)
    if not form.is_valid():
        return _page(request, campaign, number=form)
    try:
        own_number.ask_for_code(
            membership=request.membership,
            session=self_tests.linked_session(campaign),
            phone=form.cleaned_data["phone"],
        )
    except Refused as refusal:
        form.add_error("phone", str(refusal))
        return _page(request, campaign, number=form)
    return redirect(request.business.address("campaign_number", campaign.pk))


def _proven(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    messages.success(request, _("Número confirmado. Agora envie o teste para você."))
    url = request.business.address("campaign_test", campaign.pk)
    return HttpResponse(headers={"HX-Redirect": url}) if is_fragment(request) else redirect(url)


def _state(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    """The fragment that the page polls: whether the word has arrived, and how far the code has come."""
    if own_number.has_just_proven(request.membership):
        return _proven(request, campaign)
    word = own_number.attempt(request.membership, How.WROTE)
    waiting = {"campaign": campaign, "word": word, **_sent_code(request)}
    return render(request, "campaigns/compose/_number_state.html", waiting)


def _sent_code(request: BusinessRequest) -> dict[str, Any]:
    """The code that may still be typed, and the notice that brings it."""
    sent = own_number.attempt(request.membership, How.CODE)
    brings = Notice.objects.filter(business=request.business, kind=Notice.Kind.NUMBER_CODE)
    notice = brings.filter(cause=str(sent.pk), session_id=sent.session_id).first() if sent else None
    return {"sent": sent, "notice": notice}


def _page(
    request: BusinessRequest,
    campaign: Campaign,
    *,
    number: OwnNumberForm | None = None,
    code: CodeForm | None = None,
) -> HttpResponse:
    session = lifecycle.linked_session(campaign)
    word = own_number.attempt(request.membership, How.WROTE)
    context = {
        "campaign": campaign,
        "session": session,
        "problem": session_problems.problem_stopping_all(session) if session else None,
        "steps": steps(),
        "number": number or OwnNumberForm(business=request.business),
        "code": code or CodeForm(),
        "mine": NumberProof.number_of(business=request.business, user=request.user),
        "word": word,
        "wanted": own_number.to_write(word) if word else "",
        "address": _address(word) if word else "",
        "phones_url": f"{settings.SIMULATOR_URL}/phones/" if settings.SIMULATOR_URL else "",
        **_sent_code(request),
    }
    return render(request, "campaigns/compose/campaign_number.html", context)


def _address(word: NumberProof) -> str:
    """WhatsApp with the message already written; "" on the simulator, whose phones know no links."""
    phone = word.session.phone.lstrip("+")
    if not phone or settings.SIMULATOR_URL:
        return ""
    return f"https://wa.me/{phone}?text={quote(own_number.to_write(word))}"
