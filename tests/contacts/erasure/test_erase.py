"""Erasing a person: who may, what becomes of what is under way, and that nobody brings them back."""

import json
from collections.abc import Callable

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from blu.accounts.models import Business, Membership, Role
from blu.ops import dev_secrets
from blu.text.phone import read_phone
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice
from campaigns.models.ledger_states import Status
from contacts import consent, stops
from contacts.erasure.services import erase, erase_known_by
from contacts.models import Consent, Contact, ErasedConsent, Erasure, Source, Stop
from contacts.people.services import Erased, add_contact, correct_number
from sessions.driving import leases
from sessions.events import Address, Incoming, Text, Tick
from sessions.interfaces import Idle, Key, LeaseToken, NotSent, Outgoing, Sent
from sessions.models import Chat
from tests import factories
from tests.clients import Client
from tests.leasing import hold

pytestmark = pytest.mark.django_db

PHONE = "+5511987654321"


def running(business: Business) -> Delivery:
    """A person in the queue of a running campaign."""
    campaign = factories.make_campaign(business, Campaign.Status.RUNNING)
    return factories.make_delivery(campaign, factories.make_contact(business, phone=PHONE))


def claimed(row: Delivery) -> tuple[LeaseToken, Key]:
    token = hold(row.session_id)
    found = LedgerOutbox().next(token)
    assert isinstance(found, Outgoing)
    return token, found.key


def ask_the_function(business: int, by: str, user: int | None, digest: str = "0" * 64) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        hashes = json.dumps({PHONE: digest})
        cursor.execute(
            "SELECT erase_person(%s, %s, %s, %s, %s)", [business, PHONE, hashes, by, user]
        )


def test_what_is_queued_is_skipped_and_says_why(owner: Membership) -> None:
    row = running(owner.business)
    erase(business=owner.business, contact=row.person)
    row.refresh_from_db()
    assert (row.status, row.reason, row.contact, row.phone) == ("skipped", "erased", None, "")
    assert isinstance(LedgerOutbox().next(hold(row.session_id)), Idle)
    assert Campaign.objects.get().status == Campaign.Status.DONE, "nobody else was in it"


def test_a_message_under_way_ends_as_it_ends_and_then_loses_its_number(owner: Membership) -> None:
    row = running(owner.business)
    token, key = claimed(row)
    erase(business=owner.business, contact=row.person)
    outbox = LedgerOutbox()
    outbox.record_lookup(token, key, Address(PHONE, wa_id="5511987654321", lid="77"))
    outbox.before_wire(token, key, "3EB01")
    outbox.settle(token, key, Sent("3EB01", timezone.now(), Tick.SENT))
    row.refresh_from_db()
    assert (row.status, row.message_id, row.phone, row.variables) == ("sent", "3EB01", "", {})
    (chat,) = Chat.objects.all()
    assert (chat.phone, chat.wa_id, chat.lid) == ("", "", f"erased-{chat.pk}")


@pytest.mark.parametrize("permanent", [True, False])
def test_what_was_under_way_and_did_not_go_never_goes(owner: Membership, permanent: bool) -> None:
    row = running(owner.business)
    token, key = claimed(row)
    erase(business=owner.business, contact=row.person)
    reason = "not_on_whatsapp" if permanent else "retry"
    LedgerOutbox().settle(token, key, NotSent(reason, permanent=permanent))
    LedgerOutbox().record_lookup(token, key, None)
    row.refresh_from_db()
    assert (row.status, row.phone) == ("failed" if permanent else "skipped", "")
    assert not Chat.objects.exists()


def test_what_a_dead_driver_left_is_not_queued_again(owner: Membership) -> None:
    row = running(owner.business)
    token, _key = claimed(row)
    erase(business=owner.business, contact=row.person)
    leases.release(token)
    LedgerOutbox().recover(hold(row.session_id))
    row.refresh_from_db()
    assert (row.status, row.reason, row.phone) == ("skipped", "erased", "")


def test_nobody_brings_an_erased_person_back_by_hand(owner: Membership) -> None:
    erase(business=owner.business, contact=running(owner.business).person)
    with pytest.raises(Erased):
        add_contact(business=owner.business, phone=read_phone("11 98765-4321"), name="Lúcia")
    other = factories.make_contact(owner.business)
    with pytest.raises(Erased):
        correct_number(contact=other, phone=read_phone("(11) 8765-4321"), actor=owner.user)
    assert list(Contact.objects.all()) == [other]
    elsewhere = factories.make_business()
    assert add_contact(business=elsewhere, phone=read_phone(PHONE), name="Lúcia")


def test_the_form_says_that_they_asked_to_receive_nothing(
    client: Client, owner: Membership
) -> None:
    erase(business=owner.business, contact=running(owner.business).person)
    answer = client.post("/contatos/novo/", {"phone": PHONE, "name": "Lúcia"})
    assert "pediu para não receber" in answer.content.decode()
    assert not Contact.objects.exists()


def test_the_hash_says_nothing_without_the_key_of_the_environment(
    owner: Membership, settings: object
) -> None:
    here = stops.hashed(owner.business.pk, PHONE)
    assert here == stops.hashed(owner.business.pk, "+551187654321"), "in either form"
    assert here != stops.hashed(factories.make_business().pk, PHONE)
    settings.ERASURE_KEY = "another"  # type: ignore[attr-defined]
    assert here != stops.hashed(owner.business.pk, PHONE)


def test_who_signs_up_themselves_is_back_and_a_list_may_say_so_again(owner: Membership) -> None:
    row = running(owner.business)
    erase(business=owner.business, contact=row.person)
    again = add_contact(
        business=owner.business, phone=read_phone(PHONE), name="Lúcia", by_the_person=True
    )
    topic = factories.make_topic(owner.business)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stop.objects.update(lifted_at=timezone.now(), lifted_ref="consent:1")
    assert consent.grant(contact=again, topic=topic, source=Source.PAPER, actor=owner.user)
    assert stops.erased(owner.business.pk, [PHONE]), "the team's word is not theirs"
    consent.revoke(contact=again, topic=topic, source=Source.PAPER, actor=owner.user)
    assert consent.grant(contact=again, topic=topic, source=Source.FORM)
    assert not stops.erased(owner.business.pk, [PHONE])


def test_a_number_that_is_nobodys_contact_may_be_erased(owner: Membership) -> None:
    erase_known_by(business=owner.business, key=PHONE)
    assert stops.erased(owner.business.pk, [PHONE, "+5511911112222"]) == {PHONE}


def test_erasing_again_changes_nothing(owner: Membership) -> None:
    contact = running(owner.business).person
    for _time in range(2):
        erase(business=owner.business, contact=contact)
    assert Erasure.objects.count() == 1
    assert Stop.objects.count() == 1


def test_an_answer_after_it_is_a_strangers(owner: Membership) -> None:
    row = running(owner.business)
    erase(business=owner.business, contact=row.person)
    event = Incoming(Address(PHONE), "A1", Text("Oi, sou eu"), timezone.now())
    LedgerOutbox().record_event(row.session_id, event)
    assert not Chat.objects.exists()


NOBODY: dict[str, Callable[[Membership], tuple[str, int | None]]] = {
    "a receptionist": lambda at: ("owner", factories.make_membership(at.business, Role.RECEPTIONIST).user_id),
    "an owner of another business": lambda at: ("owner", factories.make_membership().user_id),
    "nobody as the owner": lambda at: ("owner", None),
    "a customer as support": lambda at: ("support", at.user_id),
    "a member as the person": lambda at: ("person", at.user_id),
    "something else": lambda at: ("robot", None),
}  # fmt: skip


@pytest.mark.parametrize("who", NOBODY)
def test_the_function_asks_who_it_is(owner: Membership, who: str) -> None:
    row = running(owner.business)
    with pytest.raises(ProgrammingError, match="nobody who may erase"):
        ask_the_function(owner.business.pk, *NOBODY[who](owner))
    assert Contact.objects.get() == row.contact
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("digest", ["", PHONE, "x" * 64])
def test_the_function_takes_no_number_for_a_hash(owner: Membership, digest: str) -> None:
    running(owner.business)
    with pytest.raises(Exception, match="without its hash"):
        ask_the_function(owner.business.pk, "person", None, digest)
    assert Contact.objects.exists()


WAYS = [
    "DELETE FROM contacts_consent",
    "UPDATE contacts_consent SET evidence_ref = ''",
    "DELETE FROM contacts_stop",
    "DELETE FROM campaigns_hold",
    "UPDATE contacts_erasure SET by = 'person'",
    "DELETE FROM contacts_erasure",
    "DELETE FROM contacts_erasedconsent",
    "UPDATE campaigns_notice SET phone = ''",
]


@pytest.mark.parametrize("role", ["blu_web", "blu_jobs", "blu_host", "blu_owner"])
@pytest.mark.django_db(transaction=True)
def test_no_role_passes_what_the_function_may_pass(role: str) -> None:
    """Not with its mark either; and the owner not without it."""
    member = factories.make_membership()
    row = running(member.business)
    erase(business=member.business, contact=row.person)
    other = factories.make_delivery(row.campaign)
    factories.make_stop(member.business, other.phone)
    factories.make_notice(factories.make_session(member.business))
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(settings.VAR, role, database=name)
    with psycopg.connect(url, autocommit=True) as here:
        if role != "blu_owner":
            here.execute("SELECT set_config('blu.erasing', 'on', false)")
        for way in WAYS:
            count = here.execute(
                f"SELECT count(*) FROM {way.split()[way.startswith('DELETE') + 1]}"
            ).fetchone()
            if count == (0,):
                assert "hold" in way
                continue
            with pytest.raises(psycopg.Error):
                here.execute(way)
    assert Consent.objects.count() == 1
    assert ErasedConsent.objects.count() == 1


def test_only_pages_and_jobs_may_ask_the_function() -> None:
    with connection.cursor() as cursor:
        for role, may in {
            "blu_web": True,
            "blu_jobs": True,
            "blu_host": False,
            "blu_store": False,
        }.items():
            cursor.execute(
                "SELECT has_function_privilege(%s, 'erase_person(bigint, text, jsonb, text, bigint)', 'EXECUTE')",
                [role],
            )
            assert cursor.fetchone() == (may,), role


def test_the_page_asks_who_it_is_and_erases(client: Client, owner: Membership) -> None:
    row = running(owner.business)
    page = client.get(f"/contatos/{row.contact_id}/apagar/")
    assert page.status_code in (200, 302)
    client.post(f"/contatos/{row.contact_id}/apagar/")
    assert not Contact.objects.exists()
    assert Erasure.objects.get().actor == owner.user


def test_a_made_up_delivery_without_a_person_is_refused_the_wire(owner: Membership) -> None:
    row = running(owner.business)
    erase(business=owner.business, contact=row.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)


def test_a_text_to_ourselves_with_their_data_for_an_example_is_erased(owner: Membership) -> None:
    session = factories.make_session(owner.business)
    sent = factories.make_notice(session, status=Status.SENT, text="Olá Marialva, sua consulta")
    other = factories.make_notice(factories.make_session(factories.make_business()), text="Oi")
    erase(business=owner.business, contact=factories.make_contact(owner.business, "Marialva"))
    assert dict(Notice.objects.values_list("pk", "text")) == {sent.pk: "", other.pk: "Oi"}
