"""Erasing oneself by the link of a message, and asking for it by one that the team gave."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Role
from contacts import stops
from contacts.models import Contact, PersonRequest, PreferenceChange
from contacts.models.preferences import LinkFrom
from contacts.preferences import links
from tests.clients import Client
from tests.factories import make_business, make_contact, make_membership, make_topic, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    contact = make_contact(make_business(), "Ana Souza")
    subscribe(contact, make_topic(contact.business))
    return contact


def page_of(contact, link_from=LinkFrom.MESSAGE) -> str:
    if link_from == LinkFrom.MESSAGE:
        whole = links.in_message(contact.pk, timezone.now())
    else:
        role = Role.OWNER if link_from == LinkFrom.OWNER else Role.RECEPTIONIST
        whole = links.given_by(make_membership(contact.business, role), contact.pk)
    return "/p/" + whole.partition("/p/")[2]


def erase(contact, end, **options):
    return Client().post(page_of(contact, **options) + "apagar/", {"end": end})


def test_a_person_erases_themselves_and_the_link_opens_no_more(ana):
    address, phone = page_of(ana), ana.phone
    Client().post(address, {"acao": "parar"})
    assert "Isto não volta." in Client().get(address + "apagar/").content.decode()
    answer = erase(ana, phone[-4:])
    assert "Seus dados foram apagados" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not Contact.objects.exists()
    assert not PreferenceChange.objects.exists()
    assert stops.erased(ana.business_id, [phone]) == {phone}
    closed = Client().get(address)
    assert closed.status_code == 410
    assert "Venceu, ou os dados dele foram apagados." in closed.content.decode()


def test_a_link_that_was_passed_on_erases_nobody_without_the_end_of_the_number(ana):
    wrong = "0000" if ana.phone[-4:] != "0000" else "1111"
    for end in (wrong, "", ana.phone[-3:]):
        page = erase(ana, end).content.decode()
        assert "Não são os últimos números" in page or "Faltam os 4 últimos números." in page
    assert Contact.objects.filter(pk=ana.pk).exists()


def test_the_end_of_a_number_is_not_guessed_by_trying(ana):
    wrong = "0000" if ana.phone[-4:] != "0000" else "1111"
    for _time in range(5):
        assert erase(ana, wrong).status_code == 200
    assert erase(ana, ana.phone[-4:]).status_code == 429
    assert Contact.objects.filter(pk=ana.pk).exists()


@pytest.mark.parametrize("link_from", [LinkFrom.OWNER, LinkFrom.TEAM])
def test_a_link_from_the_team_asks_and_a_person_answers(ana, link_from):
    assert erase(ana, ana.phone[-4:], link_from=link_from).status_code == 302
    assert Contact.objects.filter(pk=ana.pk).exists()
    for _time in range(2):
        Client().post(page_of(ana, link_from), {"acao": "apagar"})
    asked = PersonRequest.objects.get()
    assert (asked.kind, asked.contact, asked.taken_by) == ("erasure", ana, None)
    assert asked.due_at - timezone.now() <= timedelta(days=15)
    assert "Pedido feito." in Client().get(page_of(ana, link_from)).content.decode()
