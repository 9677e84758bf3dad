"""House rules that every template keeps."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.look.sources import ROOT, STATIC, TEMPLATES, name, templates

ICONS = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "img" / "icons.svg").read_text()))


@pytest.mark.parametrize("path", templates(), ids=name)
def test_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", templates(), ids=name)
def test_nothing_inline_that_the_csp_would_refuse(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son\w+=", text)
    assert "<style" not in text
    assert "hx-on" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", templates(), ids=name)
def test_icons_that_are_used_exist(path: Path) -> None:
    used = re.findall(r'{% icon "([\w-]+)"', path.read_text())
    assert set(used) <= ICONS


@pytest.mark.parametrize("path", sorted((TEMPLATES / "components").glob("*.html")), ids=name)
def test_a_component_says_at_its_top_what_it_is_and_takes(path: Path) -> None:
    assert re.match(r"{# .{20,} #}\n|{% comment %}\n.{20,}", path.read_text())


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


def test_every_page_loads_every_style_sheet() -> None:
    """So that a part looks the same on whichever page it is drawn, be it fetched later."""
    head = (TEMPLATES / "components" / "head.html").read_text()
    loaded = set(re.findall(r'href="{% static "blu/css/([\w.]+)" %}"', head))
    assert loaded == {path.name for path in (STATIC / "css").glob("*.css")}
    elsewhere = [name(path) for path in templates() if 'rel="stylesheet"' in path.read_text()]
    assert elsewhere == ["templates/components/head.html"]
    for shell in ("base.html", "public.html", "errors/base.html"):
        text = (TEMPLATES / shell).read_text()
        assert '{% include "components/head.html" %}' in text or "{% extends" in text
