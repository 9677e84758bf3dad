"""Messages outside campaigns: to whom each kind may go, under which limits, whoever writes the row.

A new kind fails until it has its line in the tables here, and its way in.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from blu.accounts.models import Membership, Role
from blu.accounts.refused import Refused
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits import pacing
from campaigns.models import Campaign, Delivery, Hold, Notice, NumberProof, Reply
from campaigns.models.ledger_states import Status
from campaigns.models.notice_rules import (
    CODES_A_DAY,
    CODES_A_SESSION,
    OPTIN_CODES_A_SESSION,
    RULES,
    TESTS_A_DAY,
)
from campaigns.notices import own_number, self_tests
from campaigns.notices.opt_in_codes import OptInMessenger
from contacts.models import OptIn, State
from sessions.driving import leases, runner_clock
from sessions.interfaces import Idle, Outgoing
from sessions.models import Chat, WhatsAppSession
from tests import factories
from tests.clients import Client
from tests.leasing import hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]

Kind = Notice.Kind
# Which kinds wait for tomorrow where they would open a new chat beyond the day's quota.
UNDER_QUOTA = {
    Kind.STOP_CONFIRMATION: False,
    Kind.RETURN_CONFIRMATION: False,
    Kind.SELF_TEST: True,
    Kind.NUMBER_CODE: True,
    Kind.OPTIN_CODE: False,
}
KINDS = sorted(Kind.values)
NIGHT_OF_A_SUNDAY = datetime(2026, 11, 29, 23, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
STRANGERS = ("+5521977770001", "+5521977770002", "+5521977770003")


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session in real pacing, linked long ago."""
    return factories.make_session(
        factories.make_business(), pacing="real", linked_at=timezone.now() - timedelta(days=60)
    )


def code_to(session: WhatsAppSession, **fields: str) -> Notice:
    member = factories.make_membership(session.business)
    proof = own_number.ask_for_code(
        membership=member, session=session, phone=fields.get("phone") or factories.make_phone()
    )
    return Notice.objects.get(kind=Kind.NUMBER_CODE, cause=str(proof.pk))


def optin_code_to(session: WhatsAppSession, phone: str = "") -> Notice:
    text = factories.make_opt_in_text(factories.make_topic(session.business))
    request = factories.make_opt_in(text, phone)
    OptInMessenger().send_code(request)
    return Notice.objects.get(kind=Kind.OPTIN_CODE, cause=str(request.pk))


# How a notice of each kind comes to be by right.
MADE: dict[str, Callable[[WhatsAppSession], Notice]] = {
    Kind.STOP_CONFIRMATION: lambda session: factories.make_notice(session, "stop_confirmation"),
    Kind.RETURN_CONFIRMATION: lambda session: factories.make_notice(session, "return_confirmation"),
    Kind.SELF_TEST: factories.make_notice,
    Kind.NUMBER_CODE: code_to,
    Kind.OPTIN_CODE: optin_code_to,
}


def test_every_kind_has_its_rule_its_limits_and_its_way_in() -> None:
    assert set(RULES) == set(Kind.values) == set(UNDER_QUOTA) == set(MADE)
    assert {kind: rule.new_chat_quota for kind, rule in RULES.items()} == UNDER_QUOTA


# To whom


COLUMNS = "business_id, session_id, kind, cause, phone, text, status, asked_by_id"
REST = "attempts, queued_at, not_before, reason, message_id"


def insert(
    role: psycopg.Connection, session: WhatsAppSession, kind: str, phone: str, **more: object
) -> None:
    """A notice by raw SQL, as the role of the web and its workers."""
    values = {"cause": "x", "text": "Promoção!", "status": "queued", "asked_by": None} | more
    role.execute(
        f"INSERT INTO campaigns_notice ({COLUMNS}, {REST})"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '2020-01-01', now(), '', '')",
        [
            session.business_id, session.pk, kind, values["cause"], phone, values["text"],
            values["status"], values["asked_by"],
        ],
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_raw_sql_sends_no_kind_to_a_stranger(
    as_blu_web: psycopg.Connection, session: WhatsAppSession, kind: str
) -> None:
    """Whoever asks, whatever made others of its kind rightful, queued or in hand."""
    rightful = MADE[kind](session)
    member = factories.make_membership(session.business)
    factories.make_proven_number(member)
    for cause in ("x", rightful.cause):
        for asked_by in (None, member.user.pk, rightful.asked_by_id):
            for status in ("queued", "sending", "sent"):
                with pytest.raises(psycopg.errors.CheckViolation):
                    insert(
                        as_blu_web, session, kind, STRANGERS[0],
                        cause=cause, asked_by=asked_by, status=status,
                    )  # fmt: skip
    assert Notice.objects.filter(phone=STRANGERS[0]).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["", "answer", "anything"])
def test_raw_sql_sends_no_unknown_kind(
    as_blu_web: psycopg.Connection, session: WhatsAppSession, kind: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        insert(as_blu_web, session, kind, STRANGERS[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_raw_sql_turns_no_rightful_notice_to_a_stranger_or_another_text(
    as_blu_web: psycopg.Connection, session: WhatsAppSession, kind: str
) -> None:
    rightful, member = MADE[kind](session), factories.make_membership(session.business)
    for column, value in (
        ("phone", STRANGERS[0]), ("text", "Promoção!"), ("kind", "self_test!"), ("cause", "y"),
        ("queued_at", "2020-01-01"), ("asked_by_id", member.user.pk),
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute(
                f"UPDATE campaigns_notice SET {column} = %s WHERE id = %s", [value, rightful.pk]
            )


@pytest.mark.django_db(transaction=True)
def test_raw_sql_proves_no_number(as_blu_web: psycopg.Connection, session: WhatsAppSession) -> None:
    member = factories.make_membership(session.business)
    proof = NumberProof.objects.create(
        membership=member, session=session, how="code", phone=STRANGERS[0], code="123456"
    )
    word = own_number.ask_for_word(membership=member, session=session)
    for statement in (
        "INSERT INTO campaigns_numberproof (membership_id, session_id, how, phone, code, tries, proven_at)"
        f" SELECT membership_id, session_id, how, phone, code, 0, now() FROM campaigns_numberproof WHERE id = {proof.pk}",
        f"UPDATE campaigns_numberproof SET proven_at = now() WHERE id = {proof.pk}",
        f"UPDATE campaigns_numberproof SET proven_at = now(), phone = '{STRANGERS[1]}' WHERE id = {word.pk}",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute(statement)


@pytest.mark.parametrize(
    "text", ["Veja https://evil.test", "a\nb", "escreva a@evil.test", "veja evil.test", "x" * 301]
)
def test_a_code_carries_no_address_and_no_second_line(session: WhatsAppSession, text: str) -> None:
    """Not even from a name: what goes to a number of nobody's yet is of our words."""
    notice = code_to(session)
    notice.pk, notice.text = None, text
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_names_of_somebodys_choice_make_no_link(session: WhatsAppSession) -> None:
    business = session.business
    business.name = "Banco! URGENTE //evil.test/login @www evil.test" + "x" * 20
    business.save()
    text = code_to(session).text
    assert "Banco URGENTE evil" in text
    assert not set("/\n@") & set(text)


@pytest.mark.parametrize(
    "name",
    ["Banco ligue 0800 570 0011", "Banco ４００４ 0001", "Banco ٠٨٠٠٥٧٠", "Banco 0-8-0-0-5-7"],
)
def test_names_of_somebodys_choice_bring_no_number_to_call(
    session: WhatsAppSession, name: str
) -> None:
    session.business.name = name
    session.business.save()
    text = code_to(session).text
    said = text.partition("testes de ")[2].partition(" Vale por")[0]
    assert "Banco" in said
    assert not any(letter.isnumeric() for letter in said)


def test_a_year_or_an_hour_in_a_name_stays(session: WhatsAppSession) -> None:
    assert own_number.plain("Ótica 2000") == "Ótica 2000"
    assert own_number.plain("Farmácia 24h") == "Farmácia 24h"


@pytest.mark.parametrize("kind", [Kind.STOP_CONFIRMATION, Kind.RETURN_CONFIRMATION])
def test_a_confirmation_is_for_who_wrote_just_now(session: WhatsAppSession, kind: str) -> None:
    notice = MADE[kind](session)
    Reply.objects.update(at=timezone.now() - timedelta(days=9))
    assert isinstance(claimed(session), Idle)
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == (Status.SKIPPED, "unasked")


def test_who_left_the_business_tests_no_more(session: WhatsAppSession) -> None:
    notice = factories.make_notice(session)
    Membership.objects.filter(user=notice.asked_by).delete()
    assert isinstance(claimed(session), Idle)
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == (Status.SKIPPED, "unasked")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_notice(session, phone=notice.phone, asked_by=notice.asked_by)


def test_a_number_is_its_provers_in_that_business_only(session: WhatsAppSession) -> None:
    notice = factories.make_notice(session)
    colleague = factories.make_membership(session.business)
    elsewhere = factories.make_session(factories.make_business())
    factories.make_membership(elsewhere.business, user=notice.asked_by)
    for where, asker in ((session, colleague.user), (elsewhere, notice.asked_by)):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.make_notice(where, phone=notice.phone, asked_by=asker)


# How many


def test_a_person_tests_a_few_times_a_day_also_by_raw_sql(session: WhatsAppSession) -> None:
    member = factories.make_membership(session.business)
    phone = factories.make_proven_number(member)
    campaign = factories.make_campaign(session.business, session=session)
    for _number in range(TESTS_A_DAY):
        self_tests.send_self_test(campaign=campaign, actor=member.user)
    with pytest.raises(Refused, match="10 testes de hoje"):
        self_tests.send_self_test(campaign=campaign, actor=member.user)
    with pytest.raises(IntegrityError, match="no more than 10"), transaction.atomic():
        factories.make_notice(session, phone=phone, asked_by=member.user)


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_for_at_the_same_moment_is_counted(
    as_blu_web: psycopg.Connection, session: WhatsAppSession
) -> None:
    """Nine stand; two transactions insert one each: the second waits for the first, and is refused."""
    member = factories.make_membership(session.business)
    phone = factories.make_proven_number(member)
    for _number in range(TESTS_A_DAY - 1):
        factories.make_notice(session, phone=phone, asked_by=member.user)
    as_blu_web.execute("SET lock_timeout = '200ms'")
    with transaction.atomic():
        factories.make_notice(session, phone=phone, asked_by=member.user)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            insert(as_blu_web, session, "self_test", phone, asked_by=member.user.pk)
    with pytest.raises(psycopg.errors.CheckViolation):
        insert(as_blu_web, session, "self_test", phone, asked_by=member.user.pk)


def test_a_number_gets_one_code_a_day_whoever_asks(session: WhatsAppSession) -> None:
    code_to(session, phone=STRANGERS[0])
    other = factories.make_session(factories.make_business())
    for where in (session, other):
        with pytest.raises(Refused, match="não sai mais código"):
            code_to(where, phone=STRANGERS[0])
    assert Notice.objects.filter(phone=STRANGERS[0]).count() == 1


def test_no_clock_of_a_business_begins_another_day() -> None:
    """Whoever has businesses in five zones, or moves the clock of one, is counted by one day all the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(tgfoid) FROM pg_trigger"
            " WHERE tgname LIKE '%%notice_rule_insert%%' AND NOT tgisinternal"
        )
        [(function,)] = cursor.fetchall()
    assert "date_trunc('day', statement_timestamp(), 'America/Sao_Paulo')" in function
    assert "time_zone" not in function


def test_the_words_count_by_the_same_day_as_the_triggers(monkeypatch: pytest.MonkeyPatch) -> None:
    for hour, day in ((2, 28), (3, 29), (4, 29), (5, 29)):
        moment = datetime(2026, 11, 29, hour, 30, tzinfo=UTC)
        monkeypatch.setattr(self_tests.timezone, "now", lambda moment=moment: moment)
        assert self_tests.today() == datetime(2026, 11, day, 3, tzinfo=UTC)


def test_a_person_asks_for_a_few_codes_a_day(session: WhatsAppSession) -> None:
    member = factories.make_membership(session.business)
    for _number in range(CODES_A_DAY):
        own_number.ask_for_code(membership=member, session=session, phone=factories.make_phone())
    with pytest.raises(Refused, match="3 códigos hoje"):
        own_number.ask_for_code(membership=member, session=session, phone=factories.make_phone())


def test_a_business_reaches_no_crowd_of_strangers_by_many_accounts(
    session: WhatsAppSession,
) -> None:
    for _number in range(CODES_A_SESSION):
        code_to(session)
    with pytest.raises(Refused, match="não sai mais código"):
        code_to(session)


def test_a_number_gets_one_opt_in_code_a_day_on_whatever_page(session: WhatsAppSession) -> None:
    optin_code_to(session, STRANGERS[0])
    other = factories.make_session(factories.make_business())
    for where in (session, other):
        with pytest.raises(Refused, match="Não sai código"):
            optin_code_to(where, STRANGERS[0])
    assert Notice.objects.filter(phone=STRANGERS[0]).count() == 1


def test_opt_in_codes_have_a_budget_of_their_own(session: WhatsAppSession) -> None:
    for _number in range(OPTIN_CODES_A_SESSION):
        optin_code_to(session)
    with pytest.raises(Refused, match="Não sai código"):
        optin_code_to(session)
    assert code_to(session).kind == Kind.NUMBER_CODE


@pytest.mark.parametrize("why", ["stop", "hold"])
def test_no_opt_in_code_goes_under_a_stop_or_a_doubt(session: WhatsAppSession, why: str) -> None:
    """Whoever asks for it, before or after: only a message of their own lifts it."""
    notice = optin_code_to(session, STRANGERS[0])
    if why == "stop":
        factories.make_stop(session.business, STRANGERS[0])
        factories.make_stop(session.business, STRANGERS[1])
    else:
        for phone in STRANGERS[:2]:
            reply = Reply.objects.create(
                business=session.business, session=session, message_id=phone, phone=phone,
                kind=Reply.Kind.HOLD, at=timezone.now(),
            )  # fmt: skip
            Hold.objects.create(business=session.business, key=phone, reply=reply)
    assert isinstance(claimed(session), Idle)
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == (Status.SKIPPED, "unasked")
    with pytest.raises(Refused, match="Não sai código"):
        optin_code_to(session, STRANGERS[1])


def test_an_opt_in_code_is_of_the_last_ten_minutes(session: WhatsAppSession) -> None:
    """So the code of a page that was left open all night is asked for anew."""
    text = factories.make_opt_in_text(factories.make_topic(session.business))
    request = factories.make_opt_in(text)
    late = timezone.now() - timedelta(minutes=11)
    OptIn.objects.filter(pk=request.pk).update(code_asked_at=late, typed_code="123456")
    with pytest.raises(IntegrityError, match="may go to this number now"), transaction.atomic():
        factories.make_notice(session, Kind.OPTIN_CODE, phone=request.phone, cause=str(request.pk))


@pytest.mark.parametrize("how", ["revoked", "stop"])
def test_no_code_goes_to_who_asked_to_stop(session: WhatsAppSession, how: str) -> None:
    if how == "revoked":
        topic = factories.make_topic(session.business)
        contact = factories.make_contact(session.business, phone=STRANGERS[0])
        factories.subscribe(contact, topic, State.REVOKED)
    else:
        # Nobody's contact, and known without the ninth digit.
        factories.make_stop(session.business, "+552177770001")
    with pytest.raises(Refused, match="pediu para não receber"):
        code_to(session, phone=STRANGERS[0])
    member = factories.make_membership(session.business)
    proof = NumberProof.objects.create(
        membership=member, session=session, how="code", phone=STRANGERS[0], code="123456"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_notice(
            session, Kind.NUMBER_CODE, phone=STRANGERS[0], cause=str(proof.pk), asked_by=member.user
        )


def test_no_test_goes_to_a_number_whose_holder_asked_to_stop_since(
    session: WhatsAppSession,
) -> None:
    notice = factories.make_notice(session)
    factories.make_stop(session.business, notice.phone)
    with pytest.raises(IntegrityError, match="may go to this number now"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(status="sending")
    assert isinstance(claimed(session), Idle)
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == ("skipped", "unasked")


# When


def claimed(session: WhatsAppSession) -> Outgoing | Idle:
    return LedgerOutbox().next(hold(session.pk))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_interval(session: WhatsAppSession, kind: str) -> None:
    """Of campaign messages and of notices, which keep it among themselves as well."""
    MADE[kind](session)
    pressed = timezone.now()
    WhatsAppSession.objects.filter(pk=session.pk).update(last_sent_at=pressed)
    assert claimed(session) == Idle(pressed + pacing.INTERVAL)
    assert Notice.objects.get().status == Status.QUEUED
    WhatsAppSession.objects.filter(pk=session.pk).update(last_sent_at=pressed - pacing.INTERVAL)
    leases.Lease.objects.update(expires_at=None)
    assert isinstance(claimed(session), Outgoing)


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_is_held_by_hours_or_sundays(
    monkeypatch: pytest.MonkeyPatch, session: WhatsAppSession, kind: str
) -> None:
    MADE[kind](session)
    monkeypatch.setattr(runner_clock, "now", lambda: NIGHT_OF_A_SUNDAY)
    assert isinstance(claimed(session), Outgoing)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_under_quota_opens_no_new_chat_beyond_it(
    session: WhatsAppSession, kind: str
) -> None:
    notice = MADE[kind](session)
    now = timezone.now()
    used_up(session)
    if not UNDER_QUOTA[Kind(kind)]:
        assert isinstance(claimed(session), Outgoing)
        return
    limits = pacing.limits_of(session.pk)
    tomorrow = pacing.tomorrow(now, limits)
    # Before a day's hours campaigns are looked at sooner.
    opens = pacing.opening_after(now, limits.zone, limits.hours)
    assert claimed(session) == Idle(opens if opens > now else tomorrow)
    notice.refresh_from_db()
    assert (notice.status, notice.not_before) == (Status.QUEUED, tomorrow)


def test_a_chat_that_is_open_already_is_no_new_one(session: WhatsAppSession) -> None:
    notice = factories.make_notice(session)
    used_up(session)
    Chat.objects.create(session=session, phone=notice.phone, warm_at=timezone.now())
    assert isinstance(claimed(session), Outgoing)


def used_up(session: WhatsAppSession) -> None:
    Chat.objects.bulk_create(
        Chat(session=session, phone=factories.make_phone(), opened_at=timezone.now())
        for _number in range(200)
    )


def test_notices_count_for_the_day(session: WhatsAppSession) -> None:
    for kind in KINDS:
        notice = MADE[kind](session)
        Notice.objects.filter(pk=notice.pk).update(status=Status.SENDING)
        Notice.objects.filter(pk=notice.pk).update(status=Status.SENT, sent_at=timezone.now())
    limits = pacing.limits_of(session.pk)
    assert pacing.sent_today(limits, now=timezone.now()) == len(KINDS)


# The recipe of the review


def test_a_receptionist_sends_no_text_to_three_strangers(
    client: Client, session: WhatsAppSession
) -> None:
    """A free text without a topic: what leaves is one code each, in our words, and no more than three."""
    member = factories.make_membership(session.business, Role.RECEPTIONIST)
    client.force_login(member.user)
    draft = factories.make_campaign(
        session.business, session=session, topic=None, body="Compre já!"
    )
    test = f"/campanhas/{draft.pk}/testar/"
    for phone in (*STRANGERS, "+5521977770004"):
        client.post(test, {"phone": phone})
        client.post(f"{test}numero/", {"acao": "codigo", "phone": phone})
        client.post(f"{test}numero/", {"acao": "confirmar", "code": "000000", "phone": phone})
        client.post(test, {"phone": phone})
    notices = Notice.objects.order_by("pk")
    assert [(notice.kind, notice.phone) for notice in notices] == [
        (Kind.NUMBER_CODE, phone) for phone in STRANGERS
    ]
    assert not any("Compre" in notice.text for notice in notices)
    assert not Delivery.objects.exists()
    assert not NumberProof.objects.filter(proven_at__isnull=False).exists()


def test_five_notices_in_a_row_wait_behind_a_closed_gate(session: WhatsAppSession) -> None:
    for _number in range(5):
        factories.make_notice(session)
    WhatsAppSession.objects.filter(pk=session.pk).update(last_sent_at=timezone.now())
    outbox, token = LedgerOutbox(), hold(session.pk)
    assert isinstance(pacing.gate(pacing.limits_of(session.pk), now=timezone.now()), pacing.Closed)
    assert all(isinstance(outbox.next(token), Idle) for _number in range(5))
    WhatsAppSession.objects.filter(pk=session.pk).update(last_sent_at=None)
    # The one in hand may be pressed any moment: the next ones wait for it.
    assert isinstance(outbox.next(token), Outgoing)
    assert all(isinstance(outbox.next(token), Idle) for _number in range(5))


def test_a_campaign_waits_for_the_notice_before_it(session: WhatsAppSession) -> None:
    running = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    factories.make_delivery(running)
    factories.make_notice(session)
    outbox, token = LedgerOutbox(), hold(session.pk)
    first = outbox.next(token)
    assert isinstance(first, Outgoing)
    outbox.before_wire(token, first.key)
    assert isinstance(outbox.next(token), Idle)
