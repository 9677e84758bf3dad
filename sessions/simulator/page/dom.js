// Making elements: h(tag, attributes, ...children), with `is` naming the element for the profile.

import { profileNamed } from "./profiles.js";
import { profileName } from "./words.js";

export const profile = profileNamed(profileName);
const SVG = "http://www.w3.org/2000/svg";
const CHECK = "M4 13l5 5L20 6";
const SHAPES = {
  "wds-ic-status-pending": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 3v5l3 2",
  "msg-time": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 3v5l3 2",
  "msg-dblcheck": "M1 13l5 5L16 6M10 16l2 2L22 6",
  "msg-dblcheck-ack": "M1 13l5 5L16 6M10 16l2 2L22 6",
  "wds-ic-read": "M1 13l5 5L16 6M10 16l2 2L22 6",
  "wds-ic-send-filled": "M3 4l18 8-18 8 3-8z",
  "ic-attach-file": "M12 4v16M4 12h16",
  "mic-outlined": "M9 4h6v9H9zM6 11c0 7 12 7 12 0M12 17v4",
  "search-refreshed-thin": "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zm5 11l5 5",
  "ic-close": "M5 5l14 14M19 5L5 19",
  "alert-computer": "M12 3L2 20h20zM12 10v5M12 17v1",
  "tail-out": "M4 4h16L4 20z",
  "tail-in": "M20 4H4l16 16z",
};

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  const { is, on, ...plain } = attributes;
  for (const [name, value] of Object.entries({ ...plain, ...(is ? profile.attributes[is] : {}) })) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  for (const [type, handler] of Object.entries(on ?? {})) node.addEventListener(type, handler);
  node.append(...children.filter((child) => child != null));
  return node;
}

export function svg(title, shown = title) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("width", "20");
  picture.setAttribute("height", "20");
  const name = document.createElementNS(SVG, "title");
  name.textContent = title;
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", SHAPES[shown] ?? CHECK);
  shape.setAttribute("fill", "none");
  shape.setAttribute("stroke", "currentColor");
  shape.setAttribute("stroke-width", "2");
  picture.append(name, shape);
  return picture;
}

export function icon(name) {
  const shown = profile.icon(name);
  return h("span", { "aria-hidden": "true", "data-icon": shown, class: "icon" }, svg(shown, name));
}

export const app = () => document.getElementById("app");

export function show(...nodes) {
  app().replaceChildren(...nodes);
}
