// Elements from plain calls, and a way to bring what is shown to what should be shown without losing focus, selection or scroll.
const SVG = "http://www.w3.org/2000/svg";

function build(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name.startsWith("on")) {
      element[name] = value;
      (element.handlers ??= []).push(name);
    } else if (name === "style") {
      Object.assign(element.style, value);
    } else if (name === "keep") {
      element.keep = value;
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export const h = (tag, props, ...children) => build(document.createElement(tag), props, children);

export const s = (tag, props, ...children) => build(document.createElementNS(SVG, tag), props, children);

/** Makes `parent`'s children equal to `next`. An element with `keep` looks after its own content. */
export function show(parent, ...next) {
  const wanted = next.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(child)));
  const had = [...parent.childNodes];
  wanted.forEach((node, index) => {
    const old = had[index];
    if (!old) {
      parent.append(node);
    } else if (!morph(old, node)) {
      old.replaceWith(node);
    }
  });
  had.slice(wanted.length).forEach((node) => node.remove());
}

function morph(old, node) {
  if (old === node) {
    return true;
  }
  if (old.nodeType !== node.nodeType || old.nodeName !== node.nodeName || old.keep !== node.keep) {
    return false;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== node.data) {
      old.data = node.data;
    }
    return true;
  }
  if (old.keep) {
    return true;
  }
  for (const { name, value } of [...node.attributes]) {
    if (name !== "style" && old.getAttribute(name) !== value && !(name === "open" && old.nodeName === "DETAILS")) {
      old.setAttribute(name, value);
    }
  }
  for (const { name } of [...old.attributes]) {
    if (!node.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) {
      old.removeAttribute(name);
    }
  }
  if (old.style.cssText !== node.style.cssText) {
    old.style.cssText = node.style.cssText;
  }
  old.handlers?.forEach((name) => { old[name] = null; });
  node.handlers?.forEach((name) => { old[name] = node[name]; });
  old.handlers = node.handlers;
  show(old, ...node.childNodes);
  return true;
}
