"""A member writes down that somebody asked to receive nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from contacts import pages
from contacts.people.forms import StopForm
from contacts.people.services import note_stop


@roles(*WRITERS)
@require_POST
def contact_stop(request: BusinessRequest, pk: int) -> HttpResponse:
    """Obey at once what the person said to the team; only the person takes it back."""
    contact = get_object_or_404(pages.of_business(request.business), pk=pk)
    form = StopForm(request.POST)
    said = form.cleaned_data["said"] if form.is_valid() else ""
    if note_stop(contact=contact, actor=request.user, said=said):
        messages.success(request, _("Anotado: nada mais sai para este número."))
    else:
        messages.warning(request, _("Já estava anotado: nada sai para este número."))
    return redirect(request.business.address("contact_detail", pk))
