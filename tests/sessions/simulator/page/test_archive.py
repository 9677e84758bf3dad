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


def test_the_archive_is_a_drawer_before_the_list_with_list_items_and_no_grid(stage: Stage) -> None:
    shown(stage, archived(1, name="Bia"), archived(2, name="Caio"))
    assert stage.values(TITLE, "title") == ["Bia", "Caio"]
    assert stage.count("#side [role=listitem]") == 0
    assert stage.count(f"{ROW} [role=row], :has(> {ROW})[role]") == 0
    assert stage.values("#pane-side [role=row] span[dir=auto][title]", "title") == ["Ana Souza"]
    if stage.has_ids:
        drawer = "[data-testid=drawer-left]"
        assert stage.count(f"{drawer} ~ #side") == 1
        assert stage.words(f"{drawer} header [data-testid=drawer-title-body]") == ["Arquivadas"]
        rows = f"{drawer} [data-testid=archived-chatlist] > div > [role=listitem]"
        assert stage.values(rows, "data-testid") == ["list-item-0", "list-item-1"]
        assert stage.count(f"{rows} [data-testid=cell-frame-container]") == 2


def test_rows_of_the_archive_are_in_the_page_only_near_sight(stage: Stage) -> None:
    shown(stage, *(archived(n) for n in range(MANY)))
    there = stage.values(TITLE, "title")
    assert "P0" in there
    assert len(there) < MANY / 2
    scroll = "(row) => { for (let at = row; at; at = at.parentElement) at.scrollTop = 1e6; }"
    stage.page.locator(f"css={ROW}").first.evaluate(scroll)
    stage.page.wait_for_selector(f"{ROW} [title=P{MANY - 1}]")
    assert "P0" not in stage.values(TITLE, "title")
    if stage.has_ids:
        # Counted within what is drawn.
        assert "list-item-0" in stage.values(ROW, "data-testid")


def test_a_row_of_the_archive_opens_its_chat_and_has_its_menu(stage: Stage) -> None:
    shown(stage, archived(1, name="Bia"))
    stage.page.click(f"css={TITLE}")
    stage.page.wait_for_selector("#main header >> text=Bia")
    stage.page.hover(f"css={ROW}")
    stage.page.click(f"css={ROW} button[aria-label='Abrir menu da conversa']")
    stage.page.click("[role=menuitem] >> text=Marcar como não lida")
    stage.page.wait_for_selector(f'{ROW} [aria-label="Não lida"]')


def test_what_comes_shows_in_the_open_archive(stage: Stage) -> None:
    shown(stage, archived(1, name="Bia"))
    row = f"document.querySelector('{ROW}')"
    stage.change(archived(1, name="Bia", unread=2))
    assert stage.count(f'{ROW} [aria-label="2 mensagens não lidas"]') == 1
    stage.page.evaluate(f"window.row = {row}")
    stage.change(archived(1, name="Bia", unread=2))
    assert stage.page.evaluate(f"window.row === {row}")


def test_the_archive_closes_by_the_arrow_in_its_header(stage: Stage) -> None:
    shown(stage, archived(1))
    close = stage.known_by("btn-closer-drawer", "header button[aria-label=Voltar]")
    stage.page.click(f"css={close}")
    assert stage.count(ROW) == 0
