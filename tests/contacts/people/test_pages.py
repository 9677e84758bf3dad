"""The pages of contacts, topics and segments."""

import pytest
from django.utils.html import strip_tags

from blu.db import bounded_lookup
from contacts import consent, evidence, segments
from contacts import pages as querysets
from contacts.models import Consent, Contact, Segment, Source, State, Subscription, Topic
from tests.factories import (
    make_business,
    make_contact,
    make_membership,
    make_segment,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.django_db


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize(
    "asked", ["lucia", "Lúcia Pra", "98765-4321", "(11) 98765", "+5511987654321"]
)
def test_a_contact_is_found_by_name_without_accents_and_by_phone(client, owner, asked):
    make_contact(owner.business, "Lúcia Prado", phone="+5511987654321")
    make_contact(owner.business, "Otávio", phone="+5521912345678")
    page = text(client.get("/contatos/", {"q": asked}))
    assert "Lúcia Prado" in page
    assert "Otávio" not in page
    assert 'class="pagination"' not in page


def test_the_list_shows_no_other_business(client, owner):
    other = make_business()
    make_contact(other, "De outra empresa")
    topic, segment = make_topic(other), make_segment(other)
    assert "De outra empresa" not in text(client.get("/contatos/", {"q": "outra"}))
    for filters in ({"topic": topic.pk}, {"segment": segment.pk}):
        assert "De outra empresa" not in text(client.get("/contatos/", filters))


def test_the_list_is_narrowed_by_topic_segment_and_tag(client, owner):
    topic = make_topic(owner.business)
    ana = make_contact(owner.business, "Ana", tags=["vip"], attributes={"plano": "Ouro"})
    make_contact(owner.business, "Bia", tags=["novo"], attributes={"plano": "Prata"})
    subscribe(ana, topic)
    gold = make_segment(owner.business, filter={"attributes": {"plano": "Ouro"}})
    for filters in ({"topic": topic.pk}, {"segment": gold.pk}, {"tag": "vip"}):
        page = text(client.get("/contatos/", filters))
        assert ">Ana<" in page
        assert ">Bia<" not in page


def test_pages_follow_each_other_without_gap_or_repetition(owner, monkeypatch):
    monkeypatch.setattr(querysets, "PAGE", 3)
    for n in range(8):
        make_contact(owner.business, f"Pessoa {n}")
    found = querysets.of_business(owner.business)
    pages = [querysets.page(found)]
    while pages[-1].after:
        pages.append(querysets.page(found, after=pages[-1].after))
    names = [contact.name for page in pages for contact in page.rows]
    assert names == [f"Pessoa {n}" for n in reversed(range(8))]
    back = querysets.page(found, before=pages[2].before)
    assert [c.pk for c in back.rows] == [c.pk for c in pages[1].rows]
    assert querysets.page(found, before=back.before).before is None


def test_the_list_tells_who_left_from_who_never_agreed(client, owner):
    topic, other = make_topic(owner.business, "Avisos"), make_topic(owner.business, "Ofertas")
    left, stays, _new = (make_contact(owner.business, name) for name in ("Ana", "Bia", "Caio"))
    for contact in (left, stays):
        subscribe(contact, topic)
    consent.revoke_all(contact=left, source="whatsapp")
    subscribe(stays, other, State.REVOKED)
    caio, bia, ana = text(client.get("/contatos/")).split('class="table__who"')[1:]
    assert "nada ainda" in caio
    assert "Avisos" in bia
    assert "Pediu para sair" not in bia
    assert "Pediu para sair" in ana
    assert "nada ainda" not in ana


def test_the_list_counts_nothing(client, owner, django_assert_max_num_queries):
    for n in range(60):
        make_contact(owner.business, f"Pessoa {n}")
    with django_assert_max_num_queries(20) as queries:
        client.get("/contatos/")
    asked = [q["sql"] for q in queries.captured_queries if "contacts_contact" in q["sql"]]
    assert not any("COUNT(" in sql for sql in asked)


def test_a_contact_is_added_by_hand(client, owner):
    response = client.post(
        "/contatos/novo/",
        {
            "name": " Lúcia  Prado ",
            "phone": "11 8765-4321",
            "birth_date": "1/5/1980",
            "tags": "vip, vip",
        },
    )
    contact = Contact.objects.get()
    assert response.url == contact.business.address("contact_detail", contact.pk)
    assert (contact.business, contact.name) == (owner.business, "Lúcia Prado")
    assert (contact.phone, contact.flags) == ("+5511987654321", ["ninth digit added"])
    assert (str(contact.birth_date), contact.tags) == ("1980-05-01", ["vip"])
    assert "Lúcia" in text(client.get("/contatos/", {"q": "lucia"}))


@pytest.mark.parametrize(
    ("phone", "said"),
    [("98765-4321", "Falta o DDD"), ("11 1234", "não existe"), ("", "Falta o telefone"),
     ("(11) 90000-0001", "Outro contato já tem")],
)  # fmt: skip
def test_a_bad_phone_is_explained_and_nothing_is_saved(client, owner, phone, said):
    make_contact(owner.business, phone="+5511900000001")
    assert said in text(client.post("/contatos/novo/", {"name": "Ana", "phone": phone}))
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"tags": "t" * 41}, "até 40 letras"), ({"tags": ",".join(map(str, range(21)))}, "até 20 etiquetas"),
     ({"birth_date": "31/12/2999"}, "ainda não chegou")],
)  # fmt: skip
def test_what_a_contact_cannot_have_is_refused_and_not_cut(client, owner, typed, said):
    typed = {"name": "Ana", "phone": "11 90000-0001"} | typed
    assert said in text(client.post("/contatos/novo/", typed))
    assert not Contact.objects.exists()


def test_twenty_tags_of_forty_letters_are_kept(client, owner):
    tags = [f"{n:02}".ljust(40, "t") for n in range(20)]
    client.post("/contatos/novo/", {"phone": "11 90000-0001", "tags": ", ".join(tags)})
    assert Contact.objects.get().tags == tags


def test_the_same_phone_may_be_a_contact_of_two_businesses(client, owner):
    make_contact(make_business(), phone="+5511900000001")
    client.post("/contatos/novo/", {"name": "Ana", "phone": "11 90000-0001"})
    assert Contact.objects.filter(business=owner.business).count() == 1


def test_other_data_is_called_as_people_write_it(client, owner):
    data = {"e_mail": "ana@exemplo.com.br", "data_de_cadastro": "01/05/2020"}
    contact = make_contact(owner.business, attributes=data)
    make_segment(owner.business, filter={"attributes": data})
    page = text(client.get(f"/contatos/{contact.pk}/"))
    words = " ".join(strip_tags(page).split())
    assert "E-mail ana@exemplo.com.br" in words
    assert "Data de cadastro 01/05/2020" in words
    assert "Nascimento –" in words
    assert ">E-mail</label>" in text(client.get(f"/contatos/{contact.pk}/editar/"))
    assert "E-mail: ana@exemplo.com.br" in text(client.get("/publicos/"))
    assert "E-mail: ana@exemplo.com.br" in text(client.get("/publicos/novo/"))


def test_editing_keeps_the_number_and_changes_other_data(client, owner):
    contact = make_contact(owner.business, attributes={"plano": "Ouro", "unidade": "Centro"})
    url = f"/contatos/{contact.pk}/editar/"
    assert "Ouro" in text(client.get(url))
    client.post(
        url,
        {
            "name": "Ana",
            "phone": contact.phone,
            "attribute-plano": "Prata",
            "attribute-unidade": "",
        },
    )
    contact.refresh_from_db()
    assert contact.attributes == {"plano": "Prata"}


def test_a_proof_that_is_too_long_is_not_also_called_missing(client, owner):
    topic, contact = make_topic(owner.business), make_contact(owner.business)
    said = {"topic": topic.pk, "state": "granted", "source": "paper", "evidence": "x" * 301}
    page = text(client.post(f"/contatos/{contact.pk}/assunto/", said, follow=True))
    assert "Falta dizer onde está a prova" not in page
    said["evidence"] = ""
    page = text(client.post(f"/contatos/{contact.pk}/assunto/", said, follow=True))
    assert "Falta dizer onde está a prova" in page


def test_what_a_person_told_the_team_is_kept_with_its_proof(client, owner):
    topic, contact = make_topic(owner.business), make_contact(owner.business)
    url = f"/contatos/{contact.pk}/assunto/"
    client.post(
        url, {"topic": topic.pk, "state": "granted", "source": "paper", "evidence": "Ficha 12"}
    )
    proof = Consent.objects.get()
    assert (proof.state, proof.evidence_words, proof.actor) == (
        State.GRANTED,
        "Ficha 12",
        owner.user,
    )
    page = text(client.get(f"/contatos/{contact.pk}/"))
    assert "Ficha 12" in page
    client.post(url, {"topic": topic.pk, "state": "revoked"})
    assert Subscription.objects.get().state == State.REVOKED


def test_the_id_of_a_persons_own_message_is_for_support_and_no_page(client, owner):
    contact = make_contact(owner.business)
    subscribe(contact, make_topic(owner.business))
    stop = "AC0228A95FA0FF761968175A0EC7E9B2"
    consent.revoke_all(contact=contact, source=Source.WHATSAPP, evidence=evidence.message(stop))
    page = text(client.get(f"/contatos/{contact.pk}/"))
    assert "a própria pessoa" in page
    assert stop not in page


def test_a_yes_without_a_proof_is_not_taken(client, owner):
    topic, contact = make_topic(owner.business), make_contact(owner.business)
    url = f"/contatos/{contact.pk}/assunto/"
    page = client.post(url, {"topic": topic.pk, "state": "granted", "source": "paper"}, follow=True)
    assert "onde está a prova" in text(page)
    assert not Consent.objects.exists()


def test_the_team_cannot_bring_back_who_left(client, owner):
    topic, contact = make_topic(owner.business), make_contact(owner.business)
    subscribe(contact, topic)
    consent.revoke(contact=contact, topic=topic, source="whatsapp")
    answer = client.post(
        f"/contatos/{contact.pk}/assunto/",
        {"topic": topic.pk, "state": "granted", "source": "paper", "evidence": "Ficha"},
        follow=True,
    )
    assert "VOLTAR" in text(answer)
    assert Subscription.objects.get().state == State.REVOKED


def test_consent_to_another_business_topic_is_refused(client, owner):
    contact, foreign = make_contact(owner.business), make_topic(make_business())
    client.post(
        f"/contatos/{contact.pk}/assunto/",
        {"topic": foreign.pk, "state": "granted", "source": "paper", "evidence": "Ficha"},
    )
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "page", ["/contatos/{c}/", "/contatos/{c}/editar/", "/assuntos/{t}/", "/publicos/{s}/"]
)
def test_what_belongs_to_another_business_is_not_found(client, owner, page):
    other = make_business()
    ids = {"c": make_contact(other).pk, "t": make_topic(other).pk, "s": make_segment(other).pk}
    assert client.get(page.format(**ids)).status_code == 404
    assert client.post(page.format(**ids), {"name": "x"}).status_code in (404, 405)


@pytest.mark.parametrize(
    "page", ["/contatos/novo/", "/importacoes/nova/", "/assuntos/novo/", "/publicos/novo/"]
)
def test_who_only_looks_changes_nothing(client, page):
    viewer = make_membership(role="viewer")
    client.force_login(viewer.user)
    assert client.get("/contatos/").status_code == 200
    assert client.get(page).status_code == 403


def test_a_topic_is_created_once_by_name(client, owner):
    client.post("/assuntos/novo/", {"name": "Promoções", "description": "Uma por mês"})
    assert "Já existe" in text(client.post("/assuntos/novo/", {"name": "promoções"}))
    assert Topic.objects.get().business == owner.business
    assert "Promoções" in text(client.get("/assuntos/"))


def test_a_segment_keeps_its_conditions_and_counts_live(client, owner):
    topic = make_topic(owner.business, "Avisos")
    for plan in ("Ouro", "Ouro", "Prata"):
        person = make_contact(owner.business, tags=["vip"], attributes={"plano": plan})
        subscribe(person, topic)
    make_contact(owner.business, tags=["vip"], attributes={"plano": "Ouro"})
    asked = {"name": "Ouro vip", "tags": ["vip"], "condition0": '["plano", "Ouro"]'}
    assert ">2<" in text(client.post("/publicos/contagem/", asked))
    client.post("/publicos/novo/", asked)
    segment = Segment.objects.get()
    assert segment.filter == {"tags": ["vip"], "attributes": {"plano": "Ouro"}}
    page = text(client.get(f"/publicos/{segment.pk}/"))
    assert 'value="[&quot;plano&quot;, &quot;Ouro&quot;]" selected' in page


def test_a_segment_offers_the_commonest_values_and_no_remarks(client, owner):
    for n in range(60):
        data = {"cidade": f"Cidade {n}", "plano": "Ouro", "nota": f"Observação {n}"}
        make_contact(owner.business, attributes=data)
    make_contact(owner.business, attributes={"cidade": "Cidade 59", "resumo": "x" * 61})
    names, pairs = querysets.known_attributes(owner.business)
    assert names == ["cidade", "nota", "plano", "resumo"]
    assert {name for name, _value in pairs} == {"cidade", "plano"}
    assert len(pairs) == 51
    assert pairs[0] == ("cidade", "Cidade 59")
    page = text(client.get("/publicos/novo/"))
    assert "Observação" not in page
    assert '<option value="nota">Nota</option>' in page


def test_with_very_many_columns_each_keeps_its_commonest_values(owner):
    columns = {f"coluna_{n:02}": "" for n in range(40)}
    for n in range(20):
        make_contact(owner.business, attributes=dict.fromkeys(columns, f"valor {n}"))
    names, pairs = querysets.known_attributes(owner.business)
    assert names == list(columns)
    assert len(pairs) == 200
    assert {name for name, _value in pairs} == set(columns)


def test_a_value_that_is_not_listed_is_written(client, owner):
    person = make_contact(owner.business, attributes={"nota": "Prefere manhã", "plano": "Ouro"})
    topic = make_topic(owner.business)
    subscribe(person, topic)
    asked = {"name": "Manhã", "condition0": '["plano", "Ouro"]', "other_name": "nota"}
    assert "Falta escrever o valor" in text(client.post("/publicos/novo/", asked))
    asked["other_value"] = " Prefere manhã "
    assert ">1<" in text(client.post("/publicos/contagem/", asked))
    client.post("/publicos/novo/", asked)
    segment = Segment.objects.get()
    assert segment.filter == {"attributes": {"plano": "Ouro", "nota": "Prefere manhã"}}
    wanting = {"name": "Outro", "other_value": "Prefere manhã"}
    assert "de qual dado" in text(client.post("/publicos/novo/", wanting))


def test_a_segment_with_many_conditions_keeps_them_when_it_is_saved_again(client, owner):
    four = {f"dado_{n}": "sim" for n in range(4)}
    segment = make_segment(owner.business, "Quatro", filter={"attributes": four})
    page = text(client.get(f"/publicos/{segment.pk}/"))
    assert page.count(" selected>") == 4
    sent = {f"condition{n}": f'["dado_{n}", "sim"]' for n in range(4)}
    client.post(f"/publicos/{segment.pk}/", {"name": "Quatro"} | sent)
    segment.refresh_from_db()
    assert segment.filter == {"attributes": four}


@pytest.mark.parametrize(
    "asked", [{"text": "Rara"}, {"tag": "rara"}, {"segment": {"attributes": {"plano": "Raro"}}}]
)
def test_few_people_are_looked_up_and_not_walked_to(owner, asked, monkeypatch):
    """The planner would read everybody to find them: 450 ms a tag that nobody has, at a million."""
    for n in range(3):
        make_contact(owner.business, f"Pessoa {n}")
    rare = make_contact(owner.business, "Rara", tags=["rara"], attributes={"plano": "Raro"})
    if "segment" in asked:
        asked = {"segment": make_segment(owner.business, filter=asked["segment"])}
    found = querysets.matching(business=owner.business, **asked)
    assert f'"id" IN ({rare.pk})' in str(found.query)
    assert list(found) == [rare]
    monkeypatch.setattr(bounded_lookup, "MANY", 0)
    found = querysets.matching(business=owner.business, **asked)
    assert '"id" IN' not in str(found.query)
    assert list(found) == [rare]


@pytest.mark.parametrize("path", ["/assuntos/", "/publicos/novo/"])
def test_a_page_does_not_wait_until_very_many_are_counted(client, owner, monkeypatch, path):
    monkeypatch.setattr(segments, "SMALL", 1)
    topic = make_topic(owner.business, "Avisos")
    for _person in range(3):
        subscribe(make_contact(owner.business), topic)
    page = text(client.get(path))
    assert "Contando…" in page
    assert 'hx-trigger="load' in page
    fragment = {"headers": {"HX-Request": "true"}}
    if path == "/assuntos/":
        part = text(client.get(path, **fragment))
        assert "3 pessoas aceitam" in part
    else:
        part = text(client.post("/publicos/contagem/", {"name": ""}, **fragment))
        assert '<strong class="number">3</strong>' in part
    assert "Contando…" not in part
    assert "<html" not in part


def test_a_birthday_is_written_as_people_write_it(client, owner):
    person = make_contact(owner.business)
    address = f"/contatos/{person.pk}/editar/"
    client.post(address, {"name": "Ana", "birth_date": "1/1/80"})
    person.refresh_from_db()
    assert person.birth_date.isoformat() == "1980-01-01"
    page = text(client.post(address, {"name": "Ana", "birth_date": "12/05/0080"}))
    assert "Faz tempo demais" in page
    assert "Esta data não existe" in text(client.post(address, {"birth_date": "31/02/80"}))


def test_what_came_since_a_page_was_drawn_outlasts_its_form(client, owner):
    person = make_contact(owner.business, attributes={"plano": "Ouro", "nota": "x"})
    person.attributes |= {"cidade": "Itu"}
    person.save()
    said = {"name": "Ana", "attribute-plano": "Prata", "attribute-nota": ""}
    client.post(f"/contatos/{person.pk}/editar/", said)
    person.refresh_from_db()
    assert person.attributes == {"plano": "Prata", "cidade": "Itu"}


@pytest.mark.parametrize("asked", ["Dona Lúcia", "Sra. Lúcia", "dr", "011 98765-9701"])
def test_people_are_found_as_a_front_desk_calls_them(client, owner, asked):
    make_contact(owner.business, "Lúcia Drummond", phone="+5511987659701")
    assert "Lúcia Drummond" in text(client.get("/contatos/", {"q": asked}))


def test_two_values_of_one_datum_are_no_condition(client, owner):
    make_contact(owner.business, attributes={"plano": "Ouro"})
    make_contact(owner.business, attributes={"plano": "Prata"})
    said = {"name": "P", "condition0": '["plano", "Ouro"]', "condition1": '["plano", "Prata"]'}
    assert "já tem outro valor aqui" in text(client.post("/publicos/novo/", said))
    assert not Segment.objects.exists()
