/** A copy of a rule: its YAML to change, words to try it on, what is wrong with it and where it hits. */

import { Problem, ask } from "./api.js";
import { bubbles } from "./conversation.js";
import { announce, h } from "./dom.js";
import { editor } from "./editor.js";
import { say, typeset } from "./language.js";

const PAUSE = 350; // milliseconds without a key before a copy is tried
let asked = 0; // trials; only the answer to the last one counts

/** The workplace for `draft` {yaml, text}, which it changes; `original` is what "undo" comes back to. */
export function trial(draft, { original, name }) {
  const faults = h("ul", { class: "faults" });
  const hits = h("div", { class: "hits" });
  let timer = null;
  const run = () => tryRule(draft, { edit, faults, hits });
  const change = (values) => {
    Object.assign(draft, values);
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE);
  };
  const edit = editor({
    id: "rule-yaml",
    label: say("规则的副本 (YAML)", "A copy of the rule (YAML)"),
    value: draft.yaml,
    onInput: (yaml) => change({ yaml }),
  });
  const words = h("textarea", {
    id: "rule-text",
    rows: "4",
    spellcheck: "false",
    lang: "zh",
    placeholder: say("客服：您的快递丢了……", "Agent: …"),
    on: { input: ({ target }) => change({ text: target.value }) },
  });
  words.value = draft.text;
  const restore = () => {
    draft.yaml = original;
    edit.set(original);
    run();
  };
  run();
  return h(
    "div",
    { class: "trial" },
    h(
      "section",
      {},
      edit.element,
      h(
        "div",
        { class: "row" },
        button("primary", say("下载 YAML", "Download YAML"), () => save(draft.yaml, name)),
        button("plain", say("还原", "Undo changes"), restore),
      ),
    ),
    h(
      "section",
      {},
      h("label", { for: "rule-text" }, h("b", {}, say("拿来试的话", "Words to try it on"))),
      words,
      h("div", { role: "status" }, faults),
      hits,
    ),
  );
}

const button = (look, words, click) => h("button", { class: look, type: "button", on: { click } }, words);

async function tryRule({ yaml, text }, { edit, faults, hits }) {
  const mine = ++asked;
  try {
    const turns = text.trim() ? await read(text) : [];
    const answer = await ask("rules/check", { body: turns.length ? { yaml, turns } : { yaml } });
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

/** The turns of words, as they are asked about. */
async function read(words) {
  const { conversations } = await ask("read", { raw: new Blob([words]), type: "application/octet-stream" });
  return conversations[0].turns.map(({ text, speaker, party }) => (speaker ? { text, speaker, party } : { text }));
}

function showFaults(found, edit, place) {
  edit.mark(found);
  place.replaceChildren(
    ...(found.length
      ? found.map((one) =>
          h(
            "li",
            { class: one.severity },
            h(
              "button",
              { class: "link", type: "button", on: { click: () => edit.go(one.line, one.column) } },
              say("第 {line} 行", "line {line}", { line: one.line }),
            ),
            " ",
            h("span", { lang: "zh" }, typeset(one.message)),
          ),
        )
      : [h("li", { class: "fine" }, say("写法没有问题，自带的例子都对", "No faults; its own examples hold"))]),
  );
}

function showHits(turns, { hits: found, verdict }, place) {
  if (!turns.length) {
    place.replaceChildren(
      h("p", { class: "hint" }, say("在上面写几句话，看它命中哪里。", "Write something above to see where it hits.")),
    );
    return;
  }
  const words = found.length ? say("命中 {n} 处", "{n} hits", { n: found.length }) : say("没有命中", "No hit");
  const evidence = found.map((one) => ({ ...one, in_script: true }));
  const tried = {
    evidence,
    timeline: [],
    lines: verdict?.lines ?? [],
    first_alert_turn: null,
    counterpart: verdict?.counterpart ?? null,
  };
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
