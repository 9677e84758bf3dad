"""The recipients of a campaign: the list, and the page of one delivery."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required
from blu.db.keyset import Page
from blu.web.keys import key_in
from campaigns.messages import content, merge_fields, variables
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import Status
from campaigns.models.scope import campaign_or_404, delivery_or_404, is_fragment
from campaigns.reports import consent_evidence, exports, funnel, pages, timeline
from campaigns.reports.decision_views import asking, doubtful
from contacts.models import Consent, Contact, State, Subscription

# Of one contact, on the contact's own page.
SHOWN = 20
# Replies, and what the person agreed to or left, on the page of one delivery; the newest.
REPLIES, CONSENTS = 50, 100

# Of the list: its key, its word, how many, whether it is chosen, its address.
Tab = tuple[str, str, int, bool, str]


@member_required
@require_safe
def delivery_list(request: BusinessRequest, pk: int) -> HttpResponse:
    """The list alone, for htmx; a plain visit belongs to the campaign's page."""
    campaign = campaign_or_404(request, pk)
    if not is_fragment(request):
        query = request.GET.urlencode()
        return redirect(f"{request.business.address('campaign_detail', pk)}?{query}#destinatarios")
    context = recipients_context(request, campaign, funnel.funnel(campaign))
    return render(request, "campaigns/reports/_recipients.html", context)


def recipients_context(
    request: BusinessRequest, campaign: Campaign, counts: funnel.Funnel
) -> dict[str, Any]:
    """Tabs, search and one page of recipients, from the address."""
    tab, text = _asked(request)
    shown = _tabs(counts, text, tab)
    page: Page[Delivery] = Page()
    # Looking for none among a million would read them all: the counts know better.
    if not tab or any(chosen and count for _name, _word, count, chosen, _query in shown):
        page = pages.recipients(
            campaign,
            tab=tab,
            text=text,
            before=key_in(request, "antes"),
            after=key_in(request, "depois"),
        )
    doubts: list[Delivery] = []
    if counts.uncertain and not text:
        doubts = doubtful(campaign, page, tab)
    rows = [row for row in page.rows if row not in doubts]
    for row in rows:
        row.campaign = campaign
    kept = {name: value for name, value in (("situacao", tab), ("q", text)) if value}
    return {
        "campaign": campaign,
        "prepared": exports.prepared_for(campaign) if may(request, *WRITERS) else None,
        "tab": tab,
        "text": text,
        "tabs": shown,
        "uncertain": counts.uncertain,
        "erased": pages.erased(campaign) if not (tab or text) else 0,
        "lines": _lines(rows),
        "previous": _query(kept, antes=page.before),
        "next": _query(kept, depois=page.after),
        **asking(request, doubts),
    }


def _lines(rows: Sequence[Delivery]) -> list[timeline.Line]:
    """A line for each delivery, with what was answered to it."""
    answers = pages.answers(rows)
    return [timeline.line(row, answers.get(row.pk, pages.SILENCE)) for row in rows]


def tabs(request: BusinessRequest, counts: funnel.Funnel) -> list[Tab]:
    """The tabs above the list, from the address."""
    tab, text = _asked(request)
    return _tabs(counts, text, tab)


def _asked(request: BusinessRequest) -> tuple[str, str]:
    """Which tab of the list, and the words searched for."""
    tab, text = request.GET.get("situacao", ""), request.GET.get("q", "").strip()[:100]
    return tab if tab in pages.TABS else "", text


def _query(kept: dict[str, str], **more: int | None) -> str:
    """A query string, or "" where there is no such page."""
    here = {name: str(value) for name, value in more.items() if value is not None}
    return f"?{urlencode(kept | here)}" if here else ""


def _tabs(counts: funnel.Funnel, text: str, chosen: str) -> list[Tab]:
    """The tabs; empty ones are left out unless chosen."""
    words = (
        ("", _("Todos"), counts.recipients),
        (Status.UNCERTAIN.value, _("Incertos"), counts.uncertain),
        (Status.FAILED.value, _("Falharam"), counts.failed),
        (Status.SKIPPED.value, _("Pulados"), counts.skipped),
        (Status.CANCELLED.value, _("Cancelados"), counts.cancelled),
        (Status.QUEUED.value, _("Na fila"), counts.open),
        (Status.SENT.value, _("Enviados"), counts.sent),
        (Status.DELIVERED.value, _("Entregues"), counts.delivered),
        (Status.READ.value, _("Lidos"), counts.read),
        ("replied", _("Responderam"), counts.replied),
        ("left", _("Saíram"), counts.opted_out),
    )
    return [
        (name, word, count, name == chosen, _tab_query(name, text))
        for name, word, count in words
        if count or name in ("", chosen)
    ]


def _tab_query(tab: str, text: str) -> str:
    return "?" + urlencode(
        {name: value for name, value in (("situacao", tab), ("q", text)) if value}
    )


@member_required
@require_safe
def delivery_detail(request: BusinessRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Why this person got it, the exact text, and everything that happened, to the second."""
    campaign = campaign_or_404(request, pk)
    delivery = delivery_or_404(request, campaign, delivery_pk)
    delivery.campaign = campaign
    newest = Reply.objects.filter(delivery=delivery).order_by("-at", "-pk")[:REPLIES]
    replies = list(newest)[::-1]
    consents = _consents(delivery)
    context = {
        "campaign": campaign,
        "delivery": delivery,
        "name": delivery.person.name,
        "who": merge_fields.first_name(delivery.person.name),
        "state": timeline.state_of(delivery, _newest_answer(delivery)),
        "why": timeline.why(delivery),
        "events": timeline.timeline(
            delivery, consents, replies, delivery.decisions.select_related("actor")
        ),
        "doubt": timeline.doubt(delivery) if delivery.status == Status.UNCERTAIN else "",
        **asking(request, []),
        **_consented(delivery, consents),
        "text": ""
        if campaign.variables_forgotten_at
        else variables.render(campaign.body, content.with_link(delivery.variables)).strip(),
        "footer": campaign.footer or content.footer(request.business),
        "replies": replies,
    }
    return render(request, "campaigns/reports/delivery_detail.html", context)


def _newest_answer(delivery: Delivery) -> pages.Answer:
    return pages.first_answers([delivery.pk], "-at", "-pk").get(delivery.pk, pages.SILENCE)


def _consents(delivery: Delivery) -> list[Consent]:
    """What the person said to the campaign's topic, newest first; what stood behind it is never too old."""
    found = Consent.objects.filter(contact=delivery.contact, topic=delivery.campaign.topic)
    found = found.select_related("topic", "wording", "actor", "source_import")
    found = found.order_by("-at", "-pk")
    consents = list(found[:CONSENTS])
    moment = consent_evidence.claimed_at(delivery) or timezone.now()
    behind = found.filter(state=State.GRANTED, at__lte=moment).first()
    return consents if behind is None or behind in consents else [*consents, behind]


def _consented(delivery: Delivery, consents: list[Consent]) -> dict[str, Any]:
    """Why they got it: the consent of that moment, and where it stands now."""
    subscription = Subscription.objects.filter(
        contact=delivery.contact, topic=delivery.campaign.topic
    ).first()
    return {
        "proof": consent_evidence.proof_of(delivery, consents, subscription),
        "ever": bool(consents),
        "subscription": subscription,
    }


@member_required
@require_safe
def contact_deliveries(request: BusinessRequest, pk: int) -> HttpResponse:
    """What one contact was sent, newest first; the contact's page shows it."""
    contact = get_object_or_404(Contact, business=request.business, pk=pk)
    newest = Delivery.objects.filter(contact=contact).select_related("campaign").order_by("-pk")
    rows = list(newest[:SHOWN])
    context = {
        "contact": contact,
        "lines": _lines(rows),
    }
    return render(request, "campaigns/reports/_contact_deliveries.html", context)
