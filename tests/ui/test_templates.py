"""House rules that every template keeps: a test a rule, which names every file that breaks it."""

import re

from django.template import TemplateSyntaxError
from django.template.loader import get_template

from tests.ui.sources import ROOT, STATIC, TEMPLATES, name, templates

ICONS = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "img" / "icons.svg").read_text()))
# What the CSP would refuse. A script is a file, or data.
INLINE = re.compile(
    r"""\s(?:style|on\w+)=|<style|hx-on|<script\b(?![^>]*(?:src=|type="application/json"))[^>]*>"""
)


def test_every_template_compiles() -> None:
    broken = {}
    for path in templates():
        try:
            get_template(str(path.relative_to(TEMPLATES)))
        except TemplateSyntaxError as error:
            broken[name(path)] = str(error)
    assert broken == {}


def test_nothing_inline_that_the_csp_would_refuse() -> None:
    found = {name(path): INLINE.findall(path.read_text()) for path in templates()}
    assert {path: inline for path, inline in found.items() if inline} == {}


def test_inline_things_are_seen() -> None:
    for html in (
        '<p style="a">', '<p onclick="a">', "<style>", '<p hx-on="a">', "<script>", "<script nonce>"
    ):  # fmt: skip
        assert INLINE.search(html), html
    for html in ('<script src="a">', '<script id="b" type="application/json">'):
        assert not INLINE.search(html), html


def test_icons_that_are_used_exist() -> None:
    used = {
        name(path): set(re.findall(r'{% icon "([\w-]+)"', path.read_text())) for path in templates()
    }
    assert {path: icons - ICONS for path, icons in used.items() if icons - ICONS} == {}


def test_a_component_says_at_its_top_what_it_is_and_takes() -> None:
    components = sorted((TEMPLATES / "components").glob("*.html"))
    top = re.compile(r"{# .{20,} #}\n|{% comment %}\n.{20,}")
    assert [name(path) for path in components if not top.match(path.read_text())] == []


def test_what_every_page_loads_weighs_under_115_kb() -> None:
    """The page itself has the other 35 KB."""
    head = (TEMPLATES / "components" / "head.html").read_text()
    loaded = re.findall(r'"(blu/(?:css|js)/[\w.]+)"', head)
    files = [ROOT / "static" / path for path in loaded]
    files += [STATIC / "img" / "icons.svg", STATIC / "img" / "favicon.svg"]
    modules = re.findall(r'"\./([\w.]+)"', (STATIC / "js" / "main.js").read_text())
    files += [STATIC / "js" / module for module in modules]
    assert len(files) > 10
    assert sum(path.stat().st_size for path in files) < 115_000


def test_no_page_is_drawn_before_its_modules_run() -> None:
    """Who presses a button of a form that a module completes would lose what is typed beside it."""
    module = re.compile(r'<script[^>]*type="module"[^>]*>')
    late, after_head = [], []
    for path in templates():
        text = path.read_text()
        late += [name(path) for tag in module.findall(text) if 'blocking="render"' not in tag]
        if re.search(r"{% block scripts %}[^\n]*type=\"module\"", text) and "optin/" not in name(
            path
        ):
            after_head.append(name(path))
    assert (late, after_head) == ([], [])


def test_every_page_loads_every_style_sheet() -> None:
    """So that a part looks the same on whichever page it is drawn, be it fetched later."""
    head = (TEMPLATES / "components" / "head.html").read_text()
    loaded = set(re.findall(r'href="{% static "blu/css/([\w.]+)" %}"', head))
    assert loaded | {"public.css"} == {path.name for path in (STATIC / "css").glob("*.css")}
    elsewhere = [name(path) for path in templates() if 'rel="stylesheet"' in path.read_text()]
    # Pages without navigation load one more; those where people agree, few beside it.
    public = ["contacts/optin/public.html", "errors/base.html", "home/public.html"]
    assert elsewhere == [f"templates/{one}" for one in ("components/head.html", *public)]
    for shell in ("base.html", "home/public.html", "errors/base.html"):
        text = (TEMPLATES / shell).read_text()
        assert '{% include "components/head.html" %}' in text or "{% extends" in text
