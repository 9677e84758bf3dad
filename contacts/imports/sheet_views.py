"""The spreadsheets that workers make of an import: asked for, told of, downloaded."""

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, roles
from blu.jobs.prepared_files import MEDIA_TYPE
from contacts.imports import answer_exports, problem_exports
from contacts.imports.access import imports_of


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


@roles(*WRITERS)
@require_http_methods(["GET", "POST"])
@never_cache
def import_answers_asked(request: BusinessRequest, pk: int) -> HttpResponse:
    """Ask for the spreadsheet in which to fill in who agreed; the part of the page that tells of it."""
    upload = get_object_or_404(imports_of(request), pk=pk)
    prepared = answer_exports.prepared_for(upload)
    if prepared is None:  # it was started meanwhile, or says by itself who agreed
        return redirect(request.business.address("import_detail", pk))
    if request.method == "POST":
        prepared.request()
    if request.headers.get("HX-Request"):
        context = {"import": upload, "answers": prepared}
        return render(request, "contacts/imports/_answers.html", context)
    return redirect(request.business.address("import_review", pk) + "#caminho")


@roles(*WRITERS)
@require_safe
@never_cache
def import_answers(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The list with a column to fill in, as a worker wrote it."""
    upload = get_object_or_404(imports_of(request), pk=pk)
    prepared = answer_exports.prepared_for(upload)
    file = prepared.open() if prepared else None
    if file is None:
        return redirect(request.business.address("import_detail", pk))
    name = problem_exports.file_name(upload, "quem-aceita")
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
