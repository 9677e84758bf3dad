"""The page on which an owner erases a person, after saying again who they are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, fresh_confirmation_required, roles
from blu.accounts.refused import Refused
from contacts import pages
from contacts.erasure.services import erase


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def contact_erase(request: BusinessRequest, pk: int) -> HttpResponse:
    """Says what goes and what stays, and does it."""
    contact = get_object_or_404(pages.of_business(request.business), pk=pk)
    if request.method == "POST":
        try:
            erase(business=request.business, contact=contact, actor=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.business.address("contact_erase", pk))
        messages.success(request, _("Apagado. Nada mais é enviado a este número."))
        return redirect(request.business.address("contact_list"))
    return render(request, "contacts/erasure/contact_erase.html", {"contact": contact})
