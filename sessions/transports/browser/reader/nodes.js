// Finding elements by the candidates of selectors.json, and what may be pressed.

const matched = {};

const visible = (node) => {
  const box = node.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return false;
  return getComputedStyle(node).visibility !== "hidden";
};

const nodesOf = (candidate, root) => {
  if (!candidate.xpath) return [...root.querySelectorAll(candidate.css)];
  const found = document.evaluate(candidate.xpath, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
  return Array.from({ length: found.snapshotLength }, (_, index) => found.snapshotItem(index));
};

const fits = (node, candidate) => {
  if (candidate.text && !new RegExp(candidate.text, "im").test((node.innerText || "").trim())) return false;
  return candidate.hidden || visible(node);
};

// All nodes of the first candidate that has any.
const all = (name, root = document) => {
  const candidates = data.elements[name];
  for (let index = 0; index < candidates.length; index += 1) {
    const nodes = nodesOf(candidates[index], root).filter((node) => fits(node, candidates[index]));
    if (nodes.length) {
      matched[name] = index;
      return nodes;
    }
  }
  return [];
};

const one = (name, root = document) => all(name, root)[0] || null;

// Is any candidate of a mark there? The node itself counts, what is inside `except` doesn't.
const marked = (name, node, except = []) =>
  data.elements[name].some((candidate) => {
    const itself = candidate.css && node.matches(candidate.css) ? [node] : [];
    const found = [...itself, ...nodesOf(candidate, node)].filter((inner) => !except.some((other) => other.contains(inner)));
    return found.some((inner) => fits(inner, candidate));
  });

const attribute = (node, name) => node.closest(`[${name}]`)?.getAttribute(name) || "";

// The middle of a node, or null when something else would get a click there.
const pointOn = (node) => {
  if (!node) return null;
  const box = node.getBoundingClientRect();
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const hit = document.elementFromPoint(point.x, point.y);
  return hit && (node.contains(hit) || hit.contains(node)) ? point : null;
};

// Where to press a row of the list, brought into sight.
const pressable = (row) => {
  if (row && !pointOn(row)) row.scrollIntoView({ block: "center" });
  return pointOn(row);
};

// The same with all that is in the row: the button of its menu stands below its middle.
const wholly = (row, view) => {
  const box = row.getBoundingClientRect();
  const sight = view?.getBoundingClientRect() ?? box;
  const top = Math.max(0, sight.top);
  const bottom = Math.min(innerHeight, sight.bottom);
  if (box.top < top - 1 || box.bottom > bottom + 1) row.scrollIntoView({ block: "center" });
  return pressable(row);
};

const SKELETON_ATTRIBUTES = ["id", "role", "data-testid", "data-icon", "data-tab", "contenteditable", "type"];

// A name that a programmer gave. Numbers and ids of people and messages can stand in attributes
// too, and an icon's title could hold words: they become a sign.
const programmers = (value) =>
  /^[\w.: -]{1,80}$/.test(value) ? value.replace(/(?=\w*\d)\w{12,}|\d{4,}/g, "#") : "#";

// The page's structure without a word of what people wrote.
const skeletonOf = (node, depth) => {
  const marks = SKELETON_ATTRIBUTES.filter((name) => node.hasAttribute(name))
    .map((name) => `[${name}=${programmers(node.getAttribute(name))}]`)
    .join("");
  const own = node.nodeName === "title" ? ` ${programmers(node.textContent.trim())}` : "";
  const lines = [`${" ".repeat(depth)}${node.nodeName.toLowerCase()}${marks}${own}`];
  for (const child of node.children) lines.push(...skeletonOf(child, depth + 1));
  return lines;
};
