/** The third view: every rule, a copy of its YAML to change, and where the changed copy hits. */

import { Problem, ask } from "./api.js";
import { bubbles, ruleOf } from "./conversation.js";
import { announce, byId, h } from "./dom.js";
import { editor } from "./editor.js";
import { isEnglish, onLanguage, say, typeset } from "./language.js";
import { scriptName, signed, stageName } from "./names.js";
import { sample, samples } from "./samples.js";

const PAUSE = 350; // milliseconds without a key before a copy is tried
const LISTED = 300;
const TURNS = 12; // of a sample that a script is tried on
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

const drafts = new Map(); // what was changed, by id, while the page is open
let overview = null;
let kind = "script";
let shown = null; // {id, entry, editor}
let asked = 0; // trials; only the answer to the last one counts

/** Wire the view up, once. */
export async function start() {
  byId("rules-search").addEventListener("input", list);
  for (const button of document.querySelectorAll("[data-kind]")) {
    button.addEventListener("click", () => { kind = button.dataset.kind; list(); });
  }
  onLanguage(() => { list(); if (shown) open(shown.id, shown.kind); else welcome(); });
  welcome();
  try {
    overview = await ask("rules");
  } catch (problem) {
    byId("rules-count").textContent = problem.words ?? String(problem);
    return;
  }
  list();
}

// ── what there is ──

function list() {
  if (!overview) return;
  const wanted = byId("rules-search").value.trim().toLowerCase();
  const matches = (...texts) => !wanted || texts.some((text) => text?.toLowerCase().includes(wanted));
  const items = {
    script: overview.scripts.filter((one) => matches(one.id, one.title, one.summary, one.fact))
      .map((one) => ({ id: one.id, kind: "script", title: typeset(one.title), note: one.track === "gray" ? say("黑灰产 · {n} 个信号", "trade · {n} signals", { n: one.signals }) : say("{n} 个信号", "{n} signals", { n: one.signals }) })),
    signal: overview.signals.filter((one) => matches(one.id, one.title, one.stage_title))
      .map((one) => ({ id: one.id, kind: "signal", title: typeset(one.title), note: `${stageName(one.stage)} · ${signed(one.weight)}` })),
    word: overview.words.filter((one) => matches(one.id, one.note))
      .map((one) => ({ id: one.id, kind: one.kind, title: one.note ? typeset(one.note) : one.id, note: say("{n} 项", "{n} items", { n: one.size }) })),
  };
  for (const button of document.querySelectorAll("[data-kind]")) {
    const own = button.dataset.kind;
    button.setAttribute("aria-pressed", String(own === kind));
    button.dataset.zh ??= button.textContent;
    button.textContent = `${isEnglish() ? button.dataset.en : button.dataset.zh} ${items[own].length}`;
  }
  const found = items[kind];
  byId("rules-count").textContent = found.length > LISTED
    ? say("{n} 条，显示前 {first} 条", "{n} found, the first {first} shown", { n: found.length, first: LISTED }) : found.length ? "" : say("没有这样的规则", "No such rule");
  byId("rules-list").replaceChildren(...found.slice(0, LISTED).map((one) => h("li", {},
    h("button", { type: "button", class: "rule", "data-id": one.id, "aria-current": shown?.id === one.id ? "true" : null, on: { click: () => open(one.id, one.kind, { move: true }) } },
      h("span", { class: "rule-title", lang: "zh" }, one.title), h("span", { class: "line-note mono" }, one.id), h("span", { class: "line-note" }, one.note)))));
}

function welcome() {
  byId("rule-desk").replaceChildren(h("div", { class: "empty" },
    h("p", {}, say("从左边选一条，或者自己写一条新的。", "Choose a rule, or write a new one.")),
    h("p", {}, h("button", { class: "primary", type: "button", on: { click: () => write() } }, say("写一条新的", "Write a new one")))));
}

// ── one rule ──

async function open(id, ofKind, { move = false } = {}) {
  if (id === OWN) { write(); return; }
  let entry;
  try {
    entry = await ask(`rules/${encodeURIComponent(id)}?kind=${encodeURIComponent(ofKind)}`);
  } catch (problem) {
    byId("rule-desk").replaceChildren(h("p", { class: "problem", role: "alert" }, problem.words ?? String(problem)));
    return;
  }
  desk({ id, kind: ofKind, title: typeset(entry.title), yaml: entry.yaml, about: about(entry), text: await exampleFor(entry), move });
}

function write() {
  desk({ id: OWN, kind: "signal", title: say("新的一条", "A new rule"), yaml: TEMPLATE, about: [], text: "客服：您先交两百押金，我们就给您退款\n我：租房的押金吗", move: true });
}

/** Words on which a rule shows itself: an example of its own, of a signal that uses it, or a sample of the script. */
async function exampleFor(entry) {
  try {
    if (entry.kind === "script") {
      const one = (await samples()).find(({ script, label }) => script === entry.id && label === "scam");
      return one ? written((await sample(one.name)).turns.slice(0, TURNS)) : "";
    }
    const signal = entry.kind === "signal" ? entry : entry.used_by?.[0] && (await ruleOf(entry.used_by[0].id));
    return signal?.hits?.length ? written(turnsOf(signal.hits[0], signal.by)) : "";
  } catch { // an empty field does as well
    return "";
  }
}

/** The turns of an example: a sentence by the party that the signal names, {say, by}, or the lines of a dialogue. */
function turnsOf(example, by) {
  if (Array.isArray(example)) {
    return example.map((line) => (typeof line === "string" ? { text: line.replace(/^\s*\*\s*/, "") } : Object.entries(line).map(([speaker, text]) => ({ speaker, text }))[0]));
  }
  const said = typeof example === "string" ? { say: example } : example;
  return [{ text: said.say, speaker: { self: "我", other: "对方", any: "对方" }[said.by ?? by] }];
}

const written = (turns) => turns.map(({ speaker, text }) => (speaker ? `${speaker}：${text}` : text)).join("\n");

function about(entry) {
  const line = (name, text) => text && h("p", { lang: "zh" }, h("b", {}, name), typeset(text));
  const links = (name, named, ofKind) => named?.length > 0 && h("div", { class: "uses" }, h("b", {}, name), h("ul", {}, named.map((one) => h("li", {},
    h("button", { class: "tag", type: "button", lang: "zh", on: { click: () => open(one.id, ofKind, { move: true }) } }, ofKind === "script" ? scriptName(one.id, one.title) : typeset(one.title))))));
  const signals = (entry.stages ?? []).flatMap((stage) => stage.signals);
  return [
    line("", entry.summary), line(say("一条事实：", "The fact: "), entry.fact), line(say("为什么：", "Why: "), entry.why),
    line(say("可能误伤：", "May be wrong: "), entry.falsepositives), line("", entry.note),
    links(say("用在剧本", "Used by"), entry.scripts, "script"),
    links(say("用在信号", "Used by"), entry.used_by, "signal"),
    signals.length > 0 && h("details", {}, h("summary", {}, say("用到的 {n} 个信号", "The {n} signals it uses", { n: signals.length })),
      entry.stages.map((stage) => links(stageName(stage.id), stage.signals, "signal"))),
    h("p", { class: "line-note mono" }, `${entry.id} · ${entry.file}:${entry.line}`),
  ].filter(Boolean);
}

/** The desk: what the rule says, the copy, the text to try it on, and what came of it. */
function desk({ id, kind: ofKind, title, yaml, about: told, text, move }) {
  const draft = drafts.get(id) ?? { yaml, text };
  drafts.set(id, draft);
  const faults = h("ul", { class: "faults" });
  const hits = h("div", { class: "hits" });
  const edit = editor({
    id: "rule-yaml", label: say("规则的副本 (YAML)", "A copy of the rule (YAML)"), value: draft.yaml,
    onInput: (value) => { draft.yaml = value; later(); },
  });
  const trial = h("textarea", { id: "rule-text", rows: "4", spellcheck: "false", lang: "zh", placeholder: say("客服：您的快递丢了……", "Agent: …") });
  trial.value = draft.text;
  trial.addEventListener("input", () => { draft.text = trial.value; later(); });
  let timer = null;
  const run = () => tryRule(draft, { edit, faults, hits });
  const later = () => { clearTimeout(timer); timer = setTimeout(run, PAUSE); };
  const restore = h("button", { class: "plain", type: "button", on: { click: () => { draft.yaml = yaml; edit.set(yaml); run(); } } }, say("还原", "Undo changes"));
  const download = h("button", { class: "primary", type: "button", on: { click: () => save(draft.yaml, id) } }, say("下载 YAML", "Download YAML"));
  shown = { id, kind: ofKind };
  byId("rule-desk").replaceChildren(...[
    h("div", { class: "talk-head" }, h("h2", { id: "rule-title", lang: "zh", tabindex: "-1" }, title),
      h("button", { class: "quiet", type: "button", on: { click: () => write() } }, say("写一条新的", "Write a new one"))),
    told.length > 0 && h("details", { class: "about", open: true }, h("summary", {}, say("这条规则说什么", "What the rule says")), told),
    h("div", { class: "trial" },
      h("section", {}, edit.element, h("div", { class: "row" }, download, restore)),
      h("section", {}, h("label", { for: "rule-text" }, h("b", {}, say("拿来试的话", "Words to try it on"))), trial, h("div", { role: "status" }, faults), hits))].filter(Boolean));
  for (const button of byId("rules-list").querySelectorAll(".rule")) {
    if (button.dataset.id === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (move) {
    byId("rule-title").focus({ preventScroll: true });
    byId("rule-desk").scrollIntoView({ block: "start" });
  }
  run();
}

async function tryRule({ yaml, text }, { edit, faults, hits }) {
  const mine = ++asked;
  let turns = [];
  try {
    if (text.trim()) ({ conversations: [{ turns }] } = await ask("read", { raw: new Blob([text]), type: "application/octet-stream" }));
    const answer = await ask("rules/check", { body: { yaml, ...(turns.length ? { turns: turns.map(({ text: said, speaker }) => (speaker ? { text: said, speaker } : { text: said })) } : {}) } });
    if (mine !== asked) return;
    showFaults(answer.diagnostics, edit, faults);
    showHits(turns, answer, hits);
  } catch (problem) {
    if (mine !== asked) return;
    const found = problem instanceof Problem ? problem.diagnostics : [];
    if (found.length) showFaults(found, edit, faults);
    else faults.replaceChildren(h("li", { class: "error" }, problem.words ?? String(problem)));
    hits.replaceChildren();
  }
}

function showFaults(found, edit, place) {
  edit.mark(found);
  place.replaceChildren(...(found.length ? found.map((one) => h("li", { class: one.severity },
    h("button", { class: "link", type: "button", on: { click: () => edit.go(one.line, one.column) } }, say("第 {line} 行", "line {line}", { line: one.line })), " ", h("span", { lang: "zh" }, typeset(one.message))))
    : [h("li", { class: "fine" }, say("写法没有问题，自带的例子都对", "No faults; its own examples hold"))]));
}

function showHits(turns, { hits: found, verdict }, place) {
  if (!turns.length) {
    place.replaceChildren(h("p", { class: "hint" }, say("在上面写几句话，看它命中哪里。", "Write something above to see where it hits.")));
    return;
  }
  const words = found.length ? say("命中 {n} 处", "{n} hits", { n: found.length }) : say("没有命中", "No hit");
  const evidence = found.map((one) => ({ ...one, in_script: true }));
  const tried = { evidence, timeline: [], lines: verdict?.lines ?? [], first_alert_turn: null, counterpart: verdict?.counterpart ?? null };
  place.replaceChildren(h("h3", {}, words), bubbles(turns, tried, { label: say("试的话", "Words tried") }));
  announce(words);
}

function save(yaml, id) {
  const address = URL.createObjectURL(new Blob([yaml], { type: "application/yaml" }));
  const link = h("a", { href: address, download: `${id.replace(/[^\w.-]/g, "_")}.yaml` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
