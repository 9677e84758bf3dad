"""What looks at every page finds what is wrong there, and says at which width and in which colours."""

import pytest

from tests.browser.looking import Look, faults

pytestmark = pytest.mark.browser

SPOILT = """() => {
    const main = document.querySelector("main");
    main.insertAdjacentHTML("beforeend",
        '<img id="nameless" src="/static/blu/img/logo.svg"><p id="pale">Oi</p><p id="dim">Oi</p><p id="broad">Oi</p>');
    const style = (id) => document.getElementById(id).style;
    style("pale").color = "light-dark(#eeeeee, #ffffff)";
    style("dim").color = "light-dark(#000000, #222222)";
    style("broad").width = "310px";
}"""


def test_a_spoilt_page_has_each_of_its_faults_named(look: Look) -> None:
    page = look("/conta/entrar/")
    assert faults(page) == []
    page.evaluate(SPOILT)
    found = faults(page)
    assert set(found) == {
        "375 px, light: image-alt: #nameless",
        "375 px, light: color-contrast: #pale",
        "1280 px, dark: image-alt: #nameless",
        "1280 px, dark: color-contrast: #dim",
        "320 px: the page scrolls sideways",
    }
