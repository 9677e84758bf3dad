"""What people write, and how they call themselves, is never taken for the page's own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from sessions.transports.browser import rows
from sessions.transports.browser.looks import Heard
from sessions.transports.browser.replies import below, last_told
from sessions.transports.browser.rows import Row
from tests.sessions.written_pages import SHIPPED, Build, chats, shown, without_test_ids

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
    return rows.message_rows(chat["rows"], SHIPPED)


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
