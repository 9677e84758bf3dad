"""What the admin asks of support staff before a page: a second factor within a working day, and a fresh
confirmation for pages that change access or open sealed data.

Both are asked for on allauth's own pages, which say why, and lead back here. A form that was posted without
them is not carried out later: its sender comes back to it, with a message.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.admin.options import ModelAdmin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from blu.accounts.admin_base import LOOKING, SupportAdmin, names_permission
from blu.accounts.models import Membership, User

WORKING_DAY = 8 * 3600  # seconds that a second factor is good for
APP, KEY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN
# What signs people in or lets them into a business; and the pages of it that only show.
ACCESS_APPS, ACCESS = ("auth", "account", "mfa"), (User, Membership)
LISTS = ("changelist_view", "history_view", "history_form_view")
# In the web session: the address of a form that came too late.
LATE = "admin_late"


def step_before(request: HttpRequest, view: Any) -> HttpResponse | None:
    """Returns the page that this member of the support staff has to pass first; None where there is none."""
    own = Authenticator.objects.filter(user_id=request.user.pk)
    factors = dict(own.values_list("pk", "type"))
    if not {APP, KEY} & set(factors.values()):
        return redirect("mfa_index")
    if not passed_one(request, factors):
        by_app = APP in factors.values()
        return _led(request, "mfa_reauthenticate" if by_app else "mfa_reauthenticate_webauthn")
    if must_be_sure(request, view) and not did_recently_reauthenticate(request):
        return _led(request, "account_reauthenticate")
    if request.method in LOOKING and request.session.get(LATE) == request.get_full_path():
        del request.session[LATE]
        said = _(
            "O que você enviou não foi salvo: faltava confirmar quem é. Confira e envie de novo."
        )
        messages.warning(request, said)
    return None


def passed_one(request: HttpRequest, factors: Collection[int]) -> bool:
    """Whether this web session passed one of these second factors within a working day.

    One that was taken from the person since then opens nothing any more.
    """
    records = get_authentication_records(request, request.user)
    passed = [one["at"] for one in records if one["method"] == "mfa" and one.get("id") in factors]
    return bool(passed) and time.time() - passed[-1] < WORKING_DAY


def must_be_sure(request: HttpRequest, view: Any) -> bool:
    """Whether this request needs a fresh confirmation: it could change access, or open sealed data."""
    page = page_of(view)
    if isinstance(page, SupportAdmin) and view.__name__ in page.sealed_views:
        return page.takes_forms(request)
    return touches_access(request, view)


def touches_access(request: HttpRequest, view: Any) -> bool:
    """Returns whether this request could change how a person signs in, or who gets into a business."""
    page = page_of(view)
    if page is None or not _is_of_access(page):
        return False
    if request.method not in LOOKING:
        return True
    return view.__name__ not in LISTS and may_write(request, page)


def may_write(request: HttpRequest, page: ModelAdmin[Any]) -> bool:
    """Whether this user may change anything on the admin pages of this table, or open sealed data there."""
    if isinstance(page, SupportAdmin) and page.takes_forms(request):
        return True
    granted = (page.has_add_permission, page.has_change_permission, page.has_delete_permission)
    if any(may(request) for may in granted):
        return True
    return any(one and names_permission(one[0]) for one in page.get_actions(request).values())


def page_of(view: Any) -> ModelAdmin[Any] | None:
    """The admin of a table that a view is a method of; None for pages of the whole site."""
    page = getattr(view, "__self__", None)
    return page if isinstance(page, ModelAdmin) else None


def _is_of_access(page: ModelAdmin[Any]) -> bool:
    """A business has its members below: also tables inside count."""
    tables = [page.model, *(inline.model for inline in page.inlines)]
    return any(table in ACCESS or table._meta.app_label in ACCESS_APPS for table in tables)


def _led(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect to a page of confirmation, which leads back to this address."""
    address = request.get_full_path()
    if request.method not in LOOKING:
        request.session[LATE] = address
    return redirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: address})}")
