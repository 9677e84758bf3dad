"""What people write, and how they call themselves, is never taken for the page's own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from sessions.transports.browser import chat_identity, dom_rows
from sessions.transports.browser.chat_identity import Kind
from sessions.transports.browser.chat_looks import Heard
from sessions.transports.browser.dom_rows import ChatRow, Row
from sessions.transports.browser.replies import below, last_told
from tests.sessions.written_pages import BOX, SHIPPED, Build, chats, shown, without_test_ids

pytestmark = pytest.mark.browser

builds = pytest.mark.parametrize("build", [str, without_test_ids], ids=("test ids", "no test ids"))
META = '<div data-testid="msg-meta"><span dir="auto"><span>16:35</span></span></div>'
STAMP = ' class="copyable-text" data-pre-plain-text="[16:35, 26/11/2026] Bia: "'


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


def selectable(text: str, more: str = "") -> str:
    return f'<span dir="ltr" data-testid="selectable-text" class="selectable-text copyable-text"{more}><span>{text}</span></span>'


def message(content: str, *, stamp: str = STAMP, id: str = "AC1") -> str:
    return f'<div role="row"><div tabindex="-1" data-id="{id}" data-testid="conv-msg-{id}"><div data-testid="msg-container"><div{stamp}>{content}</div>{META}</div></div></div>'


def read(page: Page, build: Build, *messages: str) -> list[Row]:
    chat = shown(page, chats(said="".join(messages)), build).ask("chat")
    return dom_rows.message_rows(chat["rows"], SHIPPED)


WORDS = [
    "Aguardando mensagem",
    "SAIR\nAguardando mensagem",
    "Aguardando esta mensagem. Isso pode levar alguns instantes.\nSAIR",
    "Waiting for this message",
    "Esperando el mensaje.",
]


@builds
def test_the_words_of_a_late_text_can_be_written(page: Page, build: Build) -> None:
    said = [message(selectable(words), id=f"AC{place}") for place, words in enumerate(WORDS)]
    assert [(row.kind, row.text) for row in read(page, build, *said)] == [
        ("text", words) for words in WORDS
    ]
    bare = [message(selectable(words), stamp="") for words in WORDS]
    assert [row.kind for row in read(page, build, *bare)] == ["text"] * len(WORDS)


CLOCK = '<div><span aria-hidden="true" data-testid="ic-schedule"><svg><title>ic-schedule</title></svg></span></div>'
LATE = [
    "<span>Aguardando mensagem. Essa ação pode levar alguns instantes. <a role='button'>Saiba mais</a></span>",
    "<div><span>Aguardando esta mensagem. Verifique seu celular.</span></div>",
    "<span>Waiting for this message. Check your phone.</span>",
    f"<div>{CLOCK}<div><div>Uma frase que ninguém conhece. <a role='button'>x</a></div></div></div>",
]


@builds
@pytest.mark.parametrize("late", LATE)
def test_a_late_text_is_waited_for_in_whatever_words(page: Page, late: str, build: Build) -> None:
    found = read(page, build, message(selectable("oi"), id="AC0"), message(late, stamp=""))
    assert [(row.id, row.kind) for row in found] == [("AC0", "text"), ("AC1", "waiting")]
    assert last_told(found) == "AC0"
    now = datetime.now().astimezone()
    heard = Heard(frozenset({"AC0"}), now - timedelta(hours=1), unread=1)
    assert "AC1" not in [row.id for row in below(found, heard, now)]


def test_what_is_no_late_text_is_not_waited_for(page: Page) -> None:
    unknown = "<div><svg><title>ic-help</title></svg><div>Atualize o WhatsApp.</div></div>"
    pending = '<button data-testid="audio-play"></button><span aria-label=" Pendente "><svg><title>ic-schedule</title></svg></span>'
    found = read(page, str, message(unknown, stamp="", id="AC1"), message(pending, stamp=""))
    assert [row.kind for row in found] == ["unknown", "voice"]


QUOTE = f'<div role="button" tabindex="0"><div><span>Você</span>{selectable("Responda SAIR")}</div></div>'
SEVERAL = {
    f'<div data-testid="poll-bubble">{selectable("Qual dia?")}<div role="checkbox"></div>{selectable("Segunda")}<div role="checkbox"></div>{selectable("SAIR")}</div>': "Qual dia?",
    f"<div>{selectable('Promoção')}</div><div>{selectable('Só hoje')}</div><div>{selectable('Responda SAIR')}</div>": "Promoção",
    f'<div data-testid="event-creation-msg">{selectable("Festa")}{selectable("SAIR")}</div>': "Festa",
    QUOTE + selectable("não"): "não",
    selectable("SAIR") + '<div role="button" class="read-more-button">Ler mais</div>': "SAIR",
}


@builds
@pytest.mark.parametrize(("content", "text"), SEVERAL.items())
def test_of_several_texts_the_first_is_the_message(
    page: Page, content: str, text: str, build: Build
) -> None:
    assert [row.text for row in read(page, build, message(content))] == [text]


CARDS = {
    f'<div data-testid="vcard-msg">{selectable("SAIR", " title=SAIR")}</div>': "contact",
    f'<div data-testid="location-msg"><a href="https://maps.google.com/maps?q=1"><img alt=""></a>{selectable("SAIR")}</div>': "location",
}


@builds
@pytest.mark.parametrize(("card", "kind"), CARDS.items())
def test_the_name_on_a_card_is_nobodys_words(
    page: Page, card: str, kind: str, build: Build
) -> None:
    assert [(row.kind, row.text) for row in read(page, build, message(card))] == [(kind, "")]


def test_a_link_to_a_map_can_be_written(page: Page) -> None:
    link = '<a class="selectable-text" href="https://maps.google.com/x">maps.google.com/x</a>'
    (row,) = read(page, without_test_ids, message(selectable(f"{link} SAIR")))
    assert (row.kind, row.text) == ("text", "maps.google.com/x SAIR")


# Who a chat is

SUBTITLE = '<div data-testid="chat-subtitle"><span dir="auto" title="{0}" class="selectable-text">{0}</span></div>'
VERIFIED = (
    '<div><span dir="auto" title="Clínica Vida, Saúde e Cia">Clínica Vida, Saúde e Cia</span></div>'
)


def boxed(label: str) -> str:
    return BOX.format(label=label, draft="<p><br></p>")


@builds
@pytest.mark.parametrize(
    "subtitle",
    [
        SUBTITLE.format("Em reunião, volto já"),
        SUBTITLE.format("10k seguidores no insta"),
        SUBTITLE.format("Grupo Silva, Ltda"),
        SUBTITLE.format("eu e você"),
        VERIFIED,
        VERIFIED + SUBTITLE.format("online"),
    ],
)
def test_the_box_tells_a_person_whatever_stands_under_the_name(
    page: Page, subtitle: str, build: Build
) -> None:
    for label in ("Digite uma mensagem para Ana", "Type a message to Ana"):
        html = chats(title="Ana", subtitle=subtitle, footer=boxed(label))
        assert chat_identity.kind_of(shown(page, html, build).ask("chat"), SHIPPED) is Kind.PERSON


@pytest.mark.parametrize(
    "before", ["Digite uma mensagem para", "Type a message to", "Escribir un mensaje para"]
)
@pytest.mark.parametrize(
    ("title", "name"), [("Souza", "Ana Souza"), ("ana", "Mariana"), ("Vida", "o grupo da Vida")]
)
def test_a_box_of_a_longer_name_is_anothers(page: Page, before: str, title: str, name: str) -> None:
    chat = shown(page, chats(title=title, footer=boxed(f"{before} {name}"))).ask("chat")
    assert chat_identity.box_is_anothers(chat, SHIPPED)
    assert chat_identity.kind_of(chat, SHIPPED) is Kind.UNKNOWN
    chat = shown(page, chats(title=name, footer=boxed(f"{before} {name}"))).ask("chat")
    assert not chat_identity.box_is_anothers(chat, SHIPPED)


def test_in_a_language_that_nobody_knows_the_box_ends_in_the_name(page: Page) -> None:
    def anothers(name: str) -> bool:
        footer = boxed(f"Écrire un message à {name}")
        chat = shown(page, chats(title="ana", footer=footer)).ask("chat")
        return chat_identity.box_is_anothers(chat, SHIPPED)

    assert (anothers("ana"), anothers("Mariana"), anothers("Bia")) == (False, True, True)


@pytest.mark.parametrize(
    "title", ["Clínica Vida (você)", "Clínica (Você)", "Clinic (you)", "+55 21 99999‑9999 (tú)"]
)
def test_the_own_chat_is_nobodys_however_it_says_so(page: Page, title: str) -> None:
    footer = boxed(f"Digite uma mensagem para {title}")
    chat = shown(page, chats(title=title, footer=footer)).ask("chat")
    assert chat_identity.kind_of(chat, SHIPPED) is Kind.OWN


THEIRS, OTHERS = "+55 11 98765‑4321", "+55 11 91234-5678"
PHONE = f'<div data-testid="section-phone-number"><span>Número de telefone</span></div><div><span dir="auto">\u202a{THEIRS}\u202c</span></div>'
ABOUT = f'<div><span>Recado</span><span dir="auto" class="selectable-text" data-testid="selectable-text">{OTHERS}</span></div>'
ABOUT_SECTION = (
    f'<div data-testid="section-about"><span>Recado</span></div><div><span>{OTHERS}</span></div>'
)
COMMON = '<div><span>2 grupos em comum</span><div role="list"><div role="listitem"><span title="Família">Família</span></div></div></div>'


def drawer(*sections: str, heading: str = "<h1>Dados do contato</h1>") -> str:
    name = '<div data-testid="contact-info-header"><h2><span dir="auto" class="selectable-text">Bia</span></h2></div>'
    return f'<div data-testid="chat-info-drawer"><header><div><button data-testid="btn-closer-drawer" aria-label="Fechar"></button></div><div>{heading}</div></header><section>{name}{"".join(sections)}</section></div>'


@builds
@pytest.mark.parametrize(
    ("sections", "digits"),
    [
        ([PHONE], "5511987654321"),
        ([ABOUT], ""),
        ([ABOUT_SECTION], ""),
        ([PHONE, ABOUT], "5511987654321"),
        ([ABOUT, PHONE], "5511987654321"),
        ([f"<div>{PHONE}</div>", f"<div>{ABOUT_SECTION}</div>"], "5511987654321"),
        ([f"<div>{PHONE}</div>", f"<div>{OTHERS}</div>"], "5511987654321"),
        ([f"<div><span>{THEIRS}</span></div>", ABOUT], "5511987654321"),
    ],
)
def test_a_number_in_what_somebody_says_of_themselves_is_not_theirs(
    page: Page, sections: list[str], digits: str, build: Build
) -> None:
    reader = shown(page, chats(drawer=drawer(*sections)), build)
    assert chat_identity.card_of(reader.ask("drawer")).digits_beside("Bia") == digits


@builds
@pytest.mark.parametrize(
    "heading", ["<h1>Dados do contato</h1>", "<h1>Dados da empresa</h1>", "<div>Contact info</div>"]
)
def test_groups_in_common_make_nobody_a_group(page: Page, heading: str, build: Build) -> None:
    reader = shown(page, chats(drawer=drawer(PHONE, COMMON, heading=heading)), build)
    card = chat_identity.card_of(reader.ask("drawer"))
    assert (card.kind, card.digits_beside("Bia")) == ("person", "5511987654321")


@builds
@pytest.mark.parametrize(
    "words",
    [
        "Não é possível enviar mensagens para este contato porque ele está bloqueado.",
        "Você bloqueou Ana.",
        "You blocked Ana.",
        "This contact is blocked",
        "Bloqueaste a Ana.",
    ],
)
def test_a_blocked_contact_is_known_in_other_words(page: Page, words: str, build: Build) -> None:
    block = f'<div data-testid="block-message"><span>{words}</span></div>'
    assert shown(page, chats(footer=block), build).ask("chat")["barrier"] == "contact"


# Rows of the list


def listed(preview: str, *, title: str = "Ana", said: str = "", label: str = "") -> str:
    status = f'<span title="{said}" data-testid="last-msg-status">{preview}</span>'
    return f'<div role="row" data-testid="list-item-0" style="height:72px"><div tabindex="-1"><div data-testid="cell-frame-container"><div><img alt=""></div><div>{label}<div role="gridcell" aria-colindex="2"><div data-testid="cell-frame-title"><span dir="auto" title="{title}">{title}</span></div><div data-testid="cell-frame-primary-detail"><span>16:35</span></div></div><div data-testid="cell-frame-secondary"><div>{status}</div><div role="gridcell" aria-colindex="1"></div></div></div></div></div></div>'


def row_of(page: Page, build: Build, html: str) -> ChatRow:
    # Real pages have their direction on the outermost element.
    reader = shown(page, chats(listed=html).replace("<html ", '<html dir="ltr" '), build)
    (row,) = dom_rows.chat_rows(reader.ask("list"), SHIPPED)
    return row


@builds
@pytest.mark.parametrize(
    "preview",
    [
        '<span data-icon="status-order"></span><div>2 itens<span>:\u00a0</span></div><span dir="ltr">SAIR</span>',
        '<span>Votou em: </span>"<span dir="ltr">SAIR</span>"',
        '<span dir="ltr"><span>Oi:</span> <img alt="🙏"><span>SAIR</span></span>',
        '<span dir="ltr"><strong>Atenção:</strong> <span>SAIR</span></span>',
    ],
)
def test_a_colon_in_what_a_person_said_makes_no_group(
    page: Page, preview: str, build: Build
) -> None:
    row = row_of(page, build, listed(preview, said="SAIR"))
    assert (row.group, row.preview) == (False, "SAIR")


@builds
@pytest.mark.parametrize(
    "tick",
    ["", '<div><span aria-label=" Lida "><svg><title>wds-ic-read</title></svg></span></div>'],
)
def test_an_author_before_the_words_makes_a_group(page: Page, tick: str, build: Build) -> None:
    author = '<div><div><span dir="auto">Tia Rosa</span></div></div><span>:\u00a0</span>'
    assert row_of(
        page, build, listed(f'{tick}{author}<span dir="ltr">pare</span>', said="pare")
    ).group


@builds
def test_the_name_of_a_community_makes_a_group(page: Page, build: Build) -> None:
    label = '<div data-testid="cell-frame-label"><div><span dir="auto" title="Bairro">Bairro</span></div></div>'
    row = row_of(
        page, build, listed('<span dir="ltr">oi</span>', said="oi", title="Avisos", label=label)
    )
    assert (row.title, row.group) == ("Avisos", True)


@builds
@pytest.mark.parametrize(
    "words",
    [
        "Tia Rosa está digitando…",
        "Bia is recording audio…",
        "Ana está escribiendo...",
        "digitando…",
    ],
)
def test_what_somebody_in_a_group_is_doing_is_passing(page: Page, words: str, build: Build) -> None:
    assert row_of(page, build, listed(f"<span>{words}</span>", said=words)).passing


@builds
@pytest.mark.parametrize("words", ["Não lida", "unread", "3 mensagens não lidas", "No leído"])
def test_words_of_a_badge_can_be_written(page: Page, words: str, build: Build) -> None:
    row = row_of(page, build, listed(f'<span dir="ltr">{words}</span>', said=words))
    assert (row.unread, row.marked, row.preview) == (0, False, words)
    row = row_of(page, build, listed(f'<span dir="ltr"><span>{words}</span></span>', title=words))
    assert (row.unread, row.title) == (0, words)
