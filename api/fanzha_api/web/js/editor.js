/** A plain text area with line numbers, whose faulty lines are marked. Tab leaves it, as everywhere. */

import { h } from "./dom.js";

/** {element, set, mark, go}; `onInput` gets the text after each change. Lines and columns count from 1. */
export function editor({ id, label, value, onInput }) {
  const area = h("textarea", {
    id,
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    wrap: "off",
    class: "mono",
  });
  const gutter = h("div", { class: "gutter mono", "aria-hidden": "true" });
  const number = () => {
    const lines = area.value.split("\n").length;
    area.rows = Math.min(28, Math.max(10, lines + 1));
    gutter.replaceChildren(...Array.from({ length: lines }, (_, line) => h("span", {}, String(line + 1))));
  };
  area.value = value;
  area.addEventListener("input", () => {
    number();
    onInput(area.value);
  });
  area.addEventListener("scroll", () => {
    gutter.scrollTop = area.scrollTop;
  });
  number();
  return {
    element: h("div", {}, h("label", { for: id }, h("b", {}, label)), h("div", { class: "editor" }, gutter, area)),
    set(text) {
      area.value = text;
      number();
    },
    mark(faults) {
      for (const line of gutter.children) line.className = "";
      for (const { line, severity } of faults) gutter.children[line - 1]?.classList.add(severity);
      area.setAttribute("aria-invalid", String(faults.some(({ severity }) => severity === "error")));
    },
    go(line, column) {
      const before =
        area.value
          .split("\n")
          .slice(0, line - 1)
          .join("\n").length + (line > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(before + column - 1, before + column - 1);
      area.scrollTop = (line - 3) * (area.scrollHeight / area.value.split("\n").length);
    },
  };
}
