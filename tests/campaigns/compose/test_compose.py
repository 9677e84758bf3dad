"""Writing a draft on the pages: saving, refusing, counting, previewing, testing, launching."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blu.accounts.models import Membership
from blu.db.cached_by_cost import pages
from campaigns.compose import drafts
from campaigns.messages import merge_fields
from campaigns.models import Campaign, Notice, Template
from contacts import segments
from contacts.imports import column_mapping
from contacts.models import Import
from contacts.spreadsheets.header import RESERVED, find_header
from tests import factories
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_membership,
    make_segment,
    make_session,
    make_template,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(owner: Membership) -> Campaign:
    return make_campaign(
        owner.business, name="Vacinação contra a gripe", body="Olá, {{nome|tudo bem}}!"
    )


def url(campaign: Campaign, page: str) -> str:
    return f"{campaign.business.address('campaign_detail', campaign.pk)}{page}/"


def form(campaign: Campaign, **changed: object) -> dict[str, object]:
    values = {
        "name": campaign.name,
        "topic": campaign.topic_id,
        "segment": campaign.segment_id or "",
        "session": campaign.session_id,
        "body": campaign.body,
        "acao": "salvar",
    }
    return values | changed


def test_new_campaign_is_a_draft_with_the_only_topic_and_whatsapp(client, owner):
    topic, session = make_topic(owner.business), make_session(owner.business)
    response = client.post("/campanhas/nova/", {"name": "Agenda"})
    campaign = Campaign.objects.get()
    assert response.url == url(campaign, "escrever")
    assert (campaign.topic, campaign.session, campaign.status) == (topic, session, "draft")
    assert campaign.created_by == owner.user


def test_new_campaign_begins_with_the_text_of_a_template(client, owner):
    template = make_template(owner.business, body="Feliz aniversário, {{nome}}!")
    client.post("/campanhas/nova/", {"name": "Aniversário", "template": template.pk})
    assert Campaign.objects.get().body == "Feliz aniversário, {{nome}}!"


def test_new_campaign_can_not_begin_with_a_foreign_template(client, owner):
    make_template(owner.business)
    foreign = make_template(make_business(), body="segredo")
    response = client.post("/campanhas/nova/", {"name": "Agenda", "template": foreign.pk})
    assert response.status_code == 200
    assert not Campaign.objects.exists()


def test_double_click_begins_one_draft_and_another_day_or_name_another(client, owner):
    for name in ("Agenda", "Agenda", "Aviso"):
        client.post("/campanhas/nova/", {"name": name})
    assert sorted(Campaign.objects.values_list("name", flat=True)) == ["Agenda", "Aviso"]
    Campaign.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    client.post("/campanhas/nova/", {"name": "Agenda"})
    assert Campaign.objects.filter(name="Agenda").count() == 2


def test_draft_that_was_already_written_is_not_taken_for_a_new_one(client, owner):
    client.post("/campanhas/nova/", {"name": "Agenda"})
    Campaign.objects.update(body="Olá!")
    client.post("/campanhas/nova/", {"name": "Agenda"})
    assert Campaign.objects.count() == 2


def test_saving_keeps_what_was_written(client, draft):
    segment = make_segment(draft.business)
    client.post(url(draft, "escrever"), form(draft, body="Oi,\r\n{{nome}}", segment=segment.pk))
    draft.refresh_from_db()
    assert draft.body == "Oi,\n{{nome}}"
    assert draft.segment == segment


def test_incomplete_draft_may_be_saved(client, draft):
    client.post(url(draft, "escrever"), form(draft, topic="", session="", body=""))
    draft.refresh_from_db()
    assert (draft.topic, draft.session, draft.body) == (None, None, "")


def test_text_may_be_as_long_as_the_limit_and_line_ends_count_once(client, draft):
    longest = "é\n" * 2_000 + "x" * 96
    client.post(url(draft, "escrever"), form(draft, body=longest.replace("\n", "\r\n")))
    draft.refresh_from_db()
    assert draft.body == longest
    page = client.post(url(draft, "escrever"), form(draft, body=longest + "yz!")).content.decode()
    assert "O texto passou do limite de 4.096 caracteres: tire 3." in page
    assert "yz!</textarea>" in page


def test_chips_bear_the_titles_of_the_sheet_and_insert_the_keys(client, draft):
    columns = [
        {"index": 0, "title": "Telefone", "field": "phone", "key": ""},
        {"index": 1, "title": " Data  de Nascimento ", "field": "attribute", "key": "data_nasc"},
    ]
    make_contact(draft.business, attributes={"data_nasc": "1/2/1990", "cor_preferida": "azul"})
    for business, title in ((draft.business, ""), (make_business(), "Alheia")):
        told = [columns[0], columns[1] | ({"title": title} if title else {})]
        Import.objects.create(
            business=business, file_name="a.xlsx", status="done", columns={"columns": told}
        )
    page = client.get(url(draft, "escrever")).content.decode()
    chip = page.split('data-insert="data_nasc"')[1].split("</button>")[0]
    assert chip.endswith("Data de Nascimento")
    assert (
        page.split('data-insert="cor_preferida"')[1].split("</button>")[0].endswith("cor preferida")
    )
    assert "Alheia" not in page
    fields = client.post(url(draft, "reservas"), form(draft, body="{{data_nasc}}")).content.decode()
    assert "<strong>Data de Nascimento</strong>" in fields


@pytest.mark.parametrize("button", ["testar", "continuar", "guardar"])
def test_nothing_goes_on_without_a_text_and_the_draft_is_kept(client, draft, button):
    response = client.post(
        url(draft, "escrever"), form(draft, name="Gripe", body=" \r\n ", acao=button)
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert 'id="texto-erro"' in page
    assert re.search(r"Falta (escrever a mensagem antes de|o texto do modelo)", page)
    draft.refresh_from_db()
    assert (draft.name, draft.body) == ("Gripe", "")
    assert not Notice.objects.exists()
    assert not Template.objects.exists()


def test_people_are_counted_while_the_test_page_is_read(client, draft):
    draft.segment = make_segment(draft.business, filter={"tags": ["centro"]})
    draft.save()
    subscribe(make_contact(draft.business, tags=["centro"]), draft.topic)
    page = client.get(url(draft, "testar")).content.decode()
    part = page.split(f'hx-post="{url(draft, "contagem")}"')[1]
    asked = json.loads(part.split("hx-vals='")[1].split("'")[0])
    assert asked == {"topic": str(draft.topic_id), "segment": str(draft.segment_id)}
    pages.clear()
    client.post(url(draft, "contagem"), asked)
    with CaptureQueriesContext(connection) as asked_for:
        assert client.get(url(draft, "confirmar")).status_code == 200
    counts = [one["sql"] for one in asked_for if "COUNT(*)" in one["sql"]]
    # The forecast of so few is made with the page, and so is who of them waits elsewhere; of very many neither is.
    people = [
        sql for sql in counts if "wa_sessions_chat" not in sql and "campaigns_delivery" not in sql
    ]
    assert [sql for sql in people if 'FROM "contacts_contact"' in sql] == []


def test_test_page_leads_back_to_a_text_that_is_missing(client, draft):
    draft.body = ""
    draft.save()
    page = client.get(url(draft, "testar")).content.decode()
    assert "Falta escrever a mensagem antes de testar." in page
    assert "Enviar para mim</button>" not in page
    assert f'button--primary" href="{url(draft, "escrever")}"' in page
    assert url(draft, "confirmar") not in page


def test_wrong_variable_is_refused_with_its_place_and_what_was_typed_stays(client, draft):
    response = client.post(url(draft, "escrever"), form(draft, body="Olá,\n\n  {{nmoe}}!"))
    page = response.content.decode()
    assert "Linha 3, coluna 3: não existe o dado “nmoe”" in page
    assert "{{nmoe}}" in page


def test_a_second_column_of_names_has_a_chip_of_its_own(client, draft):
    header = find_header([["Nome completo", "Nome", "Telefone"]])
    second = header.columns[1]
    make_contact(draft.business, "Ana", attributes={second.key: "Aninha"})
    columns = {"columns": column_mapping.columns_of(header)}
    Import.objects.create(
        business=draft.business, file_name="a.csv", columns=columns, status="done"
    )
    page = client.get(url(draft, "escrever")).content.decode()
    chips = re.findall(r'data-insert="(\w+)">.*?</svg>([^<]+)</button>', page)
    assert [label for key, label in chips if key == "nome_2"] == ["nome 2"]
    assert len({label.lower() for _key, label in chips}) == len(chips)


def test_no_column_is_called_like_what_messages_have_anyway(draft):
    assert merge_fields.known(draft.business).keys() == RESERVED


def test_attribute_of_any_contact_is_a_known_variable(client, draft):
    make_contact(draft.business, attributes={"Plano de Saúde": "Família"})
    client.post(url(draft, "escrever"), form(draft, body="{{plano de saude|seu plano}}"))
    draft.refresh_from_db()
    assert draft.body == "{{plano de saude|seu plano}}"


def test_attribute_of_another_business_is_unknown(client, draft):
    make_contact(make_business(), attributes={"plano": "Família"})
    response = client.post(url(draft, "escrever"), form(draft, body="{{plano}}"))
    assert "não existe o dado “plano”" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "make"), [("topic", make_topic), ("segment", make_segment), ("session", make_session)]
)
def test_foreign_choice_is_refused(client, draft, field, make):
    foreign = make(make_business())
    response = client.post(url(draft, "escrever"), form(draft, **{field: foreign.pk}))
    assert response.status_code == 200
    draft.refresh_from_db()
    assert getattr(draft, field) != foreign


def test_autosave_says_when_it_saved_or_why_it_did_not(client, draft):
    headers = {"HX-Request": "true"}
    good = client.post(
        url(draft, "escrever"), form(draft, body="Oi", acao="rascunho"), headers=headers
    )
    said, fields = good.content.decode().split("<div", 1)
    assert re.fullmatch(r"\s*Rascunho salvo (hoje|ontem) (à 1|às \d+):\d\d\s*", said)
    assert fields.count('hx-swap-oob="true"') == 5
    assert "field__error" not in fields
    bad = client.post(
        url(draft, "escrever"), form(draft, body="{{", acao="rascunho"), headers=headers
    )
    said, fields = bad.content.decode().split('<div id="texto-erro"')
    assert "Falta corrigir o texto." in said
    assert "Linha 1, coluna 1: faltou fechar" in fields
    assert "Linha 1" not in said


def test_fallback_field_is_written_into_the_text(client, draft):
    changed = {"reserva-nome": "você", "reserva-era-nome": "tudo bem"}
    client.post(url(draft, "escrever"), form(draft, **changed))
    draft.refresh_from_db()
    assert draft.body == "Olá, {{nome|você}}!"


def test_untouched_fallback_field_does_not_undo_a_change_in_the_text(client, draft):
    unchanged = {"reserva-nome": "tudo bem", "reserva-era-nome": "tudo bem"}
    client.post(url(draft, "escrever"), form(draft, body="Olá, {{nome|amiga}}!", **unchanged))
    draft.refresh_from_db()
    assert draft.body == "Olá, {{nome|amiga}}!"


def test_template_is_used_and_a_text_is_kept_as_one(client, draft):
    template = make_template(draft.business, name="Convite", body="Venha, {{nome}}!")
    client.post(url(draft, "escrever"), form(draft, acao="modelo", modelo=template.pk))
    draft.refresh_from_db()
    assert draft.body == "Venha, {{nome}}!"
    client.post(url(draft, "escrever"), form(draft, body="Novo texto", acao="guardar"))
    assert Template.objects.get(name=draft.name).body == "Novo texto"


@pytest.mark.parametrize("name", ["Lembrete", "L" * 80])
def test_text_kept_under_a_taken_name_gets_a_free_one_and_replaces_none(client, draft, name):
    for body in ("Um", "Dois", "Dois", "Um"):
        client.post(url(draft, "escrever"), form(draft, name=name, body=body, acao="guardar"))
    kept = {template.name: template.body for template in Template.objects.all()}
    assert kept == {name[:60]: "Um", f"{name[:56]} (2)": "Dois"}


def test_launched_campaign_is_never_rewritten(client, owner):
    launched = make_campaign(owner.business, status="running", body="Saiu assim")
    response = client.post(url(launched, "escrever"), form(launched, body="Outro"))
    assert response.url == owner.business.address("campaign_detail", launched.pk)
    launched.refresh_from_db()
    assert (launched.body, launched.status) == ("Saiu assim", "running")


def test_discarded_draft_is_called_discarded_and_a_launched_campaign_launched(client, owner):
    discarded = make_campaign(owner.business, status="cancelled", launched_at=None)
    page = client.get(url(discarded, "escrever"), follow=True).content.decode()
    assert "Este rascunho foi descartado" in page
    assert "já foi lançada" not in page
    launched = make_campaign(owner.business, status="cancelled")
    page = client.get(url(launched, "escrever"), follow=True).content.decode()
    assert "já foi lançada" in page


def test_saving_a_draft_that_was_launched_meanwhile_changes_nothing(draft):
    seen_as_draft = Campaign.objects.get(pk=draft.pk)
    Campaign.objects.filter(pk=draft.pk).update(status="launching", launched_at=draft.created_at)
    assert not drafts.save(campaign=seen_as_draft, values={"body": "Outro"})
    draft.refresh_from_db()
    assert (draft.body, draft.status) == ("Olá, {{nome|tudo bem}}!", "launching")


def test_count_says_how_many_receive_and_how_many_do_not(client, draft):
    for _each in range(2):
        subscribe(make_contact(draft.business), draft.topic)
    subscribe(make_contact(draft.business), draft.topic, "revoked")
    make_contact(draft.business)
    page = client.post(url(draft, "contagem"), form(draft)).content.decode()
    assert re.search(r">2</strong>\s+pessoas vão receber", page)
    assert "2 ficam de fora" in page


def test_very_many_people_are_counted_after_the_page_is_there(client, draft, monkeypatch):
    monkeypatch.setattr(segments, "SMALL", 1)
    for _ in range(2):
        subscribe(make_contact(draft.business), draft.topic)
    page = client.get(url(draft, "escrever")).content.decode()
    assert "Contando…" in page
    assert 'hx-trigger="load, change from:#id_topic' in page
    assert "<strong" in client.post(url(draft, "contagem"), form(draft)).content.decode()
    page = client.get(url(draft, "escrever")).content.decode()
    assert "Contando…" not in page
    assert "2</strong> pessoas vão receber" in page


def test_without_scripts_the_composer_counts_when_it_is_asked(client, draft, monkeypatch):
    monkeypatch.setattr(segments, "SMALL", 0)
    subscribe(make_contact(draft.business), draft.topic)
    page = client.post(url(draft, "escrever"), form(draft, acao="previa")).content.decode()
    assert "1</strong> pessoa vai receber" in page


def test_count_without_a_topic_asks_for_one(client, draft):
    page = client.post(url(draft, "contagem"), form(draft, topic="")).content.decode()
    assert "Escolha o assunto" in page


def test_count_of_a_foreign_topic_tells_nothing(client, draft):
    foreign = make_topic(make_business())
    subscribe(make_contact(foreign.business), foreign)
    page = client.post(url(draft, "contagem"), form(draft, topic=foreign.pk)).content.decode()
    assert "Escolha o assunto" in page


def people(draft: Campaign) -> None:
    make_contact(draft.business, "Sem assunto")
    subscribe(
        make_contact(draft.business, "Lúcia Prado", attributes={"unidade": "Centro"}), draft.topic
    )
    subscribe(
        make_contact(draft.business, "Wolfeschlegelstein Souza", attributes={"unidade": "Sul"}),
        draft.topic,
    )
    subscribe(make_contact(draft.business, "", attributes={}), draft.topic)


BODY = "Olá, {{nome|tudo bem}}! Unidade {{unidade|mais perto}}."


def test_preview_walks_through_the_people_who_receive_it(client, draft):
    people(draft)
    first = client.post(url(draft, "previa"), form(draft, body=BODY)).content.decode()
    assert "Olá, <mark>Lúcia</mark>! Unidade <mark>Centro</mark>." in first
    assert "1 de 3" in first
    second = client.post(url(draft, "previa"), form(draft, body=BODY, ir="2")).content.decode()
    assert "<mark>Wolfeschlegelstein</mark>" in second
    beyond = client.post(url(draft, "previa"), form(draft, body=BODY, ir="99")).content.decode()
    assert "3 de 3" in beyond


def test_preview_shows_the_footer(client, draft):
    page = client.post(url(draft, "previa"), form(draft)).content.decode()
    assert f"{draft.business.name} · Responda SAIR para não receber mais" in page


def test_worst_cases_are_the_longest_and_the_emptiest(client, draft):
    people(draft)
    page = client.post(url(draft, "previa"), form(draft, body=BODY, piores="1")).content.decode()
    assert "Dados mais longos" in page
    assert "<mark>Wolfeschlegelstein</mark>" in page
    assert "Sem nome e sem unidade" in page
    assert '<mark class="is-fallback">tudo bem</mark>' in page
    assert "Lúcia" not in page


def test_name_that_looks_like_html_or_a_variable_stays_a_name(client, draft):
    subscribe(make_contact(draft.business, "<b>{{unidade}}</b>"), draft.topic)
    page = client.post(url(draft, "previa"), form(draft)).content.decode()
    assert "<mark>&lt;b&gt;{{unidade}}&lt;/b&gt;</mark>" in page


def test_fallbacks_tell_in_how_many_people_the_datum_is_missing(client, draft):
    people(draft)
    page = client.post(url(draft, "reservas"), form(draft, body=BODY)).content.decode()
    assert page.count("falta em 1 pessoa") == 2
    assert 'value="mais perto"' in page


def test_composer_page_works_without_scripts(client, draft):
    people(draft)
    page = client.get(url(draft, "escrever")).content.decode()
    assert re.search(r">3</strong>\s+pessoas vão receber", page)
    assert "<mark>Lúcia</mark>" in page
    shown = client.post(
        url(draft, "escrever"), form(draft, body="{{nome}}", acao="previa", ir="2")
    ).content.decode()
    assert "<mark>Wolfeschlegelstein</mark>" in shown
    draft.refresh_from_db()
    assert draft.body == "Olá, {{nome|tudo bem}}!"


def test_confirmation_tells_who_is_left_out_and_why(client, draft):
    draft.segment = make_segment(draft.business, filter={"tags": ["centro"]})
    draft.save()
    subscribe(make_contact(draft.business, "Lúcia Prado", tags=["centro"]), draft.topic)
    subscribe(make_contact(draft.business), draft.topic)
    subscribe(make_contact(draft.business), draft.topic)
    for _each in range(3):
        subscribe(make_contact(draft.business), draft.topic, "revoked")
    for _each in range(3):
        make_contact(draft.business)
    make_contact(draft.business, "Amélia Nunca Disse")
    make_contact(make_business(), "Alheia")
    page = client.get(url(draft, "confirmar")).content.decode()
    assert "Lançar para 1 pessoa" in page
    assert "Olá, <mark>Lúcia</mark>!" in page
    left_out = page[page.index("quem-fica-fora") :]
    counts = re.findall(r"<dt>([^<]+)<.*?<dd class=\"number\">(\d+)</dd>", left_out, re.DOTALL)
    assert dict(counts) == {
        "Não aceitam mais este assunto": "3",
        "Nunca aceitaram este assunto": "4",
        "Aceitaram, mas não são deste público": "2",
    }
    assert "Amélia Nunca Disse" in left_out
    assert "Alheia" not in left_out


@pytest.mark.parametrize("state", ["offline", "resting", "online"])
def test_healthy_whatsapp_needs_no_warning(client, draft, state):
    factories.change_session(draft.session, state=state)
    assert "Ver o WhatsApp" not in client.get(url(draft, "confirmar")).content.decode()


@pytest.mark.parametrize("state", ["logged_out", "restricted", "conflict"])
def test_unwell_whatsapp_is_warned_of(client, draft, state):
    factories.change_session(draft.session, state=state)
    assert "Ver o WhatsApp" in client.get(url(draft, "confirmar")).content.decode()


def test_what_is_missing_is_said_and_launching_says_it_too(client, draft):
    draft.topic, draft.body = None, ""
    draft.save()
    page = client.get(url(draft, "confirmar")).content.decode()
    assert "Falta escolher o assunto." in page
    assert "Falta escrever a mensagem." in page
    assert "Lançar" not in page.split('class="action-bar"')[1]
    assert page.count("Voltar ao texto") == 1
    response = client.post(url(draft, "lancar"), follow=True)
    assert "Falta escolher o assunto." in response.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_launching_twice_launches_once(client, owner, draft, django_capture_on_commit_callbacks):
    subscribe(make_contact(draft.business), draft.topic)
    with django_capture_on_commit_callbacks() as enqueued:
        first = client.post(url(draft, "lancar"))
        second = client.post(url(draft, "lancar"))
    assert first.url == second.url == draft.business.address("campaign_detail", draft.pk)
    assert len(enqueued) == 1
    draft.refresh_from_db()
    assert (draft.status, draft.launched_by) == ("launching", owner.user)


def test_copy_is_a_draft_of_its_own(client, owner):
    old = make_campaign(owner.business, status="done", body="Texto")
    client.post(url(old, "duplicar"))
    copy = Campaign.objects.exclude(pk=old.pk).get()
    assert (copy.body, copy.status, copy.topic) == ("Texto", "draft", old.topic)


@pytest.mark.parametrize(
    "page", ["escrever", "previa", "contagem", "reservas", "testar", "confirmar", "lancar"]
)
def test_foreign_draft_is_not_found(client, owner, page):
    foreign = make_campaign(make_business())
    below_own_slug = f"/campanhas/{foreign.pk}/{page}/"
    assert client.post(below_own_slug, form(foreign)).status_code in (404, 405)
    assert client.get(below_own_slug).status_code in (404, 405)
    foreign.refresh_from_db()
    assert foreign.status == "draft"


@pytest.mark.parametrize("page", ["escrever", "testar", "confirmar", "lancar", "duplicar"])
def test_viewer_writes_and_launches_nothing(client, draft, page):
    client.force_login(make_membership(draft.business, "viewer").user)
    assert client.post(url(draft, page), form(draft, body="Outro")).status_code == 403
    draft.refresh_from_db()
    assert (draft.status, draft.body) == ("draft", "Olá, {{nome|tudo bem}}!")


def test_discarded_draft_can_not_be_launched(client, draft):
    subscribe(make_contact(draft.business), draft.topic)
    assert client.post(url(draft, "cancelar")).url == draft.business.address("campaign_list")
    page = client.post(url(draft, "lancar"), follow=True).content.decode()
    assert "Duplique para lançar de novo" in page
    draft.refresh_from_db()
    assert draft.status == "cancelled"


def test_a_page_that_showed_a_draft_cancels_no_campaign_that_was_launched_since(client, draft):
    page = client.get(url(draft, "escrever")).content.decode()
    assert 'type="hidden" name="rascunho"' in page
    subscribe(make_contact(draft.business), draft.topic)
    client.post(url(draft, "lancar"))
    said = client.post(url(draft, "cancelar"), {"rascunho": "1"}, follow=True).content.decode()
    assert "Esta campanha já foi lançada" in said
    draft.refresh_from_db()
    assert draft.status in ("launching", "running")


def test_the_back_key_shows_no_draft_that_was_launched(client, draft):
    for page in ("escrever", "confirmar"):
        assert "no-store" in client.get(url(draft, page)).headers["Cache-Control"]
