"""The box to write in: lists, emoticons, paste, and what it shows for what it holds (Behaviour, Writing)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, chat, message

pytestmark = pytest.mark.browser

BOX = 'footer div[contenteditable=true][data-tab="10"]'
ANA = "5511987654321@c.us"
LIST = "Leve:\n- RG\n- CPF\n\n1. Chegue cedo\n2. Avise :-)\n> cita"
PASTE = """(box, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  box.focus();
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
DRAFT = """(box) => [...box.children].map((line) => {
  const read = (one) => one.dataset?.plainText ?? (one.nodeType === Node.TEXT_NODE ? one.data : [...one.childNodes].map(read).join(""));
  return read(line);
}).join("\\n")"""


def draft(stage: Stage) -> str:
    return str(stage.page.locator(BOX).evaluate(DRAFT))


def typed(stage: Stage, text: str) -> None:
    """Letter by letter, with Shift+Enter at each line's end."""
    stage.show(chat(message("Oi")), open=ANA)
    stage.page.click(BOX)
    for place, line in enumerate(text.split("\n")):
        if place:
            stage.page.keyboard.press("Shift+Enter")
        stage.page.keyboard.type(line)


def test_the_box_is_an_editor_in_a_footer_found_by_tab_order_test_id_and_role(
    october: Stage,
) -> None:
    october.show(chat(message("Oi")), open=ANA)
    assert october.count(BOX) == 1
    assert october.count("#main footer [role=textbox][data-lexical-editor=true]") == 1
    nested = "footer [data-testid=compose-box] [data-testid=conversation-compose-box-input]"
    assert october.count(nested) == 1


def test_the_send_button_comes_with_the_first_letter(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    send = 'footer button[aria-label=Enviar]:has([data-icon="wds-ic-send-filled"])'
    assert october.count(send) == 0
    october.page.fill(BOX, "x")
    assert october.count(send) == 1
    assert october.count("[data-testid=compose-btn-send] [data-testid=wds-ic-send-filled]") == 1
    october.page.fill(BOX, "")
    assert october.count(send) == 0


def test_each_line_is_a_paragraph_and_an_empty_one_keeps_a_break(october: Stage) -> None:
    typed(october, "um\n\ntrês  espaços")
    assert october.words(f"{BOX} > p.selectable-text") == ["um", "", "três  espaços"]
    assert october.count(f"{BOX} > p:nth-child(2) > br") == 1
    assert october.words(f"{BOX} p > span[data-lexical-text=true]") == ["um", "três  espaços"]


def test_shift_enter_goes_on_with_a_list_so_that_typed_signs_double(october: Stage) -> None:
    typed(october, "- RG\n- CPF")
    assert draft(october) == "- RG\n- - CPF"
    typed(october, "* RG\nCPF")
    assert draft(october) == "* RG\n* CPF"
    typed(october, "1. cedo\nAvise")
    assert draft(october) == "1. cedo\n2. Avise"


def test_numbers_are_counted_anew(october: Stage) -> None:
    typed(october, "7. sete\noito\nnove")
    assert draft(october) == "7. sete\n8. oito\n9. nove"


def test_a_number_put_between_others_pushes_them_on(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.locator(BOX).evaluate(PASTE, "1. um\n2. dois")
    october.page.keyboard.press("ArrowUp")
    october.page.keyboard.press("End")
    october.page.keyboard.press("Shift+Enter")
    october.page.keyboard.type("novo")
    assert draft(october) == "1. um\n2. novo\n3. dois"


def test_an_empty_item_ends_the_list(october: Stage) -> None:
    typed(october, "- RG\n\nfim")
    assert draft(october) == "- RG\nfim"


def test_signs_show_as_others_and_tell_their_own_in_an_attribute(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.locator(BOX).evaluate(PASTE, "- CPF\n> cita")
    assert october.words(f"{BOX} > p") == ["• CPF", "\u3000 cita"]
    assert october.values(f"{BOX} span[data-plain-text]", "data-plain-text") == ["-", ">"]
    assert draft(october) == "- CPF\n> cita"


def test_emoticons_typed_become_emoji(october: Stage) -> None:
    shown = {
        "Oi :-)": "Oi 🙂",
        "(y)": "👍",
        "<3": "❤️",
        "às 8:30)": "às 8:30)",
        ":)": "🙂",
        ";-)": "😉",
    }
    for typing, emoji in shown.items():
        typed(october, typing)
        assert draft(october) == emoji


def test_paste_neither_goes_on_with_lists_nor_makes_emoji(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.locator(BOX).evaluate(PASTE, LIST)
    assert draft(october) == LIST
    october.page.keyboard.press("Enter")
    assert october.sent() == [LIST]


def test_paste_by_keyboard_is_the_same(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    october.page.evaluate("(text) => navigator.clipboard.writeText(text)", LIST)
    october.page.click(BOX)
    october.page.keyboard.press("ControlOrMeta+v")
    assert draft(october) == LIST


def test_the_text_of_a_link_is_put_in_as_it_is(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA, text=LIST)
    assert draft(october) == LIST
    october.page.click("footer button[aria-label=Enviar]")
    assert october.sent() == [LIST]
    assert draft(october) == ""


def test_filling_and_deleting_change_what_is_there(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.fill(BOX, "um\ndois\n\nquatro")
    assert draft(october) == "um\ndois\n\nquatro"
    october.page.keyboard.press("Backspace")
    assert draft(october) == "um\ndois\n\nquatr"
    october.page.keyboard.press("ControlOrMeta+a")
    october.page.keyboard.press("Delete")
    assert draft(october) == ""
    october.page.keyboard.type("novo")
    october.page.keyboard.press("ArrowLeft")
    october.page.keyboard.type("v")
    assert draft(october) == "novvo"


def test_a_draft_waits_in_its_chat(october: Stage) -> None:
    other = chat(message("Oi"), id="5511912345678@c.us", name="Bia", number="5511912345678")
    october.show(chat(message("Oi")), other, open=ANA)
    october.page.fill(BOX, "para depois")
    october.page.click("#pane-side [title=Bia]")
    october.page.wait_for_selector(f"{BOX}[aria-label$=Bia]")
    assert draft(october) == ""
    october.page.click("#pane-side [title='Ana Souza']")
    october.page.wait_for_selector(f"{BOX}[aria-label$=Souza]")
    assert draft(october) == "para depois"


def test_text_put_in_by_a_command_counts_as_well(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.locator(BOX).evaluate(
        "(box) => { box.focus(); document.execCommand('insertText', false, 'oi 🙏'); }"
    )
    assert draft(october) == "oi 🙏"
    assert october.count(f"{BOX} span.emoji > span") == 1
    october.page.keyboard.type("!")
    october.page.keyboard.press("Enter")
    assert october.sent() == ["oi 🙏!"]
