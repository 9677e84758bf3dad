"""Pages of accounts and the first page, as people see them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import expect

from blu.accounts import email_take_back, invitations
from blu.accounts.models import Business, EmailChange, Invitation, Membership, Role, User
from campaigns.models import Campaign, Reply
from contacts.models import Import
from sessions.models import State
from tests.browser.looking import (
    HEAVIEST,
    PHONE,
    Look,
    check_everywhere,
    cut_rings,
    offenders,
    small_targets,
    too_heavy,
    weight,
)
from tests.factories import (
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
    make_session,
    make_user,
)

pytestmark = pytest.mark.browser

OUTSIDE = [
    "/conta/entrar/",
    "/conta/criar/",
    "/conta/senha/recuperar/",
    "/conta/senha/recuperar/enviado/",
    "/conta/email/confirmar/inventado/",
    "/conta/email/desfazer/inventado/",
    "/conta/desligada/",
    "/convite/inventado/",
]
INSIDE = [
    "/",
    "/conta/",
    "/conta/email/",
    "/conta/senha/trocar/",
    "/conta/etapas/",
    "/conta/chaves/",
    "/conta/sair/",
    "/empresa/",
    "/empresa/nova/",
    "/empresa/pessoas/",
]


def owner() -> User:
    return make_membership(user=make_user(name="Ana Ribeiro")).user


def test_pages_for_people_outside_are_for_everyone(look: Look) -> None:
    assert offenders(look.each(OUTSIDE), small_targets) == []


def test_pages_of_the_account_are_for_everyone(look: Look) -> None:
    assert offenders(look.each(INSIDE, owner()), small_targets, too_heavy) == []


def test_the_way_in_of_who_works_in_several_businesses_is_for_everyone(look: Look) -> None:
    user = owner()
    make_membership(user=user)
    page = look("/", user)
    expect(page.locator(".card").get_by_role("link")).to_have_count(2)
    assert offenders([page], small_targets, too_heavy) == []


def test_the_first_page_of_a_busy_day_is_for_everyone(look: Look) -> None:
    membership = make_membership(user=make_user(name="Ana Ribeiro"))
    make_busy_day(membership.business)
    page = look("/", membership.user)
    expect(page.get_by_role("heading", name="Precisa de você")).to_be_visible()
    check_everywhere(page, thorough=True)
    assert weight(page) < HEAVIEST


def test_undoing_a_change_of_address_is_for_everyone(look: Look) -> None:
    user = owner()
    EmailChange.objects.create(
        user=user, from_email="ana.ribeiro@exemplo.com.br", to_email="outra@exemplo.com.br"
    )
    path = email_take_back.link(user, "ana.ribeiro@exemplo.com.br").removeprefix(
        settings.PUBLIC_URL
    )
    page = look(path, width=375)
    check_everywhere(page)
    assert list(small_targets(page)) == []
    page.get_by_role("button", name="Desfazer e escolher outra senha").click()
    expect(page.get_by_role("heading", name="Escolha a nova senha")).to_be_visible()
    expect(page.get_by_text("A conta é de novo de ana.ribeiro@exemplo.com.br.")).to_be_visible()
    check_everywhere(page)


def test_the_account_menu_opens_and_closes_by_keyboard(look: Look) -> None:
    page = look("/", owner())
    menu = page.locator(".side-nav details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Dados do negócio")).to_be_visible()
    assert look.complaints == []
    check_everywhere(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    menu.locator("summary").focus()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Dados do negócio")).not_to_be_visible()
    expect(menu.locator("summary")).to_be_focused()


def test_the_language_is_chosen_in_the_menu_and_the_page_stays(look: Look) -> None:
    page = look("/empresa/pessoas/", owner(), width=375)
    page.locator(".top-bar details.menu summary").click()
    page.locator(".top-bar").get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="People with access")).to_be_visible()
    check_everywhere(page)


def test_people_and_invitations_are_for_everyone(look: Look) -> None:
    membership = make_membership(user=make_user(name="Ana Ribeiro"))
    colleague = make_membership(membership.business, Role.VIEWER)
    for name in ("bia", "um.nome.bem.comprido.que.mal.cabe.na.linha"):
        invitation = Invitation.objects.create(
            business=membership.business, email=f"{name}@exemplo.com.br", role=Role.VIEWER
        )
    link = f"/convite/{invitations.key_of(invitation)}/"
    inside = look.each(["/empresa/pessoas/", link], membership.user)
    assert offenders(inside, small_targets, cut_rings) == []
    assert offenders(look.each([link, f"{link}criar/"]), small_targets) == []
    page = look(f"/empresa/pessoas/{colleague.pk}/", membership.user, width=375)
    page.get_by_role("button", name="Tirar o acesso").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Para voltar, precisa de um novo convite.")
    check_everywhere(page)
    dialog.get_by_role("button", name="Tirar o acesso").click()
    expect(page.get_by_role("status")).to_contain_text("não tem mais acesso.")


@pytest.mark.parametrize("state", [State.RESTING, State.CONFLICT, State.LOGGED_OUT])
def test_the_badge_of_the_side_bar_stands_right_of_its_place_or_below_the_word(
    look: Look, state: str
) -> None:
    membership = make_membership()
    make_session(membership.business, state=state)
    place = look("/empresa/", membership.user).locator(".side-nav .nav__text")
    text, badge = place.bounding_box(), place.locator(".badge").bounding_box()
    assert text
    assert badge
    ends = [box["x"] + box["width"] for box in (text, badge)]
    if badge["y"] > text["y"] + badge["height"] / 2:
        assert badge["x"] == pytest.approx(text["x"], abs=1)
        assert ends[1] <= ends[0]
    else:
        assert ends[1] == pytest.approx(ends[0], abs=1)


def test_good_news_passes_and_can_be_closed(look: Look) -> None:
    page = look("/conta/", owner())
    page.get_by_label("Seu nome").fill("Ana R.")
    page.get_by_role("button", name="Salvar").click()
    toast = page.get_by_role("status").filter(has_text="Nome salvo.")
    expect(toast).to_be_visible()
    check_everywhere(page)
    toast.get_by_role("button", name="Fechar aviso").click()
    expect(toast).to_have_count(0)


def test_a_wrong_answer_is_shown_beside_its_field(look: Look) -> None:
    page = look("/conta/criar/", width=375)
    page.get_by_label("Seu nome").fill("Ana")
    page.get_by_label("E-mail").fill("ana@exemplo.com.br")
    page.get_by_label("Senha").fill("uma senha bem comprida")
    page.get_by_label("Nome do negócio").fill("Clínica")
    page.get_by_label("DDD da região").fill("20")
    page.get_by_role("button", name="Criar conta").click()
    expect(page.get_by_text("O DDD 20 não existe.")).to_be_visible()
    check_everywhere(page)


def test_the_whole_way_in_on_a_phone_by_keyboard_alone(look: Look) -> None:
    page = look("/conta/criar/", width=375)
    page.get_by_label("Seu nome").focus()
    for answer in ("Ana Ribeiro", "ana@exemplo.com.br", "uma senha bem comprida", "Clínica Sul"):
        page.keyboard.type(answer)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sua primeira campanha")).to_be_visible()
    expect(page.locator(".top-bar__where")).to_have_text("Clínica Sul")


def make_busy_day(business: Business) -> None:
    """A running campaign, a finished one, one in doubt, replies, a spreadsheet to check."""
    session = make_session(business, name="Recepção", state="online", phone="+5511900011111")
    hour = timezone.now() - timedelta(hours=1)
    running = make_campaign(
        business,
        name="Agenda de dezembro",
        session=session,
        status=Campaign.Status.RUNNING,
        launched_at=hour,
        recipients=3,
    )
    for name, status in (
        ("Lúcia Prado", "read"),
        ("João Müller", "delivered"),
        ("Dalva Bittencourt", "uncertain"),
    ):
        make_delivery(running, make_contact(business, name), status=status)
    done = make_campaign(
        business,
        name="Outubro Rosa",
        session=session,
        status=Campaign.Status.DONE,
        launched_at=hour - timedelta(days=40),
        ended_at=hour - timedelta(days=39),
        recipients=2,
    )
    make_delivery(done, make_contact(business, "Tâmara Simões"), status="read", replied_at=hour)
    for n, (name, kind, text) in enumerate(
        (
            ("Lúcia Prado", "message", "Quero sim! Pode ser dia 3 de manhã?"),
            ("João Müller", "stop", "SAIR"),
            ("", "message", "Obrigada, já marquei com a Ana."),
        )
    ):
        contact = make_contact(business, name) if name else None
        Reply.objects.create(
            business=business,
            session=session,
            message_id=f"in-{n}",
            phone="+5511900023180",
            contact=contact,
            kind=kind,
            text=text,
            at=hour + timedelta(minutes=n),
        )
    Import.objects.create(business=business, file_name="recepcao-novembro.xlsx")


def test_a_toast_with_a_long_address_keeps_its_button_on_the_screen(
    look: Look, owner: Membership
) -> None:
    page = look("/", owner.user, width=PHONE[0])
    said = Message(SUCCESS, f"Convite enviado para {'recepcao' * 12}@exemplo.com.br")
    html = render_to_string("components/messages.html", {"messages": [said]})
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", html)
    box = page.locator("[data-toast-close]").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE[0]
    page.locator("[data-toast-close]").click()
    assert page.locator("[data-toast]").count() == 0
