"""The reader on pages written by hand from what is known of WhatsApp Web: nothing of the simulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sessions.events import Tick
from sessions.transports.browser import chat_identity, dom_rows, screens, selector_audit
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.chat_identity import Kind
from sessions.transports.browser.chat_looks import Heard
from sessions.transports.browser.dom_rows import ChatRow, Row
from sessions.transports.browser.replies import below
from sessions.transports.browser.screens import Screen
from sessions.transports.browser.selector_audit import SelectorAudit
from sessions.transports.browser.text import same_draft
from sessions.transports.browser.timeouts import Timeouts
from tests.sessions.written_pages import (
    BOX,
    PAGES,
    SHIPPED,
    Build,
    chats,
    shown,
    without_test_ids,
)

pytestmark = pytest.mark.browser

EN = {
    "1 mensagem não lida": "1 unread message",
    " mensagens não lidas": " unread messages",
    "Digite uma mensagem para o grupo": "Type a message to group",
    "Digite uma mensagem para": "Type a message to",
    "Digite uma mensagem": "Type a message",
    "Mensagem citada": "Quoted message",
    "Editada": "Edited",
    "Rascunho:": "Draft:",
    "Aguardando esta mensagem. Isso pode levar alguns instantes.": "Waiting for this message. This may take a while.",
    " Pendente ": " Pending ",
    " Enviada ": " Sent ",
    " Entregue ": " Delivered ",
    " Lida ": " Read ",
    ">ontem<": ">Yesterday<",
    "quinta-feira": "Thursday",
    "Você": "You",
    "Reproduzir mensagem de voz": "Play voice message",
}
ES = {
    "1 mensagem não lida": "1 mensaje no leído",
    " mensagens não lidas": " mensajes no leídos",
    "Digite uma mensagem para o grupo": "Escribe un mensaje para el grupo",
    "Digite uma mensagem para": "Escribe un mensaje para",
    "Digite uma mensagem": "Escribe un mensaje",
    "Mensagem citada": "Mensaje citado",
    "Editada": "Editado",
    "Rascunho:": "Borrador:",
    "Aguardando esta mensagem. Isso pode levar alguns instantes.": "Esperando este mensaje. Esto puede tardar.",
    " Pendente ": " Pendiente ",
    " Enviada ": " Enviado ",
    " Entregue ": " Entregado ",
    " Lida ": " Leído ",
    ">ontem<": ">ayer<",
    "quinta-feira": "jueves",
    "Você": "Tú",
    "Reproduzir mensagem de voz": "Reproducir mensaje de voz",
}


def in_words(html: str, words: dict[str, str]) -> str:
    for pt, other in words.items():
        html = html.replace(pt, other)
    return html


def without_icon_names(html: str) -> str:
    return re.sub(r' data-icon="[^"]*"', "", html)


BUILDS: dict[str, Build] = {
    "pt": lambda html: html,
    "en": lambda html: in_words(html, EN),
    "es": lambda html: in_words(html, ES),
    "pt, icons by their title": without_icon_names,
    "pt, no test ids": without_test_ids,
    "en, no test ids": lambda html: without_test_ids(in_words(html, EN)),
}
TEXTS = {
    "AC01": "SAIR 🙏",
    "AC02": "Pare agora por favor",
    "AC03": "👍",
    "AC04": "Faltam:\n- CPF\n- RG, x.com\nobrigada",
    "AC05": "linha um\nlinha dois",
    "AC06": "olha a foto",
    "AC07": "",
    "AC08": "",
    "AC09": "",
    "3EB010": "Olá",
}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """One page for all; the reader goes into it once, as the driver's own does."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_rows_of_the_list_and_of_a_chat_are_read_in_every_build(page: Page, build: Build) -> None:
    reader = shown(page, chats(), build)
    chat = reader.ask("chat")
    read = {row.id: row for row in dom_rows.message_rows(chat["rows"], SHIPPED)}
    assert {message: read[message].text for message in TEXTS} == TEXTS
    _directions_stamps_and_ticks(read)
    assert (read["AC07"].kind, read["AC08"].kind) == ("deleted", "waiting")
    assert [row.id for row in read.values() if row.edited] == ["AC02"]
    assert chat["title"] == "Bia"
    assert chat_identity.kind_of(chat, SHIPPED) is Kind.PERSON
    assert not chat_identity.box_is_anothers(chat, SHIPPED)
    listed = {row.title: row for row in dom_rows.chat_rows(reader.ask("list"), SHIPPED)}
    _rows_of_the_list(listed)


def _directions_stamps_and_ticks(read: dict[str, Row]) -> None:
    assert [row.outgoing for row in read.values()] == [False] * 9 + [True] * 4
    assert [row.tick for row in read.values()][9:] == [None, Tick.SENT, Tick.DELIVERED, Tick.READ]
    assert all(row.unknown == () for row in read.values() if row.outgoing)
    assert read["AC04"].stamp == "[16:37, 26/11/2026] Bia: "
    assert (read["AC08"].stamp, read["AC09"].stamp) == ("", "")


def _rows_of_the_list(listed: dict[str, ChatRow]) -> None:
    assert list(listed) == ["Ana Souza", "+55 11 98765‑4321", "Bia", "Família", "Caio", "Davi"]
    assert [row.unread for row in listed.values()] == [1, 2, 0, 3, 0, 0]
    assert listed["Ana Souza"].preview == "SAIR 🙏"
    assert listed["+55 11 98765‑4321"].preview == "Pare agora por favor"
    assert (listed["Bia"].tick, listed["Bia"].outgoing, listed["Bia"].selected) == (
        Tick.DELIVERED,
        True,
        True,
    )
    assert [title for title, row in listed.items() if row.group] == ["Família"]
    assert [title for title, row in listed.items() if row.passing] == ["Caio"]
    assert all(row.shown for row in listed.values())


@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        (
            '<p><span data-plain-text="-">•</span> CPF</p><p><span data-plain-text="-">•</span> RG</p>',
            "- CPF\n- RG",
        ),
        (
            '<p><span data-plain-text="*">•</span> CPF</p><p><span data-plain-text="*">•</span> RG</p>',
            "- CPF\n- RG",
        ),
        ("<p><span>\u3000</span><span>cita</span></p>", "> cita"),
        ('<p><span data-plain-text="> ">\u3000</span><span>cita</span></p>', "> cita"),
        ('<p><span data-plain-text=">">\u3000</span><span> cita</span></p>', "> cita"),
        ('<p>Oi <img data-plain-text="😀" alt=""></p><p><br></p><p>tchau</p>', "Oi 😀\n\ntchau"),
        ("<p><span>um</span><br><span>dois</span></p>", "um\ndois"),
        ('<p><strong><span class="ghost">*</span>Ana<span>*</span></strong></p>', "*Ana*"),
    ],
)
def test_a_draft_is_what_would_be_sent(page: Page, drawn: str, written: str) -> None:
    footer = BOX.format(label="Digite uma mensagem para Bia", draft=drawn)
    draft = shown(page, chats(footer=footer)).ask("chat")["draft"]
    assert same_draft(written, draft)


GROUP_BAR = (
    '<span data-testid="chat-subtitle" title="Ana, Bia, Você"><span>Ana, Bia, Você</span></span>'
)
SUBTITLES = {
    GROUP_BAR.replace("Ana, Bia, Você", "12 membros"): Kind.GROUP,
    GROUP_BAR: Kind.UNKNOWN,
    GROUP_BAR.replace("Ana, Bia, Você", "1.024 seguidores"): Kind.CHANNEL,
    GROUP_BAR.replace("Ana, Bia, Você", "visto por último hoje às 10:00"): Kind.UNKNOWN,
    GROUP_BAR.replace("Ana, Bia, Você", "online"): Kind.UNKNOWN,
}


@pytest.mark.parametrize("build", [str, without_test_ids])
@pytest.mark.parametrize(("subtitle", "kind"), SUBTITLES.items())
def test_the_header_tells_groups_and_channels_where_the_box_names_nobody(
    page: Page, subtitle: str, kind: Kind, build: Build
) -> None:
    nameless = BOX.format(label="Digite uma mensagem", draft="<p><br></p>")
    chat = shown(page, chats(subtitle=subtitle, footer=nameless), build).ask("chat")
    assert (chat["title"], chat_identity.kind_of(chat, SHIPPED)) == ("Bia", kind)
    assert chat_identity.may_be_many(chat, SHIPPED) is (subtitle == GROUP_BAR)


@pytest.mark.parametrize("words", [{}, EN, ES])
@pytest.mark.parametrize(
    ("label", "title", "kind", "anothers"),
    [
        ("Digite uma mensagem para o grupo Família", "Família", Kind.GROUP, False),
        ("Digite uma mensagem para Grupo da Ana", "Grupo da Ana", Kind.PERSON, False),
        ("Digite uma mensagem para Ana Souza", "Bia", Kind.UNKNOWN, True),
        (
            "Digite uma mensagem para Ana 🌻",
            'Ana <img alt="🌻" data-plain-text="🌻">',
            Kind.PERSON,
            False,
        ),
        ("Digite uma mensagem", "Bia", Kind.UNKNOWN, False),
        (
            "Digite uma mensagem para +55 11 98765‑4321",
            "\u202a+55 11 98765‑4321\u202c",
            Kind.PERSON,
            False,
        ),
    ],
)
def test_the_box_names_its_chat(
    page: Page, label: str, title: str, kind: Kind, anothers: bool, words: dict[str, str]
) -> None:
    html = in_words(chats(title=title, footer=BOX.format(label=label, draft="<p><br></p>")), words)
    chat = shown(page, html).ask("chat")
    assert (chat_identity.kind_of(chat, SHIPPED), chat_identity.box_is_anothers(chat, SHIPPED)) == (
        kind,
        anothers,
    )


BARRIERS = {
    "<span>Não é possível enviar mensagens para um contato bloqueado.</span>": "contact",
    "<span>You can't send messages to a blocked contact</span>": "contact",
    "<span>Somente <b>admins</b> podem enviar mensagens</span>": "announcement",
    "<span>Only admins can send messages</span>": "announcement",
    "<span>Você não pode enviar mensagens a este grupo porque não participa mais dele.</span>": "ex_member",
    '<div data-testid="reachout-timelock-compose-bar"><span>x</span><button>Mostrar detalhes</button></div>': "timelock",
    '<div data-testid="new-individual-chat-limit-compose-bar"><span>x</span></div>': "cap",
    "<span>You've reached the monthly limit on new chats you can start</span>": "cap",
    "<span>Aceite os novos Termos de Serviço</span>": "terms",
    "<span>Atualize o seu plano</span>": "unknown",
}


@pytest.mark.parametrize(("bar", "kind"), BARRIERS.items())
def test_what_stands_in_place_of_the_box_is_told_apart(page: Page, bar: str, kind: str) -> None:
    block = f'<div data-testid="block-message">{bar}</div>'
    assert shown(page, chats(footer=block)).ask("chat")["barrier"] == kind
    if "data-testid" not in bar:
        assert shown(page, chats(footer=block), without_test_ids).ask("chat")["barrier"] == kind


def test_where_there_is_a_box_nothing_stands_in_its_place(page: Page) -> None:
    assert shown(page, chats()).ask("chat")["barrier"] == ""


@pytest.mark.parametrize(
    ("banner", "offline"),
    [
        ("<span>Ative as notificações</span>", False),
        ("<span>Nova versão disponível</span><button>Atualizar</button>", False),
        ('<div data-testid="reachout-timelock-butterbar">Conta restringida</div>', False),
        ('<div data-testid="capping-warning-banner">Quase no limite</div>', False),
        ('<div data-testid="chat-butterbar-offline">x</div>', True),
        ("<div><div>Computador não conectado</div><div>Verifique a conexão.</div></div>", True),
        ("<div>Computer not connected</div>", True),
        ("<div>Equipo sin conexión</div>", True),
    ],
)
def test_only_the_offline_banner_says_offline(page: Page, banner: str, offline: bool) -> None:
    for build in (str, without_test_ids):
        if build is without_test_ids and "data-testid" in banner:
            continue
        look = shown(page, chats(banner=banner), build).ask("look", screens.SCREENS)
        assert ("offline" in look) == offline


DRAWERS = {
    '<section data-testid="chat-info-drawer"><header><button data-testid="btn-closer-drawer">x</button></header><div data-testid="contact-info-header"><h2>Bia</h2></div><div data-testid="section-phone-number"><span>\u202a+55 11 98765‑4321\u202c</span></div></section>': (
        "person",
        "5511987654321",
    ),
    '<section data-testid="chat-info-drawer"><div data-testid="contact-info-header"><h2>ana.souza</h2></div></section>': (
        "person",
        "",
    ),
    '<section data-testid="chat-info-drawer"><div data-testid="group-info-header"><h2>Família</h2><span>Grupo · 3 membros</span></div><div data-testid="section-participants"><div id="pane-side"><div role="listitem"><span>+55 11 98765-4321</span></div></div></div></section>': (
        "group",
        "",
    ),
    '<section data-testid="chat-info-drawer"><div data-testid="newsletter-info-header"><h2>Novidades</h2><span>Canal · 12 seguidores</span></div><span>+55 11 98765-4321</span></section>': (
        "channel",
        "",
    ),
}


@pytest.mark.parametrize(("drawer", "said"), DRAWERS.items())
def test_a_number_in_the_drawer_counts_only_on_a_persons_card(
    page: Page, drawer: str, said: tuple[str, str]
) -> None:
    card = chat_identity.card_of(shown(page, chats(drawer=drawer)).ask("drawer"))
    assert (card.there, card.kind, card.digits_beside("Bia")) == (True, *said)
    bare = chat_identity.card_of(shown(page, chats(drawer=drawer), without_test_ids).ask("drawer"))
    assert bare.digits_beside("Bia") == said[1]


LINKING = {
    '<div id="wa_web_initial_startup">…</div>': Screen.SPLASH,
    '<div data-testid="wa-web-loading-screen"><progress></progress></div>': Screen.SYNC,
    '<div data-testid="link_device_qr_screen"><div data-ref="2@abc"><canvas width="20" height="20"></canvas></div></div>': Screen.QR,
    '<div id="link-device-instructions-list">1. Open WhatsApp</div><div data-ref="2@abc"><canvas width="20" height="20"></canvas></div>': Screen.QR,
    '<div data-ref="2@dead"><canvas width="20" height="20"></canvas><button data-testid="link_device_qr_expired_refresh_button">x</button></div>': Screen.QR_EXPIRED,
    '<div data-ref="2@dead"><canvas width="20" height="20"></canvas><button>Select to reload QR code</button></div>': Screen.QR_EXPIRED,
    '<div data-testid="link-device-phone-number-entry-screen"><button data-testid="phone-number-country-selector">BR</button><input data-testid="phone-number-input"></div>': Screen.PHONE,
    '<div data-testid="link-device-phone-number-entry-screen"><input data-testid="phone-number-input"><div id="link-device-phone-number-entry-screen-error">Invalid</div></div>': Screen.PHONE_REFUSED,
    '<div data-link-code="A,B,C,D,E,F,G,H">ABCD-EFGH</div>': Screen.CODE,
    '<div data-testid="shortcake_passkey_screen"><div data-testid="shortcake_passkey_prompt_card"><h1>Quick security check with passkey</h1><button data-testid="shortcake_passkey_continue_button">Continue</button></div></div>': Screen.PASSKEY,
    "<h1>Quick security check with passkey</h1>": Screen.PASSKEY,
    "<h2>Too many attempts</h2>": Screen.TOO_MANY_ATTEMPTS,
    "<p>A database error occurred on your browser</p>": Screen.DATABASE_ERROR,
    "<p>Code expired</p>": Screen.CODE_EXPIRED,
    "<div>WhatsApp is open in another window. Click “Use here” …<button>Use here</button></div>": Screen.CONFLICT,
    "<div>There is already another active WhatsApp Web tab</div>": Screen.CONFLICT,
    "<h1>WhatsApp works with Google Chrome 100+</h1>": Screen.REFUSED,
    "<h1>Something new</h1>": Screen.UNKNOWN,
}


@pytest.mark.parametrize(("html", "screen"), LINKING.items())
def test_every_screen_is_named_in_one_word(page: Page, html: str, screen: Screen) -> None:
    frame = (PAGES / "linking.html").read_text(encoding="utf-8")
    look: dict[str, Any] = shown(page, frame.replace("SCREEN", html)).ask("look", screens.ALL)
    assert screens.screen_of(look) is screen


def test_a_census_says_of_any_page_what_it_has(page: Page) -> None:
    def taken(html: str) -> SelectorAudit:
        reader = shown(page, html)
        nobody = Timeouts(open=1, tick=1, scale=0.1)
        return selector_audit.take(reader, Chats(reader, "", nobody, SHIPPED), SHIPPED, own="")

    nonsense = taken("<h1>Something new</h1>")
    assert (nonsense.screen, nonsense.missing()) == (Screen.UNKNOWN, ["link_screen", "qr"])
    assert not any(nonsense.place(element) is not None for element in ("box", "message_row"))
    told = taken(chats())
    assert (told.screen, told.linked, told.missing()) == (Screen.CHATS, True, ["send"])
    assert {"text", "deleted", "waiting"} <= told.kinds
    assert (set(told.modules), set(told.modules.values())) == (set(SHIPPED.modules), {""})


def test_a_list_is_the_screen_of_chats(page: Page) -> None:
    assert screens.screen_of(shown(page, chats()).ask("look", screens.ALL)) is Screen.CHATS


def test_times_of_rows_are_known_in_three_languages() -> None:
    now = datetime(2026, 11, 26, 17, 0).astimezone()
    said = {
        word: dom_rows.shown_time(word, now)
        for word in (
            "ontem",
            "Yesterday",
            "ayer",
            "quinta-feira",
            "Thursday",
            "jueves",
            "4:35 PM",
            "16:35",
        )
    }
    assert len({said[word] for word in ("ontem", "Yesterday", "ayer")}) == 1
    assert len({said[word] for word in ("quinta-feira", "Thursday", "jueves")}) == 1
    assert said["4:35 PM"] == said["16:35"] == "2026-11-26 16:35"


# As others found it live: a message far from sight keeps its id and its place, and gets the rest back near it.
FAR = """<div id="pane-side"></div><div id="main">
  <header><span dir="auto">Bia</span></header>
  <div class="copyable-area"><div data-testid="conversation-panel-messages" tabindex="0" style="height: 400px; overflow-y: auto"><div role="application" data-tab="8"></div></div></div>
</div><script>{
  const list = document.querySelector("[role=application]");
  const said = (n) => `<div data-testid="msg-container"><div class="copyable-text" data-pre-plain-text="[16:35, 26/11/2026] Bia: "><div data-testid="forwarded-header"><span>Encaminhada</span></div><span dir="ltr" class="selectable-text" data-testid="selectable-text">mensagem ${n}</span></div></div>`;
  list.innerHTML = "<div><span dir=auto>Hoje</span></div>" + [...Array(60).keys()].map((n) => `<div role="row"><div tabindex="-1" data-id="AC${n}" data-testid="conv-msg-AC${n}"><div data-virtualized="true" style="min-height: 60px"><div></div></div></div></div>`).join("");
  const draw = () => {
    for (const hull of list.querySelectorAll("[data-virtualized]")) {
      const near = Math.abs(hull.getBoundingClientRect().top) < 900;
      hull.dataset.virtualized = String(!near);
      hull.firstChild.innerHTML = near ? said(hull.parentElement.dataset.id.slice(2)) : "";
    }
  };
  list.parentElement.addEventListener("scroll", draw);
  list.parentElement.scrollTop = 1e6;
}</script>"""

SCROLLED = "document.querySelector('[role=application]').parentElement.scrollTop"


@pytest.mark.parametrize("build", [str, without_test_ids], ids=("test ids", "no test ids"))
def test_messages_far_from_sight_are_read_and_the_place_that_was_seen_is_back(
    page: Page, build: Build
) -> None:
    reader = shown(page, FAR, build)
    page.wait_for_selector(".selectable-text >> text=mensagem 59")
    top = page.evaluate(SCROLLED)
    read = dom_rows.message_rows(reader.ask("chat")["rows"], SHIPPED)
    assert [row.text for row in read] == [f"mensagem {n}" for n in range(60)]
    assert {row.kind for row in read} == {"text"}
    assert page.evaluate(SCROLLED) == top
    assert page.locator("[data-virtualized=true]").count() > 0


def test_one_that_never_shows_what_it_says_is_no_message(page: Page) -> None:
    reader = shown(
        page, FAR.replace("near ? said", "false ? said").replace("String(!near)", "true")
    )
    read = dom_rows.message_rows(reader.ask("chat")["rows"], SHIPPED)
    assert {row.kind for row in read} == {"shell"}
    heard = Heard(frozenset({"AC10"}), datetime.now().astimezone(), unread=30)
    assert below(read, heard, datetime.now().astimezone()) == []


def test_a_badge_of_thousands_counts_them(page: Page) -> None:
    label = "1.227 mensagens não lidas"
    html = chats().replace(">3<", ">1.227<").replace("3 mensagens não lidas", label)
    assert html.count(label) == 2
    for build in (str, without_test_ids):
        reader = shown(page, html, build)
        (row,) = [row for row in dom_rows.chat_rows(reader.ask("list"), SHIPPED) if row.unread > 9]
        assert (row.title, row.unread) == ("Família", 1227)


def test_a_fold_behind_which_nothing_comes_is_left_alone_after_some_tries(page: Page) -> None:
    said = '<div role="row"><div data-id="AC1"><div data-pre-plain-text="[10:04, 26/11/2026] Bia: "><span data-testid="selectable-text">Oi</span> <div role="button" class="read-more-button">Ler mais</div></div></div></div>'
    web = shown(page, chats(said=said))
    (row,) = web.ask("chat")["rows"]
    assert (row["text"], row["cut"], row["kind"]) == ("Oi", False, "text")


@pytest.mark.parametrize(
    ("version", "told"),
    [("2.3000.1043829112", "2.3000.1043829112"), ("", ""), ("de Ana Souza", ""), (None, "")],
)
def test_evidence_names_the_build_as_a_number_and_nothing_else(
    page: Page, version: str | None, told: str
) -> None:
    reader = shown(page, chats())
    page.evaluate("(version) => { window.Debug = version === null ? undefined : {VERSION: version}; }", version)  # fmt: skip
    assert reader.ask("evidence", screens.ALL)["build"] == told
