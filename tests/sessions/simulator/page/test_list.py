"""The chat list: rows with their hidden words, time, preview, tick and badge (FACTS.md)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, at, chat, group, message, mine

pytestmark = pytest.mark.browser

ROW = "#pane-side [role=row]"
TITLE = f"{ROW} [role=gridcell][aria-colindex='2'] span[dir=auto][title]"

WATCH = """() => {
  window.touched = [];
  const seen = (all) => window.touched.push(...all.map(({ type, target }) => `${type} ${target.className || target.nodeName}`));
  new MutationObserver(seen).observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
}"""


def test_logged_in_is_told_by_the_pane_and_its_grid_counts_chats_only(october: Stage) -> None:
    october.show(chat(message("Oi")), group(message("Oi", author="Bia")))
    assert october.page.locator("#pane-side").is_visible()
    assert october.values("#pane-side [role=grid]", "aria-rowcount") == ["2"]
    assert october.count("[data-testid=chat-list]") == 1
    assert october.count(ROW) == 2


def test_a_row_has_its_cell_title_time_preview_and_badge_where_the_real_one_has_them(
    october: Stage,
) -> None:
    october.show(chat(message("Bom dia"), unread=1))
    cell = f"{ROW}[data-testid^=list-item-] [data-testid=cell-frame-container]"
    title = "[role=gridcell][aria-colindex='2'] > [data-testid=cell-frame-title]"
    assert october.words(f"{cell} {title} span[title]") == ["Ana Souza"]
    assert october.words(f"{cell} {title} + [data-testid=cell-frame-primary-detail]") == ["16:35"]
    second = f"{cell} [data-testid=cell-frame-secondary]"
    assert october.words(f"{second} [data-testid=last-msg-status]") == ["Bom dia"]
    assert october.words(f"{second} [role=gridcell] [data-testid=icon-unread-count]") == ["1"]
    assert october.values(TITLE, "title") == ["Ana Souza"]
    assert october.count("#pane-side [role=listitem]") == 0


def test_an_unread_rows_title_is_the_name_alone_after_hidden_words(october: Stage) -> None:
    october.show(chat(message("Oi"), unread=1))
    frame = f"{ROW} [aria-colindex='2'] > :first-child"
    assert october.words(frame) == ["1 mensagem não lidaAna Souza"]
    assert october.words(TITLE) == ["Ana Souza"]
    assert october.words(f"{frame} > span:not([title]):first-child") == ["1 mensagem não lida"]
    badge = '[aria-label="1 mensagem não lida"]'
    assert october.words(badge) == ["1"]
    october.show(chat(message("Oi"), unread=3))
    assert october.words(frame) == ["3 mensagens não lidasAna Souza"]
    october.show(chat(message("Oi")))
    assert october.words(frame) == ["Ana Souza"]
    assert october.count("[aria-label*='não lida']") == 0


def test_whoever_watches_the_page_sees_nothing_where_it_shows_the_same_again(
    october: Stage,
) -> None:
    ana = chat(message("Oi"), unread=1)
    bia = chat(mine("Bom dia"), id="5511987654322@c.us", name="Bia", number="5511987654322")
    october.show(ana, bia, open=bia["id"])
    october.page.evaluate(WATCH)
    october.change(ana, bia)
    assert october.page.evaluate("window.touched") == []
    october.change(ana | {"unread": 2}, bia)
    assert set(october.page.evaluate("window.touched")) >= {"childList grid"}


def test_a_chat_marked_as_unread_has_a_badge_without_a_number(october: Stage) -> None:
    october.show(chat(message("Oi"), marked=True))
    assert october.words('#pane-side [aria-label="Não lida"]') == [""]
    assert october.words(f"{ROW} [aria-colindex='2'] > :first-child") == ["Não lidaAna Souza"]


def test_a_rows_time_is_an_hour_yesterday_a_weekday_or_a_date(october: Stage) -> None:
    moments = {
        at(21, 9, 5): "09:05",
        at(20): "ontem",
        at(17): "sábado",
        at(3): "03/10/2026",
    }
    people = [
        chat(message("Oi", at=moment), id=f"551198765000{place}@c.us")
        for place, moment in enumerate(moments)
    ]
    october.show(*people)
    assert october.words("[data-testid=cell-frame-primary-detail]") == list(moments.values())


def test_a_rows_time_follows_the_phones_language_and_clock(october: Stage) -> None:
    october.show(chat(message("Oi")), language="en", hour12=True)
    assert october.words("[data-testid=cell-frame-primary-detail]") == ["4:35 PM"]
    october.show(chat(message("Oi", at=at(3))), language="en")
    assert october.words("[data-testid=cell-frame-primary-detail]") == ["10/3/2026"]
    october.show(chat(message("Oi", at=at(20))), language="es")
    assert october.words("[data-testid=cell-frame-primary-detail]") == ["ayer"]


def test_the_whole_preview_stands_in_a_title_between_direction_marks(october: Stage) -> None:
    long = "Linha um\n*dois* " + "x" * 200
    october.show(chat(message(long)))
    whole = f"\u202aLinha um\ndois {'x' * 200}\u202c"
    assert whole in october.values(f"{ROW} span[title]", "title")


def test_a_row_of_ours_has_a_tick_before_the_preview_and_the_others_none(october: Stage) -> None:
    for ack, name in enumerate(("ic-schedule", "wds-ic-delivered", "wds-ic-read", "wds-ic-read")):
        october.show(chat(mine("Oi", ack=ack)))
        assert october.words(f"{ROW} span[title] [aria-label] > svg > title") == [name]
    october.show(chat(message("Oi")))
    assert october.words(f"{ROW} span[title] svg > title") == []


def test_draft_typing_and_reaction_stand_in_place_of_the_preview(october: Stage) -> None:
    last = "[data-testid=last-msg-status]"
    october.show(chat(mine("Oi"), draft="Até"))
    assert october.count(last) == 0
    assert october.words("[data-testid=cell-frame-secondary]") == ["Rascunho: Até"]
    october.show(chat(mine("Oi"), typing="digitando…"))
    assert october.count(last) == 0
    assert october.words("[data-testid=cell-frame-secondary]") == ["digitando…"]
    october.show(chat(mine("Oi"), reaction="❤️"))
    assert october.words(last) == ['Reagiu com ❤️ a: "Oi"']


def test_messages_without_words_have_a_symbol_and_a_word_as_preview(october: Stage) -> None:
    expected = {
        "image": "Foto", "video": "Vídeo", "voice": "0:07", "sticker": "Figurinha",
        "deleted": "Mensagem apagada", "waiting": "Aguardando esta mensagem. Isso pode levar um tempo.",
        "location": "Localização", "view_once": "Foto",
    }  # fmt: skip
    for kind, words in expected.items():
        october.show(chat(message(kind=kind)))
        assert october.words("[data-testid=last-msg-status]") == [words], kind
    october.show(chat(message(kind="voice")))
    assert october.count("[data-testid=last-msg-status] svg") == 1
    assert october.count("[data-testid=last-msg-status] [data-icon]") == 0
    october.show(chat(message("Segue", kind="image")))
    assert october.words("[data-testid=last-msg-status]") == ["Segue"]
    october.show(chat(message(kind="document", title="exame.pdf")))
    assert october.words("[data-testid=last-msg-status]") == ["exame.pdf"]


def test_a_groups_preview_begins_with_its_author_and_its_title_does_not(october: Stage) -> None:
    october.show(group(message("pare", author="Bia")))
    preview = f"{ROW} span[title='\u202apare\u202c']"
    assert october.words(preview) == ["Bia:\xa0pare"]
    assert october.count(f"{ROW} [data-icon=default-group-refreshed]") == 1
    october.show(group(message("pare", author="Bia"), photo=True), chat(message("Oi")))
    assert october.count(f"{ROW} [data-icon=default-group-refreshed]") == 0
    assert october.count(f"{ROW} [data-icon=default-contact-refreshed]") == 1


def test_a_communitys_announcement_group_has_a_label_line_over_its_title(october: Stage) -> None:
    october.show(group(message("Aviso", author="Bia"), kind="community", name="Bairro"))
    titles = october.values(f"{ROW} span[dir=auto][title]", "title")
    assert titles == ["Bairro", "Avisos"]
    assert october.words("[data-testid=cell-frame-label]") == ["Bairro"]


def test_channels_and_archived_chats_are_not_in_the_list(either: Stage) -> None:
    channel = chat(message("Novidade"), id="1@newsletter", kind="channel", name="Canal", number="")
    either.show(chat(message("Oi"), archived=True, unread=2), channel)
    assert either.count(ROW) == 0
    archived = either.known_by(
        "chatlist-panel-archived-button", "#side button[aria-label^=Arquivadas]"
    )
    assert either.words(archived) == ["Arquivadas1"]


def test_channels_have_a_tab_of_their_own(october: Stage) -> None:
    channel = chat(message("Novidade"), id="1@newsletter", kind="channel", name="Canal", number="")
    october.show(chat(message("Oi")), channel)
    october.page.click("button[aria-label=Canais]")
    rows = "[role=listitem]:not(#pane-side *) span[dir=auto][title]"
    assert october.values(rows, "title") == ["Canal"]
    october.page.click("button[aria-label=Conversas]")
    assert october.count(rows) == 0


def test_a_new_chat_is_begun_by_name_or_number(october: Stage) -> None:
    october.show(chat(message("Oi")), chat(id="5511912345678@c.us", name="Bia"))
    october.page.click("#side button[aria-label='Nova conversa']:has([data-icon=new-chat-outline])")
    october.page.fill("input[aria-label='Pesquisar nome ou número']", "bia")
    october.page.click("css=[role=listitem]:not(#pane-side *)")
    october.page.wait_for_selector("#main header >> text=Bia")


def test_filters_are_there_by_id_and_hide_what_is_read(october: Stage) -> None:
    other = chat(message("Oi"), id="5511912345678@c.us", name="Bia", unread=1)
    october.show(chat(message("Oi")), other, group(message("Oi", author="Bia")))
    october.page.click("#unread-filter")
    assert october.values(TITLE, "title") == ["Bia"]
    october.page.click("#group-filter")
    assert october.values(TITLE, "title") == ["Família"]
    october.page.click("#all-filter")
    assert october.count(ROW) == 3


def test_search_is_a_textbox_and_only_a_search_shows_header_rows(october: Stage) -> None:
    october.show(chat(message("Oi")), chat(id="5511912345678@c.us", name="Bia"))
    assert october.count('#side input[type=text][role=textbox][data-tab="3"]') == 1
    october.page.fill('input[data-tab="3"]', "ana")
    rows = october.words(ROW)
    assert rows[0] == "CONVERSAS"
    assert october.values(TITLE, "title") == ["Ana Souza"]
    assert october.values("#pane-side [role=grid]", "aria-rowcount") == ["1"]
    assert october.values("#pane-side [role=grid]", "aria-label") == ["Resultados da pesquisa."]


def test_opening_a_chat_leaves_the_query_and_escape_takes_it_away(october: Stage) -> None:
    october.show(chat(message("Oi")), chat(id="5511912345678@c.us", name="Bia"))
    search = october.page.locator('input[data-tab="3"]')
    assert search.get_attribute("aria-label") == "Pesquisar ou começar uma nova conversa"
    search.fill("ana")
    october.page.click(TITLE)
    october.page.wait_for_selector("#main header >> text=Ana Souza")
    assert search.input_value() == "ana"
    assert search.get_attribute("aria-label") == ""
    search.press("Escape")
    assert search.input_value() == ""
    assert october.count(ROW) == 2
    assert "CONVERSAS" not in october.words(ROW)
    search.fill("bia")
    october.page.click("#side [aria-label='End icon button']")
    assert october.count(ROW) == 2


def test_rows_far_away_are_shells_or_not_there_at_all(october: Stage) -> None:
    chats = [
        chat(message("Oi", at=at(21) - n), id=f"55119{n:08d}@c.us", name=f"P{n}") for n in range(80)
    ]
    october.show(*chats)
    there = october.count(ROW)
    whole = october.count(TITLE)
    assert whole < there < 80
    october.page.evaluate("document.querySelector('#pane-side').scrollTop = 1e6")
    october.page.wait_for_selector("#pane-side [title=P79]")
    assert october.count("#pane-side [title=P0]") == 0
    october.page.evaluate("document.querySelector('#pane-side').scrollTop = 0")


def test_no_attribute_of_a_row_holds_a_jid_or_number_only_its_react_key_does(
    october: Stage,
) -> None:
    october.show(chat(message("Oi")))
    assert "5511987654321" not in (october.page.inner_html("#side"))
    key = """(row) => {
      const fiber = row[Object.keys(row).find((name) => name.startsWith("__reactFiber$"))];
      for (let node = fiber; node; node = node.return) if (node.key?.startsWith("chat-")) return node.key;
    }"""
    assert october.page.locator(ROW).evaluate(key) == "chat-5511987654321@c.us"


def test_a_rows_menu_marks_a_chat_as_unread(october: Stage) -> None:
    october.show(chat(message("Oi")))
    october.page.hover(ROW)
    october.page.click(f"css={ROW} button[aria-label='Abrir menu da conversa']")
    october.page.click("[role=menuitem] >> text=Marcar como não lida")
    october.page.wait_for_selector('#pane-side [aria-label="Não lida"]')


def test_the_own_chat_says_so_beside_its_name(october: Stage) -> None:
    october.show(chat(mine("Nota"), own=True, name="Clínica"))
    assert october.values(TITLE, "title") == ["Clínica"]
    assert october.words(f"{ROW} [aria-colindex='2'] > :first-child") == ["Clínica (Você)"]
