"""An import from upload to result."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blu.accounts.bodies import takes_a_file
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.jobs.prepared_files import MEDIA_TYPE
from contacts.imports import (
    column_mapping,
    counts,
    declaration_drafts,
    first_rows,
    problem_exports,
    progress,
)
from contacts.imports import review as reviews
from contacts.imports.forms import AreaCodeForm, ColumnsForm, StartForm, UploadForm
from contacts.imports.retention import discard_import
from contacts.imports.uploads import (
    NotNow,
    adjust_import,
    receive_upload,
    start_import,
    use_area_code,
)
from contacts.models import Import
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import STAYS_OUT

SHOWN = 30
Status = Import.Status
WORKING = (Status.READING, Status.QUEUED, Status.RUNNING)


def imports_of(request: BusinessRequest) -> QuerySet[Import]:
    """The imports of the business that is asking, and no other's."""
    return Import.objects.filter(business=request.business).select_related(
        "business", "topic", "created_by"
    )


def while_it_waits(
    view: Callable[[BusinessRequest, Import], HttpResponse],
) -> Callable[[BusinessRequest, int], HttpResponse]:
    """Open the view while the import waits for a person; from then on, by the back key too, show what became of it."""

    @never_cache
    @wraps(view)
    def guarded(request: BusinessRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(imports_of(request), pk=pk)
        if found.status != Status.UPLOADED:
            return redirect(request.business.address("import_detail", pk))
        return view(request, found)

    return guarded


@member_required
@require_safe
def import_list(request: BusinessRequest) -> HttpResponse:
    """The last imports and what became of each."""
    # Without what was found in each, of which the list tells nothing.
    listed = (
        imports_of(request).exclude(status=Status.DISCARDED).defer("findings", "columns", "draft")
    )
    context = {
        "imports": listed.order_by("-id")[:SHOWN],
        "may_change": may(request, "owner", "receptionist"),
    }
    return render(request, "contacts/imports/import_list.html", context)


@takes_a_file
@roles("owner", "receptionist")
def import_new(request: BusinessRequest) -> HttpResponse:
    """Receive the file; a worker reads it."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = _receive(request, form.cleaned_data["file"])
        except FileRefused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect(request.business.address("import_detail", found.pk))
    return render(
        request, "contacts/imports/import_new.html", {"form": form, "steps": reviews.steps()}
    )


def _receive(request: BusinessRequest, file: "UploadedFile[Any]") -> Import:
    with tempfile.NamedTemporaryFile(prefix="blu-upload-") as copy:
        for part in file.chunks():
            copy.write(part)
        copy.flush()
        return receive_upload(
            business=request.business,
            path=Path(copy.name),
            name=file.name or "planilha",
            actor=request.user,
        )


@member_required
@require_safe
@never_cache
def import_detail(request: BusinessRequest, pk: int) -> HttpResponse:
    """Progress while a worker has it, then the result; what waits for a person leads to the check."""
    found = get_object_or_404(imports_of(request), pk=pk)
    if found.status == Status.UPLOADED:
        return redirect(request.business.address("import_review", pk))
    if found.status == Status.DISCARDED:
        return redirect(request.business.address("import_list"))
    return render(request, "contacts/imports/import_detail.html", _detail(request, found))


@member_required
@require_safe
@never_cache
def import_progress(request: BusinessRequest, pk: int) -> HttpResponse:
    """The part of the page that changes by itself; the whole page when the worker is through."""
    found = get_object_or_404(imports_of(request), pk=pk)
    if found.status not in WORKING:
        return HttpResponse(headers={"HX-Redirect": request.business.address("import_detail", pk)})
    return render(request, "contacts/imports/_import_progress.html", _detail(request, found))


def _detail(request: BusinessRequest, found: Import) -> dict[str, Any]:
    return {
        "import": found,
        "counts": counts.written(found),
        "expected": counts.found(found).rows or found.rows_total,
        "is_working": found.status in WORKING,
        "read": progress.of(found.pk) if found.status == Status.READING else None,
        "steps": reviews.steps(),
        "step": 3 if found.status not in (Status.READING, Status.REFUSED) else 2,
        "warned": {} if found.status in WORKING else _warned(found),
        "stayed_out": found.problems.filter(reason=STAYS_OUT).order_by("row")[:SHOWN],
        "prepared": problem_exports.of(found),
        "may_change": may(request, "owner", "receptionist"),
    }


def _warned(found: Import) -> dict[str, Any]:
    """The rows that came in otherwise than they were written: how many, and the first of them."""
    header = column_mapping.header_of(found)
    problems = found.problems.exclude(field="").exclude(reason=STAYS_OUT)
    shown = problems.order_by("row", "field").values("row", "field", "reason", "values")[:SHOWN]
    told = [reviews.told(header, dict(problem)) for problem in shown]
    return {"rows": problems.values("row").distinct().count() if told else 0, "shown": told}


@roles("owner", "receptionist")
@while_it_waits
def import_columns(request: BusinessRequest, found: Import) -> HttpResponse:
    """Another sheet, another header, another meaning of a column, or an area code for all."""
    if "area_code" in request.POST:
        return _use_area_code(request, found)
    preview = first_rows.of(found)
    form = ColumnsForm(request.POST or None, found=found, examples=preview.examples)
    if form.is_valid():
        fields = form.chosen() if form.same else None
        data = form.cleaned_data
        # Somebody else may have started it: its page says so.
        with suppress(NotNow):
            adjust_import(
                found=found, sheet=data["sheet"], header_row=data["header_row"], fields=fields
            )
        return redirect(request.business.address("import_detail", found.pk))
    context = {"import": found, "form": form, "head": preview.rows, "steps": reviews.steps()}
    return render(request, "contacts/imports/import_columns.html", context)


def _use_area_code(request: BusinessRequest, found: Import) -> HttpResponse:
    form = AreaCodeForm(request.POST)
    _keep_draft(request, found)
    if form.is_valid():
        use_area_code(found=found, area_code=form.cleaned_data["area_code"])
        return redirect(request.business.address("import_detail", found.pk))
    messages.error(request, str(form.errors["area_code"][0]))
    return redirect(request.business.address("import_review", found.pk))


@roles("owner", "receptionist")
@while_it_waits
def import_review(request: BusinessRequest, found: Import) -> HttpResponse:
    """What the file holds, problems first, and where consent comes from."""
    if not found.findings:
        return redirect(request.business.address("import_columns", found.pk))
    form = _start_form(request, found)
    return render(
        request, "contacts/imports/import_review.html", reviews.context(found, form, request.user)
    )


def _start_form(
    request: BusinessRequest,
    found: Import,
    posted: QueryDict | None = None,
    *,
    granting: bool = True,
) -> StartForm:
    return StartForm(
        posted,
        business=request.business,
        granting=granting,
        problems=found.findings.get("problems", ()),
        initial=found.draft,
    )


@roles("owner", "receptionist")
@require_POST
@while_it_waits
def import_keep(request: BusinessRequest, found: Import) -> HttpResponse:
    """Keep what was typed of the declaration for later; nothing is declared by it."""
    _keep_draft(request, found)
    if "columns" in request.POST:
        return redirect(request.business.address("import_columns", found.pk))
    messages.success(
        request, _("Guardamos o que você escreveu. A declaração você marca na hora de importar.")
    )
    return redirect(request.business.address("import_list"))


def _keep_draft(request: BusinessRequest, found: Import) -> None:
    """What a page sends along that has the declaration on it; the other pages leave it as it is."""
    typed = _start_form(request, found, request.POST).typed()
    if typed:
        declaration_drafts.keep(found=found, typed=typed)


@roles("owner", "receptionist")
@require_POST
@while_it_waits
def import_start(request: BusinessRequest, found: Import) -> HttpResponse:
    """Let the worker write it."""
    if not found.findings:
        return redirect(request.business.address("import_columns", found.pk))
    granting = bool(found.findings.get("yes")) and "without" not in request.POST
    form = _start_form(request, found, request.POST, granting=granting)
    if not form.is_valid():
        return render(
            request,
            "contacts/imports/import_review.html",
            reviews.context(found, form, request.user),
        )
    try:
        start_import(
            found=found,
            actor=request.user,
            declaration=form.declaration(),
            tag=" ".join(form.cleaned_data["tag"].split()),
            choices=form.choices(),
        )
    except NotNow:
        messages.warning(request, _("Esta planilha já tinha começado a ser importada."))
    return redirect(request.business.address("import_detail", found.pk))


@roles("owner", "receptionist")
@require_POST
def import_discard(request: BusinessRequest, pk: int) -> HttpResponse:
    """Forget an upload that was not started, with its file."""
    found = get_object_or_404(imports_of(request), pk=pk)
    try:
        discard_import(found=found)
    except NotNow:
        messages.warning(request, _("Esta planilha já não pode ser descartada."))
        return redirect(request.business.address("import_detail", pk))
    messages.success(request, _("Planilha descartada. Nada dela foi importado."))
    return redirect(request.business.address("import_list"))


@roles("owner", "receptionist")
@require_http_methods(["GET", "POST"])
@never_cache
def import_rows_left_out(request: BusinessRequest, pk: int) -> HttpResponse:
    """Ask for the spreadsheet of the rows that were left out; the part of the page that tells of it."""
    found = get_object_or_404(imports_of(request), pk=pk)
    prepared = problem_exports.of(found)
    if prepared is None:
        raise Http404
    if request.method == "POST":
        prepared.request()
    if request.headers.get("HX-Request"):
        context = {"import": found, "prepared": prepared}
        return render(request, "contacts/imports/_rows_left_out.html", context)
    return redirect(request.business.address("import_detail", pk))


@roles("owner", "receptionist")
@require_safe
@never_cache
def import_errors(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out, as the spreadsheet that a worker wrote."""
    found = get_object_or_404(imports_of(request), pk=pk)
    prepared = problem_exports.of(found)
    if prepared is None:
        raise Http404
    file = prepared.open()
    if file is None:
        return redirect(request.business.address("import_detail", pk))
    name = problem_exports.file_name(found)
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
