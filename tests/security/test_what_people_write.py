"""What a contact writes to a business makes no page of anybody's large: neither long texts, nor edits, nor many of both."""

from datetime import timedelta
from itertools import cycle

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Delivery, Hold, Reply
from campaigns.models.reply import EARLIER_MOST
from campaigns.reports.recipient_views import REPLIES
from contacts.models import Consent, Contact
from contacts.preferences import links
from sessions.events import Address, Incoming, Text
from sessions.models import WhatsAppSession
from sessions.wire_values import BODY_MOST, storable_event
from tests import factories
from tests.clients import Client
from tests.isolation import declared
from tests.isolation.world import World, make_world
from tests.test_isolation import NOT_YET_WRITTEN

pytestmark = pytest.mark.django_db
WHATSAPPS_MOST = 65_536
# Bytes of a page. A conversation of fifty messages, each as long as one may be and all of it signs that HTML spells out.
PAGE_MOST = 4_000_000


def heard(body: str) -> str:
    """A text as it is kept."""
    told = Incoming(Address("+5511987654321"), "3EB0", Text(body), timezone.now())
    event = storable_event(told)
    assert isinstance(event, Incoming)
    return event.content.body


def test_of_a_long_text_its_beginning_and_its_end_are_kept() -> None:
    kept = heard("Olá " + "a" * WHATSAPPS_MOST + " SAIR")
    assert len(kept) == BODY_MOST
    assert kept.startswith("Olá aaa")
    assert "[…]" in kept
    assert kept.endswith("aaa SAIR")
    assert heard("a" * BODY_MOST) == "a" * BODY_MOST


@pytest.fixture
def world() -> World:
    """A business to whose message one person has answered all day, with edits, and left and come back."""
    world = make_world("prolixo")
    delivery = Delivery.objects.get(pk=world.keys["delivery"])
    contact = Contact.objects.get(pk=world.keys["contact"])
    session = WhatsAppSession.objects.get(pk=world.keys["session"])
    text, now = heard("<" * WHATSAPPS_MOST), timezone.now()
    earlier = [{"text": text, "at": now.isoformat(), "kind": "message"}] * (EARLIER_MOST + 2)
    kinds = cycle(Reply.Kind.values)
    Reply.objects.bulk_create(
        Reply(
            business=world.business, session=session, message_id=f"W{number}", phone=contact.phone,
            contact=contact, delivery=delivery, kind=next(kinds), text=text, earlier=earlier,
            at=now, edited_at=now,
        )
        for number in range(120)
    )  # fmt: skip
    replies = Reply.objects.filter(message_id__startswith="W", kind=Reply.Kind.HOLD)
    Hold.objects.bulk_create(
        Hold(business=world.business, key=f"lid:{number}", reply=reply)
        for number, reply in enumerate(replies)
    )
    factories.subscribe(contact, delivery.campaign.topic)
    granted = Consent.objects.filter(contact=contact).latest("pk")
    for number in range(150):
        granted.pk, granted.at = None, now + timedelta(seconds=number)
        Consent.objects.bulk_create([granted])
    return world


def test_no_page_of_a_business_grows_with_it(client: Client, world: World) -> None:
    client.force_login(world.membership.user)
    sizes = {}
    for route in declared.ROUTES:
        if route.startswith("api_") or route in NOT_YET_WRITTEN:
            continue
        answer = client.get(world.address(route))
        sizes[route] = len(answer.getvalue() if answer.streaming else answer.content)
    large = {route: size for route, size in sizes.items() if size > PAGE_MOST}
    assert large == {}


@pytest.mark.parametrize("page", ["preferences", "preferences_data", "preferences_export"])
def test_neither_does_a_persons_own_page(client: Client, world: World, page: str) -> None:
    token = links.given_by(world.membership, world.keys["contact"]).rstrip("/").rpartition("/")[2]
    answer = client.get(reverse(page, args=[token]))
    assert answer.status_code == 200
    assert len(answer.content) < PAGE_MOST
    assert b"&lt;&lt;" in answer.content or b"<<" in answer.content or page == "preferences"


def test_a_delivery_shows_the_newest_answers_and_the_consent_behind_it_however_many_came_after(
    client: Client, world: World
) -> None:
    delivery = Delivery.objects.get(pk=world.keys["delivery"])
    Delivery.objects.filter(pk=delivery.pk).update(sending_at=timezone.now())
    client.force_login(world.membership.user)
    page = client.get(world.address("delivery_detail")).context
    assert page["proof"] is not None
    assert len(page["replies"]) == REPLIES
