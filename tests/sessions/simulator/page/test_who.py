"""Who a chat is: titles in their order, header, box and drawer (FACTS.md)."""

from __future__ import annotations

import pytest

from tests.sessions.simulator.page.stage import Stage, chat, group, message

pytestmark = pytest.mark.browser

BOX = 'footer div[contenteditable=true][data-tab="10"]'
HEADER = "#main header span[dir=auto]"
CHANNEL = {
    "id": "1@newsletter",
    "kind": "channel",
    "name": "Canal",
    "number": "",
    "followers": 1200,
}

NAMES = [
    ({}, "Ana Souza"),
    ({"name": "", "verified": "Clínica Horizonte"}, "Clínica Horizonte"),
    ({"name": "", "username": "ana.souza"}, "@ana.souza"),
    ({"name": ""}, "+55 11 98765-4321"),
    ({"name": "", "number": "558570000111"}, "+55 85 7000-0111"),
    ({"name": "", "number": "", "masked": "+55 11 ••••• ••21"}, "+55 11 ••••• ••21"),
    ({"name": "", "number": ""}, "Usuário desconhecido"),
    ({"name": "(11) 99887-7665"}, "(11) 99887-7665"),
]


def test_a_person_is_named_by_the_first_there_is(either: Stage) -> None:
    for values, title in NAMES:
        if "username" in values and not either.has_ids:
            title = "+55 11 98765-4321"  # usernames came after April
        either.opened(message("Oi"), **values)
        assert either.values("#pane-side span[dir=auto][title]", "title") == [title]
        (shown,) = either.words(HEADER)[:1]
        assert shown.strip("\u202a\u202c") == title
        assert (shown != title) == title.startswith("+55")
        assert either.values(BOX, "aria-label") == [f"Digite uma mensagem para {title}"]


def test_the_header_holds_the_title_by_test_id_and_a_title_attribute_that_is_no_name(
    october: Stage,
) -> None:
    october.opened(message("Oi"))
    assert "Dados do perfil" in october.values("#main header [title]", "title")
    assert "Ana Souza" not in october.values("#main header [title]", "title")
    title = (
        "[data-testid=conversation-info-header] [data-testid=conversation-info-header-chat-title]"
    )
    assert october.words(f"#main header {title}") == ["Ana Souza"]


def test_a_persons_header_has_no_subtitle_or_presence(october: Stage) -> None:
    october.opened(message("Oi"))
    assert october.words(HEADER) == ["Ana Souza"]
    october.opened(message("Oi"), presence="online")
    assert october.words("#main header span[title]") == ["online"]


def test_a_groups_header_names_its_members_and_its_box_says_group(either: Stage) -> None:
    either.show(group(message("Oi", author="Bia")), open="120363041@g.us")
    members = "Ana Souza, Bia, +55 11 91234-5678, Você"
    assert either.values("#main header span[title]", "title") == [members]
    subtitle = either.known_by("chat-subtitle", "#main header span[title]")
    assert either.words(subtitle) == [members]
    assert either.values(BOX, "aria-label") == ["Digite uma mensagem para o grupo Família"]
    either.show(group(message("Oi", author="Bia")), open="120363041@g.us", language="en")
    assert either.values(BOX, "aria-label") == ["Type a message to group Família"]
    either.show(group(message("Oi", author="Bia")), open="120363041@g.us", language="es")
    assert either.values(BOX, "aria-label") == ["Escribir un mensaje para el grupo Família"]


def test_a_channel_has_followers_and_no_box(october: Stage) -> None:
    october.show(chat(message("Novidade"), **CHANNEL), open="1@newsletter")
    assert october.values("#main header span[title]", "title") == ["1.200 seguidores"]
    assert october.count(BOX) == 0
    assert october.count("footer [data-testid=block-message]") == 1


def test_a_community_has_no_box(october: Stage) -> None:
    october.show(group(message("Aviso", author="Bia"), kind="community"), open="120363041@g.us")
    assert october.count(BOX) == 0


def test_the_own_chat_is_its_name_with_you_beside_it(october: Stage) -> None:
    october.opened(message("Oi"), own=True, name="Clínica")
    assert october.words(HEADER)[:2] == ["Clínica", " (Você)"]
    assert october.values(BOX, "aria-label") == ["Digite uma mensagem para Clínica (Você)"]


def opened_drawer(stage: Stage) -> None:
    stage.page.click("#main header [role=button]")
    stage.page.wait_for_selector("section")


def test_a_persons_drawer_has_name_and_number(either: Stage) -> None:
    either.opened(message("Oi"))
    opened_drawer(either)
    numbers = [one.strip("\u202a\u202c") for one in either.words("section span")]
    assert "+55 11 98765-4321" in numbers
    if either.has_ids:
        drawer = "[data-testid=chat-info-drawer]"
        assert either.count(f"{drawer} header [data-testid=contact-info-header]") == 1
        assert either.words(f"{drawer} section [data-testid=contact-info-subtitle]") == [
            "Ana Souza"
        ]
        assert either.words(f"{drawer} [data-testid=section-phone-number]") == ["Telefone"]
        assert either.count(f"{drawer} header [data-testid=btn-closer-drawer]") == 1
    close = either.known_by("btn-closer-drawer", "header button[aria-label=Fechar]")
    either.page.click(f"css={close}")
    assert either.count("section") == 0


def test_the_drawer_of_a_hidden_number_shows_none(october: Stage) -> None:
    october.opened(
        message("Oi"), id="235085806727321@lid", number="", name="", username="ana.souza"
    )
    opened_drawer(october)
    assert october.count("[data-testid=section-phone-number]") == 0
    assert "+55" not in october.page.inner_text("section")


def test_a_groups_drawer_lists_members_in_a_second_pane_side(october: Stage) -> None:
    october.show(group(message("Oi", author="Bia")), open="120363041@g.us")
    opened_drawer(october)
    assert october.count("#pane-side") == 2
    members = "section #pane-side [role=listitem] span[dir=auto][title]"
    assert october.values(members, "title") == ["Você", "Ana Souza", "Bia", "+55 11 91234-5678"]
    assert october.count("[data-testid=chat-info-drawer] [data-testid=group-info-header]") == 1
    body = "[data-testid=chat-info-drawer] [data-testid=group-info-drawer-body]"
    assert october.count(f"{body} [data-testid=section-participants]") == 1
    assert october.count("[data-testid=contact-info-header]") == 0


def test_a_channels_drawer_has_a_header_of_its_own(october: Stage) -> None:
    october.show(chat(message("Novidade"), **CHANNEL), open="1@newsletter")
    opened_drawer(october)
    assert october.count("[data-testid=newsletter-info-header]") == 1
    assert october.count("[data-testid=contact-info-header]") == 0


def test_labels_of_the_box_follow_the_phones_language(october: Stage) -> None:
    labels = {
        "pt": "Digite uma mensagem para Ana Souza",
        "en": "Type a message to Ana Souza",
        "es": "Escribir un mensaje para Ana Souza",
    }
    for language, label in labels.items():
        october.show(chat(message("Oi")), open="5511987654321@c.us", language=language)
        assert october.values(BOX, "aria-label") == [label]
        assert october.page.evaluate("document.documentElement.lang")[:2] == language
