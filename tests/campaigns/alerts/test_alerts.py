"""Owners are told once of each incident and asked once in 11 days, on the page and by e-mail; time is injected."""

from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from blu.accounts.models import Role
from blu.jobs import queue
from campaigns.alerts import emails, incidents
from campaigns.models import Campaign, Delivery, SessionAlert
from campaigns.models.ledger_states import Status
from sessions.driving import history
from sessions.linking import services
from sessions.models import Link, SessionEvent, WhatsAppSession
from sessions.states import AWAY as AWAY_STATES
from sessions.states import State
from tests import factories
from tests.concurrency.waiting import Beside

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
AWAY, PHONE = SessionAlert.Kind.AWAY, SessionAlert.Kind.PHONE


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The alerts whose e-mail was enqueued."""
    asked: list[int] = []
    monkeypatch.setattr(queue, "enqueue", lambda task, pk: asked.append(pk))
    return asked


@pytest.fixture
def session() -> WhatsAppSession:
    """A session of an owner's business, with a message in its queue."""
    owner = factories.make_membership(user=factories.make_user("dona@clinica.com.br"))
    session = factories.make_session(owner.business, name="Recepção", proven_at=NOW)
    campaign = factories.make_campaign(
        owner.business, Campaign.Status.RUNNING, session=session, recipients=1
    )
    factories.make_delivery(campaign)
    return session


def leaves(session: WhatsAppSession, state: str, at: datetime) -> None:
    """The session changes to `state`, as sessions.driving.history.set_state would write it."""
    factories.lead(session, state)
    SessionEvent.objects.create(session=session, link=session.link, state=state, at=at)
    session.refresh_from_db()


def sent(session: WhatsAppSession, at: datetime) -> None:
    """A message of the session leaves; another one still waits."""
    campaign = Campaign.objects.get(session=session)
    row = factories.make_delivery(campaign, status=Status.SENT)
    Delivery.objects.filter(pk=row.pk).update(sent_at=at)


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def open_kinds() -> list[str]:
    return list(SessionAlert.objects.filter(ended_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize("state", AWAY_STATES)
def test_away_for_ten_minutes_with_queued_work_is_an_incident(session, state):
    leaves(session, state, NOW)
    incidents.update(now=minutes(9))
    assert open_kinds() == []
    incidents.update(now=minutes(10))
    assert open_kinds() == [AWAY]
    assert SessionAlert.objects.get().since == NOW


def test_a_link_that_says_online_but_proves_nothing_is_away_too(session):
    leaves(session, State.ONLINE, NOW)
    incidents.update(now=minutes(9))
    assert open_kinds() == []
    incidents.update(now=minutes(11))
    assert open_kinds() == [AWAY]


def test_the_time_counts_from_the_first_unwell_state_since_it_was_last_well(session):
    leaves(session, State.OFFLINE, minutes(-50))
    leaves(session, State.RESTING, minutes(-40))
    leaves(session, State.OFFLINE, minutes(0))
    leaves(session, State.CONFLICT, minutes(8))
    incidents.update(now=minutes(9))
    assert open_kinds() == []
    incidents.update(now=minutes(10))
    assert SessionAlert.objects.get().since == NOW


@pytest.mark.parametrize(
    ("state", "linked_at"),
    [(State.RESTING, NOW), (State.UNLINKED, None), (State.PAIRING, NOW), (State.PAIRING, None)],
)
def test_a_session_that_rests_or_waits_for_a_person_is_not_away(session, state, linked_at):
    Link.objects.update(linked_at=linked_at)
    leaves(session, state, NOW)
    incidents.update(now=minutes(60))
    assert open_kinds() == []


def test_who_begins_to_link_again_and_gives_up_is_still_warned(session):
    WhatsAppSession.objects.update(terms_accepted_at=NOW)
    history.set_state(session.link.pk, State.LOGGED_OUT)
    pairing = services.request_pairing(session=session, actor=factories.make_user())
    services.cancel_pairing(pairing=pairing)
    session.refresh_from_db()
    assert session.state == State.UNLINKED
    incidents.update(now=timezone.now() + timedelta(hours=1))
    assert open_kinds() == [AWAY]


def test_linking_again_neither_ends_an_incident_nor_makes_a_second_one(session, enqueued):
    for minute, state in ((0, State.LOGGED_OUT), (15, State.PAIRING), (20, State.UNLINKED)):
        leaves(session, state, minutes(minute))
        incidents.update(now=minutes(minute))
        incidents.update(now=minutes(minute + 1))
        incidents.update(now=minutes(minute + 10))
        SessionAlert.objects.update(mailed_at=NOW)
    assert open_kinds() == [AWAY]
    assert len(enqueued) == 1


def test_a_link_that_comes_and_goes_without_sending_is_one_incident(session, enqueued):
    for number in range(30):
        at = NOW + timedelta(seconds=40 * number)
        leaves(session, State.ONLINE, at)
        Link.objects.update(proven_at=at)
        incidents.update(now=at)
        leaves(session, State.OFFLINE, at + timedelta(seconds=10))
        incidents.update(now=at + timedelta(seconds=11))
    alert = SessionAlert.objects.get()
    assert (alert.ended_at, alert.since) == (None, NOW + timedelta(seconds=10))
    assert len(enqueued) > 0
    leaves(session, State.ONLINE, minutes(41))
    Link.objects.update(proven_at=timezone.now())
    alert.session.refresh_from_db()
    assert incidents.in_words(alert).title == "“Recepção” voltou, mas ainda não enviou nada"


def test_a_hosted_link_has_come_back_once_it_is_online_for_a_minute(session):
    """It never rests, and its rows may wait for the morning."""
    Link.objects.update(transport="inprocess")
    leaves(session, State.OFFLINE, minutes(0))
    leaves(session, State.ONLINE, minutes(5))
    Link.objects.update(proven_at=minutes(15))
    incidents.update(now=minutes(15))
    assert open_kinds() == []
    # What drops out again at once had not come back.
    leaves(session, State.OFFLINE, minutes(15))
    leaves(session, State.ONLINE, minutes(25))
    leaves(session, State.OFFLINE, minutes(25))
    leaves(session, State.ONLINE, minutes(26))
    Link.objects.update(proven_at=minutes(26))
    incidents.update(now=minutes(26))
    assert SessionAlert.objects.get(ended_at=None).since == minutes(15)
    incidents.update(now=minutes(27))
    assert open_kinds() == []


def test_a_link_that_sends_between_its_falls_is_not_away(session):
    for minute in range(0, 30, 3):
        leaves(session, State.ONLINE, minutes(minute))
        sent(session, minutes(minute + 1))
        leaves(session, State.OFFLINE, minutes(minute + 2))
        incidents.update(now=minutes(minute + 2))
    assert open_kinds() == []


def test_campaigns_that_a_time_lock_paused_are_waiting_work(session):
    Campaign.objects.update(launched_at=NOW - timedelta(hours=1))
    leaves(session, State.RESTRICTED, NOW)
    incidents.update(now=minutes(10))
    assert Campaign.objects.get().status == Campaign.Status.PAUSED
    assert open_kinds() == [AWAY]
    Campaign.objects.update(paused_by=factories.make_user())
    incidents.update(now=minutes(11))
    assert open_kinds() == []


def test_without_queued_work_nobody_is_bothered(session):
    leaves(session, State.OFFLINE, NOW)
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    incidents.update(now=minutes(60))
    assert open_kinds() == []


def test_a_waiting_notice_is_work_too(session):
    leaves(session, State.OFFLINE, NOW)
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    factories.make_notice(session)
    incidents.update(now=minutes(60))
    assert open_kinds() == [AWAY]


def test_one_email_to_the_owners_for_each_incident(session, enqueued):
    factories.make_membership(session.business, Role.RECEPTIONIST)
    leaves(session, State.OFFLINE, NOW)
    for minute in (10, 11, 20, 30):
        incidents.update(now=minutes(minute))
        for pk in enqueued:
            emails.mail_owners(pk, now=minutes(minute))
    [sent] = mail.outbox
    assert sent.to == ["dona@clinica.com.br"]
    assert "“Recepção” está sem resposta desde" in sent.subject
    assert "1 mensagem espera na fila" in sent.body
    assert f"/whatsapp/{session.pk}/" in sent.body


def test_a_second_incident_is_mailed_again(session, enqueued):
    for start in (0, 60):
        leaves(session, State.OFFLINE, minutes(start))
        incidents.update(now=minutes(start + 10))
        leaves(session, State.ONLINE, minutes(start + 20))
        Link.objects.update(proven_at=minutes(start + 20))
        sent(session, minutes(start + 21))
        incidents.update(now=minutes(start + 21))
    assert open_kinds() == []
    assert len(enqueued) == 2


def test_an_email_that_got_lost_is_rung_for_again_and_not_before_five_minutes(session, enqueued):
    leaves(session, State.OFFLINE, NOW)
    counts = []
    for minute in (10, 12, 14, 16):
        incidents.update(now=minutes(minute))
        counts.append(len(enqueued))
    assert counts == [1, 1, 1, 2]


def test_an_email_refused_by_the_server_is_tried_again(session, enqueued, monkeypatch):
    def refuse(*_args: object) -> None:
        raise SMTPServerDisconnected

    leaves(session, State.OFFLINE, NOW)
    incidents.update(now=minutes(10))
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        with pytest.raises(SMTPServerDisconnected):
            emails.mail_owners(enqueued[0])
    assert emails.mail_owners(enqueued[0])
    assert len(mail.outbox) == 1


def test_an_email_whose_process_was_killed_before_it_was_sent_is_sent_by_another(
    session, enqueued, monkeypatch
):
    def die(*_args: object) -> None:
        raise SystemExit

    leaves(session, State.OFFLINE, NOW)
    incidents.update(now=minutes(10))
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", die)
        with pytest.raises(SystemExit):
            emails.mail_owners(enqueued[0])
    assert emails.mail_owners(enqueued[0])
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_mail_once_and_hold_up_nobody_who_ends_it(
    session, enqueued, monkeypatch
):
    """A mail server takes its time; watch sees meanwhile that all is well again."""
    send = EmailBackend.send_messages

    def beside(*given: object) -> int:
        assert not Beside(lambda: emails.mail_owners(alert)).result()
        Beside(lambda: SessionAlert.objects.update(ended_at=NOW)).result()
        return send(*given)

    leaves(session, State.OFFLINE, NOW)
    incidents.update(now=minutes(10))
    alert = SessionAlert.objects.get().pk
    monkeypatch.setattr(EmailBackend, "send_messages", beside)
    assert emails.mail_owners(alert)
    assert len(mail.outbox) == 1


def test_what_is_over_is_not_mailed_any_more(session, enqueued):
    leaves(session, State.OFFLINE, NOW)
    incidents.update(now=minutes(10))
    leaves(session, State.RESTING, minutes(11))
    incidents.update(now=minutes(12))
    assert not emails.mail_owners(enqueued[0])
    assert mail.outbox == []


def linked(session: WhatsAppSession) -> None:
    """A session linked NOW, with nothing to send."""
    Campaign.objects.update(status=Campaign.Status.DONE)
    Link.objects.update(linked_at=NOW)
    leaves(session, State.RESTING, NOW)


def days(number: float) -> datetime:
    return NOW + timedelta(days=number)


@pytest.mark.parametrize("link_answers", [False, True])
@pytest.mark.parametrize(("hours", "asked"), [(11 * 24 - 1, False), (11 * 24 + 1, True)])
def test_eleven_days_after_the_link_the_owner_is_asked(session, hours, asked, link_answers):
    """Our own link answers without the phone: that says nothing of the phone."""
    linked(session)
    now = NOW + timedelta(hours=hours)
    if link_answers:
        Link.objects.update(proven_at=now)
    incidents.update(now=now)
    assert open_kinds() == ([PHONE] if asked else [])


def test_a_question_without_an_answer_is_asked_once_and_stays(session, enqueued):
    linked(session)
    for day in range(11, 60):
        incidents.update(now=days(day + 0.1))
        SessionAlert.objects.update(mailed_at=NOW)
    assert SessionAlert.objects.count() == len(enqueued) == 1
    assert open_kinds() == [PHONE]


def test_one_tap_answers_and_the_next_question_comes_eleven_days_later(client, session):
    linked(session)
    Link.objects.update(linked_at=days(-12))
    incidents.update()
    client.force_login(session.business.users.filter(memberships__role=Role.OWNER).get())
    address = f"/whatsapp/{session.pk}/celular/"
    shown = client.get(f"/whatsapp/{session.pk}/").content.decode()
    assert address in shown
    assert "Abri agora" in shown
    assert (
        "Abra o WhatsApp no celular de “Recepção”" in client.get("/", follow=True).content.decode()
    )
    page = client.post(address, follow=True).content.decode()
    assert "Anotado. Perguntamos de novo daqui a 11 dias." in page
    assert address not in page
    for day in (0, 10.9):
        incidents.update(now=timezone.now() + timedelta(days=day))
        assert open_kinds() == []
    incidents.update(now=timezone.now() + timedelta(days=11, minutes=1))
    assert open_kinds() == [PHONE]


def test_who_may_not_answer_is_not_asked(client, session):
    linked(session)
    Link.objects.update(linked_at=days(-12))
    incidents.update()
    client.force_login(factories.make_membership(session.business, Role.RECEPTIONIST).user)
    for page in (f"/whatsapp/{session.pk}/", "/"):
        assert "Abra o WhatsApp no celular" not in client.get(page, follow=True).content.decode()
    assert client.post(f"/whatsapp/{session.pk}/celular/").status_code == 403
    assert open_kinds() == [PHONE]


def test_another_business_says_nothing_of_this_phone(client, session):
    client.force_login(factories.make_membership().user)
    assert client.post(f"/whatsapp/{session.pk}/celular/").status_code == 404


def test_the_question_is_mailed_in_plain_words_without_a_guess(session, enqueued):
    linked(session)
    incidents.update(now=days(12))
    emails.mail_owners(enqueued[0])
    [sent] = mail.outbox
    body = " ".join(sent.body.split())
    assert sent.subject == "[blü] Abra o WhatsApp no celular de “Recepção”"
    assert "Se ninguém abrir o WhatsApp no celular por 14 dias" in body
    assert "toque em “Abri agora”" in body
    page = session.business.address("session_detail", session.pk)
    assert f"“Abri agora” está nesta página: {settings.PUBLIC_URL}{page}" in body
    assert "pode ser" not in body
    assert "Nada se perdeu" not in body


def test_a_new_link_starts_the_days_anew(session):
    linked(session)
    incidents.update(now=days(12))
    Link.objects.update(linked_at=days(12))
    incidents.update(now=days(12.1))
    assert open_kinds() == []
    incidents.update(now=days(22.9))
    assert open_kinds() == []
    incidents.update(now=days(23.2))
    assert open_kinds() == [PHONE]


def test_an_answer_while_the_round_looks_is_not_asked_again(session, monkeypatch):
    """The round has found whom to ask; the owner answers before it writes the question down."""
    linked(session)
    incidents.update(now=days(12))
    found = incidents.unconfirmed(now=days(12))
    incidents.phone_opened(session)
    monkeypatch.setattr(incidents, "unconfirmed", lambda *, now: found)
    incidents.update(now=days(12))
    assert open_kinds() == []


@pytest.mark.parametrize("state", [State.UNLINKED, State.LOGGED_OUT])
def test_nobody_is_asked_about_a_phone_that_is_not_linked(session, state):
    Link.objects.update(linked_at=None, state=state)
    incidents.update(now=days(12))
    assert PHONE not in open_kinds()


def test_the_page_and_the_dashboard_warn(client, session):
    client.force_login(session.business.users.get())
    leaves(session, State.OFFLINE, timezone.now() - timedelta(minutes=30, seconds=5))
    Link.objects.update(linked_at=NOW - timedelta(days=12), proven_at=NOW - timedelta(hours=1))
    incidents.update()
    page = client.get(f"/whatsapp/{session.pk}/").content.decode()
    assert "Nada sai há 30 minutos, e há mensagens na fila." in page
    assert "Abra o WhatsApp no celular de “Recepção”" in page
    board = client.get("/", follow=True).content.decode()
    assert "“Recepção” está sem resposta desde" in board
    assert "Abra o WhatsApp no celular de “Recepção”" in board
