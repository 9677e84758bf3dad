"""An import from upload to result."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.request_size import takes_a_file
from contacts.imports import column_mapping, counts, problem_exports, progress
from contacts.imports import review as reviews
from contacts.imports.access import imports_of
from contacts.imports.forms import UploadForm
from contacts.imports.retention import discard_import
from contacts.imports.uploads import NotNow, receive_upload
from contacts.models import Import, ImportProblem
from contacts.spreadsheets.labels import REASONS
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import TOLD_BY_STOPS

SHOWN = 30
Status = Import.Status
WORKING = (Status.READING, Status.QUEUED, Status.RUNNING)


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
