"""The page on which an owner asks for all of a business, and its download."""

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from blu.accounts.models import Role
from blu.accounts.permissions import (
    BusinessRequest,
    confirmation_required,
    fresh_confirmation_required,
    roles,
)
from contacts.takeout import services


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def takeout(request: BusinessRequest) -> HttpResponse:
    """Whether it is there; a POST has it made."""
    prepared = services.prepared_for(request.business)
    if request.method == "POST":
        prepared.request()
        return redirect(request.business.address("takeout"))
    return render(request, "contacts/takeout/takeout.html", {"prepared": prepared})


@roles(Role.OWNER)
@require_safe
@confirmation_required
@never_cache
def takeout_file(request: BusinessRequest) -> HttpResponseBase:
    """The archive, opened while it goes out."""
    archive = services.opened(request.business)
    if archive is None:
        raise Http404
    name = f"{request.business.slug}.zip"
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")
