"""The owner answers that WhatsApp was opened on the account's phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, roles
from campaigns.alerts import incidents
from sessions.models import WhatsAppSession


@roles(Role.OWNER)
@require_POST
def session_phone_opened(request: BusinessRequest, pk: int) -> HttpResponse:
    """The answer to the question that `campaigns.alerts.incidents` asks every 11 days."""
    session = get_object_or_404(WhatsAppSession, business=request.business, pk=pk)
    incidents.phone_opened(session)
    messages.success(request, _("Anotado. Perguntamos de novo daqui a 11 dias."))
    return redirect(request.business.address("session_detail", session.pk))
