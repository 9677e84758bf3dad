"""Pages written by hand from what is known of WhatsApp Web, with the driver's reader in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from sessions.transports.browser import selectors
from sessions.transports.browser.page import WebPage, reader_script

PAGES = Path(__file__).with_name("pages")
SHIPPED = selectors.load()
BOX = '<div><div contenteditable="true" role="textbox" data-tab="10" data-testid="conversation-compose-box-input" aria-label="{label}" aria-placeholder="Digite uma mensagem">{draft}</div></div>'
TO_BIA = BOX.format(label="Digite uma mensagem para Bia", draft="<p><br></p>")
Build = Callable[[str], str]


def without_test_ids(html: str) -> str:
    return re.sub(r' data-testid="[^"]*"', "", html)


def shown(page: Page, html: str, build: Build = str) -> WebPage:
    """The reader on a page with this content."""
    page.set_content(build(html))
    page.evaluate(reader_script(SHIPPED))
    return WebPage(page)


def chats(
    *,
    title: str = "Bia",
    subtitle: str = "",
    footer: str = TO_BIA,
    drawer: str = "",
    banner: str = "",
    listed: str = "",
    said: str = "",
) -> str:
    """The page of chats.html; `listed` and `said` stand in the place of its rows and messages."""
    html = (PAGES / "chats.html").read_text(encoding="utf-8")
    html = html.replace("BANNER", banner) if banner else re.sub(r"<div[^>]*>BANNER</div>", "", html)
    if listed:
        html = _within(
            html, 'aria-label="Lista de conversas">', "</div></div></div>\n</div>", listed
        )
    if said:
        html = _within(html, '<div role="application">', "</div></div>\n  <footer", said)
    return (
        html.replace("SUBTITLE", subtitle)
        .replace("TITLE", title)
        .replace("FOOTER", footer)
        .replace("DRAWER", drawer)
    )


def _within(html: str, begin: str, end: str, content: str) -> str:
    before, rest = html.split(begin, 1)
    return f"{before}{begin}{content}{end}{rest.split(end, 1)[1]}"
