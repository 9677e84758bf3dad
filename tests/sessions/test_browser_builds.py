"""The driver's reader on the page as the simulator draws it: three builds, three languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from sessions.transports.browser import rows, screens, selectors, whose
from sessions.transports.browser.page import WebPage, reader_script
from sessions.transports.browser.rows import Row
from sessions.transports.browser.screens import Screen
from sessions.transports.browser.text import same_draft
from sessions.transports.browser.whose import Kind
from tests.sessions.page.stage import (
    PROFILES,
    Stage,
    chat,
    group,
    message,
    mine,
    numbered,
    stages,
)

pytestmark = pytest.mark.browser

SHIPPED = selectors.load()
LANGUAGES = ("pt", "en", "es")
TEXTS = {
    "SAIR 🙏": "SAIR 🙏",
    "Pare *agora* por favor": "Pare agora por favor",
    "👍": "👍",
    "- CPF\n- RG": "- CPF\n- RG",
    "> cita\nresposta": "> cita\nresposta",
    "um\ndois": "um\ndois",
    "veja https://x.com/a ok": "veja https://x.com/a ok",
    "1. um\n2. dois": "1. um\n2. dois",
    "antes\n- a\n- b\ndepois": "antes\n- a\n- b\ndepois",
}
SILENT = ["voice", "sticker", "view_once", "deleted", "waiting", "poll"]
DRAFTS = ["- CPF\n- RG\n1. um\n> cita", "(y) :-) <3", "Oi 😀\n\ntchau", "* a\n* b", "simples"]


class Reader(WebPage):
    """The driver's reader on a stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.page)
        self.stage = stage
        stage.page.evaluate(reader_script(SHIPPED))

    def rows(self) -> list[Row]:
        """The rows of the open chat."""
        return rows.message_rows(self.ask("chat")["rows"], SHIPPED)

    def opened(self, one: dict[str, Any], language: str, **around: Any) -> dict[str, Any]:
        """The chat that is open now, as the reader gives it."""
        self.stage.show(one, open=one["id"], language=language, **around)
        answer: dict[str, Any] = self.ask("chat")
        return answer


@pytest.fixture(scope="module", params=PROFILES)
def reader(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Reader]:
    with stages(chromium, request.param) as stage:
        yield Reader(stage)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_directions_and_ticks_of_every_kind_of_message(reader: Reader, language: str) -> None:
    theirs = [
        *map(message, TEXTS),
        message("sim", quoted={"author": "Você", "text": "Responda SAIR"}),
    ]
    captions = [
        message("legenda", kind=kind, title="a.pdf") for kind in ("image", "document", "video")
    ]
    silent = [message(kind=kind) for kind in SILENT]
    edited = message("de novo", edited=True)
    ours = [mine("nosso", ack=ack) for ack in range(4)]
    reader.opened(chat(*numbered([*theirs, *captions, *silent, edited, *ours])), language)
    read = reader.rows()
    assert [row.text for row in read[: len(theirs)]] == [*TEXTS.values(), "sim"]
    assert [row.text for row in read[len(theirs) :][:3]] == ["legenda"] * 3
    kinds = [row.kind for row in read[len(theirs) + 3 :][: len(SILENT)]]
    assert kinds == SILENT
    assert [row.text for row in read if row.edited] == ["de novo"]
    assert [row.outgoing for row in read] == [False] * (len(read) - 4) + [True] * 4
    assert [row.state for row in read[-4:]] == ["pending", "sent", "delivered", "read"]
    assert not any(row.unknown for row in read)


def people() -> list[tuple[dict[str, Any], Kind, str]]:
    """Chats with who they are, and the number that their card gives."""
    plain = {"name": "", "number": ""}
    return [
        (chat(message("oi")), Kind.PERSON, "5511987654321"),
        (chat(message("oi"), name=""), Kind.PERSON, "5511987654321"),
        (chat(message("oi"), name="(11) 99887-7665"), Kind.PERSON, "5511987654321"),
        (chat(message("oi"), name="+55 11 99999-0000"), Kind.PERSON, "5511987654321"),
        (chat(message("oi"), id="7@lid", username="ana.souza", **plain), Kind.PERSON, ""),
        (chat(message("oi"), id="8@lid", masked="+55 11 •••••-••21", **plain), Kind.PERSON, ""),
        (chat(message("oi"), id="9@lid", **plain), Kind.PERSON, ""),
        (group(message("pare", author="Bia")), Kind.GROUP, ""),
        (chat(kind="community", id="1@g.us", name="Bairro", number="", members=["A"]), Kind.GROUP, ""),
        (chat(kind="channel", id="2@newsletter", name="Dicas", number="", followers=9), Kind.CHANNEL, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_a_chat_is_and_what_its_card_tells(reader: Reader, language: str) -> None:
    for one, kind, number in people():
        shown = reader.opened(one, language)
        assert (one["id"], whose.kind_of(shown, SHIPPED)) == (one["id"], kind)
        assert not whose.box_is_anothers(shown, SHIPPED)
        assert reader.click("chat_header")
        card = whose.card_of(reader.wait(0.1, "drawer"))
        assert (one["id"], card.there, card.digits_beside(shown["title"])) == (
            one["id"],
            True,
            number,
        )
        assert (card.kind in ("group", "channel")) == kind.is_many
        assert reader.click("drawer_close")
        assert not reader.ask("drawer")["there"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_the_list(reader: Reader, language: str) -> None:
    shown = [
        group(message("pare", author="Bia"), unread=3),
        chat(message("SAIR"), unread=1),
        chat(message("Obs: sim"), id="1@c.us", name="Bia", marked=True),
        chat(mine("nossa", ack=2), id="2@c.us", name="Caio", draft="x: y"),
        chat(mine("nossa", ack=0), id="3@c.us", name="Davi"),
        chat(message(kind="waiting"), id="4@c.us", name="Eva"),
    ]
    reader.stage.show(*shown, language=language)
    listed = {row.title: row for row in rows.chat_rows(reader.ask("list"), SHIPPED)}
    assert {title: row.unread for title, row in listed.items() if row.unread} == {
        "Família": 3, "Ana Souza": 1, "Bia": 1,
    }  # fmt: skip
    assert [title for title, row in listed.items() if row.group] == ["Família"]
    assert [title for title, row in listed.items() if row.marked] == ["Bia"]
    assert [title for title, row in listed.items() if row.passing] == ["Caio"]
    assert [title for title, row in listed.items() if row.outgoing] == ["Davi"]
    assert listed["Ana Souza"].preview == "SAIR"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_bars_a_chat_and_what_the_banners_mean(reader: Reader, language: str) -> None:
    for barrier in ("contact", "announcement", "ex_member", "old_lid", "terms", "timelock", "cap"):
        assert reader.opened(chat(message("oi"), barred=barrier), language)["barrier"] == barrier
    for banner in ("notifications", "update", "background_sync", "language", "notice", "offline"):
        reader.opened(chat(message("oi")), language, banners=[banner])
        look = reader.ask("look", screens.ALL)
        assert (banner, "offline" in look) == (banner, banner == "offline")
        assert screens.screen_of(look) is Screen.CHATS


@pytest.mark.parametrize("draft", DRAFTS)
def test_what_is_pasted_stands_in_the_box_and_is_sent(reader: Reader, draft: str) -> None:
    reader.opened(chat(message("oi")), "pt")
    assert reader.paste(draft, "Ana Souza")
    assert same_draft(draft, reader.ask("chat")["draft"])
    assert reader.click("send")
    assert reader.stage.sent()[-1] == draft
