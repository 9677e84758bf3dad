"""Text that is too pale for what it stands on, by WCAG 2.2 (1.4.3), as a page is drawn.

What axe finds, at a tenth of its cost: the browser itself is asked what lies below a word. Besides, words
of a placeholder are judged, and words on a picture or in a colour that can't be told are named.
"""

from playwright.sync_api import Page


def pale(page: Page) -> list[str]:
    """Each element whose words are too pale now: how far they stand out, how far they should, and where."""
    return list(page.evaluate(PALE))


# What is said and what it stands on. `ground` gives the colours below a word from near to far, as far as
# they are seen through, `Group` what an opacity below 1 makes paler as a whole.
PALE = r"""() => {
    const HIDDEN = "script, style, template, noscript, option, [inert]";
    const TYPED = "textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=hidden])";
    const styles = new Map();
    const style = (one) => styles.get(one) ?? styles.set(one, getComputedStyle(one)).get(one);
    const unknown = new Set();
    const colour = (text, element) => {
        const [, inside] = /^rgba?\((.*)\)$/.exec(text) ?? [];
        if (!inside) unknown.add(element);
        const [red, green, blue, alpha = 1] = (inside ?? "0, 0, 0").split(/[,/ ]+/).map(Number);
        return [red, green, blue, alpha];
    };
    const over = (top, below) => top.slice(0, 3).map((one, n) => one * top[3] + below[n] * (1 - top[3]));
    const mixed = (top, below, part) => over([...top.slice(0, 3), part], below);
    const luminance = (seen) => {
        const [red, green, blue] = seen.map((one) => one / 255)
            .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ratio = (one, other) => {
        const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const ground = (one) => colour(style(one).backgroundColor, one);
    const up = function* (one) { for (; one; one = one.parentElement) yield one; };
    const WHITE = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    const flat = (layers) => layers.reduceRight((below, one) => over(ground(one), below), WHITE);

    const boxOf = (element, words) => {
        if (!words) return element.getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(words);
        return [...range.getClientRects()].find((box) => box.width > 0 && box.height > 0);
    };
    const stackAt = (element, box) => {
        const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        const at = stack.indexOf(element);
        const covered = stack.slice(0, at).some((one) => !element.contains(one) && ground(one)[3] > 0);
        return at < 0 || covered ? null : stack.slice(at);
    };
    // What lies below the words: in sight, in the middle of the window, or else what they stand in.
    const below = (element, words, box) => {
        const there = stackAt(element, box);
        if (there) return there;
        scrollBy({top: box.y - innerHeight / 2, behavior: "instant"});
        return stackAt(element, boxOf(element, words)) ?? [...up(element)];
    };

    const fault = (element, words, placeholder) => {
        if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) return;
        if (element.closest(":disabled, [aria-disabled=true]") || element.closest("label")?.control?.disabled) return;
        const box = boxOf(element, words);
        if (!box || !box.width || [...up(element)].some((one) => style(one).clipPath === "inset(50%)")) return;
        const layers = below(element, words, box);
        const solid = layers.findIndex((one) => ground(one)[3] === 1);
        const seen = solid < 0 ? layers : layers.slice(0, solid + 1);
        if (seen.some((one) => style(one).backgroundImage !== "none")) return "on a picture";
        const paler = [...up(element)].filter((one) => style(one).opacity < 1);
        const group = paler.at(-1);
        const beyond = flat(group ? layers.filter((one) => !group.contains(one)) : seen);
        const part = paler.reduce((product, one) => product * style(one).opacity, 1);
        const inner = group ? layers.filter((one) => group.contains(one))
            .reduceRight((lower, one) => over(ground(one), lower), beyond) : beyond;
        const drawn = placeholder ? getComputedStyle(element, "::placeholder") : style(element);
        const ink = over(colour(drawn.color, element), inner);
        const stands = ratio(mixed(ink, beyond, part), mixed(inner, beyond, part));
        const size = parseFloat(drawn.fontSize);
        const least = size >= 24 || (size >= 18.66 && drawn.fontWeight >= 700) ? 3 : 4.5;
        if (unknown.has(element)) return `in an unknown colour ${drawn.color}`;
        if (stands < least) return `${stands.toFixed(2)} of ${least}`;
    };
    const place = (element) => element.id ? `#${element.id}`
        : `${element.tagName.toLowerCase()}${[...element.classList].map((one) => `.${one}`).join("")}`
            + ` "${element.textContent.trim().slice(0, 40)}"`;

    const from = [scrollX, scrollY], found = [], known = new Set();
    const judge = (element, words, placeholder) => {
        const said = fault(element, words, placeholder);
        if (said) found.push(`too pale, ${said}: ${place(element)}`);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let words; (words = walk.nextNode());) {
        const element = words.parentElement;
        if (!words.data.trim() || known.has(element) || element.closest(`${HIDDEN}, ${TYPED}`)) continue;
        known.add(element);
        judge(element, words);
    }
    for (const field of document.querySelectorAll(TYPED)) {
        judge(field, null, false);  // what is typed, or will be
        if (field.placeholder && !field.value) judge(field, null, true);
    }
    scrollTo({left: from[0], top: from[1], behavior: "instant"});
    return found;
}"""
