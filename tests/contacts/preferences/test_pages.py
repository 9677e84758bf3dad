"""A person's own page: what the link opens, what each button does, and what it refuses."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from blu.accounts.models import Role
from blu.text.phone import Phone
from campaigns.models import Delivery, Reply
from campaigns.models.ledger_states import Status
from contacts import consent, evidence, stops
from contacts.models import Consent, PreferenceChange, Source, State, Stop, Subscription
from contacts.models.preferences import LinkFrom
from contacts.people.services import correct_number, note_stop
from contacts.preferences import links, views
from sessions.models import Chat
from tests.clients import Client
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
    make_session,
    make_stop,
    make_topic,
    make_user,
    subscribe,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_contact(make_business("Clínica Horizonte"), "Ana Souza")


@pytest.fixture
def news(ana):
    topic = make_topic(ana.business, "Promoções", description="Uma vez por mês.")
    subscribe(ana, topic)
    return topic


@pytest.fixture
def visits(ana):
    topic = make_topic(ana.business, "Lembretes")
    subscribe(ana, topic)
    return topic


@pytest.fixture
def person():
    """Somebody without an account."""
    return Client()


def page_of(contact, link_from=LinkFrom.MESSAGE, at=None) -> str:
    if link_from == LinkFrom.MESSAGE:
        whole = links.in_message(contact.pk, at or timezone.now())
    else:
        whole = links.given_by(giver(contact, link_from), contact.pk)
    return whole.removeprefix("http://127.0.0.1:8000")


def giver(contact, link_from):
    """Somebody of the team whose links are of this kind."""
    role = Role.OWNER if link_from == LinkFrom.OWNER else Role.RECEPTIONIST
    return make_membership(contact.business, role)


@pytest.fixture(autouse=True)
def local(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"


def press(person, contact, action, topic=None, **options):
    data = {"acao": action} | ({"assunto": topic.pk} if topic else {})
    return person.post(page_of(contact, **options), data)


def state(contact, topic) -> str:
    return Subscription.objects.get(contact=contact, topic=topic).state


def test_the_page_shows_what_one_receives_and_of_the_number_two_digits(person, ana, news):
    make_topic(ana.business, "Novidades")
    page = person.get(page_of(ana)).content.decode()
    for words in (
        "O que você recebe de Clínica Horizonte",
        "Promoções",
        "Uma vez por mês.",
        "Novidades",
    ):
        assert words in page
    assert f"terminado em {ana.phone[-2:]}" in page
    assert ana.phone[-8:] not in page
    assert "Souza" not in page


def test_opening_the_page_changes_nothing_whoever_opens_it(person, ana, news):
    """Also WhatsApp, which looks at each link to draw its preview."""
    for _time in range(2):
        assert person.get(page_of(ana)).status_code == 200
    assert not PreferenceChange.objects.exists()
    assert Consent.objects.count() == 1


def test_a_topic_turned_off_is_revoked_by_the_person_with_the_change_as_evidence(
    person, ana, news, visits
):
    answer = press(person, ana, "desligar", news)
    assert answer.status_code == 302
    assert (state(ana, news), state(ana, visits)) == (State.REVOKED, State.GRANTED)
    last = Consent.objects.latest("pk")
    change = PreferenceChange.objects.get()
    assert (last.source, last.actor, last.evidence_kind) == (Source.PAGE, None, "page")
    assert last.evidence_ref == f"page:{change.pk}"
    assert not Stop.objects.exists()
    assert "Tudo salvo." in person.get(answer.url).content.decode()


def test_a_topic_turned_on_is_granted_under_the_words_that_were_read(person, ana):
    topic = make_topic(ana.business, "Promoções", description="Uma vez por mês.")
    read = person.get(page_of(ana)).content.decode()
    press(person, ana, "ligar", topic)
    granted = Consent.objects.get(contact=ana)
    assert granted.state == State.GRANTED
    assert granted.is_by_contact
    said = "Quero receber de Clínica Horizonte no WhatsApp: Promoções. Uma vez por mês."
    assert granted.wording.text == said
    assert said in read


def test_stopping_takes_out_of_everything_and_keeps_a_stop(person, ana, news, visits):
    press(person, ana, "parar")
    assert {state(ana, news), state(ana, visits)} == {State.REVOKED}
    stop = stops.of_number(ana.business_id, ana.phone)
    assert (stop.source, stop.actor, stop.why) == (Source.PAGE, None, Stop.Why.ASKED)
    assert stop.evidence_ref == f"page:{PreferenceChange.objects.get().pk}"
    page = person.get(page_of(ana)).content.decode()
    assert "Nada mais sai para este número" in page
    assert "Voltar como estava" in page


def test_what_is_queued_does_not_leave_after_a_stop_on_the_page(person, ana, news):
    campaign = make_campaign(ana.business, "running", topic=news)
    row = make_delivery(campaign, ana, Status.QUEUED)
    press(person, ana, "parar")
    press(person, ana, "voltar")
    press(person, ana, "parar")
    with pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)


def test_coming_back_grants_what_the_stop_took_and_nothing_else(person, ana, news, visits):
    other = make_topic(ana.business, "Nunca aceitou")
    press(person, ana, "desligar", news)
    press(person, ana, "parar")
    press(person, ana, "voltar")
    assert (state(ana, news), state(ana, visits)) == (State.REVOKED, State.GRANTED)
    assert not Subscription.objects.filter(topic=other).exists()
    assert stops.of_number(ana.business_id, ana.phone) is None


def test_a_word_of_voltar_leaves_a_topic_off_that_was_turned_off_by_itself(
    person, ana, news, visits
):
    press(person, ana, "desligar", news)
    consent.revoke_all(contact=ana, source=Source.WHATSAPP, evidence=evidence.message("A1"))
    consent.grant_back(contact=ana, source=Source.WHATSAPP, evidence=evidence.message("A2"))
    assert (state(ana, news), state(ana, visits)) == (State.REVOKED, State.GRANTED)


def test_turning_one_topic_on_lifts_a_stop_of_whatever_door(person, ana, news, visits):
    make_stop(ana.business, ana.phone)
    consent.revoke_all(contact=ana, source=Source.WHATSAPP, evidence=evidence.message("A1"))
    press(person, ana, "ligar", news)
    lifted = Stop.objects.get()
    assert lifted.lifted_ref == f"page:{PreferenceChange.objects.get().pk}"
    assert (state(ana, news), state(ana, visits)) == (State.GRANTED, State.REVOKED)


def test_a_stop_that_the_team_noted_is_lifted_by_the_person(person, ana, news):
    note_stop(contact=ana, actor=make_user(), said="no balcão")
    press(person, ana, "voltar")
    assert stops.of_number(ana.business_id, ana.phone) is None
    assert state(ana, news) == State.GRANTED


def test_a_stop_is_lifted_for_all_that_the_persons_chats_are_known_by(person, ana, news):
    session = make_session(ana.business)
    Chat.objects.create(session=session, phone=ana.phone, lid="77", username="ana.s")
    for key in (ana.phone, "lid:77", "@ana.s", "lid:88"):
        make_stop(ana.business, key)
    press(person, ana, "voltar")
    assert list(Stop.objects.filter(lifted_at=None).values_list("key", flat=True)) == ["lid:88"]


@pytest.mark.parametrize("link_from", [LinkFrom.OWNER, LinkFrom.TEAM])
def test_a_link_that_the_team_gave_takes_back_and_never_gives(person, ana, news, visits, link_from):
    """Else the team could agree in somebody's name."""
    press(person, ana, "desligar", news, link_from=link_from)
    answer = press(person, ana, "ligar", news, link_from=link_from)
    assert answer.status_code == 409
    assert "responda VOLTAR no WhatsApp deste número" in answer.content.decode()
    press(person, ana, "parar", link_from=link_from)
    assert press(person, ana, "voltar", link_from=link_from).status_code == 409
    assert {state(ana, news), state(ana, visits)} == {State.REVOKED}
    assert stops.of_number(ana.business_id, ana.phone)


def test_a_number_of_another_person_is_granted_nothing_on_the_page(person, ana, news):
    number = stops.key_of(ana.phone)
    stops.keep(
        business_id=ana.business_id,
        keys=[number],
        source=Source.WHATSAPP,
        why=Stop.Why.OTHER_PERSON,
    )
    page = person.get(page_of(ana)).content.decode()
    assert "Voltar como estava" not in page
    assert press(person, ana, "voltar").status_code == 409
    assert stops.of_number(ana.business_id, ana.phone)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contacts_stop SET lifted_at = now(), lifted_ref = 'page:1'",
        "UPDATE contacts_stop SET lifted_at = now(), lifted_ref = 'page:' || (SELECT max(id) FROM contacts_preferencechange)",
    ],
)
def test_no_statement_lifts_a_stop_by_a_change_that_says_no_or_came_before(
    person, ana, news, statement
):
    press(person, ana, "ligar", news)
    press(person, ana, "parar")
    refused = pytest.raises(DatabaseError, match="only the person")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_change_of_one_person_lifts_no_stop_of_another(person, ana, news):
    bia = make_contact(ana.business, "Bia")
    make_stop(ana.business, bia.phone)
    press(person, ana, "ligar", news)
    with pytest.raises(DatabaseError, match="only the person"), transaction.atomic():
        stops.lift(
            business_id=ana.business_id,
            keys=[stops.key_of(bia.phone)],
            reference=f"page:{PreferenceChange.objects.get().pk}",
        )


def test_a_change_is_never_changed_and_the_team_makes_none_that_gives(ana, news, person):
    press(person, ana, "desligar", news)
    for act in (
        lambda: PreferenceChange.objects.update(what="topic_on"),
        lambda: PreferenceChange.objects.create(
            business=ana.business, contact=ana, what="returned", link_from=LinkFrom.TEAM
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    "broken",
    [
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: "o" + token[1:],
        lambda token: token[:1] + "9" + token[1:],
        lambda token: token.split(".")[0],
        lambda _token: "m1.2.3",
        lambda _token: "x",
    ],
)
def test_a_link_that_is_not_ours_opens_nothing(person, ana, news, broken):
    token = page_of(ana).split("/")[2]
    answer = person.get(f"/p/{broken(token)}/")
    assert answer.status_code == 410
    assert "Este link não abre mais" in answer.content.decode()


def test_a_link_is_over_after_a_month(person, ana, news):
    now = timezone.now()
    assert person.get(page_of(ana, at=now - links.OPEN + timedelta(minutes=1))).status_code == 200
    old = page_of(ana, at=now - links.OPEN - timedelta(minutes=1))
    assert person.get(old).status_code == 410
    assert person.post(old, {"acao": "parar"}).status_code == 410
    assert not Stop.objects.exists()


def test_the_link_of_somebody_who_is_no_contact_any_more_says_one_clear_sentence(person, ana):
    address = page_of(ana)
    ana.delete()
    page = person.get(address).content.decode()
    assert "Venceu, ou os dados dele foram apagados." in page


def test_the_link_of_a_number_that_was_corrected_opens_nothing(person, ana, news):
    address = page_of(ana)
    correct_number(contact=ana, phone=Phone("+5511911112222"), actor=make_user())
    assert person.get(address).status_code == 410
    assert person.post(address, {"acao": "ligar", "assunto": news.pk}).status_code == 410
    assert state(ana, news) == State.REVOKED


@pytest.mark.parametrize("action", ["ligar", "desligar"])
def test_a_topic_that_was_deleted_meanwhile_is_said_to_be_gone(person, ana, news, action):
    gone = make_topic(ana.business)
    key = gone.pk
    gone.delete()
    for topic in (key, make_topic(make_business()).pk, "x"):
        answer = person.post(page_of(ana), {"acao": action, "assunto": topic})
        assert answer.status_code == 409
        assert "Este assunto não existe mais. Nada mudou." in answer.content.decode()
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("part", ["", "dados/", "dados.json"])
def test_nobody_else_learns_of_the_page(person, ana, news, part):
    answer = person.get(page_of(ana) + part)
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]


def test_a_browser_that_says_nothing_of_where_it_is_can_press_the_buttons(ana, news):
    """As one does on a page without referrer."""
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(page_of(ana), {"acao": "parar"}, headers={"Origin": "null"})
    assert answer.status_code == 302
    assert stops.of_number(ana.business_id, ana.phone)


def test_too_many_changes_are_asked_to_wait(person, ana, news, monkeypatch):
    monkeypatch.setitem(views.RATES, "preference_changes", "2/h/key")
    for _time in range(2):
        assert press(person, ana, "desligar", news).status_code == 302
    answer = press(person, ana, "ligar", news)
    assert answer.status_code == 429
    assert "Espere um pouco" in answer.content.decode()
    assert state(ana, news) == State.REVOKED


@pytest.fixture
def told(ana, news):
    """Somebody who got a message and answered."""
    campaign = make_campaign(ana.business, "running", topic=news, body="Oi, {{nome}}!")
    row = make_delivery(campaign, ana, Status.SENT, variables={"nome": "Ana"})
    Reply.objects.create(
        business=ana.business,
        session=campaign.session,
        message_id="R1",
        phone=ana.phone,
        contact=ana,
        delivery=row,
        text="Obrigada",
        at=timezone.now(),
    )
    stranger = make_contact(ana.business, "Zilda Outra")
    make_delivery(campaign, stranger, Status.SENT, variables={"nome": "Zilda"})
    return ana


@pytest.mark.parametrize("part", ["dados/", "dados.json"])
def test_everything_kept_of_the_person_can_be_read_and_taken_along(person, told, part):
    text = person.get(page_of(told) + part).content.decode()
    for words in ("Ana Souza", "Oi, Ana!", "Obrigada", "Promoções"):
        assert words in text
    assert "Zilda" not in text


def test_the_export_is_json_with_codes_and_names_no_member_of_the_team(person, told, news):
    member = make_user(name="Sônia Paiva")
    consent.revoke(contact=told, topic=news, source=Source.MEMBER, actor=member)
    answer = person.get(page_of(told) + "dados.json")
    data = json.loads(answer.content)
    assert data["phone"] == told.phone
    assert [one["state"] for one in data["consents"]] == ["revoked", "granted"]
    assert data["consents"][0]["by"] == "team"
    assert data["messages"][0]["text"].startswith("Oi, Ana!")
    assert data["replies"][0]["text"] == "Obrigada"
    assert "Sônia" not in answer.content.decode()
    assert "meus-dados.json" in answer["Content-Disposition"]
