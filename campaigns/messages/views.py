"""Texts to use again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.refused import Refused
from campaigns.messages import merge_fields, templates
from campaigns.messages.forms import TemplateForm
from campaigns.models import Template


def template_or_404(request: BusinessRequest, pk: int) -> Template:
    """One of the business's templates."""
    return get_object_or_404(Template, business=request.business, pk=pk)


@member_required
@require_safe
def template_list(request: BusinessRequest) -> HttpResponse:
    """Every template, by name."""
    context = {
        "templates": Template.objects.filter(business=request.business).order_by("name"),
        "may_write": may(request, *WRITERS),
    }
    return render(request, "campaigns/messages/template_list.html", context)


@roles(*WRITERS)
def template_new(request: BusinessRequest) -> HttpResponse:
    """A new text."""
    return _edit(request, Template(business=request.business))


@roles(*WRITERS)
def template_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """Change a text; campaigns already written keep theirs."""
    return _edit(request, template_or_404(request, pk))


def _edit(request: BusinessRequest, template: Template) -> HttpResponse:
    form = TemplateForm(request.POST or None, instance=template, business=request.business)
    if form.is_valid():
        form.save()
        messages.success(request, _("Modelo salvo."))
        return redirect(request.business.address("template_list"))
    if form.is_bound and template.pk:
        template.refresh_from_db()
    context = {
        "form": form,
        "template": template,
        "variables": merge_fields.known(request.business).values(),
    }
    return render(request, "campaigns/messages/template_edit.html", context)


@roles(*WRITERS)
@require_POST
def template_duplicate(request: BusinessRequest, pk: int) -> HttpResponse:
    """A copy, opened for changes."""
    try:
        copy = templates.duplicate_template(template=template_or_404(request, pk))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(request.business.address("template_list"))
    messages.success(request, _("Copiado. Esta é a cópia."))
    return redirect(request.business.address("template_edit", copy.pk))


@roles(*WRITERS)
@require_POST
def template_delete(request: BusinessRequest, pk: int) -> HttpResponse:
    """Throw a text away; campaigns that began with it keep their own."""
    template = template_or_404(request, pk)
    template.delete()
    messages.success(request, _("Modelo “%(name)s” apagado.") % {"name": template.name})
    return redirect(request.business.address("template_list"))
