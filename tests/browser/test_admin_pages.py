"""The admin works in a real browser under its own policy: nothing is refused, Alpine runs."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from campaigns.models import Campaign
from contacts.models import Import, ImportProblem
from tests.browser.looking import Look, check_everywhere, scrolls_sideways, too_wide
from tests.browser.test_second_step import give_fingerprint
from tests.factories import (
    PASSWORD,
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_evidence,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/admin/",
    "/admin/busca/?q=lucia",
    "/admin/contacts/contact/",
    "/admin/campaigns/delivery/",
    "/admin/accounts/business/add/",
    "/admin/wa_sessions/whatsappsession/",
    "/admin/django_q/success/",
)


def test_the_browser_refuses_nothing_in_the_admin(look: Look) -> None:
    user = make_user(is_staff=True, is_superuser=True)
    campaign = make_campaign(make_business(), Campaign.Status.RUNNING)
    make_delivery(campaign, make_contact(campaign.business))
    page = look(PAGES[0], user)
    for path in PAGES[1:]:
        page.goto(look.url + path)
    assert look.complaints == []


def test_the_filters_of_a_list_open_and_look_up_a_business(look: Look) -> None:
    user = make_user(is_staff=True, is_superuser=True)
    make_contact(make_business("Clínica do Sol"))
    make_contact(make_business("Clínica da Lua"), "Pessoa da Lua")
    page = look("/admin/contacts/contact/", user)
    page.get_by_text("Filtros").first.click()
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill("Sol")
    page.get_by_role("option", name="Clínica do Sol").click()
    page.get_by_role("button", name="Aplicar filtros").click()
    page.wait_for_url("**business__id__exact=**")
    assert not page.get_by_text("Pessoa da Lua").is_visible()


def test_a_person_and_a_bad_row_fit_the_window(look: Look) -> None:
    user = make_user(is_staff=True, is_superuser=True)
    Group.objects.create(name="Suporte de primeiro atendimento")
    found = Import.objects.create(business=make_business(), file_name="a.xlsx", created_by=user)
    values = [
        f"https://exemplo.com.br/{'a' * 480}",
        *map("Pessoa de nome comprido {}".format, range(9)),
    ]
    row = ImportProblem.objects.create(source=found, row=3, reason="no phone", values=values)
    for path in (f"accounts/user/{user.pk}/change/", f"contacts/importproblem/{row.pk}/change/"):
        assert not scrolls_sideways(look(f"/admin/{path}", user)), path
    assert look.complaints == []


def test_a_page_that_nobody_knew_is_opened_as_a_picture_at_any_width(look: Look) -> None:
    user = make_user(is_staff=True, is_superuser=True)
    link = make_session(make_business("Clínica do Sol")).link
    drawn = look("/conta/entrar/").screenshot(type="jpeg")
    found = make_evidence(link, picture=drawn)
    base = f"/admin/wa_sessions/pageevidence/{found.pk}"
    pages = (f"/admin/wa_sessions/link/{link.pk}/change/", f"{base}/change/", f"{base}/abrir/")
    for page in look.each(pages, user):
        assert too_wide(page, 375, 1280) == [], page.url
    form = page
    form.get_by_label("Motivo").fill("Entender o ícone novo")
    with form.expect_popup() as opening:
        form.get_by_role("button", name="Ver a imagem").click()
    shown = opening.value
    shown.wait_for_load_state()
    # Its own size: it was drawn, not taken for a broken file.
    assert shown.evaluate("document.images[0].naturalWidth") == 1280
    assert shown.evaluate("self.origin") == "null"
    with form.expect_download() as download:
        form.get_by_role("button", name="Baixar a estrutura").click()
    assert download.value.suggested_filename == f"tela-{found.pk}.txt"
    assert [row.reason for row in found.openings.all()] == ["Entender o ícone novo"] * 2


def test_support_makes_a_passkey_first_and_enters_with_it(look: Look) -> None:
    user = make_user(is_staff=True)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    page = look("/conta/entrar/?next=/admin/contacts/contact/", apart=True)
    give_fingerprint(page)
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page.get_by_text("O suporte só abre com verificação em duas etapas.")).to_be_visible()
    check_everywhere(page)
    page.locator("main").get_by_role("link", name="Criar chave de acesso").click()
    page.get_by_label("Sua senha").fill(PASSWORD)
    page.get_by_role("button", name="Continuar").click()
    page.get_by_label("Nome").fill("Notebook do suporte")
    page.get_by_role("button", name="Criar chave").click()
    expect(page.get_by_role("heading", name="Criar chave de acesso")).to_have_count(0)
    page.goto(f"{look.url}/conta/etapas/")
    page.get_by_role("link", name="Ir para o suporte").click()
    expect(page.get_by_text("uma vez por dia de trabalho")).to_be_visible()
    check_everywhere(page)
    page.get_by_role("button", name="Usar chave de acesso").click()
    page.wait_for_url("**/admin/")
