/** The third view: every rule, and a desk where a copy of one can be changed and tried. */

import { ask } from "./api.js";
import { byId, h } from "./dom.js";
import { isEnglish, onLanguage, say, typeset } from "./language.js";
import { signed, stageName } from "./names.js";
import { about, exampleFor } from "./rule.js";
import { trial } from "./trial.js";

const LISTED = 300; // rules shown of those found
const TEMPLATE = `signals:
  - id: my.deposit_first
    title: 先交押金才肯退款
    stage: extract
    ask: true
    weight: 1.0
    match:
      - "先 [交|付|转] …4 押金 …10 [退|返]"
    unless: ["[租房|退租]"]
    why: 退款从来不需要先交钱
    falsepositives: 租房、租车的押金
    hits: [先交两百押金就给您退款, 先付押金然后退给您]
    misses: [租房要先交押金退租时退给您, 不用先交押金]

scripts:
  - id: my_deposit
    title: 押金骗局
    summary: 以退款为由先要押金
    fact: 退款从来不需要先交钱
    uses:
      extract: [my.deposit_first]
`;
const OWN = "my.deposit_first";
const OWN_WORDS = "客服：您先交两百押金，我们就给您退款\n我：租房的押金吗";

const drafts = new Map(); // copies that were opened, by kind and id, while the page is open
let overview = null;
let kind = "script"; // which rules are listed
let shown = null; // {id, kind} of the rule on the desk

/** Wire the view up, once. */
export function start() {
  byId("rules-search").addEventListener("input", list);
  for (const button of chips()) {
    button.addEventListener("click", () => {
      kind = button.dataset.kind;
      list();
    });
  }
  onLanguage(() => {
    list();
    if (!shown) welcome();
    else if (shown.id === OWN) write();
    else open(shown.id, shown.kind, { move: false });
  });
  welcome();
  load();
}

async function load() {
  try {
    overview = await ask("rules");
    list();
  } catch (problem) {
    byId("rules-count").textContent = problem.words ?? String(problem);
  }
}

const chips = () => document.querySelectorAll("[data-kind]");

// ── what there is ──

function list() {
  if (!overview) return;
  const items = matching(byId("rules-search").value.trim().toLowerCase());
  for (const button of chips()) {
    const own = button.dataset.kind;
    button.setAttribute("aria-pressed", String(own === kind));
    button.dataset.zh ??= button.textContent;
    button.textContent = `${isEnglish() ? button.dataset.en : button.dataset.zh} ${items[own].length}`;
  }
  const found = items[kind];
  byId("rules-count").textContent = counted(found.length);
  byId("rules-list").replaceChildren(...found.slice(0, LISTED).map((one) => h("li", {}, entry(one))));
}

/** Scripts, signals and words in which a text stands, as {id, kind, title, note}. */
function matching(wanted) {
  const has = (...texts) => !wanted || texts.some((text) => text?.toLowerCase().includes(wanted));
  const signals = ({ track, signals: n }) =>
    track === "gray"
      ? say("黑灰产 · {n} 个信号", "trade · {n} signals", { n })
      : say("{n} 个信号", "{n} signals", { n });
  return {
    script: overview.scripts
      .filter((one) => has(one.id, one.title, one.summary, one.fact))
      .map((one) => ({ id: one.id, kind: "script", title: one.title, note: signals(one) })),
    signal: overview.signals
      .filter((one) => has(one.id, one.title, one.stage_title))
      .map(({ id, title, stage, weight }) => ({
        id,
        kind: "signal",
        title,
        note: `${stageName(stage)} · ${signed(weight)}`,
      })),
    word: overview.words
      .filter((one) => has(one.id, one.note))
      .map((one) => ({
        id: one.id,
        kind: one.kind,
        title: one.note || one.id,
        note: say("{n} 项", "{n} items", { n: one.size }),
      })),
  };
}

function counted(n) {
  if (n === 0) return say("没有这样的规则", "No such rule");
  return n > LISTED ? say("{n} 条，显示前 {first} 条", "{n} found, the first {first} shown", { n, first: LISTED }) : "";
}

function entry(one) {
  return h(
    "button",
    {
      type: "button",
      class: "rule",
      "data-id": one.id,
      "aria-current": shown?.id === one.id ? "true" : null,
      on: { click: () => open(one.id, one.kind) },
    },
    h("span", { class: "rule-title", lang: "zh" }, typeset(one.title)),
    h("span", { class: "line-note mono" }, one.id),
    h("span", { class: "line-note" }, one.note),
  );
}

// ── the desk ──

function welcome() {
  byId("rule-desk").replaceChildren(
    h(
      "div",
      { class: "empty" },
      h("p", {}, say("选一条来看，或者自己写一条新的。", "Choose a rule, or write a new one.")),
      h("p", {}, newRule("primary")),
    ),
  );
}

const newRule = (look) =>
  h("button", { class: look, type: "button", on: { click: () => write() } }, say("写一条新的", "Write a new one"));

async function open(id, ofKind, { move = true } = {}) {
  shown = { id, kind: ofKind };
  const mine = shown;
  try {
    const rule = await ask(`rules/${encodeURIComponent(id)}?kind=${encodeURIComponent(ofKind)}`);
    const text = await exampleFor(rule);
    if (mine === shown) lay({ title: typeset(rule.title), yaml: rule.yaml, told: about(rule, open), text, move });
  } catch (problem) {
    if (mine !== shown) return;
    byId("rule-desk").replaceChildren(h("p", { class: "problem", role: "alert" }, problem.words ?? String(problem)));
  }
}

function write() {
  shown = { id: OWN, kind: "signal" };
  lay({ title: say("新的一条", "A new rule"), yaml: TEMPLATE, told: [], text: OWN_WORDS, move: true });
}

/** Lay the rule that is to be shown on the desk. A copy that was changed before is found as it was left. */
function lay({ title, yaml, told, text, move }) {
  const key = `${shown.kind} ${shown.id}`;
  if (!drafts.has(key)) drafts.set(key, { yaml, text });
  byId("rule-desk").replaceChildren(
    h(
      "div",
      { class: "talk-head" },
      h("h2", { id: "rule-title", lang: "zh", tabindex: "-1" }, title),
      newRule("quiet"),
    ),
    ...(told.length ? [summary(told)] : []),
    trial(drafts.get(key), { original: yaml, name: shown.id }),
  );
  for (const button of byId("rules-list").querySelectorAll(".rule")) {
    if (button.dataset.id === shown.id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (move) {
    byId("rule-title").focus({ preventScroll: true });
    byId("rule-desk").scrollIntoView({ block: "start" });
  }
}

const summary = (told) =>
  h("details", { class: "about", open: true }, h("summary", {}, say("这条规则说什么", "What the rule says")), told);
