"""A message's text as the real page nests it: the outermost piece holds the others (Elements, Message text)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, chat, message, mine

pytestmark = pytest.mark.browser

WHOLE = "#main [data-id] .selectable-text:not(.selectable-text .selectable-text):not([aria-label='Mensagem citada'] *)"
# What a reader that knows the document's rules makes of the outermost piece.
READ = """(node) => {
  const read = (one) => {
    if (one.nodeType === Node.TEXT_NODE) return one.data;
    if (one.dataset?.plainText !== undefined) return one.dataset.plainText;
    return (one.dataset?.prePlainText ?? "") + [...one.childNodes].map(read).join("");
  };
  return read(node);
}"""


def outermost(stage: Stage) -> str:
    (text,) = stage.page.locator(f"css={WHOLE}").evaluate_all(f"all => all.map({READ})")
    return str(text)


def test_plain_text_and_emoji_read_whole(october: Stage) -> None:
    for text in ("SAIR 🙏", "👍", "Pare 🙏🏽 já", "Olá\nlinha dois", "❤️"):
        october.opened(message(text))
        assert outermost(october) == text


def test_emoji_are_pictures_with_their_text(october: Stage) -> None:
    october.opened(message("SAIR 🙏"))
    assert october.values(f"{WHOLE} img.selectable-text", "data-plain-text") == ["🙏"]
    assert october.values(f"{WHOLE} img", "alt") == ["🙏"]
    assert "🙏" not in october.words(WHOLE)[0]


def test_every_formatted_piece_is_a_selectable_text_too(october: Stage) -> None:
    october.opened(message("Pare *agora* por _favor_ ~já~ https://a.br"))
    assert outermost(october) == "Pare agora por favor já https://a.br"
    inner = f"{WHOLE} .selectable-text.copyable-text"
    assert october.words(inner) == ["agora", "favor", "já", "https://a.br"]
    names = october.page.locator(f"css={inner}").evaluate_all("all => all.map(one => one.nodeName)")
    assert names == ["STRONG", "EM", "DEL", "A"]
    assert october.count("#main [data-testid~=selectable-text]") == 5


def test_a_bold_word_alone_in_a_line_keeps_the_lines(october: Stage) -> None:
    october.opened(message("*Aviso*\nsegue _já_"))
    assert outermost(october) == "Aviso\nsegue já"


def test_list_signs_stand_only_in_an_attribute_and_nothing_between_items(october: Stage) -> None:
    october.opened(message("Leve:\n- RG\n- CPF\nObrigada"))
    assert october.words(f"{WHOLE} ul > li[dir=auto] > span.selectable-text") == ["RG", "CPF"]
    assert october.values(f"{WHOLE} li > span", "data-pre-plain-text") == ["- ", "- "]
    assert october.words(WHOLE) == ["Leve:\nRGCPFObrigada"]
    october.opened(message("1. Chegue cedo\n2. Avise"))
    assert october.values(f"{WHOLE} ol > li", "value") == ["1", "2"]
    assert october.values(f"{WHOLE} li > span", "data-pre-plain-text") == ["1. ", "2. "]
    october.opened(message("* um\n* dois"))
    assert october.values(f"{WHOLE} li > span", "data-pre-plain-text") == ["* ", "* "]


def test_a_cited_line_is_a_blockquote(october: Stage) -> None:
    october.opened(message("> cita\nsim"))
    assert october.words(f"{WHOLE} blockquote.selectable-text") == ["cita"]
    assert october.values(f"{WHOLE} blockquote", "data-pre-plain-text") == ["> "]


def test_captions_have_two_words_as_test_id(october: Stage) -> None:
    for kind in ("image", "video", "document"):
        october.opened(message("Segue *o exame*", kind=kind, title="exame.pdf"))
        assert outermost(october) == "Segue o exame"
        ids = october.values(WHOLE, "data-testid")
        assert ids == [f"{kind}-caption selectable-text"]


def test_a_quote_holds_selectable_text_that_is_not_the_messages(either: Stage) -> None:
    either.opened(message("SAIR", quoted={"author": "Você", "text": "Sua consulta é *amanhã*"}))
    quote = either.known_by("quoted-message", "[aria-label='Mensagem citada']")
    assert "Sua consulta é amanhã" in either.words(f"#main {quote}")[0]
    assert either.count(f"{quote} .selectable-text") > 0
    assert outermost(either) == "SAIR"


def test_stamps_stand_on_texts_pictures_and_videos_only(october: Stage) -> None:
    stamp = "#main [data-id] div[data-pre-plain-text^='[']"
    for kind in ("text", "image", "video"):
        october.opened(message("Oi", kind=kind))
        assert october.values(stamp, "data-pre-plain-text") == ["[16:35, 21/10/2026] Ana Souza: "]
    for kind in ("document", "voice", "sticker", "view_once", "deleted", "waiting"):
        october.opened(message("Oi", kind=kind, title="exame.pdf"))
        assert october.count("#main [data-id] [data-pre-plain-text]") == 0, kind


def test_stamps_are_in_the_browsers_zone_and_follow_the_phones_clock_and_order(
    october: Stage,
) -> None:
    october.opened(mine("Oi"))
    stamp = "#main [data-id] div[data-pre-plain-text]"
    stamps = {
        ("pt", False): "[16:35, 21/10/2026] Clínica Horizonte: ",
        ("pt", True): "[4:35 PM, 21/10/2026] Clínica Horizonte: ",
        ("en", True): "[4:35 PM, 10/21/2026] Clínica Horizonte: ",
        ("en", False): "[16:35, 10/21/2026] Clínica Horizonte: ",
        ("es", False): "[16:35, 21/10/2026] Clínica Horizonte: ",
        ("es", True): "[4:35 p. m., 21/10/2026] Clínica Horizonte: ",
    }
    for (language, hour12), expected in stamps.items():
        october.show(
            chat(mine("Oi")),
            open="5511987654321@c.us",
            language=language,
            hour12=hour12,
            me="Clínica Horizonte",
        )
        assert october.values(stamp, "data-pre-plain-text") == [expected]


def test_what_a_stamp_calls_an_unsaved_person_has_direction_marks(october: Stage) -> None:
    october.opened(message("Oi"), name="")
    stamp = "#main [data-id] div[data-pre-plain-text]"
    assert october.values(stamp, "data-pre-plain-text") == [
        "[16:35, 21/10/2026] \u202a+55 11 98765-4321\u202c: "
    ]


MORE = "#main [data-id] .selectable-text ~ .read-more-button[role=button]"


def long(count: int) -> str:
    """A text of so many characters that ends in SAIR."""
    return ("Bom dia, tudo bem? " * count)[: count - 5] + " SAIR"


def test_the_rest_of_a_long_text_comes_by_presses(october: Stage) -> None:
    text = long(768 + 3072 + 400)
    october.opened(message(text))
    for shown in (768, 768 + 3072):
        assert outermost(october) == text[:shown]
        assert october.words(MORE) == ["Ler mais"]
        assert october.count("[data-testid=caption-read-more-button]") == 1
        october.page.click(f"css={MORE}")
    assert outermost(october) == text
    assert october.count(MORE) == 0


def test_a_text_that_is_a_little_longer_is_shown_whole(october: Stage) -> None:
    for count, cut in ((844, False), (845, True)):
        october.opened(message(long(count)))
        assert (count, october.count(MORE) == 1) == (count, cut)
    october.opened(message(long(900), kind="image"))
    assert october.count(MORE) == 1


def test_a_long_text_folds_again_when_it_is_edited(october: Stage) -> None:
    october.opened(message(long(900)))
    october.page.click(f"css={MORE}")
    october.change(chat(message(long(950), edited=True)))
    assert october.words(MORE) == ["Ler mais"]
