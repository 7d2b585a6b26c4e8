/** The samples that the service has: a few to begin with, and all of them to search. */

import { ask } from "./api.js";
import { h } from "./dom.js";
import { say, typeset } from "./language.js";

/** Shown first: the plays that people meet most, a warning and honest calls. */
const FIRST = [
  "03_courier_reserve",
  "60_police_transfer_call",
  "30_like_tasks_chain",
  "71_grandson_fight",
  "104_wechat_batch_shop",
  "18_shop_recall",
  "12_real_courier_loss",
  "16_police_lecture",
];
let list = null;

/** All samples {name, title, label, script, script_title}; throws Problem. */
export function samples() {
  list ??= ask("samples")
    .then((answer) => answer.samples)
    .catch((problem) => {
      list = null;
      throw problem;
    });
  return list;
}

/** The turns of one. */
export const sample = (name) => ask(`samples/${encodeURIComponent(name)}`);

/** Buttons for the first few, and a list with all; `onPick` gets a sample. */
export async function chooser(onPick) {
  const all = await samples();
  const first = FIRST.map((name) => all.find((one) => one.name === name)).filter(Boolean);
  return [
    h(
      "ul",
      { class: "sample-list" },
      first.map((one) =>
        h(
          "li",
          {},
          h(
            "button",
            { class: "sample", type: "button", on: { click: () => onPick(one) } },
            h("span", { class: `dot ${one.label}`, "aria-hidden": "true" }),
            h("span", { class: "sample-title", lang: "zh" }, typeset(one.title)),
            h("span", { class: "sample-kind" }, kind(one)),
          ),
        ),
      ),
    ),
    h("p", { class: "row more-samples" }, picker(all, onPick)),
  ];
}

/** A select with every sample, by script. */
export function picker(all, onPick, { label = say("全部 {n} 段样例", "All {n} samples", { n: all.length }) } = {}) {
  const groups = grouped(all);
  const select = h(
    "select",
    {
      "aria-label": label,
      on: {
        change: () => {
          const one = all.find(({ name }) => name === select.value);
          if (one) onPick(one);
        },
      },
    },
    h("option", { value: "" }, label),
    [...groups].map(([title, members]) =>
      h(
        "optgroup",
        { label: title },
        members.map((one) =>
          h(
            "option",
            { value: one.name },
            `${one.label === "benign" ? say("（正当）", "(genuine) ") : ""}${typeset(one.title)}`,
          ),
        ),
      ),
    ),
  );
  return select;
}

function grouped(all) {
  const groups = new Map();
  for (const one of all) groups.set(one.script_title, [...(groups.get(one.script_title) ?? []), one]);
  return groups;
}

const kind = (one) => (one.label === "scam" ? typeset(one.script_title) : say("正当的", "genuine"));
