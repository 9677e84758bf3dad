"""The files of the WhatsApp Web page: index with its nonce and settings, the static rest, the gate.

`/` and `/send` give the same page; the script reads the address. The page refuses a browser that
says HeadlessChrome, or one older than Chrome 100, as the real one does.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import secrets
from collections.abc import Collection
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import web

from sessions.simulator import builds, bundle
from sessions.simulator.hub import Hub, hub_of

PAGE = Path(__file__).parent / "page"
PROFILES = ("2026-10", "2026-08", "2026-no-testid")
OLDEST_CHROME = 100
LANGUAGES = {"pt": "pt-BR", "en": "en", "es": "es"}
REFUSAL = {
    "pt": "O WhatsApp funciona no Google Chrome 100 ou posterior",
    "en": "WhatsApp works with Google Chrome 100+",
    "es": "WhatsApp funciona con Google Chrome 100 y versiones posteriores",
}


def language(request: web.Request) -> str:
    """pt, en or es, by Accept-Language; Portuguese when it says none of them."""
    for part in request.headers.get("Accept-Language", "").split(","):
        code = part.strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return "pt"


def is_supported(user_agent: str) -> bool:
    """Plain Chrome of version 100 or later."""
    found = re.search(r"(?<!Headless)Chrome/(\d+)", user_agent)
    return found is not None and int(found.group(1)) >= OLDEST_CHROME


def policy(nonce: str) -> str:
    """The Content-Security-Policy: scripts by nonce only."""
    return (
        f"default-src 'self'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; connect-src 'self' ws: wss:; worker-src 'self'; "
        "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def accounts(hub: Hub) -> dict[str, Any]:
    """What a page must know of its account before it reaches the server, for those who have any."""
    world = hub.world
    known = {*world.profiles, *world.settings, *world.faults.accounts()} - {""}
    return {account: hub.own(account) for account in known}


async def index(request: web.Request) -> web.Response:
    """The page itself."""
    tongue, nonce = language(request), secrets.token_urlsafe(16)
    headers = {"Content-Security-Policy": policy(nonce), "Cache-Control": "no-store"}
    if not is_supported(request.headers.get("User-Agent", "")):
        page = (
            (PAGE / "refused.html").read_text("utf-8").replace("{{text}}", escape(REFUSAL[tongue]))
        )
        return web.Response(text=page, content_type="text/html", headers=headers)
    hub = hub_of(request)
    settings = {
        "language": tongue,
        "profile": hub.profile_of(),
        "timing": hub.timing.scaled(hub.scale),
        "scale": hub.scale,
        "linking": asdict(hub.linking),
        "accounts": accounts(hub),
        "linked": hub.own(""),
    }
    page = builds.renamed((PAGE / "index.html").read_text("utf-8"), hub.renamed)
    values = {
        "{{lang}}": LANGUAGES[tongue],
        "{{nonce}}": nonce,
        "{{version}}": version(hub.renamed),
        "{{settings}}": json.dumps(settings).replace("<", "\\u003c"),
    }
    for name, value in values.items():
        page = page.replace(name, value)
    return web.Response(text=page, content_type="text/html", headers=headers)


def version(changed: Collection[str]) -> str:
    """The folder of the page's files in addresses: another one whenever any of them is another."""
    stamps = [(path.name, path.stat().st_mtime_ns) for path in sorted(PAGE.iterdir())]
    return hashlib.sha256(repr((stamps, sorted(changed))).encode()).hexdigest()[:12]


@functools.lru_cache(maxsize=2)
def script(_version: str) -> str:
    """The page's modules as one script; they are read anew for each version."""
    return bundle.bundled(PAGE, "main")


async def static(request: web.Request) -> web.StreamResponse:
    """A script or style sheet of the page, which a browser keeps."""
    path = PAGE / request.match_info["name"]
    if path.suffix not in (".js", ".css") or not path.is_file():
        raise web.HTTPNotFound
    whole = path.name == "main.js"
    text = script(version(())) if whole else path.read_text("utf-8")
    return web.Response(
        text=builds.renamed(text, hub_of(request).renamed),
        content_type="text/css" if path.suffix == ".css" else "text/javascript",
        headers={"Cache-Control": "max-age=31536000, immutable"},
    )


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get("/", index),
        web.get("/send", index),
        web.get("/send/", index),
        web.get("/page/{version:[0-9a-f]{12}}/{name:[a-z0-9_-]+\\.[a-z]+}", static),
    ]
