"""The rows of an open chat: ids, direction, ticks, authors, and every kind of message (Elements, Message row)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, at, chat, group, message, mine, numbered

pytestmark = pytest.mark.browser

ROW = "#main [role=row] > [data-id]"
TICK = f"{ROW} [aria-label] > svg > title"


def test_a_row_has_a_bare_id_in_its_attribute_and_its_test_id(october: Stage) -> None:
    october.opened(message("Oi"))
    bare = "AC" + "0" * 30
    assert october.values(ROW, "data-id") == [bare]
    assert october.values(ROW, "data-testid") == [f"conv-msg-{bare}"]
    body = "#main [data-testid=conversation-panel-body]"
    assert october.count(f"{body} [role=row] > [data-id] [data-testid=msg-container]") == 1
    assert october.words(f"{ROW} [data-testid=msg-meta]") == ["16:35"]


def test_direction_is_told_by_a_tail_on_the_first_of_a_group_and_a_label(october: Stage) -> None:
    october.opened(
        *numbered(
            [message("um"), message("dois"), message("três"), mine("a"), mine("b"), mine("c")]
        )
    )
    assert october.count(f"{ROW} [data-icon=tail-in]") == 1
    assert october.count(f"{ROW} [data-icon=tail-out]") == 1
    assert october.count("[data-testid=tail-out]") == 1
    assert october.count(f"{ROW} [aria-label='Ana Souza:']") == 2
    assert october.count(f"{ROW} [aria-label='Você:']") == 2
    assert october.count(".message-in, .message-out") == 0


def test_ticks_are_labelled_with_spaces_around_and_named_misleadingly(october: Stage) -> None:
    names = ("wds-ic-status-pending", "wds-ic-delivered", "wds-ic-read", "wds-ic-read")
    labels = (" Pendente ", " Enviada ", " Entregue ", " Lida ")
    colours = []
    for ack, (name, label) in enumerate(zip(names, labels, strict=True)):
        october.opened(mine("Oi", ack=ack))
        assert october.words(TICK) == [name]
        assert october.count(f'{ROW} [aria-label="{label}"]') == 1
        colours.append(
            october.page.locator(f"css={ROW} [aria-label='{label}']").evaluate(
                "one => getComputedStyle(one).color"
            )
        )
        assert october.count(f"{ROW} [data-testid=msg-meta] [data-testid={name}]") == 1
    assert colours[1] == colours[2] != colours[3]
    october.opened(message("Oi"))
    assert october.words(TICK) == []


def test_a_tick_advances_while_its_row_stays_the_same_node(october: Stage) -> None:
    october.opened(mine("Oi"))
    october.page.evaluate(f"window.row = document.querySelector('{ROW}')")
    october.change(chat(mine("Oi", ack=3)))
    assert october.count('[aria-label=" Lida "]') > 0
    assert october.page.evaluate(f"window.row === document.querySelector('{ROW}')")


def test_labels_of_ticks_follow_the_phones_language(october: Stage) -> None:
    labels = {"en": (" Sent ", "You:"), "es": (" Enviado ", "Tú:")}
    for language, (tick, me) in labels.items():
        october.show(chat(mine("Oi")), open="5511987654321@c.us", language=language)
        assert october.count(f'{ROW} [aria-label="{tick}"]') == 1
        assert october.count(f'{ROW} [aria-label="{me}"]') == 1


def test_a_group_names_the_author_on_the_first_of_a_run(either: Stage) -> None:
    unsaved = {"author": "Caio", "author_number": "5511912345678", "author_saved": False}
    rows = numbered(
        [message("a", author="Bia"), message("b", author="Bia"), message("c", **unsaved)]
    )
    either.show(group(*rows), open="120363041@g.us")
    author = either.known_by("author", f"{ROW} [role=button] > span[dir=auto]")
    assert either.words(f"{ROW} {author}" if either.has_ids else author) == ["Bia", "~\xa0Caio"]
    assert "+55 11 91234-5678" in either.words(f"{ROW}")[2]
    either.opened(message("Oi"))
    assert either.count(author) == 0


KINDS = [
    ("voice", "[aria-label='Reproduzir mensagem de voz']"),
    ("sticker", "img[alt='Figurinha']"),
    ("image", "[role=button][aria-label='Abrir imagem'] img"),
    ("video", "[data-icon=media-play]"),
    ("document", "[title='Baixar \"exame.pdf\"']"),
    ("view_once", "[data-icon=view-once-sunset]"),
    ("poll", "[role=checkbox]"),
    ("list", "button"),
    ("buttons", "button"),
    ("contact", "[data-icon=default-contact-refreshed]"),
    ("location", "a[href*=maps]"),
]


def test_each_kind_of_message_has_what_the_real_one_shows(either: Stage) -> None:
    for kind, inside in KINDS:
        either.opened(message(kind=kind, title="exame.pdf"))
        assert (kind, either.count(f"{ROW} {inside}") >= 1) == (kind, True)
        assert (kind, either.count("[data-testid]") > 0) == (kind, either.has_ids)


def test_polls_lists_and_buttons_come_as_text_or_title(october: Stage) -> None:
    for kind in ("poll", "list", "buttons"):
        october.opened(message("Qual horário?", kind=kind))
        assert october.words(f"{ROW} .selectable-text") == ["Qual horário?"], kind
    october.opened(message(kind="list", title="Escolha"))
    assert october.words(f"{ROW} .selectable-text") == ["Escolha"]


def test_view_once_and_waiting_and_deleted_have_no_text_to_read(october: Stage) -> None:
    for kind, words in (
        ("view_once", "Mensagem de visualização única"),
        ("waiting", "Aguardando esta mensagem"),
        ("deleted", "Mensagem apagada"),
    ):
        october.opened(message("segredo", kind=kind))
        assert october.count(f"{ROW} .selectable-text") == 0
        assert words in october.words(ROW)[0]
        assert "segredo" not in october.words(ROW)[0]


def test_a_deleted_message_has_its_icon(october: Stage) -> None:
    october.opened(message("x", kind="deleted"), name="Ana")
    assert october.words(f"{ROW} [data-icon=recalled] svg > title") == ["recalled"]
    october.opened(mine("x", kind="deleted"))
    assert "Você apagou esta mensagem" in october.words(ROW)[0]


def test_an_edited_message_keeps_its_id_and_says_so_beside_the_hour(october: Stage) -> None:
    october.opened(message("ok"))
    october.change(chat(message("SAIR", edited=True)))
    assert october.values(ROW, "data-id") == ["AC" + "0" * 30]
    assert october.words(f"{ROW} .selectable-text") == ["SAIR"]
    assert "Editada" in october.words(ROW)[0]
    assert october.words("[data-testid=msg-meta]") == ["Editada16:35"]


def test_a_late_text_replaces_the_waiting_row_under_the_same_id(october: Stage) -> None:
    october.opened(message(kind="waiting"))
    assert "Aguardando esta mensagem" in october.words(ROW)[0]
    # The clock before the words is nobody's tick: it has no label.
    assert october.words(f"{ROW} svg > title") == ["tail-in", "ic-schedule"]
    assert october.count(f"{ROW} [aria-label] svg > title:text-is('ic-schedule')") == 0
    october.change(chat(message("SAIR")))
    assert october.values(ROW, "data-id") == ["AC" + "0" * 30]
    assert october.words(f"{ROW} .selectable-text") == ["SAIR"]


def test_a_reaction_hangs_below_the_row_and_is_no_text_of_it(october: Stage) -> None:
    october.opened(message("Oi", reactions=["❤️", "🙏"]))
    bubble = f"{ROW} button[aria-haspopup=true][aria-label^='Reação']"
    assert october.values(f"{bubble} img", "alt") == ["❤️", "🙏"]
    assert october.words(bubble) == ["2"]
    assert october.words(f"{ROW} .selectable-text") == ["Oi"]
    inside = "[data-testid=addon-bubble-container] > button[data-testid=reaction-bubble]"
    assert october.count(f"{ROW} {inside} [data-testid=reaction-bubble-item] img") == 2


def test_a_sticker_is_a_picture_with_words_of_its_maker_and_opens_large(october: Stage) -> None:
    october.opened(message("Pare com isso", kind="sticker"), message(kind="sticker", id="AC9"))
    pictures = f"{ROW} span > img[draggable=false]"
    assert october.values(pictures, "alt") == ["Pare com isso", "Figurinha"]
    assert october.count(f"{ROW} .selectable-text, {ROW} [data-pre-plain-text]") == 0
    assert october.count(f"{ROW} span[data-testid=sticker-container] > img") == 2
    october.page.click(f"css={pictures} >> nth=0")
    large = "[data-testid=media-viewer-modal] [data-testid=media-sticker]"
    assert october.values(f"{large} > [role=button]", "aria-label") == ["Pare com isso"]
    assert october.count(f"{ROW} [data-testid=media-sticker]") == 0
    october.page.keyboard.press("Escape")
    assert october.count(large) == 0


def test_older_messages_are_said_to_be_on_the_phone(october: Stage) -> None:
    october.opened(message("Oi"))
    assert "Use o WhatsApp no seu celular" in october.page.inner_text("#main")
    assert october.count(f"{ROW}:has-text('no seu celular')") == 0


def test_a_system_row_is_no_message(october: Stage) -> None:
    october.opened(message("As mensagens são protegidas", kind="system"))
    assert october.count(f"{ROW} .selectable-text") == 0
    assert october.count(f"{ROW} [data-testid=msg-notification-container]") == 1


def test_an_image_without_words_has_no_text(october: Stage) -> None:
    october.opened(message(kind="image"))
    assert october.count(f"{ROW} .selectable-text") == 0


def test_days_and_the_first_unread_stand_between_the_rows_and_are_none(october: Stage) -> None:
    october.opened(
        *numbered([message("um", at=at(20)), message("dois"), message("três")]), unread=2
    )
    between = october.words("#main [role=application] > :not([role=row])")
    assert between == ["Ontem", "Hoje", "2 mensagens não lidas"]
    assert october.count(f"{ROW}") == 3
    assert october.count("#main [role=application] > :not([role=row]) [data-id]") == 0
    assert october.count("#main [data-icon=tail-in]") == 2  # a run ends with its day
    october.change(chat(*numbered([message("um", at=at(20)), message("dois")]), unread=0))
    assert "2 mensagens não lidas" not in october.words("#main header")


def test_rows_far_from_sight_are_shells_until_they_come_near(october: Stage) -> None:
    october.page.set_viewport_size({"width": 1280, "height": 720})
    october.opened(*numbered([message(f"{n}\n\n\n", at=at(21) - 100 + n) for n in range(80)]))
    october.page.wait_for_selector("[data-virtualized=true]", state="attached")
    first = october.page.locator(f"{ROW}").first
    assert first.get_attribute("data-id")
    assert first.text_content() == ""
    assert october.words(f"{ROW} .selectable-text")[-1].startswith("79")
    height = "document.querySelector('#main .rows').scrollHeight"
    before = october.page.evaluate(height)
    first.evaluate("(row) => row.scrollIntoView()")
    october.page.wait_for_selector(f"{ROW} .selectable-text >> text=/^0/")
    assert october.page.evaluate(height) == before


def test_an_unread_chat_opens_where_the_unread_ones_begin(october: Stage) -> None:
    october.page.set_viewport_size({"width": 1280, "height": 720})
    october.opened(*numbered([message(f"{n}\n\n\n") for n in range(80)]), unread=60)
    october.page.wait_for_selector("#main .marker >> text=60 mensagens não lidas")
    october.page.wait_for_selector("[data-virtualized=true]", state="attached")
    last = october.page.locator(ROW).last
    assert last.text_content() == ""
    october.page.fill("footer [contenteditable=true]", "Oi")
    october.page.keyboard.press("Enter")
    october.page.wait_for_function(
        "document.querySelector('#main [role=application]').lastChild.textContent.includes('Oi')"
    )


def test_reacts_key_of_what_is_open_tells_whose_chat_it_is(october: Stage) -> None:
    october.opened(message("Oi"), id="235085806727321@lid", number="")
    key = """(main) => main[Object.keys(main).find((name) => name.startsWith("__reactProps$"))].children[1].key"""
    assert october.page.locator("#main").evaluate(key) == "235085806727321@lid"


def test_the_windows_title_counts_the_unread_chats_that_are_not_muted(october: Stage) -> None:
    muted = chat(message("Oi"), id="2@c.us", unread=1, muted=True)
    october.show(chat(message("Oi"), unread=5), muted)
    assert october.page.title() == "(1) WhatsApp"
    october.show(chat(message("Oi")), muted)
    assert october.page.title() == "WhatsApp"
