"""The WhatsApp pages: who may link, what is shown while linking, what is said of each state."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django.utils.translation import override
from django_q.models import OrmQ

from blu.accounts.models import Membership, Role
from blu.web import dates
from campaigns.alerts import session_problems
from campaigns.models import SessionLimits
from sessions.driving import link_updates
from sessions.linking import services
from sessions.models import Link, Pairing, SessionEvent, State, WhatsAppSession
from sessions.reasons import Code
from sessions.transports.browser import reasons
from tests import factories, support
from tests.clients import Client
from tests.factories import make_business, make_membership, make_session, make_user

pytestmark = pytest.mark.django_db


def unlinked(membership: Membership, **fields: object) -> WhatsAppSession:
    """A session whose terms were accepted and that was never linked."""
    values = {
        "state": State.UNLINKED,
        "linked_at": None,
        "proven_at": None,
        "phone": "",
        "terms_accepted_at": timezone.now(),
    }
    return make_session(membership.business, **(values | fields))


def waiting(session: WhatsAppSession, **fields: object) -> Pairing:
    """An attempt under way."""
    factories.change_session(session, state=State.PAIRING)
    return Pairing.objects.create(link=session.link, **fields)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_a_new_whatsapp_is_refused_until_the_notice_is_accepted(
    client: Client, owner: Membership
) -> None:
    page = client.post("/whatsapp/novo/", {"name": "Recepção"})
    assert "Falta marcar que você leu o aviso." in text(page)
    assert not WhatsAppSession.objects.exists()


def test_the_notice_says_that_whatsapp_calls_it_a_breach(client: Client, owner: Membership) -> None:
    page = text(client.get("/whatsapp/novo/"))
    assert "quebra os termos de uso" in page
    assert "/whatsapp/uso-responsavel/" in page
    assert "envio em massa ou automático" in text(client.get("/whatsapp/uso-responsavel/"))


def test_name_and_terms_lead_to_the_pairing_page(client: Client, owner: Membership) -> None:
    page = client.post("/whatsapp/novo/", {"name": "Recepção", "terms": "on"})
    session = WhatsAppSession.objects.get()
    assert page.url == session.business.address("session_pair", session.pk)
    assert session.business == owner.business
    assert session.terms_accepted_by == owner.user
    assert "Receber o código" in text(client.get(page.url))


def test_two_whatsapps_of_one_business_have_two_names(client: Client, owner: Membership) -> None:
    make_session(owner.business, name="Recepção")
    page = client.post("/whatsapp/novo/", {"name": "recepção ", "terms": "on"})
    assert "Já existe um WhatsApp com este nome" in text(page)
    assert WhatsAppSession.objects.count() == 1


def test_nothing_is_linked_before_somebody_accepts(client: Client, owner: Membership) -> None:
    session = unlinked(owner, terms_accepted_at=None)
    address = f"/whatsapp/{session.pk}/conectar/"
    client.post(address, {"kind": "qr"})
    assert not Pairing.objects.exists()
    client.post(address, {"terms": "on"})
    client.post(address, {"kind": "qr"})
    assert Pairing.objects.get().phone == ""


def test_a_code_is_asked_for_a_number_as_people_write_it(
    client: Client, owner: Membership, django_capture_on_commit_callbacks: object
) -> None:
    session = unlinked(owner)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(
            f"/whatsapp/{session.pk}/conectar/", {"kind": "code", "phone": "(11) 90007-4100"}
        )
    assert Pairing.objects.get().phone == "+5511900074100"
    assert OrmQ.objects.get().key.startswith("pairing-")


@pytest.mark.parametrize(
    ("phone", "said"),
    [("", "Falta o número"), ("90007-4100", "Falta o DDD"), ("123", "Não entendi esse número")],
)
def test_a_code_is_not_asked_for_half_a_number(
    client: Client, owner: Membership, phone: str, said: str
) -> None:
    session = unlinked(owner)
    page = client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "code", "phone": phone})
    assert said in text(page)
    assert not Pairing.objects.exists()


def test_the_code_is_shown_in_two_groups_and_said_letter_by_letter(
    client: Client, owner: Membership
) -> None:
    session = unlinked(owner)
    waiting(session, status="showing", code="H7K2QX4M", phone="+5511900074100")
    page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    assert "Código: H 7 K 2, Q X 4 M" in page
    assert page.count("<span>H</span><span>7</span><span>K</span><span>2</span><span>Q</span>") == 1
    assert page.index('id="codigo"') < page.index('id="qr"')


def test_the_qr_code_is_a_picture_that_nobody_keeps(client: Client, owner: Membership) -> None:
    session = unlinked(owner)
    waiting(session, status="showing", code="2@abc,def,ghi,jkl,mno")
    page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    assert f'src="{session.business.address("session_qr", session.pk)}?v=' in page
    assert "2@abc" not in page
    picture = client.get(f"/whatsapp/{session.pk}/codigo.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    assert picture.content.startswith(b"<?xml") or picture.content.startswith(b"<svg")


def test_there_is_no_picture_without_a_code(client: Client, owner: Membership) -> None:
    session = unlinked(owner)
    waiting(session)
    assert client.get(f"/whatsapp/{session.pk}/codigo.svg").status_code == 404


def test_the_eight_characters_are_never_drawn_as_a_qr_code(
    client: Client, owner: Membership
) -> None:
    session = unlinked(owner)
    waiting(session, status="showing", code="H7K2QX4M", phone="+5511900074100")
    assert client.get(f"/whatsapp/{session.pk}/codigo.svg").status_code == 404


def test_the_page_asks_again_only_for_what_changed(client: Client, owner: Membership) -> None:
    session = unlinked(owner)
    pairing = waiting(session)
    address = f"/whatsapp/{session.pk}/conectar/estado/"
    first = client.get(address)
    token = first.context["page"].token
    assert "data-poll" in text(first)
    assert client.get(address, {"seen": token}).status_code == 204
    pairing.status, pairing.code = "showing", "2@novo"
    pairing.save()
    second = client.get(address, {"seen": token})
    assert second.status_code == 200
    assert "codigo.svg" in text(second)


def test_a_linked_phone_ends_the_asking_and_names_the_next_step(
    client: Client, owner: Membership
) -> None:
    session = unlinked(owner)
    waiting(session, status="linked")
    factories.change_session(
        session, state=State.RESTING, phone="+5511900074100", linked_at=timezone.now()
    )
    state = client.get(f"/whatsapp/{session.pk}/conectar/estado/", {"seen": "antes"})
    # The head and the menu say "Conectando" as well: the whole page is drawn anew.
    assert state.headers["HX-Refresh"] == "true"
    page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    assert "WhatsApp conectado" in page
    assert "(11) 90007-4100" in page
    assert "Seguir para o próximo passo" in page
    assert "data-poll" not in page


@pytest.mark.parametrize("status", ["expired", "failed"])
def test_an_attempt_that_came_to_nothing_offers_another(
    client: Client, owner: Membership, status: str
) -> None:
    session = unlinked(owner)
    Pairing.objects.create(link=session.link, status=status, reason="browser_failed")
    page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    assert "O navegador não pôde ser iniciado." in page
    assert "Tentar de novo" in page
    assert "data-poll" not in page


def test_a_code_that_does_not_come_is_said_and_can_be_asked_for_again(
    client: Client, owner: Membership
) -> None:
    session = unlinked(owner)
    pairing = waiting(session, requested_at=timezone.now() - timedelta(minutes=5))
    assert "O código não veio" in text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    client.post(f"/whatsapp/{session.pk}/conectar/cancelar/")
    pairing.refresh_from_db()
    assert pairing.status == Pairing.Status.EXPIRED


def test_the_trial_links_to_the_made_up_phones(
    client: Client, owner: Membership, settings: object
) -> None:
    session = unlinked(owner)
    waiting(session)
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    assert "http://127.0.0.1:9/phones/" in text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    settings.SIMULATOR_URL = ""  # type: ignore[attr-defined]
    assert "/phones/" not in text(client.get(f"/whatsapp/{session.pk}/conectar/"))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.UNLINKED, "Falta conectar o celular"),
        (State.PAIRING, "Voltar ao código"),
        (State.ONLINE, "Tudo certo"),
        (State.RESTING, "Tudo certo"),
        (State.OFFLINE, "Sem conexão com o WhatsApp"),
        (State.RESTRICTED, "Restrita pelo WhatsApp"),
        (State.CONFLICT, "Aberto em outro lugar"),
        (State.LOGGED_OUT, "O celular desconectou o blü"),
        (State.STOPPED, "Parada por segurança"),
        (State.BANNED, "O WhatsApp bloqueou esta conta"),
        (State.OUTDATED, "À espera de uma atualização do blü"),
        (State.NEEDS_PASSKEY, "O WhatsApp pede uma chave de acesso"),
    ],
)
def test_every_state_is_told_in_plain_words(
    client: Client, owner: Membership, state: State, said: str
) -> None:
    session = make_session(owner.business, state=state)
    assert said in text(client.get(f"/whatsapp/{session.pk}/"))


def test_a_session_that_stopped_by_itself_says_until_when(
    client: Client, owner: Membership
) -> None:
    until = timezone.now() + timedelta(minutes=20)
    session = make_session(owner.business, state=State.STOPPED, state_until=until)
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "Parada por segurança" in page
    assert f"O blü olha de novo sozinho {dates.at(until)}." in page
    assert "Sem conexão com o WhatsApp" not in page
    assert "Parada" in text(client.get("/", follow=True))
    assert "Sem internet" not in text(client.get("/", follow=True))
    assert "O blü parou" in session_problems.problem_of(session).title  # type: ignore[union-attr]


def test_a_home_that_is_gone_is_not_blamed_on_the_phone(client: Client, owner: Membership) -> None:
    session = make_session(owner.business, transport="browser", state=State.LOGGED_OUT, node="")
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "A máquina do blü que guardava esta conexão parou de funcionar" in page
    assert "O celular desconectou" not in page
    assert "parou de funcionar" in session_problems.problem_of(session).text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("reason", "phone"), [("", True), (reasons.OFFLINE, True), (reasons.PROFILE_UNUSABLE, False)]
)
def test_only_a_link_that_the_phone_may_mend_sends_people_to_the_phone(
    client: Client, owner: Membership, reason: str, phone: bool
) -> None:
    session = make_session(owner.business, state=State.OFFLINE, state_reason=reason)
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert ("Veja se o celular" in page) is phone
    found = session_problems.problem_of(session)
    assert found is not None
    assert ("Veja se o celular" in found.to_do) is phone
    assert (session.explanation in found.text) is not phone or not reason


def test_every_state_has_its_words() -> None:
    tested = test_every_state_is_told_in_plain_words.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {state for state, _ in tested} == set(State)


def test_the_page_shows_proof_events_and_todays_new_chats(
    client: Client, owner: Membership
) -> None:
    session = make_session(owner.business, pacing="real", proven_at=timezone.now())
    # Sunday is a day like others.
    SessionLimits.objects.create(session=session, sundays=True, raised_reason="Combinado")
    SessionEvent.objects.create(
        session=session, link=session.link, state=State.OFFLINE, reason="unreachable"
    )
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "Última resposta do WhatsApp" in page
    assert "O WhatsApp não pôde ser alcançado." in page
    assert "de 2.160 envios possíveis hoje" in page
    assert "Conversas novas: 0 (de 20)" in page


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.VIEWER])
def test_only_the_owner_links_and_unlinks_while_others_read(client: Client, role: str) -> None:
    membership = make_membership(role=role)
    client.force_login(membership.user)
    session = make_session(membership.business, terms_accepted_at=timezone.now())
    assert client.get("/whatsapp/").status_code == 200
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "Desconectar" not in page
    for path in ("conectar/", "conectar/estado/", "codigo.svg"):
        assert client.get(f"/whatsapp/{session.pk}/{path}").status_code == 403
    for path in ("conectar/", "conectar/cancelar/", "desconectar/"):
        assert client.post(f"/whatsapp/{session.pk}/{path}", {"kind": "qr"}).status_code == 403
    assert client.get("/whatsapp/novo/").status_code == 403
    session.refresh_from_db()
    assert session.state == State.RESTING


def test_unlinking_forgets_the_account(client: Client, owner: Membership) -> None:
    session = make_session(owner.business)
    page = client.post(f"/whatsapp/{session.pk}/desconectar/", follow=True)
    assert "foi desconectado" in text(page)
    session.refresh_from_db()
    assert session.state == State.UNLINKED
    assert session.linked_at is None


def test_a_phone_that_logged_us_out_can_be_linked_again(client: Client, owner: Membership) -> None:
    session = make_session(owner.business, state=State.LOGGED_OUT, terms_accepted_at=timezone.now())
    client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr"})
    assert Pairing.objects.get().status == Pairing.Status.WAITING


def test_a_linked_whatsapp_is_not_linked_twice(client: Client, owner: Membership) -> None:
    session = make_session(owner.business, terms_accepted_at=timezone.now())
    page = client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr"}, follow=True)
    assert "já está conectado" in text(page)
    assert not Pairing.objects.exists()


def test_the_api_lists_the_sessions_and_changes_none(client: Client, owner: Membership) -> None:
    session = make_session(owner.business)
    answer = client.get("/api/v1/sessions/").json()
    assert [row["id"] for row in answer["results"]] == [session.pk]
    assert answer["results"][0]["state"] == "resting"
    assert client.post("/api/v1/sessions/", {"name": "Outra"}).status_code == 405
    assert client.delete(f"/api/v1/sessions/{session.pk}/").status_code == 405


def test_the_history_leaves_out_the_visits_that_found_all_well(
    client: Client, owner: Membership
) -> None:
    session = make_session(owner.business, state=State.RESTING)
    for state, reason in (
        (State.PAIRING, ""),
        (State.ONLINE, "home_back"),
        *[(State.RESTING, ""), (State.ONLINE, "")] * 15,
        (State.OFFLINE, "offline"),
        (State.ONLINE, ""),
        (State.RESTING, ""),
    ):
        SessionEvent.objects.create(session=session, link=session.link, state=state, reason=reason)
    told = client.get(f"/whatsapp/{session.pk}/").context["events"]
    assert [(event.state, event.reason) for event in told] == [
        (State.ONLINE, ""),
        (State.OFFLINE, "offline"),
        (State.ONLINE, "home_back"),
        (State.PAIRING, ""),
    ]


def test_what_a_colleague_did_is_told_in_the_language_of_who_reads(
    client: Client, owner: Membership
) -> None:
    with override("en"):
        session = services.create_session(
            business=owner.business, name="Recepção", actor=make_user(name="Ana Luz")
        )
        services.accept_terms(session=session, actor=owner.user)
        services.unlink(session=session, actor=owner.user)
        attempt = Pairing.objects.create(link=session.link)
        services.cancel_pairing(pairing=attempt)
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "Criado por Ana Luz" in page
    assert f"Desconectado por {owner.user}" in page
    assert "Alguém parou de esperar pelo celular." in text(
        client.get(f"/whatsapp/{session.pk}/conectar/")
    )
    client.cookies["django_language"] = "en"
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "Created by Ana Luz" in page
    assert f"Disconnected by {owner.user}" in page
    page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    assert "Somebody stopped waiting for the phone." in page


READ_ON_THE_PHONE = "Respostas ficam como lidas no celular"


@pytest.mark.parametrize(
    ("ours", "others", "said"),
    [(False, None, True), (True, False, False), (None, None, False), (None, False, True)],
)
def test_the_pages_say_where_hearing_leaves_a_chat_read_on_the_phone(
    client: Client, owner: Membership, ours: bool | None, others: bool | None, said: bool
) -> None:
    linked, new = make_session(owner.business), unlinked(owner, name="Balcão")
    Link.objects.filter(session__in=[linked, new]).update(keeps_badges=ours)
    Link.objects.filter(session=make_session(make_business())).update(keeps_badges=others)
    assert (READ_ON_THE_PHONE in text(client.get(f"/whatsapp/{linked.pk}/"))) == said
    assert (READ_ON_THE_PHONE in text(client.get(f"/whatsapp/{new.pk}/conectar/"))) == said


def test_what_an_opening_did_not_learn_of_badges_leaves_what_is_known(
    owner: Membership,
) -> None:
    link = make_session(owner.business).link
    for told, known in ((None, None), (False, False), (None, False), (True, True)):
        link_updates.record_badges(link.pk, SimpleNamespace(keeps_badges=told))
        link.refresh_from_db()
        assert link.keeps_badges is known
    link_updates.record_badges(link.pk, object())


SAID = "Quick security check with passkey"


def test_an_account_that_asks_for_a_passkey_is_told_that_it_cant_be_linked_today_whatever_the_kind(
    client: Client, owner: Membership
) -> None:
    session = unlinked(owner, state=State.NEEDS_PASSKEY, transport="direct")
    Pairing.objects.create(link=session.link, status="failed", reason=Code.NEEDS_PASSKEY)
    page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
    assert "esta conta não pode ser conectada hoje" in page
    assert "nem a conexão direta pelo navegador" in page
    page = text(client.get(f"/whatsapp/{session.pk}/"))
    assert "esta conta não pode ser conectada hoje" in page


def test_a_passkey_is_told_in_whatsapps_words_and_its_attempts_are_counted_for_support(
    client: Client, owner: Membership
) -> None:
    session = unlinked(owner)
    for attempt in (1, 2):
        pairing = waiting(session)
        services.end_pairing(
            pairing.pk, Pairing.Status.FAILED, reasons.PASSKEY_ASKED, params={"said": SAID},
            state=State.NEEDS_PASSKEY,
        )  # fmt: skip
        page = text(client.get(f"/whatsapp/{session.pk}/conectar/"))
        assert SAID in page
        assert "Tente de novo outro dia ou conecte outro número." in page
        assert ("uma vez" if attempt == 1 else "2 vezes") in page
        assert "leu o QR a tempo" not in page
    detail = text(client.get(f"/whatsapp/{session.pk}/"))
    assert SAID in detail
    assert "%(said)s" not in detail
    support.sign_in(client, make_user("suporte@blu.local", is_staff=True))
    admin = text(client.get(f"/admin/wa_sessions/whatsappsession/{session.pk}/change/"))
    assert "vezes que o WhatsApp pediu a chave de acesso" in admin.lower().replace(
        "whatsapp", "WhatsApp"
    )


def ended(owner: Membership, reason: str, **fields: object) -> WhatsAppSession:
    """A session whose last attempt by a code came to nothing."""
    session = unlinked(owner)
    Pairing.objects.create(
        link=session.link,
        phone="+5511900074100",
        status=Pairing.Status.EXPIRED,
        reason=reason,
        **fields,
    )
    return session


@pytest.mark.parametrize(
    "reason", [Code.TOO_MANY_ATTEMPTS, Code.DATABASE_ERROR, Code.NOBODY_CAME, Code.NONE]
)
def test_only_who_missed_the_code_is_told_to_have_the_phone_at_hand(
    client: Client, owner: Membership, reason: Code
) -> None:
    page = text(client.get(f"/whatsapp/{ended(owner, reason).pk}/conectar/"))
    assert str(reason.label) in page
    missed = reason in (Code.NOBODY_CAME, Code.NONE)
    assert ("quando estiver com o celular na mão" in page) is missed
    assert ("Tentar de novo" in page) is (reason != Code.TOO_MANY_ATTEMPTS)
    assert ("fale com o suporte" in page) is (reason == Code.DATABASE_ERROR)


def test_who_tries_again_need_not_type_the_number_again(client: Client, owner: Membership) -> None:
    session = ended(owner, Code.NOBODY_CAME)
    page = client.get(f"/whatsapp/{session.pk}/conectar/").context
    assert page["form"].initial == {"phone": "(11) 90007-4100"}
    moving = client.get(f"/whatsapp/{session.pk}/conectar/estado/").context
    assert moving["form"].initial == {"phone": "(11) 90007-4100"}


def test_where_a_passkey_is_asked_another_number_is_offered(
    client: Client, owner: Membership
) -> None:
    session = ended(owner, Code.PASSKEY_ASKED, params={"said": "Chave"})
    assert 'href="#id_phone"' in client.get(f"/whatsapp/{session.pk}/conectar/").content.decode()


def test_the_history_says_why_an_attempt_came_to_nothing(client: Client, owner: Membership) -> None:
    session = unlinked(owner)
    pairing = services.request_pairing(session=session, actor=owner.user)
    services.end_pairing(pairing.pk, Pairing.Status.EXPIRED, Code.TOO_MANY_ATTEMPTS)
    assert str(Code.TOO_MANY_ATTEMPTS.label) in text(client.get(f"/whatsapp/{session.pk}/"))
