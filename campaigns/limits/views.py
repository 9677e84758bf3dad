"""How fast one WhatsApp sends: its owner may slow it down."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, roles
from blu.accounts.refused import Refused
from campaigns.limits import pacing, services
from campaigns.limits.forms import LowerForm
from sessions.models import WhatsAppSession


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def session_limits(request: BusinessRequest, pk: int) -> HttpResponse:
    """The limits of one WhatsApp of the business: down by its owner, up by support only."""
    session = get_object_or_404(WhatsAppSession, business=request.business, pk=pk)
    own = services.of_session(session)
    form = LowerForm(request.POST or None, own=own)
    if form.is_valid():
        try:
            services.lower(session=session, values=form.cleaned_data, actor=request.user)
        except Refused as refusal:
            # Support changed the ceilings while the page was open.
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Limites salvos. Valem em poucos minutos."))
            return redirect(request.business.address("session_detail", session.pk))
    context = {
        "session": session,
        "form": form,
        "own": own,
        "unlimited": pacing.limits_of(session.pk).unlimited,
        "last": own.history.select_related("history_user").first() if own.pk else None,
    }
    return render(request, "campaigns/limits/session_limits.html", context)
