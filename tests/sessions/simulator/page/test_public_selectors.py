"""Selectors by which public projects drive the page, live between July and October 2026 unless they are dead.

Facts only: what is looked for where. A star means every profile, `ids` the two that have test ids.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sessions.simulator.page.stage import Stage, chat, group, message, mine, numbered

pytestmark = pytest.mark.browser

ANA = "5511987654321@c.us"
FAMILY = "120363041@g.us"
Scene = Callable[[Stage], None]


def everything(stage: Stage, open: str = "") -> None:
    """A list of every kind of row; Ana's chat has every kind of message, all in sight."""
    stage.page.set_viewport_size({"width": 1280, "height": 4000})
    kinds = ("image", "video", "document", "voice", "sticker", "view_once", "deleted", "waiting")
    said = [
        message("SAIR 🙏", forwarded=True),
        message("não", quoted={"author": "Você", "text": "Responda SAIR"}),
        message("@Bia veja"),
        *(message("Segue" if kind == "image" else "", kind=kind, title="a.pdf") for kind in kinds),
        message("Aviso", kind="system"),
        *(mine("Olá", ack=ack) for ack in range(4)),
    ]
    stage.show(
        chat(*numbered(said)),
        group(message("pare", author="Bia"), unread=3),
        chat(mine("Nota", ack=3), id="1@c.us", name="Clínica", own=True),
        chat(message("Oi"), id="2@c.us", name="Caio", unread=2, muted=True),
        chat(message("Oi"), id="3@c.us", name="Davi", archived=True),
        open=open,
    )


def shown_list(stage: Stage) -> None:
    everything(stage)


def a_chat(stage: Stage) -> None:
    everything(stage, ANA)


def a_group(stage: Stage) -> None:
    everything(stage, FAMILY)


def a_search(stage: Stage) -> None:
    everything(stage)
    stage.page.fill('input[data-tab="3"]', "ana")


def a_draft(stage: Stage) -> None:
    everything(stage, ANA)
    stage.page.fill("footer [contenteditable=true]", "Oi")


def a_drawer(stage: Stage) -> None:
    everything(stage, ANA)
    stage.page.click("#main header [role=button]")


def a_code(stage: Stage) -> None:
    stage.page.evaluate("""() => {
      const { landing, timing } = window.stage;
      timing.qr_loading = 0;
      landing.open();
      landing.offered({ ref: "2@dead", squares: ["101", "010", "101"], expired: true });
    }""")
    stage.page.wait_for_selector("[data-ref] button")


FOUND: list[tuple[Scene, dict[str, str]]] = [
    (a_code, {
        'canvas[aria-label^="Scan this QR code"]': "*",
        "div[data-ref]": "*",
        "#link-device-instructions-list": "*",
        "#auto-logout-toggle": "*",
        "[data-testid=link-device-qr-code] canvas": "ids",
        "[data-testid=link_device_qr_expired_refresh_button]": "2026-10",
        "[data-testid=link_device_qr_phone_number_link]": "2026-10",
    }),
    (shown_list, {
        "#pane-side [role=grid] [role=row] span[title]": "*",
        "#pane-side [role=row] [role=gridcell]": "*",
        "[role=grid][aria-rowcount]": "*",
        "[aria-label='Lista de conversas']": "*",
        "#pane-side [aria-label*='não lida']": "*",
        "#pane-side [data-icon*=group]": "*",
        '#side input[type=text][role=textbox][data-tab="3"]': "*",
        "#all-filter": "*",
        "button#additional-filters": "*",
        "button[role=tab]": "*",
        '[data-navbar-item][data-navbar-item-index="2"]': "*",
        "[aria-label='Nova conversa']:has([data-icon=new-chat-outline])": "*",
        "[data-testid=navbar-primary-section] button[aria-label=Conversas]": "ids",
        "header[data-testid=chatlist-header]": "ids",
        "[data-testid=wa-web-main-screen] section[data-testid=intro-panel]": "ids",
        "[data-testid=chat-list-search-container] input": "ids",
        "[data-testid=chat-list] [data-testid^=list-item-] [data-testid=cell-frame-title] span[title]": "ids",
        "[data-testid=cell-frame-title] > span:not([title])": "ids",
        "[data-testid=last-msg-status][title]": "ids",
        "[data-testid=message-yourself-row]": "ids",
        "[data-testid=mute-notifications-refreshed]": "ids",
        "#pane-side [data-testid=chatlist-panel-archived-button]": "ids",
        "#pane-side [role=listitem], #pane-side a[href], #side [contenteditable]": "",
        "[data-testid=chat-list-search], [data-icon=unread-count]": "",
    }),
    (a_search, {
        "[aria-label='Resultados da pesquisa.'] [role=row]": "*",
        "#side [aria-label='End icon button']": "*",
    }),
    (a_group, {
        "#main header span[title$=Você]": "*",
        "footer [aria-label^='Digite uma mensagem para o grupo ']": "*",
        "div[data-testid=chat-subtitle]": "ids",
        "span[data-testid=author]": "ids",
    }),
    (a_chat, {
        "#main header span[dir=auto]": "*",
        "#main header [role=button][title='Dados do perfil']": "*",
        "#main .copyable-area [data-tab='8'][role=application] > [role=row]": "*",
        "#main [data-id] > [data-virtualized=false]": "*",
        "#main [role=row] [data-pre-plain-text]": "*",
        "#main [data-icon=tail-in], #main [data-icon=tail-out]": "*",
        "#main span[aria-label='Você:']": "*",
        "#main span[aria-label*=Entregue] > svg > title": "*",
        "#main [aria-label='Mensagem citada'] .quoted-mention": "*",
        "#main [aria-label='Abrir imagem']": "*",
        "#main [data-icon=document-PDF-icon]": "*",
        "#main [data-icon=forward-refreshed]": "*",
        "#main [data-app-text-template*='@lid']": "*",
        "#main button[aria-label='Reproduzir mensagem de voz']": "*",
        "#main footer [contenteditable=true][role=textbox][data-lexical-editor][data-tab='10']": "*",
        ".lexical-rich-text-input [aria-placeholder='Digite uma mensagem']": "*",
        "#main footer [aria-label=Anexar] [data-icon=ic-attach-file]": "*",
        "#main footer [aria-label='Emojis, GIFs, figurinhas']": "*",
        "#main footer [aria-label='Mensagem de voz']": "*",
        "input[type=file][accept='*']": "*",
        "#main[data-testid=conversation-panel-wrapper] [data-testid=conversation-panel-messages] [role=application]": "ids",
        "header[data-testid=conversation-header] [data-testid=conversation-info-header-chat-title]": "ids",
        "[data-testid^=conv-msg-] [data-testid=msg-container] [data-testid=msg-meta] [aria-label]": "ids",
        "[data-testid=msg-notification-container] span[data-testid=system_message]": "ids",
        "[data-testid=quoted-message] [data-testid=author]": "ids",
        "[data-testid=forwarded-header]": "ids",
        "[data-testid='image-caption selectable-text']": "ids",
        "[data-testid=image-thumb], [data-testid=video-content]": "ids",
        "[data-testid=audio-play], [data-testid=ptt-status]": "ids",
        ".message-in, .message-out, [data-id^=true_], [data-id^=false_]": "",
        "[data-icon^=msg-], [data-icon=status-check], [data-testid=msg-time]": "",
        "footer [aria-label=Enviar]": "",
    }),
    (a_draft, {
        "footer button[aria-label=Enviar][data-tab='11']": "*",
        "button:has(span[data-icon=wds-ic-send-filled])": "*",
        "[data-testid=compose-btn-send] [data-testid=wds-ic-send-filled]": "ids",
    }),
    (a_drawer, {
        "[data-testid=drawer-right] [data-testid=chat-info-drawer]": "ids",
        "#main section, #main [data-testid=chat-info-drawer]": "",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("scene", "selectors"), FOUND, ids=[one.__name__ for one, _ in FOUND])
def test_what_public_projects_look_for_is_there_and_what_is_dead_is_not(
    stage: Stage, scene: Scene, selectors: dict[str, str]
) -> None:
    scene(stage)
    there = {"*": True, "ids": stage.has_ids, stage.profile: True}
    found = {css: stage.count(css) > 0 for css in selectors}
    assert found == {css: there.get(where, False) for css, where in selectors.items()}
    assert (stage.count("[data-testid]") > 0) is stage.has_ids
