"""The page on which an owner erases a person, after saying again who they are."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, fresh_confirmation_required, roles
from blu.accounts.refused import Refused
from contacts import pages
from contacts.erasure.services import erase


def gone_or_404(request: BusinessRequest, back: str) -> HttpResponse:
    """Who wanted to erase a person that is there no more has what they wanted. Raises Http404 for who only looks."""
    if request.method != "POST":
        raise Http404
    messages.info(request, _("Esta pessoa já não está aqui: não há o que apagar."))
    return redirect(request.business.address(back))


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def contact_erase(request: BusinessRequest, pk: int) -> HttpResponse:
    """Says what goes and what stays, and does it."""
    contact = pages.of_business(request.business).filter(pk=pk).first()
    if contact is None:
        return gone_or_404(request, "contact_list")
    if request.method == "POST":
        try:
            erase(business=request.business, contact=contact, actor=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.business.address("contact_erase", pk))
        messages.success(request, _("Apagado. Nada mais é enviado a este número."))
        return redirect(request.business.address("contact_list"))
    return render(request, "contacts/erasure/contact_erase.html", {"contact": contact})
