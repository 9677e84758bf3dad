"""What people ask about their data: written down, due in 15 days, answered once, seen on the first page."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from blu.accounts.models import Membership, Role
from blu.accounts.refused import Refused
from blu.home.attention import items_of
from contacts.erasure.services import erase
from contacts.models import Contact, PersonRequest
from contacts.person_requests import services
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db

PHONE = "+5511987654321"
State = PersonRequest.State


def post(client: Client, **values: str) -> str:
    return client.post("/pedidos/", values, follow=True).content.decode()


def test_a_request_written_down_finds_its_contact_and_has_fifteen_days(
    client: Client, owner: Membership
) -> None:
    contact = factories.make_contact(owner.business, "Lúcia Prado", phone=PHONE)
    page = post(client, phone="(11) 8765-4321", kind="access", note="por e-mail")
    (row,) = PersonRequest.objects.all()
    assert (row.contact, row.kind, row.taken_by, row.note) == (
        contact,
        "access",
        owner.user,
        "por e-mail",
    )
    assert row.due_at - timezone.now() > timedelta(days=14, hours=23)
    assert "Lúcia Prado" in page


def test_who_is_nobodys_contact_may_ask_as_well(client: Client, owner: Membership) -> None:
    assert "não é contato" in post(client, phone=PHONE, kind="erasure")
    assert PersonRequest.objects.get().phone == PHONE
    assert "não existe" in post(client, phone="(11) 1234", kind="erasure")


def test_the_same_request_twice_is_one(owner: Membership) -> None:
    for _time in range(2):
        services.ask(business=owner.business, kind="access", phone=PHONE)
    services.ask(business=owner.business, kind="stop", phone=PHONE)
    assert PersonRequest.objects.count() == 2


def test_a_request_is_answered_once_and_a_refusal_says_why(
    client: Client, owner: Membership
) -> None:
    row = services.ask(business=owner.business, kind="access", phone=PHONE)
    address = f"/pedidos/{row.pk}/"
    client.post(address, {"state": "refused"})
    row.refresh_from_db()
    assert row.state == State.OPEN
    client.post(address, {"state": "refused", "answer": "Não é esta empresa."})
    row.refresh_from_db()
    assert (row.state, row.closed_by) == (State.REFUSED, owner.user)
    with pytest.raises(Refused):
        services.close(request=row, state=State.DONE, answer="", actor=owner.user, may_erase=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonRequest.objects.update(state=State.OPEN)


def test_the_first_page_tells_of_what_is_due_and_of_nothing_else(owner: Membership) -> None:
    row = services.ask(business=owner.business, kind="access", phone=PHONE)
    assert not [item for item in items_of(owner.business) if "pedido" in item.title]
    PersonRequest.objects.update(due_at=timezone.now() + timedelta(days=4))
    (item,) = [item for item in items_of(owner.business) if "pedido" in item.title]
    assert item.url == owner.business.address("person_request_list")
    assert not [one for one in items_of(owner.business, Role.VIEWER) if "pedido" in one.title]
    services.close(request=row, state=State.DONE, answer="", actor=owner.user, may_erase=True)
    assert not [one for one in items_of(owner.business) if "pedido" in one.title]


def test_what_is_late_says_so(client: Client, owner: Membership) -> None:
    services.ask(business=owner.business, kind="access", phone=PHONE)
    PersonRequest.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert "Venceu em" in client.get("/pedidos/").content.decode()


def test_an_erasure_answers_the_persons_requests_and_leaves_no_number(owner: Membership) -> None:
    contact = factories.make_contact(owner.business, phone=PHONE)
    for kind in ("erasure", "access"):
        services.ask(business=owner.business, kind=kind, contact=contact, note="Lúcia pediu")
    erase(business=owner.business, contact=contact, actor=owner.user)
    rows = PersonRequest.objects.all()
    assert {(row.state, row.contact, row.phone, row.note) for row in rows} == {
        ("done", None, "", "")
    }
    assert {row.closed_by for row in rows} == {owner.user}


def test_a_request_and_its_contact_are_of_one_business(owner: Membership) -> None:
    elsewhere = factories.make_contact(factories.make_business())
    with pytest.raises(IntegrityError), transaction.atomic():
        services.ask(business=owner.business, kind="access", contact=elsewhere)


def test_a_request_to_erase_is_done_once_the_data_are_gone_and_refused_by_an_owner(
    client: Client, owner: Membership
) -> None:
    contact = factories.make_contact(owner.business, phone=PHONE)
    row = services.ask(business=owner.business, kind="erasure", contact=contact)
    receptionist = factories.make_membership(owner.business, Role.RECEPTIONIST)
    client.force_login(receptionist.user)
    page = client.get("/pedidos/").content.decode()
    assert "Só um dono apaga os dados" in page
    address = f"/pedidos/{row.pk}/"
    assert (
        "ainda estão aqui" in client.post(address, {"state": "done"}, follow=True).content.decode()
    )
    no = {"state": "refused", "answer": "Não é esta empresa."}
    assert "Só um dono recusa" in client.post(address, no, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == State.OPEN
    client.force_login(owner.user)
    client.post(address, {"state": "done"})
    row.refresh_from_db()
    assert row.state == State.OPEN
    client.post(address, no)
    row.refresh_from_db()
    assert row.state == State.REFUSED


def test_a_request_to_erase_a_number_that_is_nobodys_is_done(owner: Membership) -> None:
    row = services.ask(business=owner.business, kind="erasure", phone=PHONE)
    factories.make_contact(owner.business, phone=PHONE)
    with pytest.raises(Refused):
        services.close(request=row, state=State.DONE, answer="", actor=owner.user, may_erase=True)
    Contact.objects.all().delete()
    services.close(request=row, state=State.DONE, answer="", actor=owner.user, may_erase=False)
