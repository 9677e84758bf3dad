"""The page on which an owner erases who wrote without showing a number: of others the contact has it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, fresh_confirmation_required, roles
from blu.accounts.refused import Refused
from campaigns.models import Reply
from campaigns.replies import identity
from contacts.erasure.services import erase_known_by


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def reply_erase(request: BusinessRequest, pk: int) -> HttpResponse:
    """Says what goes and what stays, and does it."""
    reply = get_object_or_404(Reply, business=request.business, pk=pk)
    if reply.contact_id:
        return redirect(request.business.address("contact_erase", reply.contact_id))
    key = identity.key_to_erase(reply)
    if not key:
        raise Http404
    if request.method == "POST":
        try:
            erase_known_by(business=request.business, key=key, actor=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.business.address("reply_erase", pk))
        messages.success(request, _("Apagado. Nada mais é enviado a esta pessoa."))
        return redirect(request.business.address("reply_list"))
    return render(request, "campaigns/replies/reply_erase.html", {"reply": reply})
