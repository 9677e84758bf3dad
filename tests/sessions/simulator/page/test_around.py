"""What lies over, under and in place of things: banners, block-messages, dialogs, attachments (Elements)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import NOW, Stage, chat, message

pytestmark = pytest.mark.browser

BOX = 'footer div[contenteditable=true][data-tab="10"]'
ANA = "5511987654321@c.us"
BANNERS = {
    "notifications": "Receba notificações de novas mensagens",
    "update": "Nova versão disponível",
    "background_sync": "Sincronização em segundo plano",
    "language": "O idioma do seu celular mudou",
    "notice": "Aviso do WhatsApp",
    "timelock": "restringida",
    "cap": "novas conversas",
    "offline": "Computador não conectado",
}
DIALOG = "[role=dialog][aria-modal=true]"
BLOCKS = {
    "contact": "contato bloqueado",
    "announcement": "admins",
    "ex_member": "não é mais membro",
    "old_lid": "outra conversa",
    "terms": "termos",
    "timelock": "restringida",
    "cap": "limite mensal",
}


def test_every_banner_stands_in_the_one_container(either: Stage) -> None:
    container = either.known_by("chat-butterbar", "#side > .butterbar")
    own = {
        "offline": "chat-butterbar-offline",
        "timelock": "reachout-timelock-butterbar",
        "cap": "capping-warning-banner",
    }
    for banner, words in BANNERS.items():
        either.show(chat(message("Oi")), banners=[banner])
        assert (banner, either.count(f"{container} > *")) == (banner, 1)
        assert words in either.words(container)[0]
        ids = {name for name, id in own.items() if either.count(f"{container} [data-testid={id}]")}
        assert ids == ({banner} & own.keys() if either.has_ids else set())


def test_the_container_is_there_and_empty_without_a_banner(either: Stage) -> None:
    either.show(chat(message("Oi")))
    container = either.known_by("chat-butterbar", "#side > .butterbar")
    box = either.page.locator(f"css={container}").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (511, 0)


def test_offline_and_other_banners_stand_beside_each_other_in_the_phones_language(
    october: Stage,
) -> None:
    october.show(chat(message("Oi")), banners=["update", "offline"], language="en")
    words = october.words("[data-testid=chat-butterbar] > *")
    assert ["Computer not connected" in one for one in words] == [False, True]
    october.show(chat(message("Oi")), banners=["offline"], language="es")
    assert "Computadora sin conexión" in october.words("[data-testid=chat-butterbar]")[0]


def test_whatever_takes_the_box_away_is_a_block_message(either: Stage) -> None:
    place = "footer[data-testid=compose-box] > [data-testid=block-message]"
    shown = place if either.has_ids else "#main footer"
    own = {
        "timelock": "reachout-timelock-compose-bar",
        "cap": "new-individual-chat-limit-compose-bar",
    }
    for block, words in BLOCKS.items():
        either.show(chat(message("Oi"), barred=block), open=ANA)
        assert (block, either.count(BOX)) == (block, 0)
        assert words in either.words(shown)[0]
        ids = {name for name, id in own.items() if either.count(f"{place} [data-testid={id}]")}
        assert ids == ({block} & own.keys() if either.has_ids else set())


def test_a_time_lock_stands_in_locked_chats_only_and_tells_no_end(october: Stage) -> None:
    locked = chat(message("Oi"), id="5511912345678@c.us", name="Bia", locked=True)
    lock = {"type": "DEFAULT", "until": 1_800_000_000}
    october.show(chat(message("Oi")), locked, open=ANA, timelock=lock)
    assert october.count(BOX) == 1
    october.page.click("#pane-side [title=Bia]")
    october.page.wait_for_selector("#main header >> text=Bia")
    assert october.count(BOX) == 0
    words = october.words("#main footer")[0]
    assert "Mostrar detalhes" in words
    assert not any(letter.isdigit() for letter in words)


def test_the_three_types_of_time_lock_have_words_of_their_own(october: Stage) -> None:
    shown = set()
    for kind in ("DEFAULT", "RESTRICT_ALL_COMPANIONS", "WEB_COMPANION_ONLY"):
        locked = chat(message("Oi"), locked=True)
        october.show(locked, open=ANA, timelock={"type": kind, "until": None})
        shown.add(october.words("[data-testid=reachout-timelock-compose-bar]")[0])
    assert len(shown) == 3


LOCK_MODAL = "[data-testid^=reachout-timelock-restricted-modal]"


def time_left(stage: Stage, seconds: float, language: str = "pt") -> str:
    """What the details say on top of a lock that ends so many seconds from now; closed again."""
    until = NOW.timestamp() + seconds
    locked = chat(message("Oi"), locked=True)
    lock = {"type": "DEFAULT", "until": until if seconds else None}
    stage.show(locked, open=ANA, timelock=lock, language=language)
    stage.page.click("css=#main footer button")
    said = stage.words(f"{DIALOG} svg + div")
    stage.page.click(f"css={stage.known_by('popup-controls-ok', f'{DIALOG} button')}")
    assert stage.count(DIALOG) == 0
    return said[0]


def test_the_details_of_a_time_lock_count_down_to_its_end(october: Stage) -> None:
    assert time_left(october, 5 * 3600 + 12 * 60 + 3) == "05:12:03"
    assert time_left(october, 24 * 3600) == "24:00:00"
    # Beyond a day only days are told, the begun one among them.
    assert time_left(october, 24 * 3600 + 1) == "2 dias"
    assert time_left(october, 0) == "00:00:00"


def test_the_details_of_a_time_lock_have_a_title_and_three_points(october: Stage) -> None:
    assert time_left(october, 5 * 86400, "en") == "5 days"
    october.page.click("css=#main footer button")
    assert october.values(LOCK_MODAL, "data-testid") == [
        f"reachout-timelock-restricted-modal-{part}"
        for part in ("title", "subtitle", "bullet-1", "bullet-2", "bullet-3")
    ]
    assert october.count(f"{DIALOG} [data-testid=confirm-popup] {LOCK_MODAL}") == 5
    october.page.keyboard.press("Escape")
    assert october.count(LOCK_MODAL) == 0


def test_the_cap_in_english_is_whatsapps_own_sentence(october: Stage) -> None:
    october.show(chat(message("Oi"), barred="cap"), open=ANA, language="en")
    words = october.words("[data-testid=new-individual-chat-limit-compose-bar]")[0]
    assert "You've reached the monthly limit on new chats you can start" in words


def test_dialogs_are_modal_with_a_popup_and_its_controls(either: Stage) -> None:
    either.show(chat(message("Oi")))
    either.page.evaluate("() => { window.stage.dialogs.notOnWhatsApp('+5511987654321'); }")
    either.page.wait_for_selector(f"{DIALOG} >> text=não está no WhatsApp")
    ok = either.known_by("popup-controls-ok", f"{DIALOG} button")
    if either.has_ids:
        assert either.count("[data-testid=confirm-popup] [data-testid=popup-contents]") >= 1
    either.page.click(f"css={ok}")
    assert either.count(DIALOG) == 0


def test_whats_new_has_a_heading_continue_and_close(october: Stage) -> None:
    october.show(chat(message("Oi")))
    october.page.evaluate("() => { window.stage.dialogs.whatsNew(); }")
    october.page.wait_for_selector(f"{DIALOG} h1 >> text=Novidades")
    assert october.words(f"{DIALOG} button") == ["", "Continuar"]
    assert october.count(f"{DIALOG} button[aria-label=Fechar]") == 1
    october.page.click(f"{DIALOG} button[aria-label=Fechar]")
    assert october.count(DIALOG) == 0


def test_a_conflict_is_told_in_the_words_of_the_build(stage: Stage) -> None:
    stage.show(chat(message("Oi")), language="en")
    stage.page.evaluate("() => { window.stage.dialogs.conflict(() => {}); }")
    words = {
        "2026-10": "There is already another active WhatsApp Web tab",
        "2026-08": "WhatsApp is open in another window",
        "2026-no-testid": "WhatsApp is open in another window",
    }
    stage.page.wait_for_selector(f"{DIALOG} >> text={words[stage.profile]}")
    stage.page.click(f"{DIALOG} >> text=Use here")


def test_attaching_opens_a_chooser_by_the_builds_own_item(stage: Stage) -> None:
    stage.show(chat(message("Oi")), open=ANA)
    assert stage.count("footer [data-icon=ic-attach-file], footer [data-icon=plus-rounded]") == 1
    stage.page.click("footer button[aria-label=Anexar]")
    item = "button[aria-label=Documento]" if stage.profile == "2026-10" else "[role=menuitem]"
    first = stage.page.locator("input[type=file]").first
    assert first.get_attribute("accept") == "image/*"
    with stage.page.expect_file_chooser() as chooser:
        stage.page.locator(f"css={item}", has_text="Documento").click()
    file = {"name": "exame.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    chooser.value.set_files(file)
    caption = "#main [contenteditable=true]:not(footer *)"
    stage.page.fill(caption, "Segue o exame")
    stage.page.click("#main div[role=button][aria-label*=Enviar]")
    stage.page.wait_for_selector('#main [data-id] [title*="exame.pdf"]')
    assert stage.sent() == ["Segue o exame"]
