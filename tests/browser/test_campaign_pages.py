"""The campaign pages as people see and use them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import APIResponse, Page, Route, expect

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, NumberProof, Reply
from sessions.events import Address, Incoming, Text
from tests.browser.looking import (
    HEAVIEST,
    Look,
    check_everywhere,
    cut_rings,
    offenders,
    small_targets,
    too_heavy,
    weight,
)
from tests.eventually import eventually
from tests.factories import (
    make_campaign,
    make_contact,
    make_delivery,
    make_segment,
    make_session,
    make_template,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.browser

BODY = "Olá, {{nome|tudo bem}}!\n\nA vacina chegou na unidade {{unidade|mais perto}}."
LONG = "Maria Aparecida do Nascimento Cavalcanti de Albuquerque"


@pytest.fixture
def draft(owner: Membership) -> Campaign:
    topic = make_topic(owner.business, "Agenda e avisos")
    for name, unit in (("Lúcia Prado", "Centro"), ("Wolfeschlegelstein Souza", "Sul"), ("", "")):
        attributes = {"unidade": unit} if unit else {}
        subscribe(make_contact(owner.business, name, attributes=attributes), topic)
    make_contact(owner.business, "Nunca Disse")
    make_segment(owner.business, "Só o Centro", filter={"attributes": {"unidade": "Centro"}})
    make_template(owner.business, name="Convite", body="Venha, {{nome|você}}!")
    session = make_session(owner.business, name="Recepção")
    return make_campaign(owner.business, name="Vacinação", topic=topic, session=session, body=BODY)


@pytest.fixture
def running(owner: Membership) -> Campaign:
    now = timezone.now()
    campaign = make_campaign(
        owner.business,
        status="running",
        launched_by=owner.user,
        launched_at=now - timedelta(minutes=30),
        recipients=6,
    )
    for name, status in (
        (LONG, "sending"),
        ("Lúcia Prado", "read"),
        ("Cláudio Jordão", "delivered"),
        ("Wanderley Souza", "failed"),
        ("Dalva Bittencourt", "uncertain"),
        ("Sebastião Cavalcanti", "queued"),
    ):
        make_delivery(campaign, make_contact(owner.business, name), status=status)
    return campaign


def make_replies(campaign: Campaign) -> None:
    delivery = Delivery.objects.get(campaign=campaign, status="read")
    for n, (kind, text) in enumerate((("message", "Quero sim! Pode ser dia 3?"), ("stop", "SAIR"))):
        Reply.objects.create(
            business=campaign.business,
            session=campaign.session,
            message_id=f"in-{n}",
            phone=delivery.phone,
            contact=delivery.contact,
            delivery=delivery,
            kind=kind,
            text=text,
            at=timezone.now(),
        )


def body_of(draft: Campaign) -> str:
    """What the database has of a text by now."""
    return Campaign.objects.get(pk=draft.pk).body


def settled(page: Page) -> Page:
    """Nothing is being asked of the server any more."""
    page.wait_for_load_state("networkidle")
    return page


STEPS = ("escrever/", "testar/", "testar/numero/", "confirmar/")
PAGES = ("/campanhas/", "/campanhas/nova/", "/modelos/", "/modelos/novo/", "/respostas/")


def test_steps_of_the_way_to_a_launch_are_for_everyone(look: Look, owner, draft) -> None:
    steps = look.each([f"/campanhas/{draft.pk}/{step}" for step in STEPS], owner.user)
    assert offenders(map(settled, steps), small_targets, too_heavy) == []


def test_pages_of_campaigns_are_for_everyone_while_empty(look: Look, owner) -> None:
    assert offenders(look.each(PAGES, owner.user)) == []


def test_pages_of_campaigns_are_for_everyone_when_full(look: Look, owner, running) -> None:
    make_replies(running)
    make_template(owner.business)
    pages = look.each(PAGES, owner.user)
    assert offenders(pages, small_targets, cut_rings, too_heavy) == []


def test_a_campaign_under_way_and_its_people_are_for_everyone(look: Look, owner, running) -> None:
    make_replies(running)
    page = look(f"/campanhas/{running.pk}/", owner.user)
    check_everywhere(page)
    assert list(small_targets(page)) == []
    assert weight(page) < HEAVIEST
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Cancelar campanha").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("isso não volta")
    people = [
        f"/campanhas/{running.pk}/destinatarios/{row.pk}/" for row in running.deliveries.all()
    ]
    reply = Reply.objects.first()
    assert offenders(look.each([*people, f"/respostas/?resposta={reply.pk}"], owner.user)) == []


def test_an_edited_reply_and_a_person_without_a_number(look: Look, owner, running) -> None:
    outbox, now = LedgerOutbox(), timezone.now()
    row = running.deliveries.first()
    for chat, message_id, text, edited in (
        (Address(row.phone), "A1", "Quero sim, pode marcar para quinta às 10?", False),
        (Address(row.phone), "A1", "Quero sim, mas pode ser na sexta?", True),
        (Address(username="lucia.prado"), "A2", "Oi! Vocês ainda têm horário amanhã?", False),
        (Address(lid="90017"), "A3", "Quem são vocês?", False),
        (Address(lid="90017"), "A3", "SAIR", True),
    ):
        outbox.record_event(
            running.session_id, Incoming(chat, message_id, Text(text), now, edited=edited)
        )
    paths = [f"/respostas/?aba=all&resposta={reply.pk}#conversa" for reply in Reply.objects.all()]
    assert len(paths) > 1
    assert offenders(look.each(paths, owner.user), small_targets) == []


def test_preview_follows_the_typing_and_the_draft_saves_itself(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    bubble = page.locator("#chat .bubble")
    expect(bubble).to_contain_text("Olá, Lúcia!")
    page.get_by_label("Texto", exact=True).fill("Bom dia, {{nome|você}}!")
    expect(bubble).to_contain_text("Bom dia, Lúcia!")
    expect(page.locator("#reservas").get_by_label("unidade")).to_have_count(0)
    expect(page.locator("#salvo")).to_contain_text("Rascunho salvo")
    eventually(lambda: body_of(draft) == "Bom dia, {{nome|você}}!")


def test_text_is_saved_by_who_leaves_before_the_pause_is_over(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    page.get_by_label("Texto", exact=True).fill("Até amanhã!")
    page.goto(page.url.replace(f"/{draft.pk}/escrever/", "/"))
    eventually(lambda: body_of(draft) == "Até amanhã!")


def test_half_written_variable_is_kept_and_said_beside_the_text(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    text, error = page.get_by_label("Texto", exact=True), page.locator("#texto-erro")
    text.fill("Bom dia, {{nome")
    expect(error).to_contain_text("Linha 1, coluna 10: faltou fechar")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#salvo")).to_contain_text("Falta corrigir o texto.")
    draft.refresh_from_db()
    assert draft.body == "Bom dia, {{nome"
    text.fill("Bom dia, {{nome}}")
    expect(error).to_be_hidden()
    expect(text).not_to_have_attribute("aria-invalid", "true")


def test_tab_left_behind_is_told_and_overwrites_only_when_asked(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Texto", exact=True).fill("Da outra aba")
    expect(other.locator("#salvo")).to_contain_text("Rascunho salvo")
    eventually(lambda: body_of(draft) == "Da outra aba")
    page.get_by_label("Texto", exact=True).fill("Desta aba")
    expect(page.locator("#mudou")).to_contain_text(re.compile("foi mudado (hoje|ontem)"))
    expect(page.locator("#salvo")).to_contain_text("Ainda não salvo.")
    expect(page.locator("[data-fetch-error]")).to_have_count(0)
    look.complaints.clear()  # the browser's own word on the 409
    draft.refresh_from_db()
    assert draft.body == "Da outra aba"
    page.get_by_role("button", name="Salvar o que está aqui").click()
    expect(page.locator(".messages")).to_contain_text("Rascunho salvo.")
    draft.refresh_from_db()
    assert draft.body == "Desta aba"


def test_button_pressed_while_the_page_saves_is_no_conflict_with_itself(
    look: Look, owner, draft
) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    saved: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if "rascunho" in (route.request.post_data or "") and not saved:
            saved.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/escrever/", hold)
    text = page.get_by_label("Texto", exact=True)
    text.fill("Bom dia!")
    eventually(lambda: page.evaluate("1") and saved)
    text.fill("Bom dia, gente!")
    page.get_by_role("button", name="Continuar").click()
    route, answer = saved[0]
    route.fulfill(response=answer)
    expect(page).to_have_url(re.compile("/testar/"))
    assert body_of(draft) == "Bom dia, gente!"


def test_who_leaves_while_the_page_saves_loses_no_word(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    saved: list[APIResponse] = []

    def hold(route: Route) -> None:
        if "rascunho" in (route.request.post_data or "") and not saved:
            saved.append(route.fetch())  # and the page never hears of it
        else:
            route.continue_()

    page.route("**/escrever/", hold)
    text = page.get_by_label("Texto", exact=True)
    text.fill("Bom dia!")
    eventually(lambda: page.evaluate("1") and saved)
    text.fill("Bom dia, gente!")
    page.goto(page.url.replace(f"/{draft.pk}/escrever/", "/"))
    eventually(lambda: body_of(draft) == "Bom dia, gente!")


def test_error_of_a_page_that_came_back_goes_when_it_is_mended(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    name = page.get_by_label("Nome da campanha")
    name.fill("")
    page.get_by_label("Texto", exact=True).fill("{{nome|a|b}}")
    page.get_by_role("button", name="Continuar").click()
    expect(page.locator(".field__error")).to_have_count(2)
    name.click()  # writes into what is drawn, as people do
    name.fill("Vacinas")
    page.get_by_label("Texto", exact=True).fill("{{nome|a}}")
    expect(page.locator(".field__error")).to_have_count(0)
    expect(name).not_to_have_attribute("aria-invalid", "true")
    new = look("/modelos/novo/", owner.user)
    new.get_by_role("button", name="Salvar modelo").click()
    expect(new.locator("#texto-erro")).to_contain_text("Falta o texto do modelo.")
    new.get_by_label("Texto", exact=True).click()
    new.get_by_label("Texto", exact=True).fill("Oi")
    expect(new.locator("#texto-erro")).to_be_hidden()


def test_length_of_the_text_is_told_when_it_comes_near_the_limit(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user, width=375)
    text, counter = page.get_by_label("Texto", exact=True), page.locator("#texto-conta")
    expect(counter).to_be_hidden()
    text.fill("é" * 3_000 + "😀" * 700)
    expect(counter).to_have_text("3.700 de 4.096 caracteres")
    text.fill("é" * 4_100)
    expect(counter).to_have_text("4 a mais que o limite de 4.096 caracteres")
    expect(page.locator("#texto-erro")).to_contain_text("tire 4.")
    check_everywhere(page)


def test_variables_and_formatting_go_where_the_cursor_is(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    text = page.get_by_label("Texto", exact=True)
    text.fill("Olá, !")
    text.evaluate("field => field.setSelectionRange(5, 5)")
    page.get_by_role("button", name="nome", exact=True).click()
    expect(text).to_have_value("Olá, {{nome}}!")
    text.evaluate("field => field.setSelectionRange(0, 3)")
    page.get_by_role("button", name="Negrito").click()
    expect(text).to_have_value("*Olá*, {{nome}}!")
    page.get_by_role("button", name="Lista").click()
    expect(text).to_have_value("- *Olá*, {{nome}}!")
    page.keyboard.press("Control+z")
    expect(text).to_have_value("*Olá*, {{nome}}!")
    expect(page.locator("#chat strong")).to_have_text(["Clínica Horizonte", "Olá"])


def test_fallback_beside_the_text_is_written_into_it(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    field = page.locator("#reserva-unidade")
    field.press("End")
    field.press_sequentially(" de você")
    expect(page.get_by_label("Texto", exact=True)).to_have_value(
        BODY.replace("mais perto", "mais perto de você")
    )
    expect(field).to_be_focused()
    page.get_by_label("Piores casos").check()
    expect(page.locator("#chat .is-fallback").nth(1)).to_have_text("mais perto de você")


def test_worst_cases_and_other_people_are_one_press_away(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user, width=375)
    page.get_by_role("button", name="Próximo contato").click()
    expect(page.locator("#chat")).to_contain_text("2 de 3")
    expect(page.locator("#chat .bubble")).to_contain_text("Wolfeschlegelstein")
    page.get_by_label("Piores casos").check()
    expect(page.locator("#chat .bubble")).to_have_count(2)
    expect(page.locator("#chat")).to_contain_text("Sem nome e sem unidade")
    check_everywhere(page)


def test_count_follows_the_segment(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    expect(page.locator("#alcance")).to_contain_text("3 pessoas vão receber")
    page.get_by_label("Público").select_option(label="Só o Centro")
    expect(page.locator("#alcance")).to_contain_text("1 pessoa vai receber")


def test_from_the_text_to_the_launch_by_keyboard_and_on_a_phone(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user, width=375)
    page.get_by_role("button", name="Enviar para mim").click()
    page.get_by_label("Seu WhatsApp").fill("98765")
    page.get_by_label("Seu WhatsApp").press("Enter")
    expect(page.get_by_text("Este número não existe.")).to_be_visible()
    check_everywhere(page)
    page.set_viewport_size({"width": 375, "height": 800})
    page.get_by_label("Seu WhatsApp").fill("(11) 98765-4321")
    page.get_by_label("Seu WhatsApp").press("Enter")
    expect(page.get_by_role("status").filter(has_text="O código espera a vez")).to_be_visible()
    check_everywhere(page)
    page.set_viewport_size({"width": 375, "height": 800})
    Notice.objects.update(status="sending", pressed_at=timezone.now())
    page.get_by_label("Código que chegou").fill(NumberProof.objects.get().code)
    page.get_by_label("Código que chegou").press("Enter")
    expect(page.get_by_text("Número confirmado.")).to_be_visible()
    page.get_by_role("button", name="Enviar para mim").press("Enter")
    expect(page.get_by_role("status").filter(has_text="O teste espera a vez")).to_be_visible()
    page.get_by_role("link", name="Continuar").press("Enter")
    page.get_by_role("button", name="Lançar para 3 pessoas").press("Enter")
    expect(page.get_by_role("heading", name="Vacinação")).to_be_visible()
    draft.refresh_from_db()
    assert draft.status == "launching"


def test_pages_of_the_composer_work_without_scripts(look: Look, owner, draft) -> None:
    with_scripts = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    cookies = with_scripts.context.cookies()
    context = look.browser.new_context(java_script_enabled=False, locale="pt-BR")
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(look.url + owner.business.address("campaign_edit", draft.pk))
    page.get_by_label("Texto", exact=True).fill("Oi, {{nome|gente}}!")
    page.get_by_role("button", name="Atualizar").click()
    expect(page.locator("#chat .bubble")).to_contain_text("Oi, Lúcia!")
    page.locator("#reserva-nome").fill("você")
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.get_by_label("Texto", exact=True)).to_have_value("Oi, {{nome|você}}!")
    context.close()


def test_progress_moves_by_itself_and_the_page_changes_with_the_campaign(
    look: Look, owner, running
) -> None:
    page = look(f"/campanhas/{running.pk}/", owner.user)
    queued = Delivery.objects.get(campaign=running, status="queued")
    expect(page.locator("#andamento")).to_contain_text("2 pessoas")
    Delivery.objects.filter(pk=queued.pk).update(status="cancelled", ended_at=timezone.now())
    expect(page.locator("#andamento")).to_contain_text("1 pessoa")
    Campaign.objects.filter(pk=running.pk).update(status="paused", pause_reason="time_lock")
    expect(page.get_by_role("heading", name="Campanha pausada")).to_be_visible(timeout=15_000)


def test_tabs_count_along_and_keep_what_was_chosen_and_the_focus(
    look: Look, owner, running
) -> None:
    page = look(f"/campanhas/{running.pk}/", owner.user)
    tabs = page.get_by_role("navigation", name="Filtrar por situação")
    tabs.get_by_role("link", name="Falharam").click()
    expect(tabs.get_by_role("link", name="Falharam 1")).to_have_attribute("aria-current", "page")
    tabs.get_by_role("link", name="Todos").focus()
    queued = Delivery.objects.get(campaign=running, status="queued")
    Delivery.objects.filter(pk=queued.pk).update(status="cancelled", ended_at=timezone.now())
    expect(tabs.get_by_role("link", name="Cancelados 1")).to_be_visible(timeout=15_000)
    expect(tabs.get_by_role("link", name="Falharam 1")).to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="Todos")).to_be_focused()


def test_recipients_are_found_while_typing(look: Look, owner, running) -> None:
    page = look(f"/campanhas/{running.pk}/", owner.user)
    page.get_by_label("Buscar destinatário").press_sequentially("lucia")
    expect(page.locator("#destinatarios .table__who")).to_have_count(1)
    expect(page.locator("#destinatarios .table__who")).to_contain_text("Lúcia Prado")
    expect(page.get_by_label("Buscar destinatário")).to_be_focused()
    check_everywhere(page)


def test_enter_in_a_field_of_the_composer_saves_and_stays(look: Look, owner, draft) -> None:
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    page.get_by_label("Nome da campanha").fill("Vacina da gripe")
    page.get_by_label("Nome da campanha").press("Enter")
    expect(page.get_by_role("heading", name="Vacina da gripe")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Rascunho salvo.")).to_be_visible()


def test_counts_of_those_left_out_stay_inside_their_card_on_a_phone(
    look: Look, owner, draft
) -> None:
    for number in range(12):
        subscribe(make_contact(owner.business, f"{LONG} {number}"), draft.topic, "revoked")
    page = look(f"/campanhas/{draft.pk}/confirmar/", owner.user, width=375)
    card = page.locator("#quem-fica-fora dl").bounding_box()
    counts = page.locator("#quem-fica-fora dd").all()
    assert card is not None
    assert len(counts) == 2
    for count in counts:
        # Of the text: a box that was squeezed is narrower than what it holds.
        right = count.evaluate(
            "dd => { const range = document.createRange(); range.selectNodeContents(dd);"
            " return range.getBoundingClientRect().right; }"
        )
        assert right <= card["x"] + card["width"]
