"""Where a draft begins: empty, from a template, or as a copy of a campaign."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from campaigns.compose import drafts
from campaigns.compose.forms import NewCampaignForm
from campaigns.models.scope import campaign_or_404


@roles(*WRITERS)
def campaign_new(request: BusinessRequest) -> HttpResponse:
    """A name, perhaps a template; the composer comes next."""
    initial = {"template": request.GET.get("modelo")}
    form = NewCampaignForm(request.POST or None, business=request.business, initial=initial)
    if form.is_valid():
        template = form.cleaned_data.get("template")
        draft = drafts.begin(
            business=request.business,
            actor=request.user,
            name=form.cleaned_data["name"],
            body=template.body if template else "",
        )
        return redirect(request.business.address("campaign_edit", draft.pk))
    return render(request, "campaigns/compose/campaign_new.html", {"form": form})


@roles(*WRITERS)
@require_POST
def campaign_duplicate(request: BusinessRequest, pk: int) -> HttpResponse:
    """A new draft with the same words and the same audience."""
    copy = drafts.duplicate(campaign=campaign_or_404(request, pk), actor=request.user)
    messages.success(request, _("Copiada. Esta é a cópia: nada foi enviado."))
    return redirect(request.business.address("campaign_edit", copy.pk))
