"""What a kind is told by HTTP reaches the ledger from a web process, if its sender is proven."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from campaigns.models import Campaign, Delivery, Notice, Reply
from sessions import checks
from sessions.driving import leases
from sessions.interfaces import LeaseLost, LeaseToken, Sent
from sessions.models import Link
from sessions.outbox import make_outbox
from tests import factories, test_isolation
from tests.campaigns.ledger.claiming import claim, reread
from tests.clients import Client
from tests.cloud.kind import urls
from tests.cloud.kind.views import signature
from tests.leasing import leased
from tests.security import test_bodies
from tests.sessions.transports import test_registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> Delivery:
    """A message that went out over the kind's link as `wamid.1`, under a lease that is still held."""
    session = factories.make_session(factories.make_business(), transport="cloud")
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    delivery, outbox, token = factories.make_delivery(campaign), make_outbox(), leased(session.pk)
    assert token is not None
    key = claim(token).key
    outbox.before_wire(token, key)
    outbox.settle(token, key, Sent("wamid.1", timezone.now()))
    return delivery


def tell(delivery: Delivery, *told: dict[str, str], signed: bool = True) -> int:
    """POST what the API tells, as it does: without cookies, with its signature; the answer's status."""
    body = json.dumps(told).encode()
    head = {"X-Signature": signature(body if signed else b"another")}
    address = reverse("cloud_told", kwargs={"account": link_of(delivery).home})
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address, body, content_type="application/json", headers=head)
    assert not answer.cookies
    return answer.status_code


def link_of(delivery: Delivery) -> Link:
    return Link.objects.select_related("session").get(session=delivery.session_id)


def test_a_receipt_moves_its_row_on_and_the_same_again_changes_nothing(sent: Delivery) -> None:
    for _time in range(2):
        assert tell(sent, {"id": "wamid.1", "tick": "delivered"}) == 200
    assert reread(sent).status == "delivered"
    assert tell(sent, {"id": "wamid.1", "tick": "read"}, {"id": "wamid.1", "tick": "sent"}) == 200
    assert reread(sent).status == "read"


def test_a_failure_told_after_the_message_was_taken_is_kept(sent: Delivery) -> None:
    for _time in range(2):
        assert tell(sent, {"id": "wamid.1", "tick": "failed"}) == 200
    assert (reread(sent).status, sent.reason) == ("failed", "undelivered")


def test_a_reply_is_kept_once_obeyed_and_answered_at_once(sent: Delivery) -> None:
    link = link_of(sent)
    link.session.idle_until = timezone.now() + timedelta(hours=1)
    link.session.save(update_fields=["idle_until"])
    for _time in range(2):
        reply = {"id": "wamid.2", "from": sent.phone, "text": "SAIR"}
        assert tell(sent, reply) == 200
    assert Reply.objects.get().kind == Reply.Kind.STOP
    assert Notice.objects.get().status == "queued"
    link.session.refresh_from_db()
    assert link.session.idle_until is None


def test_what_is_not_signed_changes_nothing(sent: Delivery) -> None:
    assert tell(sent, {"id": "wamid.1", "tick": "read"}, signed=False) == 403
    assert reread(sent).status == "sent"


def test_a_link_that_is_said_to_be_gone_is_let_go_of_by_whoever_drives_it(sent: Delivery) -> None:
    link = link_of(sent)
    lease = leases.held().get(link=link)
    assert tell(sent, {"link": "banned"}) == 200
    link.refresh_from_db()
    assert link.state == "banned"
    with pytest.raises(LeaseLost):
        make_outbox().next(LeaseToken(link.session_id, lease.fence, link.pk))
    assert tell(sent, {"id": "wamid.1", "tick": "read"}) == 200
    assert reread(sent).status == "read"


def test_an_address_of_a_kind_without_a_check_of_its_sender_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checks.kinds_are_told_by_webhooks_only() == []

    def open_to_all(_request: HttpRequest, **_keys: Any) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr(urls, "urlpatterns", [path("", open_to_all, name="cloud_open")])
    (problem,) = checks.kinds_are_told_by_webhooks_only()
    assert (problem.id, "cloud_open" in problem.msg) == ("sessions.E004", True)


def test_what_the_suite_says_of_all_addresses_holds_for_those_of_a_new_kind() -> None:
    """So that no table of a test needs a line for it."""
    test_isolation.test_every_address_is_declared_with_all_its_keys()
    test_bodies.test_all_addresses_are_tried()
    test_registry.test_every_address_of_a_kind_asks_who_sends_and_only_they_need_no_token_of_a_form()
    test_registry.test_a_link_may_be_of_every_kind_of_the_table_and_of_no_other()
