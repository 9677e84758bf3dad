"""The proof of a consent as a page and as a PDF, for one message and for one contact."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from blu.accounts.permissions import BusinessRequest, member_required
from blu.web import pdf
from campaigns.messages import content, variables
from campaigns.models.scope import campaign_or_404, delivery_or_404
from campaigns.reports import proofs
from campaigns.reports.proofs import Document, Entry
from contacts.models import Contact


@member_required
@require_safe
def delivery_proof(request: BusinessRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Why one message might go, to be shown or printed."""
    back = request.business.address("delivery_detail", pk, delivery_pk)
    sheet = request.business.address("delivery_proof_pdf", pk, delivery_pk)
    return _page(request, _of_delivery(request, pk, delivery_pk), back, sheet)


@member_required
@require_safe
@never_cache
def delivery_proof_pdf(request: BusinessRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """The same as PDF."""
    return _pdf(request, _of_delivery(request, pk, delivery_pk), f"prova-{delivery_pk}.pdf")


@member_required
@require_safe
def contact_proof(request: BusinessRequest, pk: int) -> HttpResponse:
    """All that a contact agreed to and took back."""
    back = request.business.address("contact_detail", pk)
    sheet = request.business.address("contact_proof_pdf", pk)
    return _page(request, _of_contact(request, pk), back, sheet)


@member_required
@require_safe
@never_cache
def contact_proof_pdf(request: BusinessRequest, pk: int) -> HttpResponse:
    """The same as PDF."""
    return _pdf(request, _of_contact(request, pk), f"prova-contato-{pk}.pdf")


def _of_delivery(request: BusinessRequest, pk: int, delivery_pk: int) -> Document:
    campaign = campaign_or_404(request, pk)
    delivery = delivery_or_404(request, campaign, delivery_pk)
    delivery.campaign = campaign
    message = ""
    if not campaign.variables_forgotten_at:
        footer = campaign.footer or content.footer(request.business)
        message = f"{variables.render(campaign.body, delivery.variables).strip()}\n\n{footer}"
    return proofs.of_delivery(delivery, request.business, message)


def _of_contact(request: BusinessRequest, pk: int) -> Document:
    contact = get_object_or_404(Contact, business=request.business, pk=pk)
    return proofs.of_contact(contact, request.business)


def _page(request: BusinessRequest, proof: Document, back: str, sheet: str) -> HttpResponse:
    context = {
        "proof": proof,
        "back_url": back,
        "sheet": sheet,
        "made": f"{_made(request)} {_only_added()}",
    }
    return render(request, "campaigns/reports/proof.html", context)


def _made(request: BusinessRequest) -> str:
    said = _("Tirada por %(person)s em %(at)s, horário de %(zone)s.")
    zone = request.business.get_time_zone_display()
    return said % {"person": request.user, "at": proofs.full(timezone.now()), "zone": zone}


def _only_added() -> str:
    return _(
        "A estes registros só se acrescenta: ninguém do negócio ou do blü altera uma linha. A própria pessoa pode"
        " pedir que seus dados sejam apagados; ficam então só as datas, sem nome."
    )


def _pdf(request: BusinessRequest, proof: Document, name: str) -> HttpResponse:
    words = _("Prova de consentimento")
    blocks = [pdf.title(words), pdf.Block(proof.about), pdf.Block(proof.sentence)]
    if proof.message:
        blocks += [pdf.heading(_("A mensagem")), pdf.quote(proof.message)]
    blocks += [pdf.Block(f"{step}: {at}") for step, at in proof.steps]
    blocks.append(pdf.heading(_("O que aceitou e recusou")))
    blocks += [pdf.Block(_line(entry)) for entry in proof.entries]
    if proof.more:
        blocks.append(pdf.Block(_("Só os %(n)s mais novos.") % {"n": proofs.MOST}))
    if proof.wordings:
        blocks.append(pdf.heading(_("Os textos")))
    for wording in proof.wordings:
        since = _("Texto %(n)s, guardado em %(at)s")
        told = {"n": wording.version, "at": proofs.full(wording.created_at)}
        blocks += [pdf.Block(since % told), pdf.quote(wording.text)]
    blocks += [
        pdf.LINE_BETWEEN,
        pdf.Block(_only_added(), "small"),
        pdf.Block(_made(request), "small"),
    ]
    heads = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(
        pdf.document(f"{words} · {proof.about}", blocks),
        content_type="application/pdf",
        headers=heads,
    )


def _line(entry: Entry) -> str:
    parts = [entry.at, entry.what, entry.channel, entry.who]
    if entry.wording:
        parts.append(_("texto %(n)s") % {"n": entry.wording.version})
    if entry.evidence:
        parts.append(_("prova: %(where)s") % {"where": entry.evidence})
    return " · ".join(parts)
