"""Whatever is done to ticked rows says which permission it takes, and is written down."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.models import Permission
from django.utils import timezone
from django_q.models import Failure, OrmQ

from blu.accounts.models import User
from sessions.models import Link, Runner, State, WhatsAppSession
from tests import support
from tests.clients import Client
from tests.factories import lead, make_user
from tests.security.admin_world import changed, every_row, make_rows, pages, superuser_asks, undone

pytestmark = pytest.mark.django_db
FAILURES = "/admin/django_q/failure/"


def given(page: Any) -> list[tuple[str, Any]]:
    """Each action that an admin registers, in Django's lists and in those of the design library."""
    listed = [(name, function) for function, name, _said in page._get_base_actions()]
    for kind in ("list", "detail", "row", "submit_line"):
        unfolds = getattr(page, f"_get_base_actions_{kind}")()
        listed += [(one.action_name, one.method) for one in unfolds]
    return listed


def test_every_action_says_a_permission_that_is_more_than_to_look() -> None:
    found = [(page, name, function) for page in pages() for name, function in given(page)]
    assert len(found) > 3
    for page, name, function in found:
        asked = set(getattr(function, "allowed_permissions", ()))
        assert asked - {"view"}, f"{page}: {name} runs for whoever sees the list"
        assert "view" not in asked, f"{page}: {name} needs any of {asked}"


def offered() -> list[tuple[ModelAdmin, str]]:  # type: ignore[type-arg]
    request = superuser_asks()
    return [(page, name) for page in pages() for name in page.get_actions(request)]


def test_every_action_writes_down_what_it_did_to_each_row(client: Client, staff: User) -> None:
    make_rows()
    later = timezone.now() + timedelta(minutes=20)
    for session in WhatsAppSession.objects.all():
        lead(session, State.STOPPED)
    Link.objects.update(state_until=later, linked_at=timezone.now())
    Runner.objects.create(node="a", host="one", pid=1, born=0, capacity=500)
    assert {name for _page, name in offered()} >= {"make_verified", "resubmit_task", "look_again"}
    for page, name in offered():
        row = page.model._default_manager.order_by("pk").last()
        assert row is not None
        before = every_row()
        ticked = {"action": name, "_selected_action": [str(row.pk)], "post": "yes"}
        with undone():
            client.post(f"/admin/{page.opts.app_label}/{page.opts.model_name}/", ticked)
            assert changed(before), f"{name} did nothing to {row!r}"
            said = LogEntry.objects.filter(object_id=str(row.pk), user=staff)
            assert said.filter(content_type__model=page.opts.model_name).exists(), name


def with_permission(client: Client, *codenames: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return support.sign_in(client, user)


def fail(func: str, number: int = 1) -> Failure:
    moment = timezone.now()
    times = {"started": moment, "stopped": moment, "success": False}
    return Failure.objects.create(id=f"{number:032}", name="x", func=func, args=(7,), **times)


def enqueue_again(client: Client, *failures: Failure) -> int:
    ticked = {"action": "resubmit_task", "_selected_action": [one.pk for one in failures]}
    return client.post(FAILURES, ticked).status_code


def test_a_failed_task_is_called_again_with_the_permission_and_only_if_it_is_ours(
    client: Client,
) -> None:
    ours, foreign = fail("blu.tasks.take_snapshot"), fail("subprocess.getoutput", 2)
    with_permission(client, "view_failure", "delete_failure", "change_success")
    assert enqueue_again(client, ours, foreign) == 403
    assert OrmQ.objects.count() == 0
    with_permission(client, "change_failure")
    enqueue_again(client, ours, foreign)
    [enqueued] = OrmQ.objects.all()
    assert (enqueued.task["func"], enqueued.task["args"]) == ("blu.tasks.take_snapshot", (7,))
    assert list(Failure.objects.all()) == [foreign]


def test_support_that_may_change_sessions_lets_one_be_looked_at_again(client: Client) -> None:
    make_rows()
    later = timezone.now() + timedelta(minutes=20)
    for session in WhatsAppSession.objects.all():
        lead(session, State.STOPPED)
    Link.objects.update(state_until=later)
    ticked = {
        "action": "look_again",
        "_selected_action": list(WhatsAppSession.objects.values_list("pk", flat=True)),
    }
    address = "/admin/wa_sessions/whatsappsession/"
    with_permission(client, "view_whatsappsession", "add_whatsappsession")
    client.post(address, ticked)
    assert Link.objects.filter(state_until=later).exists()
    with_permission(client, "change_whatsappsession")
    client.post(address, ticked)
    assert not Link.objects.filter(state_until=later).exists()
