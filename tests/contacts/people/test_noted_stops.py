"""What the team writes down for somebody who asked to receive nothing, and the link that it gives."""

import pytest
from django.conf import settings
from django.core.management import call_command

from blu.accounts.models import Membership, Role, User
from campaigns.api.urls import router
from contacts import consent, stops
from contacts.models import Consent, Source, State, Subscription
from contacts.models.preferences import LinkFrom
from contacts.preferences import links
from tests.clients import Client
from tests.factories import (
    make_business,
    make_contact,
    make_membership,
    make_stop,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(owner):
    contact = make_contact(owner.business, "Ana Souza")
    subscribe(contact, make_topic(owner.business))
    return contact


def signed_in(role, business) -> Client:
    client = Client()
    client.force_login(make_membership(business, role).user)
    return client


@pytest.mark.parametrize("role", [Role.OWNER, Role.RECEPTIONIST])
def test_the_team_notes_a_stop_as_the_persons_word_with_who_heard_it(ana, role):
    client = signed_in(role, ana.business)
    client.post(f"/contatos/{ana.pk}/pediu-para-sair/", {"said": "por telefone"})
    stop = stops.of_number(ana.business_id, ana.phone)
    assert (stop.source, stop.evidence_ref) == (Source.MEMBER, "por telefone")
    assert stop.actor.memberships.get().role == role
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.by_contact) == (State.REVOKED, True)
    assert Consent.objects.latest("pk").is_by_contact
    page = client.get(f"/contatos/{ana.pk}/").content.decode()
    assert f"Anotado por {stop.actor}." in page
    assert "Anotar que pediu para sair" not in page


def test_nobody_of_the_team_lifts_it(client, ana, owner):
    client.post(f"/contatos/{ana.pk}/pediu-para-sair/")
    topic = Subscription.objects.get().topic
    said = {"topic": topic.pk, "state": "granted", "source": "paper", "evidence": "ficha"}
    page = client.post(f"/contatos/{ana.pk}/assunto/", said, follow=True).content.decode()
    assert "Esta pessoa pediu para não receber." in page
    assert Subscription.objects.get().state == State.REVOKED
    with pytest.raises(consent.Refused):
        consent.grant(contact=ana, topic=topic, source=Source.PAPER, actor=owner.user)


def test_who_only_looks_notes_nothing_and_sees_no_link(ana):
    client = signed_in(Role.VIEWER, ana.business)
    assert client.post(f"/contatos/{ana.pk}/pediu-para-sair/").status_code == 403
    assert stops.of_number(ana.business_id, ana.phone) is None
    page = client.get(f"/contatos/{ana.pk}/").content.decode()
    assert "/p/" not in page


def test_a_contact_of_another_business_is_not_found(client, owner):
    other = make_contact(make_business())
    assert client.post(f"/contatos/{other.pk}/pediu-para-sair/").status_code == 404
    assert stops.of_number(other.business_id, other.phone) is None


@pytest.mark.parametrize(
    ("role", "link_from"), [(Role.OWNER, LinkFrom.OWNER), (Role.RECEPTIONIST, LinkFrom.TEAM)]
)
def test_the_link_on_a_contacts_page_says_who_gave_it(ana, role, link_from):
    page = signed_in(role, ana.business).get(f"/contatos/{ana.pk}/").content.decode()
    token = page.split("/p/")[1].split("/")[0]
    opened = links.opened(token)
    assert (opened.contact, opened.link_from, opened.holds_the_number) == (ana, link_from, False)


@pytest.mark.parametrize("ends", ["removed", "demoted", "switched off"])
def test_a_link_that_a_member_was_shown_opens_nothing_once_they_may_not_give_it(ana, ends):
    member = make_membership(ana.business, Role.RECEPTIONIST)
    link = links.given_by(member, ana.pk).removeprefix(settings.PUBLIC_URL)
    assert Client().get(link).status_code == 200
    if ends == "removed":
        member.delete()
    elif ends == "demoted":
        Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER)
    else:
        User.objects.filter(pk=member.user_id).update(is_active=False)
    assert Client().get(f"{link}dados.json").status_code == 410
    assert Client().post(link, {"acao": "parar"}).status_code == 410
    assert stops.of_number(ana.business_id, ana.phone) is None


NUMBER = "+5511987654321"


def test_a_contact_written_by_hand_is_said_to_have_asked_for_nothing(client, owner):
    make_stop(owner.business, NUMBER)
    said = {"phone": "(11) 98765-4321", "name": "Ana"}
    page = client.post("/contatos/novo/", said, follow=True).content.decode()
    assert "Quem tem este número pediu para não receber: nada é enviado." in page
    assert "Pediu para não receber" in page
    assert "Anotar que aceitou" not in page


def test_a_number_corrected_to_one_that_stopped_says_so(client, ana, owner):
    make_stop(owner.business, NUMBER)
    said = {"phone": "(11) 98765-4321"}
    page = client.post(f"/contatos/{ana.pk}/numero/", said, follow=True).content.decode()
    assert "Quem tem este número pediu para não receber: nada é enviado." in page


def test_a_command_counts_who_asked_to_leave(owner, tmp_path, capsys):
    make_topic(owner.business, "Avisos")
    make_stop(owner.business, NUMBER)
    file = tmp_path / "lista.csv"
    file.write_text("Nome;Telefone;Aceita\nAna;11987654321;sim\nBia;11987654322;sim\n")
    call_command(
        "import_contacts", str(file), business=owner.business.slug, topic="Avisos", wording="Sim."
    )
    assert "granted=1 asked_to_leave=1" in capsys.readouterr().out


def test_the_api_has_no_door_for_contacts_or_consents():
    """A stop is asked where contacts agree; who adds such a door here asks it there too."""
    assert {name for name, _view, _base in router.registry} == {"campaigns", "templates", "replies"}
