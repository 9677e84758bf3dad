"""Every pair of tokens that is read together, in both schemes, by WCAG 2.2."""

import re

from tests.ui.sources import STATIC

TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: 1.4.3 text, 1.4.11 edges and icons that carry meaning

SURFACES = ("canvas", "surface", "sunken", "hover", "neutral-tint")
TINTS = ("brand-tint", "warn-tint", "danger-tint", "ok-tint")
BUBBLES = ("chat-out", "chat-in", "chat-wall")
PAIRS = (
    [(ink, on, TEXT) for ink in ("ink", "ink-soft", "ink-faint") for on in SURFACES]
    + [(ink, on, TEXT) for ink in ("ink", "ink-soft") for on in TINTS]
    + [
        ("brand-ink", on, TEXT)
        for on in ("canvas", "surface", "sunken", "hover", "brand-tint", "warn-tint")
    ]
    + [
        ("on-brand", on, TEXT)
        for on in ("brand", "brand-hover", "danger", "danger-hover", "chat-bar")
    ]
    + [
        (f"{k}-ink", on, TEXT)
        for k in ("ok", "warn", "danger")
        for on in (f"{k}-tint", "surface", "hover", "canvas")
    ]
    + [(ink, on, TEXT) for ink in ("chat-ink", "chat-meta") for on in BUBBLES]
    + [(line, on, SHAPE) for line in ("line-strong", "focus") for on in ("canvas", "surface")]
    + [
        ("brand", "surface", SHAPE),
        ("brand", "sunken", SHAPE),
        ("ok-ink", "sunken", SHAPE),
        ("ink-faint", "sunken", SHAPE),
    ]
    + [
        ("chat-read", "chat-out", SHAPE),
        ("focus", "warn-tint", SHAPE),
        ("focus", "brand-tint", SHAPE),
    ]
)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", css))


LIGHT, DARK = (STATIC / "css" / "tokens.css").read_text().split("(prefers-color-scheme: dark)")
SCHEMES = {"light": tokens(LIGHT), "dark": tokens(LIGHT) | tokens(DARK)}


def test_what_is_read_together_can_be_read() -> None:
    faint = [
        f"{scheme}: {ink} on {on}: {ratio(colours[ink], colours[on]):.2f} of {least}"
        for scheme, colours in SCHEMES.items()
        for ink, on, least in PAIRS
        if ratio(colours[ink], colours[on]) < least
    ]
    assert faint == []


def test_in_dark_what_the_pointer_is_on_is_no_hole() -> None:
    dark = SCHEMES["dark"]
    assert luminance(dark["hover"]) > luminance(dark["surface"])


def test_lines_stand_out_on_amber_as_they_do_on_a_card() -> None:
    for colours in SCHEMES.values():
        on_card = ratio(colours["line"], colours["surface"])
        assert ratio(colours["warn-line"], colours["warn-tint"]) > on_card - 0.05
