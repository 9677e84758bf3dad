"""A form with something wrong in it shows where, on a phone, in every form of the product.

The pages are taken from the addresses and the forms from the pages, so that a new one is tried as well.
"""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contacts.imports.job import run_import
from contacts.imports.uploads import receive_upload
from tests.browser.looking import Look
from tests.browser.test_contact_pages import SAMPLES
from tests.clients import Client
from tests.isolation.world import World, make_world
from tests.ui.test_ways_back import pages

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 812}
# Signing out, and steps that another page leads to.
NOT_TRIED = ("account_logout",)
# Puts a page in the place of this one, without its files loaded anew: what is looked at is the answer to its
# form. Gives the places of the forms that somebody types into. In the others nothing can be wrong: a filter,
# a language, a button.
OPEN = """([url, text]) => {
    const asked = new DOMParser().parseFromString(text, "text/html");
    history.replaceState(null, "", url);
    document.body.replaceWith(document.adoptNode(asked.body));
    return [...document.querySelectorAll("main form[method=post]")].flatMap((form, at) =>
        [...form.elements].some((one) => one.matches(
            "input:not([type=hidden]):not([type=submit]), select, textarea") && one.type !== "search")
        ? [at] : []);
}"""
# The same asked of the text of a page, which may have such a field beside its forms.
FIELD = re.compile(rb'<(select|textarea)\b|<input\b(?![^>]*type="(hidden|submit|search)")')
# What a hurried person sends: nothing, or something that is no number, address or date.
SPOIL = """form => {
    form.noValidate = true;
    for (const one of form.elements) {
        if (one.type === "hidden" || one.type === "submit" || one.type === "file") continue;
        if (one.type === "checkbox" || one.type === "radio") one.checked = false;
        else if (one.type === "tel") one.value = "12";
        else if (one.type === "email") one.value = "x";
        else one.value = "";
    }
    const buttons = [...form.elements].filter((one) => one.type === "submit" && !one.hidden);
    form.requestSubmit(buttons.find((one) => one.matches(".button--primary")) ?? buttons[0]);
}"""
# The first fault of the page, what has the focus, and whether it stands between the bars.
SEEN = """() => {
    const faults = "main [aria-invalid='true'], main .field__error, main form .notice--danger, .messages .notice--danger";
    const first = [...document.querySelectorAll(faults)].find((one) => one.checkVisibility());
    if (!first) return null;
    const focus = document.activeElement;
    const place = first.closest(".field") ?? first;
    const box = focus.getBoundingClientRect();
    const floor = Math.min(innerHeight, ...[...document.querySelectorAll(".action-bar, .bottom-nav")]
        .filter((bar) => bar.checkVisibility()).map((bar) => bar.getBoundingClientRect().top));
    const ceiling = document.querySelector(".top-bar")?.getBoundingClientRect().bottom ?? 0;
    const bar = document.querySelector(".action-bar:has([type=submit])");
    return {
        focused: focus === first || (place.contains(focus) && focus !== document.body),
        seen: box.top >= ceiling && box.bottom <= floor,
        said: !bar || !!bar.querySelector(".action-bar__note--fault")?.checkVisibility(),
        first: first.outerHTML.slice(0, 100), box: [box.top, box.bottom, ceiling, floor],
    };
}"""


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world("jabuticaba")


def forms(look: Look, world: World) -> Iterator[tuple[str, int, Page]]:
    """Every form that somebody types into, opened anew on a phone: its page and its place there."""
    skipped = [reverse(name) for name in NOT_TRIED]
    for user in (world.membership.user, None):
        page = look("/conta/entrar/" if user is None else "/", user)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        client = _client_of(page)
        for path in pages(world):
            if path in skipped:
                continue
            for turn, at in enumerate(_opened(page, client, path)):
                if turn == 0 or at in _opened(page, client, path):
                    yield path, at, page
                    client = _client_of(page)


def _client_of(page: Page) -> Client:
    """Who asks as the one that looks at the page."""
    client = Client()
    client.cookies.load({one["name"]: one["value"] for one in page.context.cookies()})
    return client


def _opened(page: Page, client: Client, path: str) -> list[int]:
    """The places of a page's forms that somebody types into, once it stands there; none where it has none.

    It is asked for without the browser, which takes ten times as long.
    """
    answer = client.get(path)
    if answer.status_code != 200 or b'method="post"' not in answer.content.partition(b"<main")[2]:
        return []
    if not FIELD.search(answer.content):
        return []
    return page.evaluate(OPEN, [path, answer.content.decode()])


def test_an_invalid_form_shows_its_first_fault_on_a_phone(look: Look, world: World) -> None:
    wrong, faulty = [], 0
    for path, at, page in forms(look, world):
        form = page.locator("main form[method=post]").nth(at)
        with page.expect_navigation(wait_until="load"):
            form.evaluate(SPOIL)
        found = page.evaluate(SEEN)
        if found is None:
            continue  # It takes everything, or nothing was wrong.
        faulty += 1
        missing = [what for what in ("focused", "seen", "said") if not found[what]]
        if missing:
            wrong.append(f"{path} form {at}: not {missing}: {found}")
    look.complaints.clear()  # Chromium counts a form that is refused (400, 403) as an error of its own.
    assert wrong == []
    assert faulty > 15


def test_the_composers_missing_text_far_below_is_shown_and_said(look: Look, world: World) -> None:
    page = look(f"/campanhas/{world.keys['draft']}/escrever/", world.membership.user)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.locator("[name=body]").fill("")
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name="Continuar").click()
    shown(page)
    expect(page.locator("[name=body]")).to_be_focused()
    said = page.locator(".action-bar")
    expect(said).to_contain_text("Falta escrever a mensagem antes de continuar.")
    # Once it is written the bar takes its word back, as the field does.
    page.locator("[name=body]").press_sequentially("Olá!")
    expect(said).not_to_contain_text("Falta escrever")


def test_the_declaration_that_is_missing_is_shown_and_said(look: Look, world: World) -> None:
    membership = world.membership
    found = receive_upload(
        business=world.business,
        path=SAMPLES / "planilha-quebrada.xlsx",
        name="lista.xlsx",
        actor=membership.user,
    )
    run_import(found.pk)
    page = look(f"/importacoes/{found.pk}/conferir/", membership.user)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.locator("[name=topic]").select_option(index=1)
    page.locator("[name=source]").select_option("paper")
    page.get_by_label("O que a pessoa leu ao concordar").fill("Autorizo a clínica a me escrever.")
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name="Importar 26").click()
    shown(page)
    expect(page.locator("[name=declared]")).to_be_focused()
    bar = page.locator(".action-bar")
    expect(bar).to_contain_text("Falta marcar a declaração de consentimento.")
    expect(bar).not_to_contain_text("ninguém fica com consentimento")


def shown(page: Page) -> None:
    found = page.evaluate(SEEN)
    assert found is not None
    assert all(found[what] for what in ("focused", "seen", "said")), found


def test_without_scripts_a_summary_leads_to_each_fault(client: Client, world: World) -> None:
    """The page comes back at its top: there it says what is wrong, with the way to it."""
    client.force_login(world.membership.user)
    for path in ("/contatos/novo/", "/campanhas/nova/", "/assuntos/novo/", "/whatsapp/novo/"):
        page = client.post(path, {"sent": "1"}).content.decode()
        summary = page.split("Falta corrigir:")[1].split("</noscript>")[0]
        anchors = re.findall(r'href="#([\w-]+)"', summary)
        assert anchors, path
        assert all(f'id="{anchor}"' in page for anchor in anchors), path
    client.logout()
    page = client.post("/conta/entrar/", {"login": "x"}).content.decode()
    assert 'href="#id_login"' in page.split("Falta corrigir:")[1]
