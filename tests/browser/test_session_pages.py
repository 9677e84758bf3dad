"""The WhatsApp pages in a real browser: the code comes by itself, and every state is legible."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from sessions.driving import history
from sessions.linking import services
from sessions.models import Link, LinkMove, Pairing, Runner, State
from tests import factories
from tests.browser.looking import Look, check_everywhere, offenders
from tests.factories import make_membership, make_session

# Where the words begin, whatever box they stand in.
LEFT_OF_TEXT = """(element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect().left;
}"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_code_appears_by_itself_and_success_follows(look: Look) -> None:
    membership = make_membership()
    session = make_session(
        membership.business,
        state=State.PAIRING,
        linked_at=None,
        terms_accepted_at=timezone.now(),
    )
    pairing = Pairing.objects.create(link=session.link)
    page = look(f"/whatsapp/{session.pk}/conectar/", membership.user)
    Pairing.objects.filter(pk=pairing.pk).update(
        status="showing", code=Pairing(code="2@a,b,c").code, shown_at=timezone.now()
    )
    picture = page.locator("img.qr")
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    check_everywhere(page)
    Pairing.objects.filter(pk=pairing.pk).update(status="linked", code="")
    factories.change_session(
        session, state=State.RESTING, linked_at=timezone.now(), phone="+5511900074100"
    )
    page.get_by_role("heading", name="WhatsApp conectado").wait_for()
    check_everywhere(page)
    assert look.complaints == []


def test_the_code_comes_first_on_a_phone_and_the_qr_on_a_wide_screen(look: Look) -> None:
    membership = make_membership()
    session = make_session(
        membership.business, state=State.UNLINKED, linked_at=None, terms_accepted_at=timezone.now()
    )
    page = look(f"/whatsapp/{session.pk}/conectar/", membership.user, width=375)
    check_everywhere(page)
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.locator("#codigo").is_visible()
    assert not page.locator("#qr").is_visible()
    page.get_by_role("button", name="Estou em outro aparelho").click()
    page.locator("#qr").wait_for()
    page.set_viewport_size({"width": 1280, "height": 800})
    qr, code = page.locator("#qr").bounding_box(), page.locator("#codigo").bounding_box()
    assert qr is not None
    assert code is not None
    assert qr["x"] < code["x"]


def test_the_choice_of_a_kind_is_legible_everywhere_and_one_tap_chooses(look: Look) -> None:
    Runner.objects.create(node="a", host="one", pid=1, born=0, capacity=500)
    membership = make_membership()
    session = make_session(
        membership.business, transport="direct", state=State.UNLINKED, linked_at=None,
        terms_accepted_at=timezone.now(),
    )  # fmt: skip
    page = look(f"/whatsapp/{session.pk}/conectar/", membership.user)
    check_everywhere(page)
    page.get_by_role("button", name="Pelo navegador", pressed=False).click()
    page.get_by_role("button", name="Pelo navegador", pressed=True).wait_for()
    session.refresh_from_db()
    assert session.transport == "browser"
    assert look.complaints == []


def test_the_pages_of_a_move_are_legible_everywhere_before_and_after_the_switch(look: Look) -> None:
    Runner.objects.create(node="a", host="one", pid=1, born=0, capacity=500)
    membership = make_membership()
    session = make_session(
        membership.business, transport="browser", terms_accepted_at=timezone.now()
    )
    factories.make_campaign(membership.business, "running", session=session)
    address = f"/whatsapp/{session.pk}/mudar/"
    page = look(address, membership.user)
    check_everywhere(page)
    page.get_by_role("button", name="Mudar para a conexão direta").click()
    page.get_by_role("button", name="Desistir da mudança").wait_for()
    check_everywhere(page)
    move = LinkMove.objects.get()
    now = timezone.now()
    Link.objects.filter(pk=move.new.pk).update(linked_at=now, phone=session.phone)
    for state in (State.PAIRING, State.RESTING):
        history.set_state(move.new.pk, state)
    page.goto(page.url)
    page.get_by_role("heading", name="O celular leu o código").wait_for()
    check_everywhere(page)
    services.switch(link=move.new)
    LinkMove.objects.update(switched_at=now, kept_until=now + timedelta(days=7))
    # By itself: the page looks again every two seconds.
    page.get_by_role("button", name="Voltar para o navegador").wait_for()
    check_everywhere(page)
    assert look.complaints == []


def test_the_code_is_copied_and_says_so(look: Look) -> None:
    membership = make_membership()
    session = make_session(
        membership.business, state=State.PAIRING, linked_at=None, terms_accepted_at=timezone.now()
    )
    Pairing.objects.create(
        link=session.link, status="showing", code="H7K2QX4M", phone="+5511900074100"
    )
    page = look(f"/whatsapp/{session.pk}/conectar/", membership.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copiar código").click()
    page.get_by_role("button", name="Copiado").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "H7K2QX4M"


def test_every_state_is_legible_everywhere(look: Look) -> None:
    membership = make_membership()
    sessions = [make_session(membership.business, state=one, pacing="real") for one in State]
    limit = {"new_chats_left": 0, "new_chats_until": timezone.now() + timedelta(hours=6)}
    sessions += [make_session(membership.business, pacing="real", **limit)]
    paths = [f"/whatsapp/{session.pk}/" for session in sessions]
    assert offenders(look.each(paths, membership.user)) == []


def test_a_history_without_an_event_stands_as_far_from_the_edge_as_its_title(look: Look) -> None:
    membership = make_membership()
    session = make_session(membership.business)
    page = look(f"/whatsapp/{session.pk}/", membership.user, width=375)
    heading = page.get_by_role("heading", name="O que houve")
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        edges = (
            page.get_by_text("Ainda nada.").evaluate(LEFT_OF_TEXT),
            heading.evaluate(LEFT_OF_TEXT),
        )
        assert edges[0] == edges[1]
        card = page.locator(".card", has=heading).bounding_box()
        assert card is not None
        assert edges[0] - card["x"] >= 16


def test_lists_and_forms_are_legible_everywhere(look: Look) -> None:
    membership = make_membership()
    make_session(membership.business)
    paths = ["/whatsapp/", "/whatsapp/novo/", "/whatsapp/uso-responsavel/"]
    assert offenders(look.each(paths, membership.user)) == []


def test_disconnecting_asks_first_and_the_safe_choice_has_the_focus(look: Look) -> None:
    membership = make_membership()
    session = make_session(membership.business, name="Recepção")
    page = look(f"/whatsapp/{session.pk}/", membership.user)
    page.get_by_role("button", name="Desconectar").click()
    assert page.get_by_role("dialog", name="Desconectar “Recepção”?").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Manter conectado"
    page.keyboard.press("Escape")
    session.refresh_from_db()
    assert session.state == State.RESTING


def test_the_state_stands_beside_its_word_in_the_side_bar_in_a_wide_font_too(look: Look) -> None:
    membership = make_membership()
    make_session(membership.business)
    page = look("/", membership.user)
    page.evaluate(
        "document.documentElement.style.setProperty('--font', '\"DejaVu Sans\", sans-serif')"
    )
    page.evaluate("document.fonts.ready")
    link = page.locator(".side-nav .nav__link", has_text="WhatsApp")
    badge = link.locator(".badge")
    expect(badge).to_have_text("Conectado")
    outer, inner = link.bounding_box(), badge.bounding_box()
    assert outer is not None
    assert inner is not None
    assert abs(outer["y"] + outer["height"] / 2 - inner["y"] - inner["height"] / 2) < 2
