/** What is told of one rule beside its YAML: why it is there, what uses it, and words on which it shows itself. */

import { ruleOf } from "./conversation.js";
import { h } from "./dom.js";
import { say, typeset } from "./language.js";
import { scriptName, stageName } from "./names.js";
import { sample, samples } from "./samples.js";

const TURNS = 12; // of a sample that a script is tried on

/** What the rule says of itself; `open(id, kind)` goes to another. */
export function about(entry, open) {
  const line = (name, text) => text && h("p", { lang: "zh" }, h("b", {}, name), typeset(text));
  const links = (name, named, ofKind) =>
    named?.length > 0 &&
    h(
      "div",
      { class: "uses" },
      h("b", {}, name),
      h(
        "ul",
        {},
        named.map((one) =>
          h(
            "li",
            {},
            h(
              "button",
              { class: "tag", type: "button", lang: "zh", on: { click: () => open(one.id, ofKind) } },
              ofKind === "script" ? scriptName(one.id, one.title) : typeset(one.title),
            ),
          ),
        ),
      ),
    );
  const signals = (entry.stages ?? []).flatMap((stage) => stage.signals);
  return [
    line("", entry.summary),
    line(say("一条事实：", "The fact: "), entry.fact),
    line(say("为什么：", "Why: "), entry.why),
    line(say("可能误伤：", "May be wrong: "), entry.falsepositives),
    line("", entry.note),
    links(say("用在剧本", "Used by"), entry.scripts, "script"),
    links(say("用在信号", "Used by"), entry.used_by, "signal"),
    signals.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, say("用到的 {n} 个信号", "The {n} signals it uses", { n: signals.length })),
        entry.stages.map((stage) => links(stageName(stage.id), stage.signals, "signal")),
      ),
    h("p", { class: "line-note mono" }, `${entry.id} · ${entry.file}:${entry.line}`),
  ].filter(Boolean);
}

/** Words on which a rule shows itself: an example of its own, of a signal that uses it, or a sample of the script. */
export async function exampleFor(entry) {
  try {
    if (entry.kind === "script") {
      const one = (await samples()).find(({ script, label }) => script === entry.id && label === "scam");
      return one ? written((await sample(one.name)).turns.slice(0, TURNS)) : "";
    }
    const signal = entry.kind === "signal" ? entry : entry.used_by?.[0] && (await ruleOf(entry.used_by[0].id));
    return signal?.hits?.length ? written(turnsOf(signal.hits[0], signal.by)) : "";
  } catch {
    // an empty field does as well
    return "";
  }
}

/** The turns of an example: a sentence by the party that the signal names, {say, by}, or the lines of a dialogue. */
function turnsOf(example, by) {
  if (Array.isArray(example)) {
    return example.map((line) =>
      typeof line === "string"
        ? { text: line.replace(/^\s*\*\s*/, "") }
        : Object.entries(line).map(([speaker, text]) => ({ speaker, text }))[0],
    );
  }
  const said = typeof example === "string" ? { say: example } : example;
  return [{ text: said.say, speaker: { self: "我", other: "对方", any: "对方" }[said.by ?? by] }];
}

const written = (turns) => turns.map(({ speaker, text }) => (speaker ? `${speaker}：${text}` : text)).join("\n");
