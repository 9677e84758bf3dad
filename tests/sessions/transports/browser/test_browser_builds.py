"""The driver's reader on the page as the simulator draws it: three builds, three languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from sessions.transports.browser import (
    chat_identity,
    dom_rows,
    launch,
    lock_details,
    screens,
    selector_audit,
    selectors,
)
from sessions.transports.browser.badges import Badges
from sessions.transports.browser.chat_identity import Kind
from sessions.transports.browser.chat_list import ChatList
from sessions.transports.browser.chat_looks import Looks
from sessions.transports.browser.dom_rows import Row
from sessions.transports.browser.page import WebPage, reader_script
from sessions.transports.browser.screens import Screen
from sessions.transports.browser.text import same_draft
from sessions.transports.browser.timeouts import Timeouts
from tests.eventually import eventually
from tests.sessions.simulator.page.stage import (
    NOW,
    PROFILES,
    Stage,
    at,
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
        return dom_rows.message_rows(self.ask("chat")["rows"], SHIPPED)

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
        message("sim", quoted={"author": "Você", "text": "Responda SAIR"}, reactions=["👍", "❤️"]),
    ]
    captions = [
        message("legenda", kind=kind, title="a.pdf") for kind in ("image", "document", "video")
    ]
    # What a sticker is called are its maker's words.
    silent = [message("Pare" * (kind == "sticker"), kind=kind, reactions=["🙏"]) for kind in SILENT]
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
        # Without a box to name it only the card tells that names are members.
        told = (
            Kind.GROUP
            if chat_identity.may_be_many(shown, SHIPPED)
            else chat_identity.kind_of(shown, SHIPPED)
        )
        assert (one["id"], told) == (one["id"], kind)
        assert not chat_identity.box_is_anothers(shown, SHIPPED)
        assert reader.click("chat_header")
        card = chat_identity.card_of(reader.wait(0.1, "drawer"))
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
    listed = {row.title: row for row in dom_rows.chat_rows(reader.ask("list"), SHIPPED)}
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


LONG = "Bom dia, tudo bem por aí? " * 180 + "\nSAIR"


@pytest.mark.parametrize("question", ["ask", "wait"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_text_is_read_to_its_end(reader: Reader, language: str, question: str) -> None:
    reader.opened(
        chat(*numbered([message(LONG, kind="image"), message(LONG), message("ok")])), language
    )
    answer = reader.ask("chat") if question == "ask" else reader.wait(0, "chat")
    assert [row["text"] for row in answer["rows"]] == [LONG, LONG, "ok"]
    assert not any(row["cut"] for row in answer["rows"])


def test_of_a_quote_nothing_is_unfolded_and_no_button_of_a_business_is_pressed(
    reader: Reader,
) -> None:
    business = message("Escolha", kind="buttons", title="Ler mais")
    said = message("sim", quoted={"author": "Você", "text": LONG[:900]})
    reader.opened(chat(*numbered([business, said])), "pt")
    reader.stage.page.evaluate(
        "document.querySelectorAll('#main [data-id] button').forEach((one) => { one.onclick = () => { window.chosen = true; }; })"
    )
    assert [row["text"] for row in reader.ask("chat")["rows"]] == ["Ler mais\nEscolha", "sim"]
    assert not reader.stage.page.evaluate("window.chosen")


NOBODY: Any = None
WAITS = Timeouts(open=5, tick=5, scale=1)
NAMES = [f"P{number}" for number in range(60)]


def test_archived_chats_far_down_are_heard_and_opened(reader: Reader) -> None:
    def archived(number: int, name: str, **values: Any) -> dict[str, Any]:
        said = message(f"oi {name}", at=at(21) - number)
        return chat(said, id=f"55119{number:08d}@c.us", name=name, archived=True, **values)

    many = [archived(number, name) for number, name in enumerate(NAMES)]
    last = archived(99, "Última", unread=1)
    reader.stage.show(chat(message("oi")), *many, last)
    chats = ChatList(reader, SHIPPED, WAITS)
    found, whole = chats.archived()
    assert whole
    assert [row.title for row in found] == [*NAMES, "Última"]
    assert all(row.archived for row in found)
    assert [row.title for row in chats.rows(reader.ask("list"))] == ["Ana Souza"]
    assert chats.open(found[-1], is_open=False, meanwhile=lambda _shown: None)
    assert reader.ask("chat")["title"] == "Última"
    assert not reader.ask("archive")["shown"]
    # A card that is read while the archive is there is closed, and the archive stays.
    assert reader.click("archived")
    assert reader.click("chat_header")
    assert reader.wait(0.1, "drawer")["there"]
    assert reader.click("drawer_close")
    assert not reader.ask("drawer")["there"]
    assert reader.ask("archive")["shown"]
    chats.hide_archived()


@pytest.fixture
def window(reader: Reader) -> Iterator[None]:
    """The driver's own, which ends between the middle of a row and the button of its menu."""
    before = reader.stage.page.viewport_size
    assert before is not None
    reader.stage.page.set_viewport_size(launch.VIEWPORT)
    yield
    reader.stage.page.set_viewport_size(before)


@pytest.mark.usefixtures("window")
def test_a_row_at_the_edge_of_the_window_is_brought_into_sight_with_its_menu(
    reader: Reader,
) -> None:
    reader.stage.show(
        *(
            chat(message("oi", at=at(21) - place), id=f"55119{place:08}@c.us", name=name)
            for place, name in enumerate(NAMES)
        )
    )

    def with_its_menu(name: str) -> bool:
        reader.hover(reader.ask("readRow", name, "oi")["row"])
        return bool(reader.ask("readRow", name, "oi")["menu"])

    for name in NAMES[:12]:
        assert eventually(lambda name=name: with_its_menu(name), seconds=20)


@pytest.mark.usefixtures("window")
def test_every_badge_of_a_list_that_goes_on_below_the_window_is_put_back(reader: Reader) -> None:
    reader.stage.show(
        *(
            chat(
                message(f"oi {name}", at=at(21) - place),
                id=f"55119{place:08}@c.us",
                name=name,
                archived=place >= 44,
            )
            for place, name in enumerate(NAMES)
        )
    )
    chats = ChatList(reader, SHIPPED, WAITS)
    badges = Badges(chats, Looks(b"key", {}, NOW), WAITS)
    found, _whole = chats.whole()
    archived, _whole = chats.archived()
    # The farthest first, one that stood elsewhere when it was seen, and one in the archive between.
    owed = [*found[2:22:2], found[40], archived[-1], found[30]][::-1]
    owed[0] = replace(owed[0], top=0)
    for row in owed:
        badges.take(row)
    badges.take(replace(found[0], title="Apagada", preview="oi"))
    badges.put_back()
    assert badges.kept
    assert not badges
    # It is at its top again; the page draws what stands there a moment later.
    eventually(lambda: reader.ask("list")[0]["title"] == NAMES[0])
    listed = [*chats.whole()[0], *chats.archived()[0]]
    assert {row.title for row in listed if row.unread} == {row.title for row in owed}


def test_a_census_looks_into_the_archive_and_closes_it(reader: Reader) -> None:
    kinds = [message(LONG), message(kind="sticker", reactions=["🙏"])]
    archived = chat(message("oi"), id="1@c.us", name="Bia", archived=True)
    reader.stage.show(chat(*numbered(kinds)), archived)
    found = selector_audit.take(reader, NOBODY, SHIPPED, "")
    assert found.place("archived_row") is not None
    assert found.place("archived_close") is not None
    assert {"text", "sticker"} <= found.kinds
    assert {"read_more", "timelock_details", "timelock_modal"} <= set(found.counts)
    assert not reader.ask("archive")["shown"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_details_of_a_time_lock_tell_its_end_and_are_closed_again(
    reader: Reader, language: str
) -> None:
    now = datetime.now(UTC)
    reader.stage.page.clock.set_fixed_time(now)
    for left, told in (
        (timedelta(hours=5, minutes=3), timedelta(hours=5, minutes=3)),
        (timedelta(days=2, hours=1), timedelta(days=3)),
        (timedelta(), None),
    ):
        until = (now + left).timestamp() if left else None
        locked = chat(message("oi"), locked=True)
        reader.opened(locked, language, timelock={"type": "DEFAULT", "until": until})
        end = lock_details.end(reader, WAITS)
        assert (end is None) == (told is None)
        if end and told:
            assert abs((end - now - told).total_seconds()) < 50
        assert "dialog" not in reader.ask("look", ["dialog"])
    reader.opened(chat(message("oi")), language)
    assert lock_details.end(reader, WAITS) is None
    reader.stage.page.clock.set_fixed_time(NOW)


@pytest.mark.parametrize("draft", DRAFTS)
def test_what_is_pasted_stands_in_the_box_and_is_sent(reader: Reader, draft: str) -> None:
    reader.opened(chat(message("oi")), "pt")
    assert reader.paste(draft, "Ana Souza")
    assert same_draft(draft, reader.ask("chat")["draft"])
    assert reader.click("send")
    assert reader.stage.sent()[-1] == draft
