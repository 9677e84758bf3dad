"""The team's side of the public pages: what each says, and how people get there."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS, Role
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from contacts.models import Topic
from contacts.optin import poster, texts
from contacts.optin.forms import WordingForm
from contacts.optin.messenger import messenger


@member_required
@require_safe
def share(request: BusinessRequest) -> HttpResponse:
    """Every topic, with its page's address where it has one."""
    context = {
        "topics": [
            (topic, text, public_address(topic))
            for topic, text in texts.of_each_topic(request.business)
        ],
        "number": messenger().number_of(request.business.pk),
        "may_change": may(request, Role.OWNER),
        "may_add": may(request, *WRITERS),
    }
    return render(request, "contacts/optin/share.html", context)


@member_required
@require_safe
def topic(request: BusinessRequest, pk: int) -> HttpResponse:
    """One topic: link, poster and form for the business's own site; the list where its page is closed."""
    found = _topic(request, pk)
    text = texts.newest_of(found)
    if text is None or text.closed_at:
        return redirect(request.business.address("optin_share"))
    url = public_address(found)
    context = {
        "topic": found,
        "text": text,
        "url": url,
        "snippet": render_to_string("contacts/optin/snippet.html", {"text": text, "url": url}),
        "number": messenger().number_of(request.business.pk),
        "may_change": may(request, Role.OWNER),
    }
    return render(request, "contacts/optin/topic.html", context)


@member_required
@require_safe
def poster_pdf(request: BusinessRequest, pk: int) -> HttpResponse:
    """The poster, to be printed."""
    return _poster(request, pk, "pdf")


@member_required
@require_safe
def poster_png(request: BusinessRequest, pk: int) -> HttpResponse:
    """The poster, for a screen or a site."""
    return _poster(request, pk, "png")


def _poster(request: BusinessRequest, pk: int, kind: str) -> HttpResponse:
    found = _topic(request, pk)
    text = texts.newest_of(found)
    number = messenger().number_of(request.business.pk)
    if text is None or text.closed_at or number is None:
        return redirect(request.business.address("optin_topic", pk))
    sheet = poster.of(text, phone=number.phone, address=public_address(found))
    write, mime = (poster.pdf, "application/pdf") if kind == "pdf" else (poster.png, "image/png")
    name = f"{slugify(found.name) or 'cartaz'}-{text.code}.{kind}"
    heads = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(write(sheet), content_type=mime, headers=heads)


@roles(Role.OWNER)
def edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """The words of a topic's page; saving them opens it, and other words make another code."""
    found = _topic(request, pk)
    text = texts.newest_of(found)
    initial = {"words": text.wording.text if text else texts.suggested(found)}
    form = WordingForm(request.POST or None, initial=initial)
    if form.is_valid():
        texts.publish(topic=found, words=form.cleaned_data["words"], actor=request.user)
        messages.success(request, _("Página aberta. O endereço já funciona."))
        return redirect(request.business.address("optin_topic", pk))
    context = {"form": form, "topic": found, "text": text}
    return render(request, "contacts/optin/edit.html", context)


@roles(Role.OWNER)
@require_POST
def close(request: BusinessRequest, pk: int) -> HttpResponse:
    """Nobody agrees by this page any more; who has agreed goes on receiving."""
    texts.close(_topic(request, pk))
    messages.success(request, _("Página fechada. Quem já aceitou continua recebendo."))
    return redirect(request.business.address("optin_share"))


def public_address(topic: Topic) -> str:
    """The whole address of a topic's page, as it stands on posters."""
    return f"{settings.PUBLIC_URL}{reverse('optin_page', args=[topic.business.slug, topic.pk])}"


def _topic(request: BusinessRequest, pk: int) -> Topic:
    return get_object_or_404(
        Topic.objects.select_related("business"), business=request.business, pk=pk
    )
