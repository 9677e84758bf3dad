// Making elements: h(tag, attributes, ...children), with `is` naming the element for the profile.

import { profileNamed } from "./profiles.js";
import { settings } from "./words.js";

export const profile = profileNamed(settings.profile);
const SVG = "http://www.w3.org/2000/svg";

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

export function svg(title) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("width", "20");
  picture.setAttribute("height", "20");
  const name = document.createElementNS(SVG, "title");
  name.textContent = title;
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", "M4 12l5 5L20 6");
  shape.setAttribute("fill", "none");
  shape.setAttribute("stroke", "currentColor");
  picture.append(name, shape);
  return picture;
}

export const icon = (name) => h("span", { "aria-hidden": "true", "data-icon": name, class: "icon" }, svg(name));

export const app = () => document.getElementById("app");

export function show(...nodes) {
  app().replaceChildren(...nodes);
}
