"""An import from upload to result."""

import tempfile
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from blu.accounts.bodies import takes_a_file
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from contacts import import_counts, problem_sheet, services
from contacts import import_review as reviews
from contacts.import_forms import AreaCodeForm, ColumnsForm, StartForm, UploadForm
from contacts.imports.rows import STAYS_OUT, Problem
from contacts.models import Import, ImportProblem
from contacts.services import FileRefused, NotNow, layouts, progress
from contacts.services.findings import first_problems
from contacts.services.run import path_of

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
    """Open the view while the import waits for a person; from then on show what became of it."""

    @wraps(view)
    def guarded(request: BusinessRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(imports_of(request), pk=pk)
        if found.status != Status.UPLOADED:
            return redirect("import_detail", pk)
        return view(request, found)

    return guarded


@member_required
@require_safe
def import_list(request: BusinessRequest) -> HttpResponse:
    """The last imports and what became of each."""
    context = {
        "imports": imports_of(request).exclude(status=Status.DISCARDED).order_by("-id")[:SHOWN],
        "may_change": may(request, "owner", "receptionist"),
    }
    return render(request, "contacts/import_list.html", context)


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
            return redirect("import_detail", found.pk)
    return render(request, "contacts/import_new.html", {"form": form, "steps": reviews.steps()})


def _receive(request: BusinessRequest, file: "UploadedFile[Any]") -> Import:
    with tempfile.NamedTemporaryFile(prefix="blu-upload-") as copy:
        for part in file.chunks():
            copy.write(part)
        copy.flush()
        return services.receive_upload(
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
        return redirect("import_review", pk)
    if found.status == Status.DISCARDED:
        return redirect("import_list")
    return render(request, "contacts/import_detail.html", _detail(request, found))


@member_required
@require_safe
@never_cache
def import_progress(request: BusinessRequest, pk: int) -> HttpResponse:
    """The part of the page that changes by itself; the whole page when the worker is through."""
    found = get_object_or_404(imports_of(request), pk=pk)
    if found.status not in WORKING:
        return HttpResponse(headers={"HX-Redirect": reverse("import_detail", args=[pk])})
    return render(request, "contacts/_import_progress.html", _detail(request, found))


def _detail(request: BusinessRequest, found: Import) -> dict[str, Any]:
    return {
        "import": found,
        "counts": import_counts.written(found),
        "expected": import_counts.found(found).rows or found.rows_total,
        "is_working": found.status in WORKING,
        "read": progress.of(found.pk) if found.status == Status.READING else None,
        "steps": reviews.steps(),
        "step": 3 if found.status not in (Status.READING, Status.REFUSED) else 2,
        "warned": {} if found.status in WORKING else _warned(found),
        "stayed_out": found.problems.filter(reason=STAYS_OUT).order_by("row")[:SHOWN],
        "may_change": may(request, "owner", "receptionist"),
    }


def _warned(found: Import) -> dict[str, Any]:
    """The rows that came in otherwise than they were written: how many, and the first of them."""
    header = layouts.header_of(found)
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
    start = reviews.start(found)
    form = ColumnsForm(request.POST or None, found=found, start=start)
    if form.is_valid():
        fields = form.chosen() if form.same else None
        data = form.cleaned_data
        try:
            services.adjust_import(
                found=found, sheet=data["sheet"], header_row=data["header_row"], fields=fields
            )
        except FileRefused as refused:
            form.add_error(None, str(refused))
        except NotNow:
            return redirect("import_detail", found.pk)
        else:
            return redirect("import_detail", found.pk)
    context = {"import": found, "form": form, "head": reviews.head(start), "steps": reviews.steps()}
    return render(request, "contacts/import_columns.html", context)


def _use_area_code(request: BusinessRequest, found: Import) -> HttpResponse:
    form = AreaCodeForm(request.POST)
    if form.is_valid():
        services.use_area_code(found=found, area_code=form.cleaned_data["area_code"])
        return redirect("import_detail", found.pk)
    messages.error(request, str(form.errors["area_code"][0]))
    return redirect("import_review", found.pk)


@roles("owner", "receptionist")
@while_it_waits
def import_review(request: BusinessRequest, found: Import) -> HttpResponse:
    """What the file holds, problems first, and where consent comes from."""
    if not found.findings:
        return redirect("import_columns", found.pk)
    form = StartForm(
        business=request.business, granting=True, problems=found.findings.get("problems", ())
    )
    return render(
        request, "contacts/import_review.html", reviews.context(found, form, request.user)
    )


@roles("owner", "receptionist")
@require_POST
@while_it_waits
def import_start(request: BusinessRequest, found: Import) -> HttpResponse:
    """Let the worker write it."""
    if not found.findings:
        return redirect("import_columns", found.pk)
    granting = bool(found.findings.get("yes")) and "without" not in request.POST
    form = StartForm(
        request.POST,
        business=request.business,
        granting=granting,
        problems=found.findings.get("problems", ()),
    )
    if not form.is_valid():
        return render(
            request, "contacts/import_review.html", reviews.context(found, form, request.user)
        )
    try:
        services.start_import(
            found=found,
            actor=request.user,
            declaration=form.declaration(),
            tag=" ".join(form.cleaned_data["tag"].split()),
            choices=form.choices(),
        )
    except NotNow:
        messages.warning(request, _("Esta planilha já tinha começado a ser importada."))
    return redirect("import_detail", found.pk)


@roles("owner", "receptionist")
@require_POST
def import_discard(request: BusinessRequest, pk: int) -> HttpResponse:
    """Forget an upload that was not started, with its file."""
    found = get_object_or_404(imports_of(request), pk=pk)
    try:
        services.discard_import(found=found)
    except NotNow:
        messages.warning(request, _("Esta planilha já não pode ser descartada."))
        return redirect("import_detail", pk)
    messages.success(request, _("Planilha descartada. Nada dela foi importado."))
    return redirect("import_list")


@member_required
@require_safe
def import_errors(request: BusinessRequest, pk: int) -> FileResponse:
    """The rows that were left out, as a spreadsheet; before the start, those of the first many."""
    found = get_object_or_404(imports_of(request), pk=pk)
    problems: Iterable[ImportProblem | Problem]
    if problem_sheet.rows_left_out(found).exists():
        problems = problem_sheet.kept(found)
    elif found.status == Status.UPLOADED:
        problems = _left_out_so_far(found)
    else:
        raise Http404
    out = tempfile.TemporaryFile()  # noqa: SIM115 (FileResponse closes it)
    problem_sheet.write(found, problems, out)
    out.seek(0)
    name = slugify(Path(found.file_name).stem) or "planilha"
    return FileResponse(out, as_attachment=True, filename=f"{name}-corrigir.xlsx")


def _left_out_so_far(found: Import) -> list[Problem]:
    """What would be left out of a file that was only read; Http404 where nothing would."""
    if not found.findings.get("errors"):
        raise Http404
    try:
        return first_problems(found, path_of(found))
    except (FileRefused, FileNotFoundError) as gone:
        raise Http404 from gone
