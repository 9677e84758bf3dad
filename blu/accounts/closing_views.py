"""The page on which an owner closes a business: its name typed, after saying again who they are."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blu.accounts import closing
from blu.accounts.models import Role
from blu.accounts.permissions import BusinessRequest, fresh_confirmation_required, roles
from blu.accounts.refused import Refused


class CloseForm(forms.Form):
    """The name, so that nobody closes a business by a slip."""

    typed = forms.CharField(
        label=gettext_lazy("Digite o nome do negócio"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def business_close(request: BusinessRequest) -> HttpResponse:
    """Says what goes, and does it."""
    form = CloseForm(request.POST or None)
    if form.is_valid():
        try:
            closing.ask(business=request.business, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("typed", str(refusal))
        else:
            messages.success(request, _("Negócio encerrado. Tudo dele está sendo apagado."))
            return redirect("home")
    return render(request, "accounts/business_close.html", {"form": form})
