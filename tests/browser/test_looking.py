"""What looks at every page finds what is wrong there, and says at which width and in which colours."""

import pytest

from tests.browser.contrast import pale
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
        "360 px: image-alt: #nameless",
        "360 px, light: too pale, 1.09 of 4.5: #pale",
        "1280 px: image-alt: #nameless",
        "1280 px, dark: too pale, 1.15 of 4.5: #dim",
        "320 px: the page scrolls sideways",
    }


# Words, each in a box that says how: what must be named, and what can be read well or by nobody at all.
WORDS = """<div id="words">
<p id="faded">Oi</p>
<p id="large">Oi</p>
<p id="large-pale">Oi</p>
<div id="half"><p id="half-seen">Oi</p></div>
<div id="pool"><p>Oi</p></div><p id="drifted">Oi</p>
<p id="pictured">Oi</p>
<p id="mixed">Oi</p>
<input id="asked" placeholder="Oi" aria-label="a"><input id="typed" value="Oi" aria-label="b">
<button id="off" type="button" disabled>Oi</button>
<p id="unseen">Oi</p>
</div>"""
STYLES = """() => {
    const ink = (id, style) => Object.assign(document.getElementById(id).style, style);
    ink("words", {background: "#ffffff", color: "#000000", position: "relative", zIndex: 99});
    ink("faded", {color: "rgb(0 0 0 / 40%)"});
    ink("large", {color: "#8a8a8a", fontSize: "24px"});
    ink("large-pale", {color: "#a0a0a0", fontSize: "24px"});
    ink("half", {opacity: 0.4});
    ink("pool", {background: "#000000", color: "#ffffff", height: "60px"});
    ink("drifted", {position: "relative", top: "-50px", width: "20px"});
    ink("pictured", {backgroundImage: "linear-gradient(#ffffff, #eeeeee)"});
    ink("mixed", {color: "color(display-p3 0 0 0)"});
    ink("asked", {color: "#ffffff", background: "#5c6b83"});
    document.getElementById("asked").classList.add("input");
    ink("typed", {color: "#bbbbbb", background: "#ffffff"});
    ink("off", {color: "#dddddd"});
    ink("unseen", {color: "#ffffff", visibility: "hidden"});
}"""


def test_words_are_judged_by_what_lies_below_them(look: Look) -> None:
    page = look("/conta/entrar/")
    page.evaluate(
        "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", WORDS
    )
    page.evaluate(STYLES)
    assert pale(page) == [
        "too pale, 2.85 of 4.5: #faded",
        "too pale, 2.61 of 3: #large-pale",
        "too pale, 2.85 of 4.5: #half-seen",
        "too pale, 1.00 of 4.5: #drifted",
        "too pale, on a picture: #pictured",
        "too pale, in an unknown colour color(display-p3 0 0 0): #mixed",
        "too pale, 1.00 of 4.5: #asked",
        "too pale, 1.92 of 4.5: #typed",
    ]
    assert page.evaluate("scrollY") == 0
