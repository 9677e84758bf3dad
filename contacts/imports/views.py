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

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.request_size import takes_a_file
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
from contacts.models import Import, ImportProblem
from contacts.spreadsheets.labels import REASONS
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import TOLD_BY_STOPS

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
        upload = get_object_or_404(imports_of(request), pk=pk)
        if upload.status != Status.UPLOADED:
            return redirect(request.business.address("import_detail", pk))
        return view(request, upload)

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
        "may_change": may(request, *WRITERS),
    }
    return render(request, "contacts/imports/import_list.html", context)


@takes_a_file
@roles(*WRITERS)
def import_new(request: BusinessRequest) -> HttpResponse:
    """Receive the file; a worker reads it."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload = _receive(request, form.cleaned_data["file"])
        except FileRefused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect(request.business.address("import_detail", upload.pk))
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
    upload = get_object_or_404(imports_of(request), pk=pk)
    if upload.status == Status.UPLOADED:
        return redirect(request.business.address("import_review", pk))
    if upload.status == Status.DISCARDED:
        return redirect(request.business.address("import_list"))
    return render(request, "contacts/imports/import_detail.html", _detail(request, upload))


@member_required
@require_safe
@never_cache
def import_progress(request: BusinessRequest, pk: int) -> HttpResponse:
    """The part of the page that changes by itself; the whole page when the worker is through."""
    upload = get_object_or_404(imports_of(request), pk=pk)
    if upload.status not in WORKING:
        return HttpResponse(headers={"HX-Redirect": request.business.address("import_detail", pk)})
    return render(request, "contacts/imports/_import_progress.html", _detail(request, upload))


def _detail(request: BusinessRequest, upload: Import) -> dict[str, Any]:
    return {
        "import": upload,
        "counts": counts.written(upload),
        "expected": counts.found(upload).rows or upload.rows_total,
        "is_working": upload.status in WORKING,
        "read": progress.share_read(upload.pk) if upload.status == Status.READING else None,
        "steps": reviews.steps(),
        "step": 3 if upload.status not in (Status.READING, Status.REFUSED) else 2,
        "warned": {} if upload.status in WORKING else _warned(upload),
        "stayed_out": _stayed_out(upload),
        "prepared": problem_exports.prepared_for(upload),
        "may_change": may(request, *WRITERS),
    }


def _stayed_out(upload: Import) -> list[tuple[ImportProblem, str]]:
    """The first of those whom the sheet doesn't bring back, each with why."""
    rows = upload.problems.filter(reason__in=TOLD_BY_STOPS).order_by("row")[:SHOWN]
    return [(row, str(REASONS[row.reason])) for row in rows]


def _warned(upload: Import) -> dict[str, Any]:
    """The rows that came in otherwise than they were written: how many, and the first of them."""
    header = column_mapping.header_of(upload)
    problems = upload.problems.exclude(field="").exclude(reason__in=TOLD_BY_STOPS)
    shown = problems.order_by("row", "field").values("row", "field", "reason", "values")[:SHOWN]
    told = [reviews.problem_row(header, dict(problem)) for problem in shown]
    return {"rows": problems.values("row").distinct().count() if told else 0, "shown": told}


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
    granting: bool = True,
) -> StartForm:
    return StartForm(
        posted,
        business=request.business,
        granting=granting,
        problems=upload.findings.get("problems", ()),
        initial=upload.draft,
    )


@roles(*WRITERS)
@require_POST
@while_it_waits
def import_keep(request: BusinessRequest, upload: Import) -> HttpResponse:
    """Keep what was typed of the declaration for later; nothing is declared by it."""
    _keep_draft(request, upload)
    if "columns" in request.POST:
        return redirect(request.business.address("import_columns", upload.pk))
    messages.success(
        request, _("Guardamos o que você escreveu. A declaração você marca na hora de importar.")
    )
    return redirect(request.business.address("import_list"))


def _keep_draft(request: BusinessRequest, upload: Import) -> None:
    """What a page sends along that has the declaration on it; the other pages leave it as it is."""
    typed = _start_form(request, upload, request.POST).typed()
    if typed:
        declaration_drafts.keep(upload=upload, typed=typed)


@roles(*WRITERS)
@require_POST
@while_it_waits
def import_start(request: BusinessRequest, upload: Import) -> HttpResponse:
    """Let the worker write it."""
    if not upload.findings:
        return redirect(request.business.address("import_columns", upload.pk))
    granting = bool(upload.findings.get("yes")) and "without" not in request.POST
    form = _start_form(request, upload, request.POST, granting=granting)
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


@roles(*WRITERS)
@require_POST
def import_discard(request: BusinessRequest, pk: int) -> HttpResponse:
    """Forget an upload that was not started, with its file."""
    upload = get_object_or_404(imports_of(request), pk=pk)
    try:
        discard_import(upload=upload)
    except NotNow:
        messages.warning(request, _("Esta planilha já não pode ser descartada."))
        return redirect(request.business.address("import_detail", pk))
    messages.success(request, _("Planilha descartada. Nada dela foi importado."))
    return redirect(request.business.address("import_list"))


@roles(*WRITERS)
@require_http_methods(["GET", "POST"])
@never_cache
def import_rows_left_out(request: BusinessRequest, pk: int) -> HttpResponse:
    """Ask for the spreadsheet of the rows that were left out; the part of the page that tells of it."""
    upload = get_object_or_404(imports_of(request), pk=pk)
    prepared = problem_exports.prepared_for(upload)
    if prepared is None:
        raise Http404
    if request.method == "POST":
        prepared.request()
    if request.headers.get("HX-Request"):
        context = {"import": upload, "prepared": prepared}
        return render(request, "contacts/imports/_rows_left_out.html", context)
    return redirect(request.business.address("import_detail", pk))


@roles(*WRITERS)
@require_safe
@never_cache
def import_errors(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out, as the spreadsheet that a worker wrote."""
    upload = get_object_or_404(imports_of(request), pk=pk)
    prepared = problem_exports.prepared_for(upload)
    if prepared is None:
        raise Http404
    file = prepared.open()
    if file is None:
        return redirect(request.business.address("import_detail", pk))
    name = problem_exports.file_name(upload)
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
