"""campaigns.messages.whatsapp_markup: what WhatsApp draws, and nothing that a browser would run."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.messages.whatsapp_markup import Piece, to_html

ALLOWED = {"p", "ul", "ol", "li", "blockquote", "mark", "strong", "em", "s", "code"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("oi", "<p>oi</p>"),
        ("*oi*", "<p><strong>oi</strong></p>"),
        ("_oi_", "<p><em>oi</em></p>"),
        ("~oi~", "<p><s>oi</s></p>"),
        ("`oi`", "<p><code>oi</code></p>"),
        ("```a\nb```", "<p><code>a</code>\n<code>b</code></p>"),
        ("*_oi_*", "<p><strong><em>oi</em></strong></p>"),
        ("_*oi*_", "<p><strong><em>oi</em></strong></p>"),
        ("Olá, *Ana*!", "<p>Olá, <strong>Ana</strong>!</p>"),
        ("2*3*4", "<p>2*3*4</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("* oi *", "<ul><li>oi *</li></ul>"),
        ("*a\nb*", "<p>*a\nb*</p>"),
        ("`*oi*`", "<p><code>*oi*</code></p>"),
        ("a\n\nb", "<p>a\n\nb</p>"),
        ("veja:\n- um\n- dois\nfim", "<p>veja:</p><ul><li>um</li><li>dois</li></ul><p>fim</p>"),
        ("3. três\n4. quatro", '<ol><li value="3">três</li><li value="4">quatro</li></ol>'),
        ("> disse\noi", "<blockquote>disse</blockquote><p>oi</p>"),
        ("- *um*", "<ul><li><strong>um</strong></li></ul>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
    ],
)
def test_marks_are_drawn_as_whatsapp_draws_them(text: str, html: str) -> None:
    assert to_html(text) == html


def test_what_was_filled_in_is_marked() -> None:
    pieces = [Piece("Olá, "), Piece("Lúcia", "filled"), Piece("! "), Piece("Centro", "fallback")]
    assert to_html(pieces) == (
        '<p>Olá, <mark>Lúcia</mark>! <mark class="is-fallback">Centro</mark></p>'
    )


def test_a_mark_may_span_what_was_filled_in() -> None:
    pieces = [Piece("*Olá, "), Piece("Lúcia", "filled"), Piece("*")]
    assert to_html(pieces) == ("<p><strong>Olá, </strong><mark><strong>Lúcia</strong></mark></p>")


def test_a_name_with_a_star_cannot_break_the_page() -> None:
    pieces = [Piece("*Olá "), Piece("A*na <script>", "filled"), Piece(" e*")]
    assert _tags(to_html(pieces)) <= ALLOWED


MARKUP = st.text(alphabet="*_~`<>&\"'- >1.\nab ", max_size=60)


@given(
    st.lists(st.tuples(MARKUP | st.text(max_size=20), st.sampled_from(["", "filled", "fallback"])))
)
def test_any_text_gives_wellformed_html_with_nothing_of_its_own(
    pieces: list[tuple[str, str]],
) -> None:
    html = to_html([Piece(text, origin) for text, origin in pieces])  # type: ignore[arg-type]
    assert _tags(html) <= ALLOWED


@given(st.text(alphabet="<>&\"'abc é", max_size=60))
def test_text_without_marks_is_seen_as_written(text: str) -> None:
    reader = Reader()
    reader.feed(to_html(f"x{text}"))
    assert "".join(reader.seen) == f"x{text}"


class Reader(HTMLParser):
    """Reads HTML as strictly as a person would: every tag closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"class", "value"}
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def _tags(html: str) -> set[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.tags
