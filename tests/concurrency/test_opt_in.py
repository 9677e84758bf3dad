"""Two devices confirm one code in the same millisecond, and a code is typed while the person's message arrives."""

from functools import partial

import pytest
from django.utils import timezone

from blu.accounts.refused import Refused
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Notice
from contacts.models import Consent, Contact, OptIn, State, Subscription
from contacts.optin import confirming, texts
from sessions.events import Address, Incoming, Text
from sessions.models import WhatsAppSession
from tests import factories
from tests.concurrency import together
from tests.forked import Fork, Tell

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

PEOPLE = 25
at_once = partial(together.at_once, apart=30)


def requests() -> list[OptIn]:
    rows = OptIn.objects.select_related(
        "text__topic", "text__business", "text__wording", "business"
    )
    return list(rows.order_by("pk"))


def type_codes(tell: Tell, begins: str) -> str:
    """Type each code; how many were refused."""
    refused = 0
    for number, request in enumerate(requests()):
        at_once(begins, number)
        try:
            confirming.by_typed_code(request, request.typed_code)
        except Refused:
            refused += 1
    return str(refused)


def hear_messages(tell: Tell, begins: str, session_id: int) -> str:
    """Hear each person's message with their code."""
    for number, request in enumerate(requests()):
        at_once(begins, number)
        words = Text(texts.message_of(request))
        said = Incoming(Address(request.phone), f"A{number}", words, timezone.now())
        LedgerOutbox().record_event(session_id, said)
    return "0"


@pytest.fixture
def session(transactional_db: None) -> WhatsAppSession:
    session = factories.make_session(factories.make_business(), proven_at=timezone.now())
    text = factories.make_opt_in_text(factories.make_topic(session.business))
    for number in range(PEOPLE):
        wish = factories.make_opt_in(text)
        OptIn.objects.filter(pk=wish.pk).update(
            typed_code=f"{number:06}", code_asked_at=timezone.now()
        )
    return session


@pytest.mark.parametrize("other", ["typed", "blu_jobs"])
def test_everybody_agrees_once_and_nobody_is_refused(
    fork: Fork, session: WhatsAppSession, other: str
) -> None:
    begins = together.soon()
    first = fork(type_codes, begins)
    if other == "typed":
        second = fork(type_codes, begins)
    else:
        second = fork(hear_messages, begins, session.pk, role=other)
    assert (first.result(), second.result()) == ("0", "0")
    assert Contact.objects.count() == PEOPLE
    assert Consent.objects.count() == PEOPLE
    assert Subscription.objects.filter(state=State.GRANTED).count() == PEOPLE
    assert not OptIn.objects.filter(confirmed_at=None).exists()
    assert Notice.objects.count() <= PEOPLE
