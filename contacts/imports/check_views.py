"""Checking a file before it is imported: its columns, its problems, and where consent comes from."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from contacts.imports import declaration_drafts, first_rows
from contacts.imports import review as reviews
from contacts.imports.access import while_it_waits
from contacts.imports.forms import AreaCodeForm, ColumnsForm, StartForm, Way
from contacts.imports.uploads import NotNow, adjust_import, start_import, use_area_code
from contacts.models import Import


@roles(*WRITERS)
@while_it_waits
def import_columns(request: BusinessRequest, upload: Import) -> HttpResponse:
    """Another sheet, another header, another meaning of a column, or an area code for all."""
    if "area_code" in request.POST:
        return _use_area_code(request, upload)
    preview = first_rows.read(upload)
    form = ColumnsForm(request.POST or None, upload=upload, examples=preview.examples)
    if form.is_valid():
        fields = form.chosen() if form.same else None
        data = form.cleaned_data
        # Somebody else may have started it: its page says so.
        with suppress(NotNow):
            adjust_import(
                upload=upload, sheet=data["sheet"], header_row=data["header_row"], fields=fields
            )
        return redirect(request.business.address("import_detail", upload.pk))
    context = {"import": upload, "form": form, "head": preview.rows, "steps": reviews.steps()}
    return render(request, "contacts/imports/import_columns.html", context)


def _use_area_code(request: BusinessRequest, upload: Import) -> HttpResponse:
    form = AreaCodeForm(request.POST)
    _keep_draft(request, upload)
    if form.is_valid():
        use_area_code(upload=upload, area_code=form.cleaned_data["area_code"])
        return redirect(request.business.address("import_detail", upload.pk))
    messages.error(request, str(form.errors["area_code"][0]))
    return redirect(request.business.address("import_review", upload.pk))


@roles(*WRITERS)
@while_it_waits
def import_review(request: BusinessRequest, upload: Import) -> HttpResponse:
    """What the file holds, problems first, and where consent comes from."""
    if not upload.findings:
        return redirect(request.business.address("import_columns", upload.pk))
    form = _start_form(request, upload)
    return render(
        request, "contacts/imports/import_review.html", reviews.context(upload, form, request.user)
    )


def _start_form(
    request: BusinessRequest,
    upload: Import,
    posted: QueryDict | None = None,
    *,
    without: bool = False,
) -> StartForm:
    return StartForm(
        posted,
        business=request.business,
        findings=upload.findings,
        without=without,
        initial=upload.draft,
    )


@roles(*WRITERS)
@require_POST
@while_it_waits
def import_keep(request: BusinessRequest, upload: Import) -> HttpResponse:
    """Keep what was typed of the declaration for later; nothing is declared by it."""
    way = request.POST.get("choose")
    if way in Way.values:
        _keep_draft(request, upload, way=way)
        return redirect(request.business.address("import_review", upload.pk) + "#caminho")
    _keep_draft(request, upload)
    if "columns" in request.POST:
        return redirect(request.business.address("import_columns", upload.pk))
    messages.success(
        request, _("Guardamos o que você escreveu. A declaração você marca na hora de importar.")
    )
    return redirect(request.business.address("import_list"))


def _keep_draft(request: BusinessRequest, upload: Import, **more: str) -> None:
    """What a page sends along that has the declaration on it; the other pages leave it as it is."""
    typed = _start_form(request, upload, request.POST).typed() | more
    if typed:
        declaration_drafts.keep(upload=upload, typed=typed)


@roles(*WRITERS)
@require_POST
@while_it_waits
def import_start(request: BusinessRequest, upload: Import) -> HttpResponse:
    """Let the worker write it."""
    if not upload.findings:
        return redirect(request.business.address("import_columns", upload.pk))
    form = _start_form(request, upload, request.POST, without="without" in request.POST)
    if not form.is_valid():
        return render(
            request,
            "contacts/imports/import_review.html",
            reviews.context(upload, form, request.user),
        )
    try:
        start_import(
            upload=upload,
            actor=request.user,
            declaration=form.declaration(),
            tag=" ".join(form.cleaned_data["tag"].split()),
            choices=form.choices(),
        )
    except NotNow:
        messages.warning(request, _("Esta planilha já tinha começado a ser importada."))
    return redirect(request.business.address("import_detail", upload.pk))
