"""The pages on which a business links its WhatsApp, sees how it is, and unlinks it."""

import json
from typing import Any

from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST, require_safe

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.refused import Refused
from blu.web.phone_display import readable
from sessions import health, registry
from sessions.driving.link_updates import look_again
from sessions.linking import kinds, moves, page, services
from sessions.linking.forms import NewSessionForm, PairingForm, TermsForm
from sessions.models import OPEN_PAIRING, Pairing, SessionEvent, WhatsAppSession
from sessions.states import WELL, State

EVENTS_SHOWN = 20
EVENTS_READ = 500
RATES = {"session_looks": "1/10m/key"}


def sessions_of(request: BusinessRequest) -> QuerySet[WhatsAppSession]:
    """The WhatsApp accounts of the business that is asking, and no other's."""
    return WhatsAppSession.objects.filter(business=request.business)


@member_required
@require_safe
def session_list(request: BusinessRequest) -> HttpResponse:
    """Every WhatsApp of the business with its state."""
    context = {
        "sessions": sessions_of(request).order_by("name"),
        "may_link": may(request, Role.OWNER),
    }
    return render(request, "sessions/linking/session_list.html", context)


@member_required
@require_safe
def session_terms(request: BusinessRequest) -> HttpResponse:
    """What WhatsApp thinks of automated sending, and what blü does about it."""
    return render(request, "sessions/linking/terms.html")


@roles(Role.OWNER)
def session_new(request: BusinessRequest) -> HttpResponse:
    """Name it and accept the terms; linking comes next."""
    form = NewSessionForm(request.POST or None, business=request.business)
    if form.is_valid():
        session = services.create_session(
            business=request.business,
            name=form.cleaned_data["name"],
            actor=request.user,
            transport=kinds.default(),
        )
        services.accept_terms(session=session, actor=request.user)
        return redirect(request.business.address("session_pair", session.pk))
    return render(request, "sessions/linking/session_new.html", {"form": form})


@member_required
@require_safe
def session_detail(request: BusinessRequest, pk: int) -> HttpResponse:
    """How this WhatsApp is, in plain words, and what to do when it isn't well."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    linked = session.link.pairings.filter(status=Pairing.Status.LINKED).select_related(
        "requested_by"
    )
    context = {
        "session": session,
        "state_template": f"sessions/states/{health.shown_state_of(session)}.html",
        "linked_by": linked.order_by("-id").first(),
        "events": _worth_telling(session),
        "may_link": may(request, Role.OWNER),
        "is_linked": State(session.state).is_linked,
        "logs_out": registry.backend_of(session.link).logs_out,
        "keeps_badges": services.keeps_badges(session.link),
        "move": moves.open_of(session),
        "other": registry.BACKENDS.get(kinds.other(session)),
        "words": registry.backend_of(session.link).words,
        "has_evidence": session.link.evidence.fresh().exists(),
    }
    return render(request, "sessions/linking/session_detail.html", context)


def _worth_telling(session: WhatsAppSession) -> list[SessionEvent]:
    """The history, newest first, without the visits that come and go all day and find all well."""
    events = list(session.link.events.order_by("-id")[:EVENTS_READ])
    before = [*(event.state for event in events[1:]), ""]
    told = [
        event
        for event, state_before in zip(events, before, strict=False)
        if event.reason or event.state not in WELL or state_before not in WELL
    ]
    return told[:EVENTS_SHOWN]


@sensitive_post_parameters()
@roles(Role.OWNER)
@never_cache
def session_pair(request: BusinessRequest, pk: int) -> HttpResponse:
    """The code, the QR or the key to link with; the terms first, until they are accepted."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    if session.terms_accepted_at is None:
        return _accept_terms(request, session)
    data = request.POST if request.method == "POST" else None
    form = linking_form(session, data)
    if form.is_valid():
        return _start(request, session, form)
    if moves.link_to_pair(session) != session.link:
        return redirect(request.business.address("session_move", session.pk))
    return render(request, "sessions/linking/session_pair.html", pairing_context(session, form))


def _number_tried(session: WhatsAppSession) -> dict[str, str]:
    """The number of the account, or of the last attempt: who tries again need not type it again."""
    tried = session.link.pairings.exclude(phone="").order_by("-id").values_list("phone", flat=True)
    return {"phone": readable(session.phone or tried.first() or "")}


def _accept_terms(request: BusinessRequest, session: WhatsAppSession) -> HttpResponse:
    form = TermsForm(request.POST or None)
    if form.is_valid():
        services.accept_terms(session=session, actor=request.user)
        return redirect(request.business.address("session_pair", session.pk))
    return render(
        request, "sessions/linking/session_accept.html", {"form": form, "session": session}
    )


def linking_form(session: WhatsAppSession, data: QueryDict | None = None) -> forms.Form:
    """What is asked of who links: the key, by the form of the link's kind, or by which code of a phone's."""
    key_form = registry.backend_of(session.link).linked_by()
    if key_form:
        return key_form(data)
    return PairingForm(data, business=session.business, initial=_number_tried(session))


def _start(request: BusinessRequest, session: WhatsAppSession, form: forms.Form) -> HttpResponse:
    said = form.cleaned_data
    how = (
        {"phone": said["phone"]}
        if isinstance(form, PairingForm)
        else {"credentials": json.dumps(said)}
    )
    try:
        services.request_pairing(
            session=session, actor=request.user, link=moves.link_to_pair(session), **how
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(request.business.address("session_pair", session.pk))


@roles(Role.OWNER)
@require_GET
@never_cache
def session_pair_state(request: BusinessRequest, pk: int) -> HttpResponse:
    """The moving part of the pairing page; 204 while it is still as the page shows it.

    Once linked the whole page is drawn anew: its head and menu say how this WhatsApp is.
    """
    session = get_object_or_404(sessions_of(request), pk=pk)
    context = pairing_context(session, linking_form(session))
    if request.GET.get("seen") == context["page"].token:
        return HttpResponse(status=204)
    if context["page"].is_linked:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "sessions/linking/pairing_state.html", context)


def pairing_context(session: WhatsAppSession, form: forms.Form) -> dict[str, Any]:
    """What both pages show on which an account is linked: anew, or on its way to another link."""
    simulator, link, offered = settings.SIMULATOR_URL, moves.link_to_pair(session), kinds.offered()
    return {
        "session": session,
        "form": form,
        "page": page.describe(link),
        "is_moving": link != session.link,
        "kinds": offered,
        "best": next(iter(offered.values()), None),
        "phones_url": f"{simulator}/phones/" if simulator else "",
        "keeps_badges": services.keeps_badges(link),
    }


@roles(Role.OWNER)
@require_GET
@never_cache
def session_qr(request: BusinessRequest, pk: int) -> HttpResponse:
    """The QR code of the moment as a picture; 404 when there is none to scan."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    code = page.qr_text(moves.link_to_pair(session))
    if not code:
        raise Http404
    return HttpResponse(
        page.qr_picture(code),
        content_type="image/svg+xml",
        headers={"Content-Disposition": "inline"},
    )


@roles(Role.OWNER)
@require_POST
def session_kind(request: BusinessRequest, pk: int) -> HttpResponse:
    """By which kind of link blü is to speak to this WhatsApp, which isn't linked."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    try:
        kinds.choose(
            session=session, transport=request.POST.get("transport", ""), actor=request.user
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(request.business.address("session_pair", session.pk))


@roles(Role.OWNER)
@require_POST
def session_pair_cancel(request: BusinessRequest, pk: int) -> HttpResponse:
    """Stop waiting for the phone; the page offers both ways again."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    for pairing in moves.link_to_pair(session).pairings.filter(status__in=OPEN_PAIRING):
        services.cancel_pairing(pairing=pairing)
    return redirect(request.business.address("session_pair", session.pk))


@roles(Role.OWNER)
@require_POST
def session_look(request: BusinessRequest, pk: int) -> HttpResponse:
    """Look now whether WhatsApp lets the account go on, before blü would by itself; once in ten minutes."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    key = str(session.pk)
    first = ratelimit.consume(request, app="blu", action="session_looks", config=RATES, key=key)
    if first and look_again(session.pk):
        messages.success(
            request, _("O blü vai olhar agora. Em um ou dois minutos esta página diz.")
        )
    else:
        messages.info(
            request, _("Nada a olhar agora: ou já foi pedido, ou esta conta não espera por isso.")
        )
    return redirect(request.business.address("session_detail", session.pk))


@roles(Role.OWNER)
@require_POST
def session_unlink(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take blü off the linked devices of this account."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    try:
        services.unlink(session=session, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s foi desconectado.") % {"name": session.name})
    return redirect(request.business.address("session_detail", session.pk))
