"""Which imports a page may show, and which of them still wait for a person."""

from collections.abc import Callable
from functools import wraps

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from blu.accounts.permissions import BusinessRequest
from contacts.models import Import


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
        if upload.status != Import.Status.UPLOADED:
            return redirect(request.business.address("import_detail", pk))
        return view(request, upload)

    return guarded
