"""What one may agree to receive."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from contacts import segments
from contacts.models import Topic
from contacts.people.forms import TopicForm


@member_required
@require_safe
def topic_list(request: BusinessRequest) -> HttpResponse:
    """The topics with how many people agreed to each; very many are counted by the part that follows."""
    patient = request.headers.get("HX-Request") == "true"
    topics = segments.of_each_topic(business=request.business, patient=patient)
    context = {
        "topics": topics,
        "counting": any(people is None for _topic, people in topics),
        "may_change": may(request, *WRITERS),
    }
    page = "contacts/people/_topics.html" if patient else "contacts/people/topic_list.html"
    return render(request, page, context)


@roles(*WRITERS)
def topic_new(request: BusinessRequest) -> HttpResponse:
    """Add a topic."""
    return _form(request, Topic(business=request.business))


@roles(*WRITERS)
def topic_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """Rename or describe a topic."""
    return _form(request, get_object_or_404(Topic, business=request.business, pk=pk))


def _form(request: BusinessRequest, topic: Topic) -> HttpResponse:
    form = TopicForm(request.POST or None, instance=topic, business=request.business)
    if form.is_valid():
        form.save()
        messages.success(request, _("Assunto salvo."))
        return redirect(request.business.address("topic_list"))
    return render(request, "contacts/people/topic_form.html", {"form": form, "topic": topic})
