"""One row for each table of the admin, every address of theirs, and forms that would really write."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import Model
from django.forms import (
    BaseForm,
    CheckboxInput,
    ChoiceField,
    DateField,
    DateTimeField,
    EmailField,
    Field,
    IntegerField,
    JSONField,
    ModelChoiceField,
    SplitDateTimeField,
    TimeField,
)
from django.forms.widgets import MultiWidget
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLResolver
from django.utils import timezone
from django_q.models import Failure, Success

from blu.accounts.models import BusinessClosing, EmailChange, SecondStepLock, User
from blu.jobs import queue
from blu.support.discovery import load_admin_pages
from campaigns.models import Decision, Delivery, EarlyReceipt, SessionAlert, SessionLimits
from contacts.erasure.services import erase
from contacts.models import ConsentWording, PreferenceChange, RetentionRun
from contacts.person_requests.services import ask
from contacts.retention import nightly
from sessions.models import BrowserLook, EvidenceOpening, HomeArchive, Lease, LinkMove, Node, Runner
from tests import factories, support
from tests.isolation.world import make_world

# Written by signing in and by looking; no row of anybody's.
APART = ("django_session", "blu_cache", "blu_limits")


@dataclass(frozen=True)
class Address:
    """Something that may be posted to, with all that a browser would send there."""

    path: str
    name: str
    body: dict[str, Any] = field(default_factory=dict, hash=False)


def make_rows() -> None:
    """At least one row for each table that the admin shows."""
    make_world("suporte")
    owner, session = User.objects.get(name="Dona suporte"), Lease.objects.latest("pk").session
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True)
    support.give_app(owner)
    SecondStepLock.objects.create(user=owner, failures=3)
    EmailChange.objects.create(user=owner, from_email="velho@exemplo.com.br", to_email=owner.email)
    Group.objects.create(name="Atendimento").permissions.add(*Permission.objects.all()[:2])
    times = {"started": timezone.now(), "stopped": timezone.now()}
    task = {"name": "sol", "func": "blu.tasks.take_snapshot", "args": (1,), **times}
    Success.objects.create(id="1" * 32, success=True, **task)
    Failure.objects.create(id="2" * 32, success=False, **task)
    queue.enqueue("blu.tasks.take_snapshot", 1)
    business = session.business
    ConsentWording.objects.create(business=business, text="Autorizo.")
    Node.objects.create(name="z", token="00000000-0000-0000-0000-000000000001")
    Runner.objects.create(node="z", host="z", pid=1, born=0)
    HomeArchive.objects.create(link=session.link, name="z", fence=1, size=1)
    BrowserLook.objects.create(link=session.link, title_hash="0f" * 16, looks=[])
    seen = factories.make_evidence(session.link)
    EvidenceOpening.objects.create(
        evidence=seen, about="x", part="picture", who=owner, reason="Ver o ícone"
    )
    session.chats.create(phone="+5511987650000")
    LinkMove.objects.create(
        session=session, old=session.link, new=session.link, ended_at=timezone.now()
    )
    SessionLimits.objects.create(session=session)
    SessionAlert.objects.create(session=session, kind="away", since=timezone.now())
    consented = factories.make_contact(business, "Apagada")
    factories.subscribe(consented, factories.make_topic(business))
    erase(business=business, contact=consented)
    PreferenceChange.objects.create(
        business=business,
        contact=factories.make_contact(business),
        what="stopped",
        link_from="team",
    )
    ask(business=business, kind="access", phone="+5511987650001")
    BusinessClosing.objects.create(business_id=999_999, actor=owner)
    nightly.run(RetentionRun.objects.create(business=business, day=date(2026, 1, 1)).pk)
    delivery = Delivery.objects.get()
    Decision.objects.create(delivery=delivery, arrived=True, reason="Vi.")
    # A receipt is kept only while something is on its way.
    doubt = factories.make_delivery(delivery.campaign, status="uncertain")
    Delivery.objects.filter(pk=doubt.pk).update(pressed_at=timezone.now())
    EarlyReceipt.objects.create(
        session_id=doubt.session_id, message_id="3EB0A", step="read", at=timezone.now()
    )


def pages() -> list[ModelAdmin[Any]]:
    """The admin of each table; the first request would load them."""
    load_admin_pages()
    return list(admin.site._registry.values())


def row_of(page: ModelAdmin[Any]) -> Model:
    """The one that its addresses are asked for; a table of the admin without a row tests nothing."""
    row = page.model._default_manager.order_by("pk").first()
    assert row is not None, f"make_rows makes no {page.model._meta.label}"
    return row


def addresses(page: ModelAdmin[Any], row: Model | None = None) -> Iterator[Address]:
    """Each address of a table for one of its rows, and its list once for each action there is."""
    row = row or row_of(page)
    body = body_of(page, row)
    base = f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
    for pattern in page.get_urls():
        route = filled(str(pattern.pattern), row)
        adds = str(pattern.name).endswith("_add") and page.has_add_permission(superuser_asks())
        yield Address(base + route, str(pattern.name), body_of(page, None) if adds else body)
    for _action, name, _description in page._get_base_actions():  # type: ignore[attr-defined]
        wish = {"action": name, "_selected_action": [str(row.pk)], "post": "yes", "index": "0"}
        yield Address(base, name, wish)


def filled(route: str, row: Model) -> str:
    """A route with the keys of a row; fails for a shape that this doesn't know."""
    if "/history/([^/]+)" in route:
        version = row.history.first().pk  # type: ignore[attr-defined]
        return f"{row.pk}/history/{version}/"
    found = re.sub(r"<(path:)?(object_id|id)>", str(row.pk), route)
    assert not set(found) & set("<>^()$"), f"unknown address: {route}"
    return found


def site_addresses() -> list[Address]:
    """Those of the admin itself, outside of any table."""
    patterns = [one for one in admin.site.get_urls() if not isinstance(one, URLResolver)]
    found = []
    for pattern in patterns:
        route = str(pattern.pattern)
        route = re.sub(r"^\^\(\?P<app_label>.*", "auth/", route)
        route = re.sub(r"^\(\?P<url>.*", "qualquer/", route)
        route = re.sub(r"<\w+:\w+>", "1", route)
        found.append(Address(f"/admin/{route}", str(pattern.name), {"q": "x", "post": "yes"}))
    return found


def superuser_asks(path: str = "/admin/") -> HttpRequest:
    """A request by someone who may do everything, to see which fields there are."""
    request = RequestFactory().get(path)
    request.user = User(pk=0, is_active=True, is_staff=True, is_superuser=True)
    return request


def body_of(page: ModelAdmin[Any], row: Model | None) -> dict[str, Any]:
    """What a browser would send from the form of a row, or of a new one, with a name changed."""
    request = superuser_asks()
    form = page.get_form(request, row, change=row is not None)(instance=row)
    sent = sent_from(form)
    if isinstance(sent.get("name"), str):
        sent["name"] += " mudado"
    with_row = row if row is not None else page.model()
    for formset, _inline in page.get_formsets_with_inlines(request, row):
        rows = formset(instance=with_row, prefix=formset.get_default_prefix())
        sent |= sent_from(rows.management_form)
        for one in rows.forms:
            sent |= sent_from(one)
    passwords = {"password1": "Outra senha comprida 7", "password2": "Outra senha comprida 7"}
    opening = {"reason": "Entender o ícone", "part": "picture"} if page.sealed_views else {}  # type: ignore[attr-defined]
    return sent | opening | passwords | {"usable_password": "true", "post": "yes", "_save": "1"}


def sent_from(form: BaseForm) -> dict[str, Any]:
    """Each field of a form with what it shows, and something fitting where it is empty and must not be."""
    sent: dict[str, Any] = {}
    for name, shown in form.fields.items():
        bound = form[name]
        value = bound.value()
        if value in (None, "", []) and shown.required:
            value = something_for(shown)
        if isinstance(shown.widget, MultiWidget):
            parts = shown.widget.decompress(value)
            sent |= {f"{bound.html_name}_{n}": part or "" for n, part in enumerate(parts)}
        elif isinstance(shown.widget, CheckboxInput):
            sent |= {bound.html_name: "on"} if value else {}
        elif isinstance(value, list | tuple):
            sent[bound.html_name] = [str(getattr(one, "pk", one)) for one in value]
        else:
            prepared = shown.prepare_value(value)
            sent[bound.html_name] = "" if prepared is None else str(prepared)
    return sent


def something_for(shown: Field) -> Any:
    """A value that a field takes."""
    if isinstance(shown, ModelChoiceField):
        return getattr(shown.queryset.last(), "pk", "")
    if isinstance(shown, ChoiceField):
        return next(key for key, _label in shown.choices if key)
    kinds = {EmailField: "novo@exemplo.com.br", IntegerField: 1, JSONField: {}}
    moments = (DateField, DateTimeField, SplitDateTimeField, TimeField)
    if isinstance(shown, moments):
        return timezone.now()
    return next((one for kind, one in kinds.items() if isinstance(shown, kind)), "novo")


def every_row() -> dict[str, list[str]]:
    """The whole database as text, but for web sessions and the cache."""
    tables = [one for one in sorted(connection.introspection.table_names()) if one not in APART]
    asked = " UNION ALL ".join(
        f"SELECT '{one}', to_jsonb(t)::text FROM \"{one}\" t" for one in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        found: dict[str, list[str]] = {table: [] for table in tables}
        for table, row in cursor.fetchall():
            found[table].append(row)
    return {table: sorted(rows) for table, rows in found.items()}


def changed(before: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows that weren't as they are, by table; nothing where nothing was written or deleted."""
    after = every_row()
    return {
        table: sorted(set(after[table]) ^ set(before[table]))
        for table in after
        if after[table] != before[table]
    }


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback and no page for each of hundreds of refusals: they take longer than the refusals.

    What the pages of refusals show: tests/ui/test_error_pages.py.
    """
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    for status in (400, 403, 404):
        monkeypatch.setattr(f"blu.urls.handler{status}", _bare(status), raising=False)


def _bare(status: int) -> Callable[..., HttpResponse]:
    return lambda request, exception: HttpResponse(status=status)
