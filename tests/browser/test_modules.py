"""The small scripts: polling while seen, showing errors of parts, acting when chosen, asking before."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.looking import Look
from tests.eventually import eventually
from tests.factories import make_membership, make_template

pytestmark = pytest.mark.browser

POLLED = """
    document.querySelector("main").insertAdjacentHTML("beforeend",
      '<div id="part" hx-get="/pedaco/" hx-trigger="poll" data-poll="0.2">antes</div>');
    window.polls = 0;
    document.getElementById("part").addEventListener("poll", () => window.polls++);
    htmx.process(document.getElementById("part"));
"""


def hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_part_asks_while_the_tab_is_seen_and_rests_while_it_is_hidden(look: Look) -> None:
    """By the page's own clock, which the test puts forward while the tab is hidden."""
    page = look("/conta/", make_membership().user, apart=True)
    page.clock.install()
    page.reload()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=f"vez {len(asked)}", content_type="text/html")

    page.route("**/pedaco/", answer)
    page.evaluate(POLLED)
    expect(page.locator("#part")).to_have_text(re.compile(r"vez ([2-9]|\d\d)"))
    hide(page, True)
    resting = page.evaluate("window.polls")
    page.clock.run_for(10_000)
    assert page.evaluate("window.polls") == resting
    hide(page, False)
    eventually(lambda: page.evaluate("window.polls") > resting)


def test_a_part_that_fails_says_so_until_it_works_again(look: Look) -> None:
    page = look("/conta/", make_membership().user)
    broken = True

    def answer(route: Route) -> None:
        if broken:
            page_503 = "<main><h1>O banco não respondeu</h1><p>Nada se perdeu.</p></main>"
            route.fulfill(status=503, body=page_503, content_type="text/html")
        else:
            route.fulfill(body="voltou", content_type="text/html")

    page.route("**/pedaco/", answer)
    page.evaluate(POLLED)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("O banco não respondeu")
    expect(notice).to_contain_text("Nada se perdeu.")
    expect(page.locator("#part")).to_have_text("antes")
    broken = False
    expect(page.locator("#part")).to_have_text("voltou")
    expect(notice).to_have_count(0)
    look.complaints.clear()  # the browser's own word on each 503


def test_a_filter_acts_when_chosen(look: Look) -> None:
    page = look("/conta/", make_membership().user)
    page.evaluate("""
      document.querySelector("main").insertAdjacentHTML("beforeend",
        '<form data-autosubmit method="get"><select name="vez" aria-label="Vez">' +
        '<option>1</option><option>2</option></select></form>')
    """)
    page.get_by_label("Vez").select_option("2")
    page.wait_for_url("**/conta/?vez=2")


def test_a_dialog_opens_on_the_safe_choice_and_closes(look: Look) -> None:
    page = look("/conta/", make_membership().user)
    page.evaluate("""
      document.querySelector("main").insertAdjacentHTML("beforeend",
        '<button type="button" data-opens="d">Cancelar campanha</button>' +
        '<dialog class="dialog" id="d"><button type="button">Cancelar</button>' +
        '<button type="button" data-closes>Continuar</button></dialog>')
    """)
    opener = page.get_by_role("button", name="Cancelar campanha")
    opener.click()
    safe = page.get_by_role("button", name="Continuar")
    expect(safe).to_be_focused()
    safe.click()
    expect(page.locator("#d")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_a_part_that_is_replaced_under_the_focus_hands_it_on(look: Look) -> None:
    page = look("/conta/", make_membership().user)
    answers = ["<p>Preparando</p>", '<a id="x" href="/">Baixar</a><a href="/">Outra</a>']
    page.route(
        "**/pedaco/",
        lambda route: route.fulfill(
            body=f'<div id="part">{answers.pop(0)}</div>', content_type="text/html"
        ),
    )
    page.evaluate("""
      document.querySelector("main").insertAdjacentHTML("beforeend",
        '<div id="part"><button type="button">Preparar</button></div>');
      window.next = () => htmx.ajax("GET", "/pedaco/", {target: "#part", swap: "outerHTML"});
      null;
    """)
    page.get_by_role("button", name="Preparar").focus()
    page.evaluate("window.next()")
    expect(page.locator("#part")).to_be_focused()
    page.evaluate("window.next()")
    expect(page.get_by_role("link", name="Baixar")).to_be_focused()


def test_a_part_that_is_replaced_elsewhere_takes_nobodys_focus(look: Look) -> None:
    page = look("/conta/", make_membership().user)
    page.route("**/pedaco/", lambda route: route.fulfill(body="<button>Novo</button>"))
    page.evaluate("""
      document.querySelector("main").insertAdjacentHTML("beforeend",
        '<button id="mine">Meu</button><div id="part">antes</div>');
    """)
    page.locator("#mine").focus()
    page.evaluate("htmx.ajax('GET', '/pedaco/', {target: '#part', swap: 'innerHTML'})")
    expect(page.get_by_role("button", name="Novo")).to_be_visible()
    expect(page.locator("#mine")).to_be_focused()


# How many of two presses go to the server; none does, so that the page stays.
PRESS_TWICE = """form => {
    let sent = 0;
    document.addEventListener("submit", (event) => {
        if (!event.defaultPrevented) sent++;
        event.preventDefault();
    });
    form.requestSubmit();
    form.requestSubmit();
    return sent;
}"""


def test_a_form_that_changes_something_is_sent_once_however_often_it_is_pressed(look: Look) -> None:
    membership = make_membership()
    make_template(membership.business, name="Convite")
    page = look("/modelos/", membership.user)
    duplicate = page.locator("form[action$='/duplicar/']")
    assert duplicate.evaluate(PRESS_TWICE) == 1
