"""Every link leads somewhere, and the way back is never the page itself.

All pages are opened that the product has, taken from its addresses, with one of everything in them.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import NoReverseMatch, reverse

from tests.clients import Client
from tests.isolation import declared, scan
from tests.isolation.world import World, make_world

pytestmark = pytest.mark.django_db

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
HREF = re.compile(r'\bhref="([^"]*)"')
TAG = re.compile(r"<[^>]+>")
BACK = re.compile(r"^(Voltar|Cancelar|Agora não)", re.IGNORECASE)


def pages(world: World) -> Iterator[str]:
    """The address of every page, with the world's own keys; also the account's, which take none."""
    for route in scan.routes():
        try:
            yield world.address(route) if route in declared.ROUTES else reverse(route)
        except NoReverseMatch:
            continue


def links(client: Client, path: str) -> Iterator[tuple[str, str]]:
    """(where to, words) of every link of a page; nothing where there is none."""
    answer = client.get(path)
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code != 200 or not kind.startswith("text/html"):
        return
    for attributes, words in LINK.findall(answer.content.decode()):
        href = HREF.search(attributes)
        yield href[1] if href else "", " ".join(TAG.sub(" ", words).split())


def test_no_link_leads_nowhere_and_the_way_back_leads_back(client: Client) -> None:
    world = make_world("jabuticaba")
    dead, seen, ways_back = [], 0, 0
    for signed_in in (True, False):
        if signed_in:
            client.force_login(world.membership.user)
        else:
            client.logout()
        for path in pages(world):
            if path == reverse("account_logout"):
                continue
            for href, words in links(client, path):
                seen += 1
                back = bool(BACK.match(words))
                ways_back += back
                here = urlsplit(urljoin(path, href))
                if href in ("", "#") or (back and here.path == path and not here.fragment):
                    dead.append(f"{path}: {words!r} leads to {href!r}")
    assert dead == []
    assert seen > 500
    assert ways_back > 10
