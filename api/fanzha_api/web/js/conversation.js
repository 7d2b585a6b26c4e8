/** The conversation as bubbles, evidence marked in place; each mark opens what it is and why. */

import { ask } from "./api.js";
import { h, visible } from "./dom.js";
import { say, typeset } from "./language.js";
import { howName, partyName, signed, stageName, stanceName, turnName } from "./names.js";
import { evidenceSpans, pieces } from "./text.js";

const SELF_EVIDENT = new Set(["我", "对方", "客服", "客户"]);
let panels = 0; // made so far, for their ids
const lookedUp = new WeakMap();
const rules = new Map(); // what GET /rules/{id} said, by id, for this page

/** All bubbles of `turns` {speaker, party, text}. */
export function bubbles(turns, verdict, { label } = {}) {
  // A browser lays out only what is seen of a long one.
  return h(
    "ol",
    { class: turns.length > 200 ? "bubbles long" : "bubbles", "aria-label": label ?? say("对话", "Conversation") },
    turns.map((turn, number) => bubble(turn, number, verdict)),
  );
}

/** One turn; `verdict` may know nothing of it yet. */
export function bubble(turn, number, verdict) {
  const side = sideOf(turn, verdict);
  const spans = evidenceSpans(number, turn.text, evidenceOn(verdict, number));
  const panel = h("div", {
    class: "why",
    id: `why-${(panels += 1)}`,
    role: "region",
    "aria-label": say("为什么标出", "Why it is marked"),
    hidden: true,
  });
  const said = h(
    "p",
    { class: "said", dir: "auto", lang: "zh" },
    pieces(turn.text, spans).map(({ text, items }) =>
      items.length ? mark(text, items, panel, verdict) : visible(text),
    ),
  );
  const alerting = verdict?.first_alert_turn === number;
  const score = verdict?.timeline[number];
  const previous = number > 0 ? verdict?.timeline[number - 1] : 0;
  return h(
    "li",
    { class: `turn ${side}${alerting ? " first-alert" : ""}`, "data-turn": number, tabindex: "-1" },
    alerting && h("p", { class: "alert-line" }, say("从这里起报警", "The alarm starts here")),
    h(
      "p",
      { class: "who" },
      turn.speaker && h("bdi", { class: "speaker" }, visible(turn.speaker)),
      side !== "unknown" && !SELF_EVIDENT.has(turn.speaker) && h("span", { class: "party" }, partyName(side)),
      h("span", { class: "number" }, String(number + 1)),
      score !== undefined &&
        score !== previous &&
        h("span", { class: "after" }, say("{n} 分", "score {n}", { n: score })),
    ),
    said,
    panel,
  );
}

/** The evidence by turn, and the party that each speaker was taken for: looked up once a verdict. */
function found(verdict) {
  if (!verdict) return { on: new Map(), parties: new Map() };
  if (!lookedUp.has(verdict)) {
    const on = new Map();
    const parties = new Map();
    for (const one of verdict.evidence) {
      if (one.speaker && one.party !== "unknown") parties.set(one.speaker, one.party);
      if (!one.in_script) continue;
      for (const turn of new Set([one.turn, one.before?.turn ?? one.turn]))
        on.set(turn, [...(on.get(turn) ?? []), one]);
    }
    lookedUp.set(verdict, { on, parties });
  }
  return lookedUp.get(verdict);
}

/** The evidence of the script that lies on a turn. */
export const evidenceOn = (verdict, turn) => found(verdict).on.get(turn) ?? [];

/** Whose words they are: as the verdict took them, by label, or by who was inferred to play the scammer. */
export function sideOf(turn, verdict) {
  const taken = found(verdict).parties.get(turn.speaker);
  if (taken) return taken;
  if (turn.party === "self" || turn.party === "other") return turn.party;
  if (verdict?.counterpart && turn.speaker)
    return turn.speaker.trim() === verdict.counterpart.trim() ? "other" : "self";
  return "unknown";
}

function mark(text, items, panel, verdict) {
  const counted = items.some((one) => one.counted);
  const toggle = () => {
    const opening = element.getAttribute("aria-expanded") !== "true";
    for (const other of panel.parentElement.querySelectorAll(".mark")) other.setAttribute("aria-expanded", "false");
    element.setAttribute("aria-expanded", String(opening));
    panel.hidden = !opening;
    if (opening) panel.replaceChildren(...items.map((one) => explanation(one, verdict)));
  };
  // A span that acts as a button: a real one cannot break across lines.
  const element = h(
    "span",
    {
      class: counted ? "mark" : "mark discounted",
      role: "button",
      tabindex: "0",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      "aria-description": items.map((one) => typeset(one.title)).join(say("；", "; ")),
      on: {
        click: toggle,
        keydown: (event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            toggle();
          }
          if (event.key === "Escape" && element.getAttribute("aria-expanded") === "true") toggle();
        },
      },
    },
    visible(text),
  );
  return element;
}

/** What a piece of evidence is, what it gave, why it matters and where it may be wrong. */
function explanation(one, verdict) {
  const tags = [
    stageName(one.stage),
    howName(one.how),
    one.account && say("转述对方此刻的要求", "what the other side asks, retold"),
    one.stance !== "asserted" && stanceName(one.stance),
  ].filter(Boolean);
  const wrong = h("p", { class: "may-be-wrong", lang: "zh", hidden: true });
  ruleOf(one.signal).then((rule) => {
    if (!rule?.falsepositives) return;
    wrong.append(h("b", {}, say("可能误伤：", "May be wrong: ")), typeset(rule.falsepositives));
    wrong.hidden = false;
  });
  return h(
    "div",
    { class: "reason" },
    h(
      "p",
      { class: "reason-head" },
      h("b", { lang: "zh" }, typeset(one.title)),
      h("span", { class: "points" }, pointsOf(one, verdict)),
    ),
    h(
      "p",
      { class: "tags" },
      tags.map((tag) => h("span", { class: "tag" }, tag)),
    ),
    h("p", { lang: "zh" }, typeset(one.why)),
    wrong,
  );
}

/** Why a piece of evidence does not count: how it was said, or who said it. */
export function whyNot(one) {
  if (one.stance !== "asserted") return stanceName(one.stance);
  return say("{party}说的不算", "said by the {party}", {
    party: partyName(one.party) || say("不知是谁", "unknown party"),
  });
}

/** What a piece of evidence earned; a signal counts once, at its best. */
export function pointsOf(one, verdict) {
  if (!one.counted) return say("不计分：{why}", "not counted: {why}", { why: whyNot(one) });
  const line = verdict.lines.find(({ kind, id }) => kind === "signal" && id === one.signal);
  if (!line) return say("没有加分", "no points");
  const points = signed(line.points);
  return line.turn === one.turn
    ? say("{points}", "{points}", { points })
    : say("{turn}已计 {points}", "counted at {turn}: {points}", { turn: turnName(line.turn), points });
}

/** A rule as the service tells of it, asked for once; null where it cannot be had. */
export function ruleOf(id) {
  if (!rules.has(id))
    rules.set(
      id,
      ask(`rules/${encodeURIComponent(id)}`).catch(() => {
        rules.delete(id);
        return null;
      }),
    );
  return rules.get(id);
}

/** A link to a turn on the page: moves there, and the keyboard with it. */
export function turnLink(turn) {
  return h(
    "button",
    {
      class: "link",
      type: "button",
      on: {
        click: () => {
          const place = document.querySelector(`.view:not([hidden]) [data-turn="${turn}"]`);
          place?.scrollIntoView({ block: "center" });
          place?.focus({ preventScroll: true });
        },
      },
    },
    turnName(turn),
  );
}
