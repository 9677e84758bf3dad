"""The pages on which an account moves to another kind of link, goes back, and lets the kept link go."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, roles
from blu.accounts.refused import Refused
from sessions import registry
from sessions.driving import moving
from sessions.linking import kinds, moves
from sessions.linking.refusals import LinkRefusal
from sessions.linking.views import linking_form, pairing_context, sessions_of
from sessions.registry import backend_of


@roles(Role.OWNER)
@never_cache
def session_move(request: BusinessRequest, pk: int) -> HttpResponse:
    """What a move is; the code for the new link; what stands once it sends. A POST begins it."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    address = request.business.address("session_move", session.pk)
    move = moves.open_of(session)
    other = kinds.other(session)
    if request.method == "POST":
        try:
            if not other:  # no host gives a sign of life just now
                raise Refused(LinkRefusal.NOT_OFFERED)
            moves.begin(session=session, transport=other, actor=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(address)
    if move is None and not (other and session.linked_at):
        return redirect(request.business.address("session_detail", session.pk))
    context = pairing_context(session, linking_form(session)) | {
        "move": move,
        "old": backend_of(move.old if move else session.link).words,
        "new": (backend_of(move.new) if move else registry.BACKENDS[other]).words,
        "old_logs_out": backend_of(move.old if move else session.link).logs_out,
        "is_restricted": moving.is_restricted(session),
    }
    return render(request, "sessions/linking/session_move.html", context)


@roles(Role.OWNER)
@require_POST
def session_move_back(request: BusinessRequest, pk: int) -> HttpResponse:
    """The kept link sends again."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    try:
        moves.go_back(session=session, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(request.business.address("session_move", session.pk))


@roles(Role.OWNER)
@require_POST
def session_move_end(request: BusinessRequest, pk: int) -> HttpResponse:
    """Nobody needs the link that doesn't send: the kept one, or one that waits for its code."""
    session = get_object_or_404(sessions_of(request), pk=pk)
    if moves.end(session=session, actor=request.user):
        messages.success(request, _("O aparelho que não envia foi dispensado."))
    return redirect(request.business.address("session_detail", session.pk))
