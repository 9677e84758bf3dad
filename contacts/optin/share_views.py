"""The team's side of the public pages: what each says, and how people get there."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS, Role
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from contacts.models import Topic
from contacts.optin import texts
from contacts.optin.forms import WordingForm
from contacts.optin.messenger import messenger


@member_required
@require_safe
def share(request: BusinessRequest) -> HttpResponse:
    """Every topic, with its page's address where it has one."""
    context = {
        "topics": [
            (topic, text, public_address(request, topic))
            for topic, text in texts.of_each_topic(request.business)
        ],
        "number": messenger().number_of(request.business.pk),
        "may_change": may(request, Role.OWNER),
        "may_add": may(request, *WRITERS),
    }
    return render(request, "contacts/optin/share.html", context)


@roles(Role.OWNER)
def edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """The words of a topic's page; saving them opens it, and other words make another code."""
    topic = _topic(request, pk)
    text = texts.newest_of(topic)
    initial = {"words": text.wording.text if text else texts.suggested(topic)}
    form = WordingForm(request.POST or None, initial=initial)
    if form.is_valid():
        texts.publish(topic=topic, words=form.cleaned_data["words"], actor=request.user)
        messages.success(request, _("Página aberta. O endereço já funciona."))
        return redirect(request.business.address("optin_share"))
    context = {"form": form, "topic": topic, "text": text}
    return render(request, "contacts/optin/edit.html", context)


@roles(Role.OWNER)
@require_POST
def close(request: BusinessRequest, pk: int) -> HttpResponse:
    """Nobody agrees by this page any more; who has agreed goes on receiving."""
    texts.close(_topic(request, pk))
    messages.success(request, _("Página fechada. Quem já aceitou continua recebendo."))
    return redirect(request.business.address("optin_share"))


def public_address(request: BusinessRequest, topic: Topic) -> str:
    """The whole address of a topic's page, as it stands on posters."""
    path = reverse("optin_page", args=[request.business.slug, topic.pk])
    return f"{settings.PUBLIC_URL}{path}"


def _topic(request: BusinessRequest, pk: int) -> Topic:
    return get_object_or_404(
        Topic.objects.select_related("business"), business=request.business, pk=pk
    )
