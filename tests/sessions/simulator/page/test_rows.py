"""The rows of an open chat: ids, direction, ticks, authors, and every kind of message (Elements, Message row)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, at, chat, group, message, mine, numbered

pytestmark = pytest.mark.browser

ROW = "#main [role=row] > [data-id]"
TICK = f"{ROW} [aria-label] > svg > title"


def test_a_row_has_a_bare_id_in_its_attribute_and_its_test_id(stage: Stage) -> None:
    stage.opened(message("Oi"))
    bare = "AC" + "0" * 30
    assert stage.values(ROW, "data-id") == [bare]
    if stage.has_ids:
        assert stage.values(ROW, "data-testid") == [f"conv-msg-{bare}"]
        body = "#main [data-testid=conversation-panel-body]"
        assert stage.count(f"{body} [role=row] > [data-id] [data-testid=msg-container]") == 1
        assert stage.words(f"{ROW} [data-testid=msg-meta]") == ["16:35"]


def test_direction_is_told_by_a_tail_on_the_first_of_a_group_and_a_label(stage: Stage) -> None:
    stage.opened(
        *numbered(
            [message("um"), message("dois"), message("três"), mine("a"), mine("b"), mine("c")]
        )
    )
    assert stage.count(f"{ROW} [data-icon=tail-in]") == 1
    assert stage.count(f"{ROW} [data-icon=tail-out]") == 1
    assert stage.count("[data-testid=tail-out]") == int(stage.has_ids)
    assert stage.count(f"{ROW} [aria-label='Ana Souza:']") == 2
    assert stage.count(f"{ROW} [aria-label='Você:']") == 2
    assert stage.count(".message-in, .message-out") == 0


def test_ticks_are_labelled_with_spaces_around_and_named_misleadingly(stage: Stage) -> None:
    names = ("wds-ic-status-pending", "wds-ic-delivered", "wds-ic-read", "wds-ic-read")
    labels = (" Pendente ", " Enviada ", " Entregue ", " Lida ")
    colours = []
    for ack, (name, label) in enumerate(zip(names, labels, strict=True)):
        stage.opened(mine("Oi", ack=ack))
        assert stage.words(TICK) == [name]
        assert stage.count(f'{ROW} [aria-label="{label}"]') == 1
        colours.append(
            stage.page.locator(f"css={ROW} [aria-label='{label}']").evaluate(
                "one => getComputedStyle(one).color"
            )
        )
        if stage.has_ids:
            assert stage.count(f"{ROW} [data-testid=msg-meta] [data-testid={name}]") == 1
    assert colours[1] == colours[2] != colours[3]
    stage.opened(message("Oi"))
    assert stage.words(TICK) == []


def test_a_tick_advances_while_its_row_stays_the_same_node(stage: Stage) -> None:
    stage.opened(mine("Oi"))
    stage.page.evaluate(f"window.row = document.querySelector('{ROW}')")
    stage.change(chat(mine("Oi", ack=3)))
    assert stage.count('[aria-label=" Lida "]') > 0
    assert stage.page.evaluate(f"window.row === document.querySelector('{ROW}')")


def test_labels_of_ticks_follow_the_phones_language(october: Stage) -> None:
    labels = {"en": (" Sent ", "You:"), "es": (" Enviado ", "Tú:")}
    for language, (tick, me) in labels.items():
        october.show(chat(mine("Oi")), open="5511987654321@c.us", language=language)
        assert october.count(f'{ROW} [aria-label="{tick}"]') == 1
        assert october.count(f'{ROW} [aria-label="{me}"]') == 1


def test_a_group_names_the_author_on_the_first_of_a_run(stage: Stage) -> None:
    unsaved = {"author": "Caio", "author_number": "5511912345678", "author_saved": False}
    rows = numbered(
        [message("a", author="Bia"), message("b", author="Bia"), message("c", **unsaved)]
    )
    stage.show(group(*rows), open="120363041@g.us")
    author = stage.known_by("author", f"{ROW} [role=button] > span[dir=auto]")
    assert stage.words(f"{ROW} {author}" if stage.has_ids else author) == ["Bia", "~\xa0Caio"]
    assert "+55 11 91234-5678" in stage.words(f"{ROW}")[2]
    stage.opened(message("Oi"))
    assert stage.count(author) == 0


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


@pytest.mark.parametrize(("kind", "inside"), KINDS, ids=[kind for kind, _ in KINDS])
def test_each_kind_of_message_has_what_the_real_one_shows(
    stage: Stage, kind: str, inside: str
) -> None:
    stage.opened(message(kind=kind, title="exame.pdf"))
    assert stage.count(f"{ROW} {inside}") >= 1
    assert stage.count(f"{ROW} svg > title") >= 0
    assert (stage.count("[data-testid]") > 0) is stage.has_ids


def test_polls_lists_and_buttons_come_as_text_or_title(stage: Stage) -> None:
    for kind in ("poll", "list", "buttons"):
        stage.opened(message("Qual horário?", kind=kind))
        assert stage.words(f"{ROW} .selectable-text") == ["Qual horário?"], kind
    stage.opened(message(kind="list", title="Escolha"))
    assert stage.words(f"{ROW} .selectable-text") == ["Escolha"]


def test_view_once_and_waiting_and_deleted_have_no_text_to_read(stage: Stage) -> None:
    for kind, words in (
        ("view_once", "Mensagem de visualização única"),
        ("waiting", "Aguardando esta mensagem"),
        ("deleted", "Mensagem apagada"),
    ):
        stage.opened(message("segredo", kind=kind))
        assert stage.count(f"{ROW} .selectable-text") == 0
        assert words in stage.words(ROW)[0]
        assert "segredo" not in stage.words(ROW)[0]


def test_a_deleted_message_has_its_icon(stage: Stage) -> None:
    stage.opened(message("x", kind="deleted"), name="Ana")
    assert stage.words(f"{ROW} [data-icon=recalled] svg > title") == ["recalled"]
    stage.opened(mine("x", kind="deleted"))
    assert "Você apagou esta mensagem" in stage.words(ROW)[0]


def test_an_edited_message_keeps_its_id_and_says_so_beside_the_hour(stage: Stage) -> None:
    stage.opened(message("ok"))
    stage.change(chat(message("SAIR", edited=True)))
    assert stage.values(ROW, "data-id") == ["AC" + "0" * 30]
    assert stage.words(f"{ROW} .selectable-text") == ["SAIR"]
    assert "Editada" in stage.words(ROW)[0]
    if stage.has_ids:
        assert stage.words("[data-testid=msg-meta]") == ["Editada16:35"]


def test_a_late_text_replaces_the_waiting_row_under_the_same_id(stage: Stage) -> None:
    stage.opened(message(kind="waiting"))
    assert "Aguardando esta mensagem" in stage.words(ROW)[0]
    # The clock before the words is nobody's tick: it has no label.
    assert stage.words(f"{ROW} svg > title") == ["tail-in", "ic-schedule"]
    assert stage.count(f"{ROW} [aria-label] svg > title:text-is('ic-schedule')") == 0
    stage.change(chat(message("SAIR")))
    assert stage.values(ROW, "data-id") == ["AC" + "0" * 30]
    assert stage.words(f"{ROW} .selectable-text") == ["SAIR"]


def test_a_reaction_hangs_below_the_row_and_is_no_text_of_it(stage: Stage) -> None:
    stage.opened(message("Oi", reactions=["❤️", "🙏"]))
    bubble = f"{ROW} button[aria-haspopup=true][aria-label^='Reação']"
    assert stage.values(f"{bubble} img", "alt") == ["❤️", "🙏"]
    assert stage.words(bubble) == ["2"]
    assert stage.words(f"{ROW} .selectable-text") == ["Oi"]
    if stage.has_ids:
        inside = "[data-testid=addon-bubble-container] > button[data-testid=reaction-bubble]"
        assert stage.count(f"{ROW} {inside} [data-testid=reaction-bubble-item] img") == 2


def test_a_sticker_is_a_picture_with_words_of_its_maker_and_opens_large(stage: Stage) -> None:
    stage.opened(message("Pare com isso", kind="sticker"), message(kind="sticker", id="AC9"))
    pictures = f"{ROW} span > img[draggable=false]"
    assert stage.values(pictures, "alt") == ["Pare com isso", "Figurinha"]
    assert stage.count(f"{ROW} .selectable-text, {ROW} [data-pre-plain-text]") == 0
    if not stage.has_ids:
        return
    assert stage.count(f"{ROW} span[data-testid=sticker-container] > img") == 2
    stage.page.click(f"css={pictures} >> nth=0")
    large = "[data-testid=media-viewer-modal] [data-testid=media-sticker]"
    assert stage.values(f"{large} > [role=button]", "aria-label") == ["Pare com isso"]
    assert stage.count(f"{ROW} [data-testid=media-sticker]") == 0
    stage.page.keyboard.press("Escape")
    assert stage.count(large) == 0


def test_older_messages_are_said_to_be_on_the_phone(stage: Stage) -> None:
    stage.opened(message("Oi"))
    assert "Use o WhatsApp no seu celular" in stage.page.inner_text("#main")
    assert stage.count(f"{ROW}:has-text('no seu celular')") == 0


def test_a_system_row_is_no_message(stage: Stage) -> None:
    stage.opened(message("As mensagens são protegidas", kind="system"))
    assert stage.count(f"{ROW} .selectable-text") == 0
    if stage.has_ids:
        assert stage.count(f"{ROW} [data-testid=msg-notification-container]") == 1


def test_an_image_without_words_has_no_text(stage: Stage) -> None:
    stage.opened(message(kind="image"))
    assert stage.count(f"{ROW} .selectable-text") == 0


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


def test_rows_far_from_sight_are_shells_until_they_come_near(stage: Stage) -> None:
    stage.page.set_viewport_size({"width": 1280, "height": 720})
    stage.opened(*numbered([message(f"{n}\n\n\n", at=at(21) - 100 + n) for n in range(80)]))
    stage.page.wait_for_selector("[data-virtualized=true]", state="attached")
    first = stage.page.locator(f"{ROW}").first
    assert first.get_attribute("data-id")
    assert first.text_content() == ""
    assert stage.words(f"{ROW} .selectable-text")[-1].startswith("79")
    height = "document.querySelector('#main .rows').scrollHeight"
    before = stage.page.evaluate(height)
    first.evaluate("(row) => row.scrollIntoView()")
    stage.page.wait_for_selector(f"{ROW} .selectable-text >> text=/^0/")
    assert stage.page.evaluate(height) == before


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
