"""The archived chats: a drawer over the list, beside it in the page, with rows of its own role (August's code:
Main, ArchivedDrawer, DrawerHeader, FlatList)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, Values, at, chat, message

pytestmark = pytest.mark.browser

ROW = "[role=listitem]:not(#pane-side *)"
TITLE = f"{ROW} [role=gridcell] span[dir=auto][title]"
MANY = 80


def archived(number: int, **values: Values | object) -> Values:
    """An archived chat; the lower its number the newer."""
    last = message("Oi", at=at(21) - number)
    plain = {"id": f"55119{number:08d}@c.us", "name": f"P{number}", "archived": True}
    return chat(last, **plain | values)


def shown(stage: Stage, *chats: Values) -> None:
    """The archive of these, open."""
    stage.show(chat(message("Oi")), *chats)
    button = stage.known_by("chatlist-panel-archived-button", "#side button[aria-label=Arquivadas]")
    stage.page.click(f"css={button}")
    stage.page.wait_for_selector(f"css={ROW}")


def test_the_archive_is_a_drawer_before_the_list_with_list_items_and_no_grid(
    october: Stage,
) -> None:
    shown(october, archived(1, name="Bia"), archived(2, name="Caio"))
    assert october.values(TITLE, "title") == ["Bia", "Caio"]
    assert october.count("#side [role=listitem]") == 0
    assert october.count(f"{ROW} [role=row], :has(> {ROW})[role]") == 0
    assert october.values("#pane-side [role=row] span[dir=auto][title]", "title") == ["Ana Souza"]
    drawer = "[data-testid=drawer-left]"
    assert october.count(f"{drawer} ~ #side") == 1
    assert october.words(f"{drawer} header [data-testid=drawer-title-body]") == ["Arquivadas"]
    rows = f"{drawer} [data-testid=archived-chatlist] > div > [role=listitem]"
    assert october.values(rows, "data-testid") == ["list-item-0", "list-item-1"]
    assert october.count(f"{rows} [data-testid=cell-frame-container]") == 2


def test_rows_of_the_archive_are_in_the_page_only_near_sight(october: Stage) -> None:
    shown(october, *(archived(n) for n in range(MANY)))
    there = october.values(TITLE, "title")
    assert "P0" in there
    assert len(there) < MANY / 2
    scroll = "(row) => { for (let at = row; at; at = at.parentElement) at.scrollTop = 1e6; }"
    october.page.locator(f"css={ROW}").first.evaluate(scroll)
    october.page.wait_for_selector(f"{ROW} [title=P{MANY - 1}]")
    assert "P0" not in october.values(TITLE, "title")
    # Counted within what is drawn.
    assert "list-item-0" in october.values(ROW, "data-testid")


def test_a_row_of_the_archive_opens_its_chat_and_has_its_menu(october: Stage) -> None:
    shown(october, archived(1, name="Bia"))
    october.page.click(f"css={TITLE}")
    october.page.wait_for_selector("#main header >> text=Bia")
    october.page.hover(f"css={ROW}")
    october.page.click(f"css={ROW} button[aria-label='Abrir menu da conversa']")
    october.page.click("[role=menuitem] >> text=Marcar como não lida")
    october.page.wait_for_selector(f'{ROW} [aria-label="Não lida"]')


def test_what_comes_shows_in_the_open_archive(october: Stage) -> None:
    shown(october, archived(1, name="Bia"))
    row = f"document.querySelector('{ROW}')"
    october.change(archived(1, name="Bia", unread=2))
    assert october.count(f'{ROW} [aria-label="2 mensagens não lidas"]') == 1
    october.page.evaluate(f"window.row = {row}")
    october.change(archived(1, name="Bia", unread=2))
    assert october.page.evaluate(f"window.row === {row}")


def test_the_archive_closes_by_the_arrow_in_its_header(either: Stage) -> None:
    shown(either, archived(1))
    assert (either.count("[data-testid]") > 0) is either.has_ids
    close = either.known_by("btn-closer-drawer", "header button[aria-label=Voltar]")
    either.page.click(f"css={close}")
    assert either.count(ROW) == 0
