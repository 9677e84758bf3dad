// Making elements: h(tag, attributes, ...children), with `is` naming the element for the profile.

import { profileNamed } from "./profiles.js";
import { profileName } from "./words.js";

export const profile = profileNamed(profileName);
const SVG = "http://www.w3.org/2000/svg";
const CLOCK = "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 3v5l3 2";
const CHECK = "M4 13l5 5L20 6";
const PERSON = "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-9 16-9 16 0";
const FILE = "M6 3h8l4 4v14H6z";
const SHAPES = {
  "wds-ic-status-pending": CLOCK,
  "ic-schedule": CLOCK,
  "wds-ic-delivered": CHECK,
  "wds-ic-read": "M1 13l5 5L16 6M10 16l2 2L22 6",
  "wds-ic-send-filled": "M3 4l18 8-18 8 3-8z",
  "ic-attach-file": "M12 4v16M4 12h16",
  "plus-rounded": "M12 4v16M4 12h16",
  "forward-refreshed": "M3 6l8 6-8 6zM11 6l8 6-8 6z",
  "mic-outlined": "M9 4h6v9H9zM6 11c0 7 12 7 12 0M12 17v4",
  "search-refreshed-thin": "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zm5 11l5 5",
  "ic-close": "M5 5l14 14M19 5L5 19",
  "ic-arrow-back": "M20 12H4l7-7M4 12l7 7",
  "ic-expand-more": "M5 9l7 7 7-7",
  "alert-computer": "M12 3L2 20h20zM12 10v5M12 17v1",
  "tail-out": "M4 4h16L4 20z",
  "tail-in": "M20 4H4l16 16z",
  "default-contact-refreshed": PERSON,
  "default-group-refreshed": PERSON,
  recalled: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6 6l12 12",
  "media-play": "M8 5l11 7-11 7z",
  "document-PDF-icon": FILE,
  "ic-description-filled": FILE,
  "ic-filter-filled": FILE,
};

function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
}

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  const { is, on, ...plain } = attributes;
  put(node, { ...plain, ...(is ? profile.attributes[is] : {}) });
  for (const [type, handler] of Object.entries(on ?? {})) node.addEventListener(type, handler);
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

export function svg(title) {
  const picture = document.createElementNS(SVG, "svg");
  put(picture, { viewBox: "0 0 24 24", width: "20", height: "20" });
  const name = document.createElementNS(SVG, "title");
  name.textContent = title;
  const shape = document.createElementNS(SVG, "path");
  put(shape, { d: SHAPES[title] ?? CHECK, fill: "none", stroke: "currentColor", "stroke-width": "2" });
  picture.append(name, shape);
  return picture;
}

export const icon = (name) => h("span", { "aria-hidden": "true", "data-icon": name, class: "icon", ...profile.testid(name) }, svg(name));

// Attributes that a node may have already: written again, they would count as a change of the page.
export function mark(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export const holds = ({ children }, nodes) => nodes.length === children.length && nodes.every((node, place) => node === children[place]);

// Exactly these nodes in their parent. One that is in its place already isn't touched: it needs no new layout.
export function arrange(parent, nodes) {
  if (holds(parent, nodes)) return;
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

export const app = () => document.getElementById("app");

export function show(...nodes) {
  app().replaceChildren(...nodes);
}
