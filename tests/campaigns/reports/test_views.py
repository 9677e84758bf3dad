"""Watching a campaign on the pages: progress, brake, recipients, one person, templates."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from blu.db.cached_by_cost import pages
from blu.web import dates
from campaigns.models import Campaign, Delivery, Reply, Template
from campaigns.reports import pages as querysets
from contacts import consent
from contacts.evidence import message
from tests import hours
from tests.clients import Client
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
    make_template,
)

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def url(campaign: Campaign, page: str = "") -> str:
    return f"{campaign.business.address('campaign_detail', campaign.pk)}{page}"


def test_list_shows_state_and_progress_and_no_foreign_campaign(client, owner, running):
    make_delivery(running, status="read")
    make_campaign(make_business(), name="De outra empresa")
    page = client.get("/campanhas/").content.decode()
    assert "Agenda de dezembro" in page
    assert "Enviando" in page
    assert "1 de 3 enviados" in page
    assert "De outra empresa" not in page


def test_list_goes_on_by_keyset(client, owner):
    campaigns = [
        make_campaign(owner.business, name=f"Número {n:03}", session=None, topic=None)
        for n in range(52)
    ]
    first = client.get("/campanhas/").content.decode()
    assert "Número 051" in first
    assert "Número 001" not in first
    second = client.get(f"/campanhas/?depois={campaigns[2].pk}").content.decode()
    assert "Número 001" in second
    assert "Número 002" not in second


def test_draft_leads_to_the_composer(client, owner):
    draft = make_campaign(owner.business)
    assert client.get(url(draft)).url == url(draft, "escrever/")


def test_detail_shows_the_funnel_on_one_base(client, running):
    for status in ("queued", "sent", "read"):
        make_delivery(running, status=status)
    page = client.get(url(running)).content.decode()
    assert 'max="3" value="2" aria-label="Enviados: 2 (67\N{NO-BREAK SPACE}%)"' in page
    assert 'max="3" value="1" aria-label="Lidos: 1 (33\N{NO-BREAK SPACE}%)"' in page
    assert 'max="3" value="1" aria-label="Na fila: 1"' in page


def test_progress_asks_again_while_something_moves_and_stops_at_the_end(client, owner, running):
    make_delivery(running)
    assert (
        "data-poll"
        in client.get(url(running, "andamento/?seen=running"), headers=PART).content.decode()
    )
    done = make_campaign(owner.business, status="done", ended_at=timezone.now())
    make_delivery(done, status="read")
    assert (
        "data-poll"
        not in client.get(url(done, "andamento/?seen=done"), headers=PART).content.decode()
    )


def test_progress_reloads_the_page_when_the_campaign_changed_state(client, running):
    response = client.get(url(running, "andamento/?seen=launching"), headers=PART)
    assert response.headers["HX-Refresh"] == "true"


def test_progress_brings_the_counts_of_the_tabs_along(client, running):
    for status in ("queued", "sent", "failed"):
        make_delivery(running, status=status)
    part = client.get(url(running, "andamento/?situacao=failed&q=ana"), headers=PART)
    tabs = part.content.decode().split('id="situacoes"')[1]
    assert 'hx-swap-oob="true"' in tabs
    assert 'Enviados <span class="number">1</span>' in tabs
    assert 'aria-current="page">Falharam <span class="number">1</span>' in tabs
    assert "?situacao=queued&amp;q=ana" in tabs
    assert "hx-swap-oob" not in client.get(url(running)).content.decode()


def test_pause_resume_and_cancel(client, running):
    client.post(url(running, "pausar/"))
    running.refresh_from_db()
    assert running.status == "paused"
    assert running.paused_at is not None
    said = f"pausou esta campanha {hours.at(running.paused_at)}"
    assert re.search(said, client.get(url(running)).content.decode())
    client.post(url(running, "retomar/"))
    running.refresh_from_db()
    assert running.status == "running"
    client.post(url(running, "cancelar/"))
    running.refresh_from_db()
    assert running.status == "cancelled"


@pytest.mark.parametrize("recipients", [3, 1_000_000])
def test_page_after_a_cancel_tells_the_final_counts_at_once(client, running, recipients):
    Campaign.objects.filter(pk=running.pk).update(recipients=recipients)
    for status in ("read", "queued", "queued"):
        make_delivery(running, status=status)
    client.get(url(running))
    client.post(url(running, "cancelar/"))
    waiting = Delivery.objects.filter(campaign=running, status="queued").count()
    assert waiting == (0 if recipients == 3 else 2)
    part = client.get(url(running, "andamento/?seen=cancelled"), headers=PART).content.decode()
    assert '<dt>Cancelados</dt><dd class="number">2</dd>' in part
    assert 'aria-label="Na fila: 0"' in part
    assert "data-poll" not in part
    tab = client.get(url(running, "destinatarios/?situacao=cancelled"), headers=PART)
    shown = tab.content.decode()
    assert shown.count("Cancelado</span>") == 2
    assert "Na fila" not in shown


def test_cancel_dialog_tells_the_numbers(client, running):
    make_delivery(running, status="sent")
    make_delivery(running)
    page = client.get(url(running)).content.decode()
    assert "1 pessoas já receberam" in page or "1 pessoa já recebeu" in page
    assert "isso não volta" in page


@pytest.mark.parametrize("act", ["pausar/", "retomar/", "cancelar/"])
def test_who_presses_twice_is_told_of_no_fault(client, running, act):
    if act == "retomar/":
        client.post(url(running, "pausar/"))
    client.post(url(running, act))
    page = client.post(url(running, act), follow=True).content.decode()
    assert "notice--danger" not in page.split("<template")[0]


def test_what_can_not_be_done_is_explained(client, owner):
    done = make_campaign(owner.business, status="done", ended_at=timezone.now())
    page = client.post(url(done, "pausar/"), follow=True).content.decode()
    assert "Só uma campanha em andamento pode ser pausada." in page


@pytest.mark.parametrize("page", ["pausar/", "retomar/", "cancelar/"])
def test_viewer_and_stranger_touch_no_brake(client, running, page):
    client.force_login(make_membership(running.business, "viewer").user)
    assert client.post(url(running, page)).status_code == 403
    client.force_login(make_membership().user)
    assert client.post(url(running, page)).status_code == 404
    running.refresh_from_db()
    assert running.status == "running"


def test_viewer_sees_no_button_that_acts(client, running):
    client.force_login(make_membership(running.business, "viewer").user)
    page = client.get(url(running)).content.decode()
    assert "Pausar" not in page
    assert "Cancelar campanha" not in page


def names(client: Client, campaign: Campaign, query: str) -> list[str]:
    page = client.get(url(campaign, f"destinatarios/{query}"), headers=PART).content.decode()
    return [
        piece.split("<small")[0].split(">")[-1].strip()
        for piece in page.split('class="table__who"')[1:]
    ]


def people(campaign: Campaign) -> None:
    for name, status in (
        ("Lúcia Prado", "read"),
        ("João Müller", "failed"),
        ("Dalva Bittencourt", "uncertain"),
        ("Sebastião Cavalcanti", "queued"),
    ):
        make_delivery(campaign, make_contact(campaign.business, name), status=status)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Lúcia Prado", "João Müller", "Sebastião Cavalcanti"]),
        ("?situacao=failed", ["João Müller"]),
        ("?situacao=queued", ["Sebastião Cavalcanti"]),
        ("?situacao=sent", ["Lúcia Prado"]),
        (
            "?situacao=inventada",
            ["Lúcia Prado", "João Müller", "Sebastião Cavalcanti"],
        ),
        ("?q=lucia", ["Lúcia Prado"]),
        ("?q=Mull", ["João Müller"]),
        ("?q=lucia&situacao=failed", []),
        ("?q=%23%26", []),
    ],
)
def test_recipients_by_situation_and_search(client, running, query, found):
    people(running)
    assert names(client, running, query) == found


def test_tabs_lead_to_those_whom_it_reached_and_to_those_who_left(client, running, monkeypatch):
    people(running)
    left = make_delivery(running, make_contact(running.business, "Neide"), status="delivered")
    answered(left, "stop", "SAIR", 1)
    stranger = make_delivery(make_campaign(running.business, status="running"), status="read")
    answered(stranger, "stop", "SAIR", 1)
    page = client.get(url(running, "destinatarios/"), headers=PART).content.decode()
    assert 'Entregues <span class="number">2</span>' in page
    assert 'Saíram <span class="number">1</span>' in page
    assert names(client, running, "?situacao=delivered") == ["Lúcia Prado", "Neide"]
    assert names(client, running, "?situacao=left") == ["Neide"]
    monkeypatch.setattr(querysets, "keys_if_few", lambda *_rows: None)
    assert names(client, running, "?situacao=left") == ["Neide"]


def test_recipient_is_found_by_any_way_of_writing_the_number(client, running):
    make_delivery(running, make_contact(running.business, "Ana", phone="+5511987654321"))
    make_delivery(running)
    for written in ("(11) 98765-4321", "987654321", "8765-4321", "11 98765"):
        assert names(client, running, f"?q={written}") == ["Ana"]


@pytest.mark.parametrize("query", ["?", "?situacao=failed&"])
def test_recipients_go_forth_and_back_by_keyset(client, running, query):
    status = "failed" if "failed" in query else "queued"
    rows = [
        make_delivery(running, make_contact(running.business, f"P{n:03}"), status=status)
        for n in range(103)
    ]
    keys = [row.pk if status == "failed" else row.contact_id for row in rows]
    assert names(client, running, query) == [f"P{n:03}" for n in range(50)]
    assert names(client, running, f"{query}depois={keys[49]}") == [
        f"P{n:03}" for n in range(50, 100)
    ]
    assert names(client, running, f"{query}depois={keys[99]}") == ["P100", "P101", "P102"]
    assert names(client, running, f"{query}antes={keys[100]}") == [
        f"P{n:03}" for n in range(50, 100)
    ]
    page = client.get(
        url(running, f"destinatarios/{query}antes={keys[50]}"), headers=PART
    ).content.decode()
    assert "Anterior" not in page
    assert f"depois={keys[49]}" in page


def test_plain_visit_of_the_list_lands_on_the_campaign(client, running):
    response = client.get(url(running, "destinatarios/?situacao=failed"))
    assert response.url == url(running, "?situacao=failed#destinatarios")


def answered(delivery: Delivery, kind: str, text: str, minutes: int) -> None:
    at = timezone.now() + timedelta(minutes=minutes)
    Reply.objects.create(
        business_id=delivery.business_id,
        session_id=delivery.session_id,
        message_id=f"in-{delivery.pk}-{minutes}",
        phone=delivery.phone,
        contact=delivery.contact,
        delivery=delivery,
        kind=kind,
        text=text,
        at=at,
    )
    Delivery.objects.filter(pk=delivery.pk).update(replied_at=at)


def test_person_who_asked_to_leave_is_shown_as_such_and_not_as_an_answer(client, running):
    left, glad = (make_delivery(running, status="read") for _person in range(2))
    answered(left, "stop", "PARAR", 1)
    answered(left, "message", "Obrigada", 2)
    answered(glad, "message", "Quero!", 1)
    page = client.get(url(running, "destinatarios/"), headers=PART).content.decode()
    gone, replied = page.split('class="table__who"')[1:]
    assert "Pediu para sair" in gone
    assert "Obrigada" in gone
    assert "Respondeu" not in gone
    assert "badge--replied" not in gone
    assert "Respondeu" in replied
    story = client.get(url(running, f"destinatarios/{left.pk}/")).content.decode()
    assert "badge--replied" not in story
    sent = client.get(f"/contatos/{left.contact_id}/envios/").content.decode()
    assert "Pediu para sair" in sent


def test_person_who_came_back_is_shown_as_such_everywhere(client, running):
    row = make_delivery(running, status="read")
    answered(row, "stop", "SAIR", -20)
    consent.revoke_all(contact=row.contact, source="whatsapp")
    consent.grant_back(contact=row.contact, source="whatsapp", evidence=message("A1"))
    for page in ("destinatarios/", f"destinatarios/{row.pk}/"):
        shown = client.get(url(running, page), headers=PART).content.decode()
        assert "Voltou</span>" in shown
        assert "badge--skipped" not in shown
    assert "· 1 voltou" in client.get(url(running)).content.decode()
    consent.revoke_all(contact=row.contact, source="whatsapp")
    pages.clear()
    shown = client.get(url(running, "destinatarios/"), headers=PART).content.decode()
    assert "Pediu para sair" in shown
    assert "voltou" not in client.get(url(running)).content.decode()


def test_time_and_words_of_an_answer_are_of_the_same_reply(client, running):
    row = make_delivery(running, status="read")
    for minutes, words in ((2, "Primeira"), (26 * 60, "Segunda")):
        answered(row, "message", words, minutes)
    second = Reply.objects.get(text="Segunda")
    Delivery.objects.filter(pk=row.pk).update(replied_at=Reply.objects.get(text="Primeira").at)
    shown = client.get(url(running, "destinatarios/"), headers=PART).content.decode()
    cells = shown.split('class="table__who"')[1]
    assert "Segunda" in cells
    assert dates.when(second.at) in cells


def test_person_without_a_name_is_said_to_have_none(client, running):
    nameless = make_delivery(running, make_contact(running.business, "", phone="+5511987654321"))
    assert names(client, running, "") == ["Sem nome"]
    story = client.get(url(running, f"destinatarios/{nameless.pk}/")).content.decode()
    assert "Sem nome" in story.split("<h1")[1].split("</h1>")[0]
    assert "(11) 98765-4321" in story
    answered(nameless, "message", "Quem é?", 1)
    inbox = client.get("/respostas/").content.decode()
    assert "<strong>Sem nome" in inbox
    assert "(11) 98765-4321" in inbox


def test_person_of_another_campaign_or_business_is_not_found(client, owner, running):
    mine = make_delivery(make_campaign(owner.business, status="running"))
    foreign = make_delivery(make_campaign(make_business(), status="running"))
    for delivery in (mine, foreign):
        assert client.get(url(running, f"destinatarios/{delivery.pk}/")).status_code == 404
    for page in ("", "andamento/", "destinatarios/", "planilha/", "planilha.xlsx"):
        assert client.get(f"/campanhas/{foreign.campaign_id}/{page}").status_code == 404


def test_contact_fragment_lists_what_the_contact_was_sent(client, running):
    contact = make_contact(running.business)
    make_delivery(running, contact, status="delivered")
    page = client.get(f"/contatos/{contact.pk}/envios/").content.decode()
    assert "Agenda de dezembro" in page
    assert "Entregue" in page
    assert "<html" not in page
    foreign = make_contact(make_business())
    assert client.get(f"/contatos/{foreign.pk}/envios/").status_code == 404


def test_template_is_written_changed_copied_and_thrown_away(client, owner):
    client.post("/modelos/novo/", {"name": "Lembrete", "body": "Oi, {{nome}}"})
    template = Template.objects.get()
    assert template.business == owner.business
    client.post(f"/modelos/{template.pk}/", {"name": "Lembrete", "body": "Olá, {{nome}}"})
    client.post(f"/modelos/{template.pk}/duplicar/")
    client.post(f"/modelos/{template.pk}/duplicar/")
    names = sorted(Template.objects.values_list("name", "body"))
    assert names == [
        ("Lembrete", "Olá, {{nome}}"),
        ("Lembrete (cópia 2)", "Olá, {{nome}}"),
        ("Lembrete (cópia)", "Olá, {{nome}}"),
    ]
    client.post(f"/modelos/{template.pk}/apagar/")
    assert not Template.objects.filter(pk=template.pk).exists()


def test_only_a_text_that_was_used_may_be_in_campaigns_already(client, owner):
    words = "Campanhas já escritas não mudam."
    assert words not in client.get("/modelos/novo/").content.decode()
    assert words in client.get(f"/modelos/{make_template(owner.business).pk}/").content.decode()


def test_wrong_variable_in_a_template_is_refused_with_its_place(client, owner):
    page = client.post(
        "/modelos/novo/", {"name": "Lembrete", "body": "\n  Oi, {{nome"}
    ).content.decode()
    assert "Linha 2, coluna 7: faltou fechar" in page
    assert not Template.objects.exists()


def test_two_templates_have_two_names(client, owner):
    make_template(owner.business, name="Lembrete")
    page = client.post("/modelos/novo/", {"name": "LEMBRETE", "body": "x"}).content.decode()
    assert "Já existe um modelo com este nome" in page


@pytest.mark.parametrize("page", ["", "duplicar/", "apagar/"])
def test_foreign_template_is_not_found(client, owner, page):
    foreign = make_template(make_business())
    assert (
        client.post(f"/modelos/{foreign.pk}/{page}", {"name": "x", "body": "x"}).status_code == 404
    )
    foreign.refresh_from_db()
    assert Template.objects.count() == 1
