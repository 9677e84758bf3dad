"""The list of contacts, one contact, and writing one by hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS, Role
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.web.keys import key_in
from contacts import consent, evidence, pages, stops
from contacts.models import Contact, State, Topic
from contacts.people.forms import (
    ConsentForm,
    ContactFilterForm,
    ContactForm,
    NumberForm,
    StopForm,
)
from contacts.people.services import (
    Erased,
    NumberTaken,
    add_contact,
    change_contact,
    correct_number,
)
from contacts.preferences import links
from contacts.spreadsheets.labels import FLAGS, attribute_name

EVENTS = 100


@member_required
@require_safe
def contact_list(request: BusinessRequest) -> HttpResponse:
    """Contacts, newest first; searched by name or phone and filtered."""
    form = ContactFilterForm(request.GET or None, business=request.business)
    asked = form.cleaned_data if form.is_valid() else {}
    found = pages.matching(
        business=request.business,
        text=asked.get("q", "").strip(),
        topic=asked.get("topic"),
        segment=asked.get("segment"),
        tag=asked.get("tag", ""),
    )
    page = pages.page(found, before=key_in(request, "antes"), after=key_in(request, "depois"))
    context = {
        "form": form,
        "asked": any(asked.values()),
        "text": asked.get("q", ""),
        "page": page,
        "newer": _page_url(request, "antes", page.before),
        "older": _page_url(request, "depois", page.after),
        "may_change": may(request, *WRITERS),
    }
    return render(request, "contacts/people/contact_list.html", context)


def _page_url(request: BusinessRequest, name: str, number: int | None) -> str:
    if number is None:
        return ""
    kept = request.GET.copy()
    for other in ("antes", "depois"):
        kept.pop(other, None)
    kept[name] = str(number)
    return f"{request.business.address('contact_list')}?{kept.urlencode()}"


@member_required
@require_safe
def contact_detail(request: BusinessRequest, pk: int) -> HttpResponse:
    """Everything known of a contact: data, what they agreed to, and the proof."""
    contact = get_object_or_404(pages.of_business(request.business), pk=pk)
    return _detail(request, contact, ConsentForm(business=request.business))


def _detail(request: BusinessRequest, contact: Contact, form: ConsentForm) -> HttpResponse:
    earlier = list(contact.replaced.filter(business=request.business).order_by("-pk"))
    subscriptions = list(contact.subscriptions.select_related("topic").order_by("topic__name"))
    answered = any(one.state == State.GRANTED or one.by_contact for one in subscriptions)
    context = {
        "contact": contact,
        "stop": stops.of_number(request.business.pk, contact.phone),
        "earlier": earlier,
        "asks_anew": bool(earlier) and not answered,
        "flags": [FLAGS[flag] for flag in contact.flags if flag in FLAGS],
        "attributes": [(attribute_name(k), v) for k, v in sorted(contact.attributes.items())],
        "subscriptions": subscriptions,
        "events": contact.consents.select_related(
            "topic", "actor", "wording", "source_import"
        ).order_by("-at", "-id")[:EVENTS],
        "may_change": may(request, *WRITERS) and not contact.replaced_by_id,
        "may_erase": may(request, Role.OWNER),
        "form": form,
        "stop_form": StopForm(auto_id="id_stop_%s"),
        "own_page": _own_page(request, contact),
        "has_topics": Topic.objects.filter(business=request.business).exists(),
    }
    return render(request, "contacts/people/contact_detail.html", context)


def _own_page(request: BusinessRequest, contact: Contact) -> str:
    """The link to the person's own page, for who may give it; "" for who may not, and for a number of before."""
    if contact.replaced_by_id or not may(request, *WRITERS):
        return ""
    return links.given_by(request.membership, contact.pk)


@roles(*WRITERS)
def contact_new(request: BusinessRequest) -> HttpResponse:
    """Add a contact by hand."""
    form = ContactForm(request.POST or None, business=request.business)
    if form.is_valid():
        try:
            saved = add_contact(
                business=request.business, phone=form.cleaned_data["phone"], **_written(form)
            )
        except NumberTaken as taken:
            form.taken(taken.holder)
        except Erased:
            form.erased()
        else:
            _say_what_is_missing(request, saved, _("Contato salvo."))
            return redirect(request.business.address("contact_detail", saved.pk))
    return render(request, "contacts/people/contact_form.html", {"form": form})


def _say_what_is_missing(request: BusinessRequest, contact: Contact, done: str) -> None:
    """A consent; unless whoever has the number asked for nothing, which no form changes."""
    if stops.of_number(request.business.pk, contact.phone):
        stopped = _("Quem tem este número pediu para não receber: nada é enviado.")
        messages.warning(request, f"{done} {stopped}")
    else:
        messages.success(request, f"{done} {_('Falta anotar o que a pessoa aceita receber.')}")


@roles(*WRITERS)
def contact_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """Change what is known of a contact; its number has a page of its own."""
    contact = get_object_or_404(pages.of_business(request.business), pk=pk)
    if contact.replaced_by_id:
        return redirect(request.business.address("contact_detail", pk))
    initial = {
        "name": contact.name,
        "birth_date": contact.birth_date,
        "tags": ", ".join(contact.tags),
    }
    form = ContactForm(
        request.POST or None, business=request.business, contact=contact, initial=initial
    )
    if form.is_valid():
        change_contact(contact=contact, **_written(form))
        messages.success(request, _("Contato salvo."))
        return redirect(request.business.address("contact_detail", pk))
    return render(request, "contacts/people/contact_form.html", {"form": form, "contact": contact})


def _written(form: ContactForm) -> dict[str, Any]:
    """What a valid form says beside the number."""
    kept = {name: form.cleaned_data[name] for name in ("name", "birth_date", "tags")}
    return {**kept, "attributes": form.attributes()}


@roles(*WRITERS)
def contact_number(request: BusinessRequest, pk: int) -> HttpResponse:
    """Go on with this person under another number: says what that means, and does it."""
    contact = get_object_or_404(pages.of_business(request.business), pk=pk)
    if contact.replaced_by_id:
        return redirect(request.business.address("contact_detail", contact.replaced_by_id))
    form = NumberForm(request.POST or None, business=request.business, contact=contact)
    if form.is_valid():
        try:
            successor = correct_number(
                contact=contact, phone=form.cleaned_data["phone"], actor=request.user
            )
        except NumberTaken as taken:
            form.taken(taken.holder)
        except Erased:
            form.erased()
        else:
            _say_what_is_missing(request, successor, _("Número corrigido."))
            return redirect(request.business.address("contact_detail", successor.pk))
    granted = contact.subscriptions.filter(state=State.GRANTED).order_by("topic__name")
    topics = list(granted.values_list("topic__name", flat=True))
    context = {"form": form, "contact": contact, "topics": topics}
    return render(request, "contacts/people/contact_number.html", context)


@roles(*WRITERS)
@require_POST
def contact_consent(request: BusinessRequest, pk: int) -> HttpResponse:
    """Record what the person told the team about one topic."""
    contact = get_object_or_404(pages.of_business(request.business), pk=pk)
    form = ConsentForm(request.POST, business=request.business)
    if not form.is_valid():
        return _detail(request, contact, form)
    data = form.cleaned_data
    act = consent.grant if data["state"] == State.GRANTED else consent.revoke
    try:
        act(
            contact=contact,
            topic=data["topic"],
            source=data["source"],
            actor=request.user,
            evidence=evidence.note(data["evidence"]),
        )
    except consent.Replaced:
        messages.error(
            request, _("O número deste contato foi corrigido. Anote no contato de agora.")
        )
        return redirect(request.business.address("contact_detail", pk))
    except consent.Refused:
        messages.error(
            request,
            _("Esta pessoa pediu para não receber. Só ela volta: basta responder VOLTAR."),
        )
        return redirect(request.business.address("contact_detail", pk))
    messages.success(request, _("Anotado, com data e com o seu nome."))
    return redirect(request.business.address("contact_detail", pk))
