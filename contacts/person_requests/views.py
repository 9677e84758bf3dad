"""What people asked about their data: the list with its days, writing one down, answering it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from blu.accounts.models import WRITERS, Role
from blu.accounts.permissions import BusinessRequest, may, roles
from blu.accounts.refused import Refused
from contacts.models import PersonRequest
from contacts.person_requests import services
from contacts.person_requests.forms import AnswerForm, PersonRequestForm

ANSWERED = 30


@roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def person_request_list(request: BusinessRequest) -> HttpResponse:
    """What waits, the most pressing first, and what was answered; a POST writes one down."""
    form = PersonRequestForm(request.POST or None, business=request.business)
    if form.is_valid():
        services.ask(business=request.business, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Anotado. A lei dá 15 dias para responder."))
        return redirect(request.business.address("person_request_list"))
    context = {
        "form": form,
        "waiting": services.waiting(request.business)[: services.SHOWN],
        "answered": services.answered(request.business)[:ANSWERED],
        "may_erase": may(request, Role.OWNER),
    }
    return render(request, "contacts/person_requests/person_request_list.html", context)


@roles(*WRITERS)
@require_POST
def person_request_close(request: BusinessRequest, pk: int) -> HttpResponse:
    """How it was answered."""
    row = get_object_or_404(PersonRequest, business=request.business, pk=pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            services.close(
                request=row,
                actor=request.user,
                may_erase=may(request, Role.OWNER),
                **form.cleaned_data,
            )
        except Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Anotado, com data e com o seu nome."))
    else:
        messages.error(request, str(next(iter(form.errors.values()))[0]))
    return redirect(request.business.address("person_request_list"))
