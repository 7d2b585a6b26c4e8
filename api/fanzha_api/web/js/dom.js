/**
 * Elements made by hand. Strings only ever become text nodes: nothing here reads them as HTML, so what an
 * attacker wrote in a conversation stays words.
 */

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes by name, `on` for listeners; null and false attributes are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Those of the parts that there are, with dots between them. */
export function dotted(parts) {
  return parts.filter(Boolean).flatMap((part, index) => (index > 0 ? [" · ", part] : [part]));
}

/** The element with this id, which index.html or a view has. */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element #${id}`);
  return found;
}

// Controls and direction overrides, which would move or hide the text around them. ZWJ stays: emoji need it.
const UNSHOWABLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/g;

/** What others wrote, of the same length, with nothing in it that acts on its surroundings. */
export function visible(text) {
  return text.replace(UNSHOWABLE, "\ufffd");
}

/** Tell a screen reader, without moving anybody's place. */
export function announce(text) {
  const place = byId("spoken");
  place.textContent = "";
  // A change is only heard if the region was empty when it came.
  setTimeout(() => {
    place.textContent = text;
  }, 50);
}
