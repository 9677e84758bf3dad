"""Writing a draft: audience, text, and how it will arrive.

Without scripts the composer is one form with several buttons. With them htmx asks for the same
parts one by one while the person writes: the count, the preview, the fallbacks, the saved draft.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, member_required, roles
from blu.accounts.refused import Refused
from blu.web.keys import as_number
from campaigns import lifecycle
from campaigns.compose import audience, drafts
from campaigns.compose.forecast_views import of_draft
from campaigns.compose.forms import ComposeForm, with_fallbacks
from campaigns.compose.preview import Bubble, bubbles
from campaigns.compose.self_test_views import send_test
from campaigns.messages import content, merge_fields, templates
from campaigns.messages.content import plain_lines
from campaigns.models import Campaign, Template
from campaigns.models.campaign import BODY_MOST
from campaigns.models.scope import campaign_or_404, is_fragment, own_row, steps
from contacts.models import Segment, Topic

# An incomplete draft may be saved, but these buttons lead nowhere without a text.
NEEDS_TEXT = {
    "testar": gettext_lazy("Falta escrever a mensagem antes de testar."),
    "continuar": gettext_lazy("Falta escrever a mensagem antes de continuar."),
    "guardar": gettext_lazy("Falta o texto do modelo."),
}
# These put another text in the place of what is written, or settle that it stays.
SWAPS = ("modelo", "desfazer", "ficar")


@roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def campaign_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """The composer. Its buttons say what to do with what was written: save, test, go on, reuse."""
    campaign = campaign_or_404(request, pk)
    if campaign.status != Campaign.Status.DRAFT:
        return _too_late(request, campaign)
    if request.method != "POST":
        return _composer(request, campaign, _form_of(request, campaign))
    data = with_fallbacks(request.POST)
    if data.get("acao") == "previa":
        form = ComposeForm(data, instance=campaign, business=request.business)
        return _composer(request, campaign, form, data, version=drafts.version_in(data))
    return _written(request, campaign, data)


@member_required
@require_POST
def campaign_preview(request: BusinessRequest, pk: int) -> HttpResponse:
    """The chat as it will arrive, for what is in the form now."""
    campaign = campaign_or_404(request, pk)
    context = _preview(request, campaign, request.POST, _chosen(request, request.POST))
    return render(request, "campaigns/compose/_preview.html", context)


@member_required
@require_POST
def campaign_count(request: BusinessRequest, pk: int) -> HttpResponse:
    """How many people the chosen topic and segment reach."""
    campaign = campaign_or_404(request, pk)
    context = _count(request, campaign, _chosen(request, request.POST), patient=True)
    return render(request, "campaigns/compose/_count.html", context)


@member_required
@require_POST
def campaign_fallbacks(request: BusinessRequest, pk: int) -> HttpResponse:
    """The fields "Quando o dado faltar" for the text as it is now."""
    campaign = campaign_or_404(request, pk)
    context = _fallbacks(request, campaign, request.POST, _chosen(request, request.POST))
    return render(request, "campaigns/_fallbacks.html", context)


def _too_late(request: BusinessRequest, campaign: Campaign) -> HttpResponse:
    """Redirect to the page of a campaign that is no draft any more, from a fragment too."""
    launched = _("Esta campanha já foi lançada e não muda mais. Duplique para reescrever.")
    discarded = _("Este rascunho foi descartado e não muda mais. Duplique para reescrever.")
    messages.warning(request, launched if campaign.launched_at else discarded)
    url = request.business.address("campaign_detail", campaign.pk)
    return HttpResponse(headers={"HX-Redirect": url}) if is_fragment(request) else redirect(url)


def _form_of(request: BusinessRequest, campaign: Campaign) -> ComposeForm:
    """A saved draft in its form; with what is wrong about its text."""
    faulty = content.faults(request.business, campaign.body)
    data = _as_posted(campaign) if faulty else None
    return ComposeForm(data, instance=campaign, business=request.business)


def _written(request: BusinessRequest, campaign: Campaign, data: QueryDict) -> HttpResponse:
    """Save what was written, faults and all, then do what the button says where there are none."""
    action, seen = data.get("acao", "salvar"), drafts.seen_in(data)
    swap = _swapped(request, campaign, data)
    form = ComposeForm(swap.data, instance=campaign, business=request.business)
    values = form.savable()
    if not values or (action in SWAPS and not swap.saved):
        return _as_it_is(request, campaign, form, data, version=seen and seen.version)
    try:
        if not drafts.save(campaign=campaign, values=values | swap.saved, seen=seen):
            return _too_late(request, campaign)
    except drafts.Changed:
        typed = ComposeForm(data, instance=campaign, business=request.business)
        return _as_it_is(
            request, campaign, typed, data, version=seen and seen.version, changed=True
        )
    if action in NEEDS_TEXT and lifecycle.Lack.TEXT in lifecycle.lacks_of_text(campaign):
        form.add_error("body", NEEDS_TEXT[action])
    if form.errors:
        return _as_it_is(request, campaign, form, swap.data)
    if swap.said:
        messages.success(request, swap.said)
    return _saved(request, campaign, action)


class Swap(NamedTuple):
    """The posted form, perhaps with another text in it; what is saved with it; the page's message."""

    data: QueryDict
    saved: dict[str, str] = {}
    said: str = ""


def _swapped(request: BusinessRequest, campaign: Campaign, data: QueryDict) -> Swap:
    """Put a template's text, or the kept text, in the place of what is written."""
    action = data.get("acao", "")
    typed = plain_lines(data.get("body", "")).strip()
    if action == "ficar":
        return Swap(data, {"previous_body": ""})
    if action not in SWAPS or not drafts.savable(typed):  # what can't be kept isn't put away
        return Swap(data)
    if action == "desfazer":
        texts, said = drafts.restore_previous(campaign, typed), _("O texto de antes voltou.")
    elif template := own_row(request, Template, data.get("modelo", "")):
        texts = drafts.use_template(campaign, typed, template)
        said = _("O texto agora é o do modelo “%(name)s”.") % {"name": template.name}
    else:
        messages.warning(request, _("Escolha o modelo antes de tocar em Usar."))
        return Swap(data)
    if texts is None:
        return Swap(data)
    swapped = data.copy()
    swapped["body"], previous = texts
    return Swap(swapped, {"previous_body": previous}, said)


def _saved(request: BusinessRequest, campaign: Campaign, action: str) -> HttpResponse:
    if action == "rascunho":
        said = {"campaign": campaign, "version": campaign.version, "live": True}
        return render(request, "campaigns/compose/_saved.html", said)
    if action == "guardar":
        _keep_as_template(request, campaign)
    if action == "testar":
        return send_test(request, campaign)
    if action == "continuar":
        return redirect(request.business.address("campaign_test", campaign.pk))
    if action == "salvar":
        messages.success(request, _("Rascunho salvo."))
    return redirect(request.business.address("campaign_edit", campaign.pk))


def _keep_as_template(request: BusinessRequest, campaign: Campaign) -> None:
    try:
        template = templates.save_as_template(campaign=campaign, name=campaign.name)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Texto salvo no modelo “%(name)s”.") % {"name": template.name})


def _as_it_is(
    request: BusinessRequest,
    campaign: Campaign,
    form: ComposeForm,
    data: QueryDict,
    *,
    version: int | None = None,
    changed: bool = False,
) -> HttpResponse:
    """Draw the composer with what was typed and its errors. `version`: the page's own, where nothing was saved."""
    campaign.refresh_from_db()
    version = campaign.version if version is None else version
    if data.get("acao") != "rascunho":
        return _composer(request, campaign, form, data, version=version, changed=changed)
    said = {"campaign": campaign, "form": form, "version": version, "changed": changed}
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    return render(request, "campaigns/compose/_saved.html", {**said, "live": True}, status=status)


def _composer(
    request: BusinessRequest,
    campaign: Campaign,
    form: ComposeForm,
    data: QueryDict | None = None,
    *,
    version: int | None = None,
    changed: bool = False,
) -> HttpResponse:
    data = data if data is not None else _as_posted(campaign)
    chosen = _chosen(request, data)
    context = {
        "campaign": campaign,
        "form": form,
        "version": campaign.version if version is None else version,
        "changed": changed,
        "steps": steps(),
        "variables": merge_fields.known(request.business).values(),
        "templates": Template.objects.filter(business=request.business).order_by("name"),
        **_count(request, campaign, chosen, patient=request.method == "POST"),
        **_preview(request, campaign, data, chosen),
        **_fallbacks(request, campaign, data, chosen),
        **of_draft(request, campaign, data),
    }
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    return render(request, "campaigns/compose/campaign_edit.html", context, status=status)


def _as_posted(campaign: Campaign) -> QueryDict:
    """A saved draft as the composer's form would send it."""
    data = QueryDict(mutable=True)
    data["name"] = campaign.name
    data["body"] = campaign.body
    data["topic"] = str(campaign.topic_id or "")
    data["segment"] = str(campaign.segment_id or "")
    data["session"] = str(campaign.session_id or "")
    return data


Chosen = tuple[Topic | None, Segment | None]


def _chosen(request: BusinessRequest, data: QueryDict) -> Chosen:
    topic = own_row(request, Topic, data.get("topic", ""))
    return topic, own_row(request, Segment, data.get("segment", ""))


def _count(
    request: BusinessRequest, campaign: Campaign, chosen: Chosen, *, patient: bool
) -> dict[str, Any]:
    """How many people. A first count of very many is left to the fragment, which is `patient`."""
    topic, segment = chosen
    if topic is None:
        return {"campaign": campaign, "receive": None}
    if not patient and not audience.is_at_hand(request.business, topic, segment):
        return {"campaign": campaign, "receive": None, "counting": True}
    return {
        "campaign": campaign,
        "receive": audience.count(request.business, topic, segment),
        "left_out": audience.left_out(request.business, topic, segment),
    }


def _preview(
    request: BusinessRequest, campaign: Campaign, data: QueryDict, chosen: Chosen
) -> dict[str, Any]:
    topic, segment = chosen
    body, cut = _sendable(data)
    total = audience.at_hand(request.business, topic, segment) if topic else 0
    last = audience.FURTHEST if total is None else min(total, audience.FURTHEST)
    number = _number(data.get("ir") or data.get("pessoa") or "1", last)
    worst = bool(data.get("piores"))
    shown: list[Bubble] = bubbles(
        request.business, topic, segment, body, number=number, worst=worst
    )
    return {
        "campaign": campaign,
        "business": request.business,
        "bubbles": shown,
        "cut": cut,
        "footer": content.footer(request.business),
        "number": number,
        "last": last,
        "total": total,
        "worst": worst,
        "now": timezone.now(),
    }


def _sendable(data: QueryDict) -> tuple[str, bool]:
    """What of the text could be sent, and whether there is more of it."""
    written = data.get("body", "")[: 2 * drafts.TEXT_MOST]
    body = plain_lines(written).strip()
    return body[:BODY_MOST], len(body) > BODY_MOST


def _number(written: str, most: int) -> int:
    return max(1, min(as_number(written, otherwise=1), most))


def _fallbacks(
    request: BusinessRequest, campaign: Campaign, data: QueryDict, chosen: Chosen
) -> dict[str, Any]:
    topic, segment = chosen
    body, _cut = _sendable(data)
    return {
        "campaign": campaign,
        "fallbacks": audience.fallbacks(request.business, topic, segment, body),
    }
