"""All campaigns, a new one, and a copy of an old one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from campaigns import drafts, lifecycle, querysets, reports
from campaigns.forms import NewCampaignForm
from campaigns.models import Campaign
from campaigns.views.scope import EDITORS, campaign_or_404, key


@member_required
@require_safe
def campaign_list(request: BusinessRequest) -> HttpResponse:
    """Every campaign with its state and how far it came."""
    page = querysets.campaigns(
        request.business, before=key(request, "antes"), after=key(request, "depois")
    )
    context = {
        "page": page,
        "rows": [(one, _counts(one)) for one in page.rows],
        "previous": f"?antes={page.before}" if page.before else "",
        "next": f"?depois={page.after}" if page.after else "",
        "may_write": may(request, *EDITORS),
    }
    return render(request, "campaigns/campaign_list.html", context)


def _counts(campaign: Campaign) -> reports.Funnel | None:
    """The funnel where it is cheap: a list of huge campaigns must not count each of them."""
    return reports.at_hand(campaign) if campaign.launched_at else None


@roles(*EDITORS)
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
        return redirect("campaign_edit", draft.pk)
    return render(request, "campaigns/campaign_new.html", {"form": form})


@roles(*EDITORS)
@require_POST
def campaign_duplicate(request: BusinessRequest, pk: int) -> HttpResponse:
    """A new draft with the same words and the same audience."""
    copy = lifecycle.duplicate(campaign=campaign_or_404(request, pk), actor=request.user)
    messages.success(request, _("Copiada. Esta é a cópia: nada foi enviado."))
    return redirect("campaign_edit", copy.pk)
