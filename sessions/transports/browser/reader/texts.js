// Texts as people wrote them: emoji are pictures, signs of lists stand in attributes, lines are blocks.

// Without the marks that set the direction of numbers.
const plain = (text) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "").trim();

const BLOCKS = ["LI", "UL", "OL", "P", "DIV", "BLOCKQUOTE", "PRE"];

// The stamp of a message has the same attribute as the sign of a list: only a stamp begins with a bracket.
const signOf = (node) => {
  const sign = node.getAttribute("data-pre-plain-text") || "";
  return sign.trim().startsWith("[") ? "" : sign;
};

// A block is a line of its own, whatever stands around it.
const collect = (node, said) => {
  const add = (text) => {
    // The sign of a list or a quote stands on the line of what it is a sign of.
    if (said.broke && said.text && !said.text.endsWith("\n") && !said.signed) said.text += "\n";
    said.broke = false;
    said.signed = false;
    said.text += text;
  };
  if (node.nodeType === Node.TEXT_NODE) {
    const between = ["UL", "OL"].includes(node.parentNode.nodeName);
    if (!between) add(node.data);
  }
  if (node.nodeType !== Node.ELEMENT_NODE || ["svg", "STYLE"].includes(node.nodeName)) return;
  if (node.hasAttribute("data-plain-text")) add(node.getAttribute("data-plain-text"));
  else if (node.nodeName === "IMG") add(node.alt || "");
  else if (node.nodeName === "BR") add("\n");
  else {
    const block = BLOCKS.includes(node.nodeName);
    said.broke = said.broke || block;
    if (signOf(node)) {
      add(signOf(node));
      said.signed = true;
    }
    for (const child of node.childNodes) collect(child, said);
    said.broke = said.broke || block;
  }
};

const textOf = (node) => {
  const said = { text: "", broke: false, signed: false };
  collect(node, said);
  return said.text;
};

// One line of the compose box. The signs that the page draws in the place of others tell in an attribute
// which they are; an ideographic space at the beginning is a quote's sign.
const lineOf = (block) => {
  let text = "";
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) text += node.data;
    else if (node.nodeType !== Node.ELEMENT_NODE) return;
    else if (node.hasAttribute("data-plain-text")) text += node.getAttribute("data-plain-text");
    else if (node.nodeName === "IMG") text += node.alt || "";
    else if (node.nodeName === "BR") text += "\n";
    else node.childNodes.forEach(walk);
  };
  block.childNodes.forEach(walk);
  return text.replace(/^\u3000 ?/gm, "> ");
};

// In the compose box a block's last break only keeps an empty line open.
const draftOf = (box) => {
  const isBlock = (child) => ["P", "DIV", "UL", "OL", "LI", "BLOCKQUOTE"].includes(child.nodeName);
  const blocks = [];
  const gather = (node) => {
    const inner = [...node.children].filter(isBlock);
    if (inner.length) inner.forEach(gather);
    else blocks.push(node);
  };
  gather(box);
  return blocks
    .map((block) => {
      const sign = block.nodeName === "LI" ? signOf(block) : "";
      const text = sign + lineOf(block);
      return text.endsWith("\n") ? text.slice(0, -1) : text;
    })
    .join("\n");
};

const shownBy = (node) => (node ? node.innerText || "" : "");

// Emoji of a name are pictures where it is drawn, and letters in the attribute.
const titleOf = (node) => (node ? node.getAttribute("title") || textOf(node) : "");
