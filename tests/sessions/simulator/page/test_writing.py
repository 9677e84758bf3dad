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


def test_the_box_is_an_editor_in_a_footer_found_by_tab_order_test_id_and_role(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    assert stage.count(BOX) == 1
    assert stage.count("#main footer [role=textbox][data-lexical-editor=true]") == 1
    if stage.has_ids:
        nested = "footer [data-testid=compose-box] [data-testid=conversation-compose-box-input]"
        assert stage.count(nested) == 1


def test_the_send_button_comes_with_the_first_letter(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    send = 'footer button[aria-label=Enviar]:has([data-icon="wds-ic-send-filled"])'
    assert stage.count(send) == 0
    stage.page.fill(BOX, "x")
    assert stage.count(send) == 1
    if stage.has_ids:
        assert stage.count("[data-testid=compose-btn-send] [data-testid=wds-ic-send-filled]") == 1
    stage.page.fill(BOX, "")
    assert stage.count(send) == 0


def test_each_line_is_a_paragraph_and_an_empty_one_keeps_a_break(stage: Stage) -> None:
    typed(stage, "um\n\ntrês  espaços")
    assert stage.words(f"{BOX} > p.selectable-text") == ["um", "", "três  espaços"]
    assert stage.count(f"{BOX} > p:nth-child(2) > br") == 1
    assert stage.words(f"{BOX} p > span[data-lexical-text=true]") == ["um", "três  espaços"]


def test_shift_enter_goes_on_with_a_list_so_that_typed_signs_double(stage: Stage) -> None:
    typed(stage, "- RG\n- CPF")
    assert draft(stage) == "- RG\n- - CPF"
    typed(stage, "* RG\nCPF")
    assert draft(stage) == "* RG\n* CPF"
    typed(stage, "1. cedo\nAvise")
    assert draft(stage) == "1. cedo\n2. Avise"


def test_numbers_are_counted_anew(stage: Stage) -> None:
    typed(stage, "7. sete\noito\nnove")
    assert draft(stage) == "7. sete\n8. oito\n9. nove"


def test_a_number_put_between_others_pushes_them_on(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    stage.page.locator(BOX).evaluate(PASTE, "1. um\n2. dois")
    stage.page.keyboard.press("ArrowUp")
    stage.page.keyboard.press("End")
    stage.page.keyboard.press("Shift+Enter")
    stage.page.keyboard.type("novo")
    assert draft(stage) == "1. um\n2. novo\n3. dois"


def test_an_empty_item_ends_the_list(stage: Stage) -> None:
    typed(stage, "- RG\n\nfim")
    assert draft(stage) == "- RG\nfim"


def test_signs_show_as_others_and_tell_their_own_in_an_attribute(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    stage.page.locator(BOX).evaluate(PASTE, "- CPF\n> cita")
    assert stage.words(f"{BOX} > p") == ["• CPF", "\u3000 cita"]
    assert stage.values(f"{BOX} span[data-plain-text]", "data-plain-text") == ["-", ">"]
    assert draft(stage) == "- CPF\n> cita"


@pytest.mark.parametrize(
    ("typing", "shown"),
    [
        ("Oi :-)", "Oi 🙂"),
        ("(y)", "👍"),
        ("<3", "❤️"),
        ("às 8:30)", "às 8:30)"),
        (":)", "🙂"),
        (";-)", "😉"),
    ],
)
def test_emoticons_typed_become_emoji(stage: Stage, typing: str, shown: str) -> None:
    typed(stage, typing)
    assert draft(stage) == shown


def test_paste_neither_goes_on_with_lists_nor_makes_emoji(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    stage.page.locator(BOX).evaluate(PASTE, LIST)
    assert draft(stage) == LIST
    stage.page.keyboard.press("Enter")
    assert stage.sent() == [LIST]


def test_paste_by_keyboard_is_the_same(october: Stage) -> None:
    october.show(chat(message("Oi")), open=ANA)
    october.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    october.page.evaluate("(text) => navigator.clipboard.writeText(text)", LIST)
    october.page.click(BOX)
    october.page.keyboard.press("ControlOrMeta+v")
    assert draft(october) == LIST


def test_the_text_of_a_link_is_put_in_as_it_is(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA, text=LIST)
    assert draft(stage) == LIST
    stage.page.click("footer button[aria-label=Enviar]")
    assert stage.sent() == [LIST]
    assert draft(stage) == ""


def test_filling_and_deleting_change_what_is_there(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    stage.page.fill(BOX, "um\ndois\n\nquatro")
    assert draft(stage) == "um\ndois\n\nquatro"
    stage.page.keyboard.press("Backspace")
    assert draft(stage) == "um\ndois\n\nquatr"
    stage.page.keyboard.press("ControlOrMeta+a")
    stage.page.keyboard.press("Delete")
    assert draft(stage) == ""
    stage.page.keyboard.type("novo")
    stage.page.keyboard.press("ArrowLeft")
    stage.page.keyboard.type("v")
    assert draft(stage) == "novvo"


def test_a_draft_waits_in_its_chat(stage: Stage) -> None:
    other = chat(message("Oi"), id="5511912345678@c.us", name="Bia", number="5511912345678")
    stage.show(chat(message("Oi")), other, open=ANA)
    stage.page.fill(BOX, "para depois")
    stage.page.click("#pane-side [title=Bia]")
    stage.page.wait_for_selector(f"{BOX}[aria-label$=Bia]")
    assert draft(stage) == ""
    stage.page.click("#pane-side [title='Ana Souza']")
    stage.page.wait_for_selector(f"{BOX}[aria-label$=Souza]")
    assert draft(stage) == "para depois"


def test_text_put_in_by_a_command_counts_as_well(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    stage.page.locator(BOX).evaluate(
        "(box) => { box.focus(); document.execCommand('insertText', false, 'oi 🙏'); }"
    )
    assert draft(stage) == "oi 🙏"
    assert stage.count(f"{BOX} span.emoji > span") == 1
    stage.page.keyboard.type("!")
    stage.page.keyboard.press("Enter")
    assert stage.sent() == ["oi 🙏!"]
