"""A member shows that a number is theirs: a word written to the session, or a code typed back."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django import Settings

from blu.accounts import members
from blu.accounts.models import Membership, Role
from blu.accounts.refused import Refused
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, NumberProof, Reply
from campaigns.models.ledger_states import Status
from campaigns.notices import own_number
from contacts.models import RetentionRun
from contacts.preferences import links
from contacts.retention import nightly
from sessions.events import Address, Incoming, Text
from sessions.interfaces import LeaseToken, Outgoing
from sessions.models import Chat, Link, State, WhatsAppSession
from tests import factories, support
from tests.clients import Client
from tests.leasing import hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]

MINE = "+5511987654321"


@pytest.fixture
def draft(owner: Membership) -> Campaign:
    return factories.make_campaign(owner.business, body="Olá, {{nome|tudo bem}}!")


@pytest.fixture
def session(draft: Campaign) -> WhatsAppSession:
    assert draft.session is not None
    return draft.session


@pytest.fixture
def token(session: WhatsAppSession) -> LeaseToken:
    return hold(session.pk)


def number_of(member: Membership) -> str:
    return NumberProof.number_of(business=member.business, user=member.user)


def writes(
    token: LeaseToken, text: str, phone: str = MINE, message_id: str = "A1", **ago: int
) -> None:
    at = timezone.now() - timedelta(**ago)
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address(phone), message_id, Text(text), at)
    )


def page(draft: Campaign) -> str:
    return f"/campanhas/{draft.pk}/testar/numero/"


def word(client: Client, draft: Campaign) -> str:
    assert client.post(page(draft), {"acao": "escrever"}).status_code == 302
    return own_number.to_write(NumberProof.objects.get(how="wrote", proven_at__isnull=True))


def arrived_code(client: Client, draft: Campaign, token: LeaseToken, phone: str = MINE) -> str:
    """Ask for a code, and let it out; what the phone shows."""
    client.post(page(draft), {"acao": "codigo", "phone": phone})
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.before_wire(token, claimed.key)
    return claimed.content.body.split()[0]


# A word that is written


def test_who_writes_the_word_has_proven_their_number(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken, settings: Settings
) -> None:
    said = word(client, draft)
    settings.SIMULATOR_URL = ""
    shown = client.get(page(draft)).content.decode()
    assert said in shown
    assert "https://wa.me/" in shown
    assert said.replace(" ", "%20") in shown
    client.post(page(draft), {"acao": "codigo", "phone": MINE})
    # WhatsApp may know a mobile without its ninth digit.
    writes(token, f" {said.lower()}. ", "+551187654321")
    assert number_of(owner) == MINE
    assert Chat.objects.get(phone=MINE).warm_at is not None
    answer = client.get(page(draft), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == draft.business.address("campaign_test", draft.pk)


def test_the_word_is_no_reply_and_answers_no_campaign(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken, session: WhatsAppSession
) -> None:
    running = factories.make_campaign(owner.business, Campaign.Status.RUNNING, session=session)
    contact = factories.make_contact(owner.business, phone=MINE)
    factories.make_delivery(running, contact, Status.SENT)
    said = word(client, draft)
    for _time in range(2):  # heard again after a crash
        writes(token, said)
    assert not Reply.objects.exists()
    assert Delivery.objects.get().replied_at is None
    assert number_of(owner) == MINE


@pytest.mark.parametrize("said", ["TESTE", "TESTE 123", "TESTE 12345", "teste 0000 agora", "0000"])
def test_other_words_prove_nothing(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken, said: str
) -> None:
    word(client, draft)
    writes(token, said)
    assert number_of(owner) == ""
    assert not Reply.objects.exists(), "it came from a stranger, as far as anybody can tell"


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_word_of_another_time_proves_nothing(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken, minutes: int
) -> None:
    writes(token, word(client, draft), minutes=minutes)
    assert number_of(owner) == ""


def test_a_word_proves_one_number_only(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    said = word(client, draft)
    writes(token, said)
    writes(token, said, "+5511987650000", "A2")
    assert number_of(owner) == MINE
    assert not NumberProof.objects.filter(phone="+5511987650000").exists()


def test_a_word_is_of_its_session(client: Client, owner: Membership, draft: Campaign) -> None:
    said = word(client, draft)
    other = hold(factories.make_session(owner.business).pk)
    writes(other, said)
    assert number_of(owner) == ""


# A code that is typed


def test_who_types_the_code_has_proven_their_number(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    code = arrived_code(client, draft, token)
    notice = Notice.objects.get()
    assert (notice.kind, notice.phone, notice.asked_by) == ("number_code", MINE, owner.user)
    assert owner.business.name in notice.text
    assert "(11) 98765-4321" in client.get(page(draft)).content.decode()
    answer = client.post(page(draft), {"acao": "confirmar", "code": f" {code[:3]} {code[3:]}"})
    assert answer.url == draft.business.address("campaign_test", draft.pk)
    assert number_of(owner) == MINE


def test_a_code_is_guessed_five_times_and_then_never(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    code = arrived_code(client, draft, token)
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for _guess in range(4):
        said = client.post(page(draft), {"acao": "confirmar", "code": wrong}).content.decode()
        assert "O código não é este" in said
    said = client.post(page(draft), {"acao": "confirmar", "code": wrong}).content.decode()
    assert "quinta vez" in said
    said = client.post(page(draft), {"acao": "confirmar", "code": code}).content.decode()
    assert "não vale mais" in said
    assert number_of(owner) == ""


def test_a_code_is_good_for_ten_minutes(
    client: Client,
    owner: Membership,
    draft: Campaign,
    token: LeaseToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = arrived_code(client, draft, token)
    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr(own_number.timezone, "now", lambda: later)
    with pytest.raises(Refused, match="não vale mais"):
        own_number.confirm(membership=owner, typed=code)


def test_a_code_is_its_members(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    code = arrived_code(client, draft, token)
    colleague = factories.make_membership(owner.business)
    with pytest.raises(Refused):
        own_number.confirm(membership=colleague, typed=code)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "Falta o número"),
        ("98765-4321", "Falta o DDD"),
        ("(11) 8765-43", "não existe"),
        ("(11) 3333-4444", "fixo"),
    ],
)
def test_a_wrong_number_is_explained(
    client: Client, draft: Campaign, written: str, said: str
) -> None:
    answer = client.post(page(draft), {"acao": "codigo", "phone": written})
    assert said in answer.content.decode()
    assert not Notice.objects.exists()


def test_how_far_the_code_has_come_is_told(client: Client, draft: Campaign) -> None:
    client.post(page(draft), {"acao": "codigo", "phone": MINE})

    def told() -> str:
        return client.get(page(draft), headers={"HX-Request": "true"}).content.decode()

    assert "espera a vez" in told()
    Notice.objects.update(status="sending")
    assert "saindo agora" in told()
    Notice.objects.update(status="failed", reason="not_on_whatsapp")
    assert "o número não tem WhatsApp" in told()
    NumberProof.objects.all().delete()
    assert "O prazo passou" in told()


def test_used_up_new_chats_are_told_before_anything_is_queued(
    client: Client, draft: Campaign, session: WhatsAppSession, settings: Settings
) -> None:
    WhatsAppSession.objects.update(pacing="real")
    Chat.objects.bulk_create(
        Chat(session=session, phone=factories.make_phone(), opened_at=timezone.now())
        for _number in range(20)
    )
    answer = client.post(page(draft), {"acao": "codigo", "phone": MINE}).content.decode()
    assert "O limite de conversas novas de hoje" in answer
    assert not Notice.objects.exists()


@pytest.mark.parametrize("action", ["codigo", "escrever"])
def test_without_a_linked_whatsapp_nothing_is_asked_for(
    client: Client, draft: Campaign, action: str
) -> None:
    Campaign.objects.update(session=None)
    answer = client.post(page(draft), {"acao": action, "phone": MINE}, follow=True)
    assert "WhatsApp conectado" in answer.content.decode()
    assert not NumberProof.objects.exists()


def test_a_session_that_is_away_sends_no_code(
    client: Client, draft: Campaign, session: WhatsAppSession
) -> None:
    Link.objects.update(state=State.LOGGED_OUT)
    answer = client.post(page(draft), {"acao": "codigo", "phone": MINE}).content.decode()
    assert "não sairia agora" in answer
    assert not Notice.objects.exists()


# Whose it stays


def test_another_number_takes_the_place_of_the_first(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    factories.make_proven_number(owner, "+5511987650000")
    writes(token, word(client, draft))
    assert number_of(owner) == MINE
    assert NumberProof.objects.filter(membership=owner).count() == 1


def test_two_people_may_hold_one_number(owner: Membership) -> None:
    colleague = factories.make_membership(owner.business)
    for member in (owner, colleague):
        factories.make_proven_number(member, MINE)
    assert number_of(owner) == number_of(colleague) == MINE


def test_sair_from_a_proven_number_ends_the_tests(
    owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    """The number may have another holder by now, or never was who they said."""
    elsewhere = factories.make_membership()
    for member in (owner, elsewhere):
        factories.make_proven_number(member, MINE)
    writes(token, "SAIR", "+551187654321")
    assert (number_of(owner), number_of(elsewhere)) == ("", MINE)


def test_a_proof_ends_with_the_membership(owner: Membership) -> None:
    colleague = factories.make_membership(owner.business, Role.RECEPTIONIST)
    factories.make_proven_number(colleague)
    members.remove(business=owner.business, pk=colleague.pk)
    assert not NumberProof.objects.exists()


def test_staff_reads_no_code(
    client: Client, draft: Campaign, token: LeaseToken, owner: Membership
) -> None:
    code = arrived_code(client, draft, token)
    support.sign_in(
        client, factories.make_user("suporte@blu.com.br", is_staff=True, is_superuser=True)
    )
    for address in (
        f"/admin/campaigns/notice/{Notice.objects.get().pk}/change/",
        f"/admin/campaigns/numberproof/{NumberProof.objects.get().pk}/change/",
        "/admin/campaigns/notice/",
        "/admin/campaigns/numberproof/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert code not in answer.content.decode()


@pytest.mark.parametrize("part", ["dados/", "dados.json"])
def test_a_code_stands_on_no_page_of_the_one_it_went_to(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken, part: str
) -> None:
    """The team has the link of that page too, and would prove a customer's number as its own."""
    contact = factories.make_contact(draft.business, phone=MINE)
    code = arrived_code(client, draft, token)
    address = urlsplit(links.given_by(owner, contact.pk)).path
    told = Client().get(address + part).content.decode()
    assert "Um código" in told
    assert code not in told


def test_the_number_of_a_code_is_forgotten_with_it(
    client: Client, owner: Membership, draft: Campaign, token: LeaseToken
) -> None:
    arrived_code(client, draft, token)
    notice = Notice.objects.get()
    Notice.objects.update(status=Status.SENT)
    factories.age_notices(days=3)
    nightly.run(RetentionRun.objects.create(business=owner.business, day=date(2026, 1, 1)).pk)
    notice.refresh_from_db()
    assert (notice.phone, notice.text) == ("", "")
