"""The page on which an owner says how long things are kept, and reads what each night forgot."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, roles
from contacts.models import Retention, RetentionRun
from contacts.retention.nightly import periods_of

NIGHTS = 14


class RetentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """The three periods."""

    class Meta:
        model = Retention
        fields = ("replies_days", "variables_days", "import_rows_days")


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: BusinessRequest) -> HttpResponse:
    """The periods, and the last nights."""
    form = RetentionForm(request.POST or None, instance=periods_of(request.business))
    if form.is_valid():
        form.save()
        messages.success(request, _("Salvo. Vale a partir desta noite."))
        return redirect(request.business.address("retention"))
    nights = RetentionRun.objects.filter(business=request.business).order_by("-day")
    context = {"form": form, "nights": nights[:NIGHTS]}
    return render(request, "contacts/retention/retention.html", context)
