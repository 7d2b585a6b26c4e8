/** Everything that is shown of a verdict, in the order in which somebody needs it. */

import { bubbles, turnLink } from "./conversation.js";
import { timeline } from "./chart.js";
import { dotted, h, visible } from "./dom.js";
import { say, typeset } from "./language.js";
import { entityName } from "./names.js";
import { waterfall } from "./score.js";
import { snippets } from "./snippets.js";
import { card, stepper, steps } from "./verdict.js";

const PURPOSES = {
  price: ["价格", "price"],
  claim: ["理赔", "compensation"],
  overpaid: ["多打的", "overpaid"],
  to_return: ["要退回的", "to be returned"],
  to_borrow: ["要借的", "to be borrowed"],
};

/** The parts of a result; `body` is what was asked of POST /score. */
export function result(turns, verdict, { body, actions = [], tools = [] }) {
  return [
    card(verdict, actions),
    steps(verdict),
    stepper(verdict),
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "talk", "aria-labelledby": "talk-title" },
        h("div", { class: "talk-head" }, h("h2", { id: "talk-title" }, say("原话", "What was said")), tools),
        h(
          "p",
          { class: "hint" },
          verdict.evidence.some((one) => one.in_script)
            ? say(
                "划线的是证据，点开看为什么；虚线的看到了但不计分。",
                "Underlined words are evidence: open one to see why. Dotted ones were seen and not counted.",
              )
            : say("没有找到证据。", "No evidence was found."),
        ),
        bubbles(turns, verdict),
      ),
      h(
        "div",
        { class: "aside" },
        timeline(verdict),
        waterfall(verdict),
        entities(verdict),
        notes(verdict),
        snippets(body),
      ),
    ),
  ].filter(Boolean);
}

function entities(verdict) {
  if (!verdict.entities.length) return null;
  return h(
    "section",
    { class: "paper", "aria-labelledby": "entities-title" },
    h("h2", { id: "entities-title" }, say("提到的钱、账号、链接", "Money, accounts and links named")),
    h(
      "ul",
      { class: "entities" },
      verdict.entities.map((one) =>
        h(
          "li",
          {},
          h("span", { class: "tag" }, entityName(one.kind)),
          h("bdi", { class: "entity" }, visible(one.text)),
          h(
            "span",
            { class: "line-note" },
            dotted([
              one.yuan !== null && say("{n} 元", "{n} yuan", { n: one.yuan.toLocaleString("zh-CN") }),
              PURPOSES[one.purpose] && say(...PURPOSES[one.purpose]),
              turnLink(one.turn),
            ]),
          ),
        ),
      ),
    ),
  );
}

function notes(verdict) {
  const group = (title, items) =>
    items.length > 0 && [
      h("h3", {}, title),
      h(
        "ul",
        { lang: "zh" },
        items.map((item) => h("li", {}, typeset(item))),
      ),
    ];
  if (!verdict.undecided.length && !verdict.skipped.length) return null;
  return h(
    "section",
    { class: "paper", "aria-labelledby": "notes-title" },
    h("h2", { id: "notes-title" }, say("还要知道的", "What else to know")),
    group(say("说不准的", "Undecided"), verdict.undecided),
    group(say("没有读完的", "Not read to the end"), verdict.skipped),
  );
}
