"""What a draft keeps: the text with its faults, and whose words when two pages write."""

import re

import pytest

from blu.accounts.refused import Refused
from campaigns import lifecycle
from campaigns.models import Campaign, Notice, Template
from campaigns.notices import self_tests
from tests.factories import (
    make_campaign,
    make_contact,
    make_proven_number,
    make_template,
    subscribe,
)

pytestmark = pytest.mark.django_db
BODY = "Olá, {{nome|tudo bem}}!"
FAULTY = "Olá, {{nome"


@pytest.fixture
def draft(owner):
    make_proven_number(owner)
    draft = make_campaign(owner.business, name="Vacinação", body=BODY)
    subscribe(make_contact(draft.business), draft.topic)
    return draft


def url(campaign: Campaign) -> str:
    return f"/campanhas/{campaign.pk}/escrever/"


def drawn(client, campaign: Campaign) -> dict[str, object]:
    """The composer's form as a new tab draws it."""
    page = client.get(url(campaign)).content.decode()
    return {
        "versao": version_in(page),
        "name": campaign.name,
        "topic": campaign.topic_id,
        "segment": "",
        "session": campaign.session_id,
        "acao": "rascunho",
    }


def version_in(page: str) -> str:
    """The version that the form of a page sends."""
    (version,) = re.findall(r'type="hidden" name="versao"[^>]* value="([^"]+)"', page)
    return version


def write(client, campaign: Campaign, tab: dict[str, object], body: str, **more: object) -> str:
    """What saving says; the tab takes the version that comes with it."""
    values = {**tab, "body": body, **more}
    said = client.post(url(campaign), values, headers={"HX-Request": "true"}).content.decode()
    campaign.refresh_from_db()
    if 'hx-swap-oob="true"' in said:
        tab["versao"] = version_in(said)
    return said


def test_what_one_tab_saves_again_and_again_is_no_conflict(client, draft):
    tab = drawn(client, draft)
    for body in ("Oi", "Oi, tudo", "Oi, tudo bem?"):
        assert "Rascunho salvo" in write(client, draft, tab, body)
        assert draft.body == body


def test_stale_tab_saves_nothing_over_the_newer_words_and_says_so(client, draft):
    old, new = drawn(client, draft), drawn(client, draft)
    write(client, draft, new, "O texto novo")
    said = write(client, draft, old, "O texto velho")
    assert "Ainda não salvo." in said
    assert "em outra aba ou por outra pessoa" in said
    assert draft.body == "O texto novo"
    page = client.post(url(draft), {**old, "body": "O texto velho", "acao": "continuar"})
    assert page.status_code == 409
    assert "O texto velho</textarea>" in page.content.decode()
    assert version_in(page.content.decode()) == old["versao"]
    draft.refresh_from_db()
    assert draft.body == "O texto novo"


def test_person_may_keep_their_own_words_and_the_other_tab_is_stale_then(client, draft):
    old, new = drawn(client, draft), drawn(client, draft)
    write(client, draft, new, "O texto novo")
    assert "Ainda não salvo." in write(client, draft, old, "O texto velho")
    keep_own(client, draft, old, "O texto velho", over=draft.version)
    assert draft.body == "O texto velho"
    assert "Ainda não salvo." in write(client, draft, new, "Mais novo ainda")


def keep_own(client, campaign: Campaign, tab: dict[str, object], body: str, *, over: int) -> str:
    """The button of the warning, which carries the version that it warned of, after the form's own."""
    values = {**tab, "body": body, "versao": [tab["versao"], over], "acao": "salvar"}
    page = client.post(url(campaign), values, follow=True)
    campaign.refresh_from_db()
    return page.content.decode()


def test_keeping_ones_own_words_overwrites_only_what_the_page_warned_of(client, draft):
    old, new = drawn(client, draft), drawn(client, draft)
    write(client, draft, new, "O texto novo")
    said = write(client, draft, old, "O texto velho")
    (warned,) = re.findall(r'<button[^>]* name="versao" value="(\d+)"', said)
    write(client, draft, new, "O texto mais novo")
    assert "foi mudado" in keep_own(client, draft, old, "O texto velho", over=int(warned))
    assert draft.body == "O texto mais novo"


def test_the_button_that_keeps_ones_own_words_needs_no_other_word(client, draft):
    tab = drawn(client, draft)
    client.post(url(draft), {**tab, "body": "Só com a versão", "acao": []})
    draft.refresh_from_db()
    assert draft.body == "Só com a versão"


@pytest.mark.parametrize("late", [False, True])
def test_who_leaves_while_a_saving_is_under_way_loses_no_word(client, draft, late):
    tab = drawn(client, draft)

    def under_way(page: dict[str, object]) -> str:
        return write(client, draft, dict(page), "Bom dia", salva="um")

    if not late:
        under_way(tab)
    write(client, draft, dict(tab), "Bom dia, gente", salva="dois", depois_de="um")
    assert draft.body == "Bom dia, gente"
    if late:
        under_way(tab)
    assert draft.body == "Bom dia, gente"


@pytest.mark.parametrize("named", ["um", "", "\x00", "u" * 33])
def test_a_saving_of_another_page_is_not_ones_own(client, draft, named):
    old, new = drawn(client, draft), drawn(client, draft)
    write(client, draft, new, "O texto novo", salva=named if named != "um" else "dois")
    said = write(client, draft, old, "O texto velho", salva="tres", depois_de=named)
    assert "Ainda não salvo." in said
    assert draft.body == "O texto novo"


def test_same_words_once_more_are_no_change_and_a_first_choice_is_one(client, draft):
    Campaign.objects.filter(pk=draft.pk).update(topic=None)
    topic, tab = draft.topic_id, drawn(client, draft)
    write(client, draft, tab | {"topic": topic}, BODY)
    assert draft.topic_id == topic
    saved = draft.updated_at, draft.version
    assert "Rascunho salvo" in write(client, draft, tab | {"topic": topic}, BODY)
    assert (draft.updated_at, draft.version) == saved


def test_stale_tab_with_the_same_words_has_nothing_to_tell(client, draft):
    old, new = drawn(client, draft), drawn(client, draft)
    write(client, draft, new, "O mesmo texto")
    assert "Rascunho salvo" in write(client, draft, old, "O mesmo texto")


def test_words_that_changed_after_the_last_look_are_not_launched(client, owner, draft, enqueued):
    page = client.get(f"/campanhas/{draft.pk}/confirmar/").content.decode()
    seen = version_in(page)
    write(client, draft, drawn(client, draft), "Outro texto")
    refused = client.post(f"/campanhas/{draft.pk}/lancar/", {"versao": seen}, follow=True)
    assert "O rascunho mudou enquanto esta página estava aberta." in refused.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"
    seen = version_in(refused.content.decode())
    client.post(f"/campanhas/{draft.pk}/lancar/", {"versao": seen})
    draft.refresh_from_db()
    assert draft.status == "launching"


@pytest.mark.parametrize("version", ["", "ontem", "-1", "²", "9" * 18, "9" * 30])
def test_what_is_no_version_overwrites_and_launches_nothing(client, draft, enqueued, version):
    values = drawn(client, draft) | {"versao": version}
    assert "Ainda não salvo." in write(client, draft, values, "Outro")
    assert draft.body == BODY
    client.post(f"/campanhas/{draft.pk}/lancar/", {"versao": version})
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_kept_fault_is_no_conflict_of_the_page_with_itself(client, draft):
    page = client.post(url(draft), {**drawn(client, draft), "body": FAULTY, "acao": "continuar"})
    again = drawn(client, draft) | {"versao": version_in(page.content.decode())}
    assert "Rascunho salvo" in write(client, draft, again, "Corrigido")
    assert draft.body == "Corrigido"


def test_text_with_a_fault_is_kept_and_the_fault_said(client, draft):
    said = write(client, draft, drawn(client, draft), FAULTY)
    assert "Falta corrigir o texto." in said
    assert "faltou fechar" in said
    assert draft.body == FAULTY


def test_text_too_long_to_be_anybodys_work_is_not_kept(client, draft):
    assert "Ainda não salvo." in write(client, draft, drawn(client, draft), "x" * 20_000)
    assert draft.body == BODY


@pytest.mark.parametrize("action", ["testar", "continuar", "guardar"])
def test_text_with_a_fault_leads_nowhere(client, draft, action):
    page = client.post(url(draft), {**drawn(client, draft), "body": FAULTY, "acao": action})
    assert page.status_code == 200
    assert "faltou fechar" in page.content.decode()
    assert not Notice.objects.exists()
    assert not Template.objects.exists()


@pytest.mark.parametrize("faulty", [FAULTY, "x" * 4_097])
def test_kept_fault_is_refused_by_test_and_launch_and_told_on_the_last_page(
    client, owner, draft, faulty
):
    Campaign.objects.filter(pk=draft.pk).update(body=faulty)
    draft.refresh_from_db()
    with pytest.raises(Refused):
        self_tests.send_self_test(campaign=draft, actor=owner.user)
    with pytest.raises(Refused):
        lifecycle.launch(campaign_id=draft.pk, business=draft.business, actor=owner.user)
    page = client.get(f"/campanhas/{draft.pk}/confirmar/").content.decode()
    assert "faltou fechar" in page or "passou do limite" in page
    assert client.get(f"/campanhas/{draft.pk}/testar/").status_code == 200
    assert "field__error" in client.get(url(draft)).content.decode()


@pytest.fixture
def template(draft):
    return make_template(draft.business, name="Convite", body="Venha, {{nome|você}}!")


def test_using_a_template_is_undone_with_one_button_also_after_a_reload(client, draft, template):
    tab = drawn(client, draft)
    write(client, draft, tab, "Escrevi isto agora", acao="modelo", modelo=template.pk)
    assert (draft.body, draft.previous_body) == (template.body, "Escrevi isto agora")
    page = client.get(url(draft)).content.decode()
    assert "Escrevi isto agora" in page
    assert 'value="desfazer"' in page
    write(client, draft, drawn(client, draft), draft.body, acao="desfazer")
    assert (draft.body, draft.previous_body) == ("Escrevi isto agora", "")
    assert 'value="desfazer"' not in client.get(url(draft)).content.decode()


def test_using_no_template_says_so_and_keeps_the_text_in_the_page(client, draft):
    page = write(client, draft, drawn(client, draft), "Escrevi isto", acao="modelo", modelo="")
    assert "Escolha o modelo antes de tocar em Usar." in page
    assert "Escrevi isto" in page


def test_undoing_loses_nothing_of_what_was_written_into_the_template(client, draft, template):
    write(client, draft, drawn(client, draft), BODY, acao="modelo", modelo=template.pk)
    write(client, draft, drawn(client, draft), "Venha! Com um acréscimo.", acao="desfazer")
    assert (draft.body, draft.previous_body) == (BODY, "Venha! Com um acréscimo.")
    write(client, draft, drawn(client, draft), draft.body, acao="desfazer")
    assert (draft.body, draft.previous_body) == ("Venha! Com um acréscimo.", BODY)


def test_a_second_template_keeps_the_persons_own_text(client, draft, template):
    other = make_template(draft.business, body="Outro texto")
    write(client, draft, drawn(client, draft), BODY, acao="modelo", modelo=template.pk)
    write(client, draft, drawn(client, draft), draft.body, acao="modelo", modelo=other.pk)
    assert (draft.body, draft.previous_body) == ("Outro texto", BODY)


def test_who_is_content_with_the_template_puts_the_old_text_away(client, draft, template):
    write(client, draft, drawn(client, draft), BODY, acao="modelo", modelo=template.pk)
    write(client, draft, drawn(client, draft), draft.body, acao="ficar")
    assert (draft.body, draft.previous_body) == (template.body, "")


def test_a_template_takes_no_place_of_what_another_tab_wrote(client, draft, template):
    """Nor does undoing; and what this tab holds stays in it."""
    first, second = drawn(client, draft), drawn(client, draft)
    write(client, draft, first, "Da primeira aba")
    for act in ({"acao": "modelo", "modelo": template.pk}, {"acao": "desfazer"}):
        said = write(client, draft, second, "Da segunda aba", **act)
        assert "Da segunda aba" in said
        assert (draft.body, draft.previous_body) == ("Da primeira aba", "")
    assert "foi mudado" in write(
        client, draft, second, "Da segunda aba", acao="modelo", modelo=template.pk
    )


def test_a_text_too_long_to_be_kept_is_not_put_away(client, draft, template):
    said = write(
        client, draft, drawn(client, draft), "x" * 20_000, acao="modelo", modelo=template.pk
    )
    assert (draft.body, draft.previous_body) == (BODY, "")
    assert "x" * 20_000 in said


def test_a_text_with_a_nul_is_refused_and_not_kept(client, draft):
    answer = client.post(url(draft), drawn(client, draft) | {"body": "oi\0"})
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.body == BODY
