/** Where the score comes from: its lines as a waterfall that adds up to the total, and what did not count. */

import { turnLink, whyNot } from "./conversation.js";
import { dotted, h, svg } from "./dom.js";
import { say, typeset } from "./language.js";
import { STAGES, levelName, signed, stageName } from "./names.js";

const KINDS = {
  base: ["起点", "start"],
  signal: ["信号", "signal"],
  cap: ["封顶", "cap"],
  decisive: ["定性", "decisive"],
  order: ["次序", "order"],
};

/** The waterfall as a table: every line, its points, and where the sum stands after it. */
export function waterfall(verdict) {
  const digits = verdict.lines.every(({ points }) => Math.round(points * 1000) % 10 === 0) ? 2 : 3;
  const sums = [];
  let sum = 0;
  for (const line of verdict.lines) sums.push([sum, (sum += line.points)]);
  const low = Math.min(0, ...sums.flat());
  const high = Math.max(0, ...sums.flat());
  const place = (value) => (100 * (value - low)) / (high - low || 1);
  const rows = verdict.lines.map((line, index) =>
    h(
      "tr",
      { class: `${line.kind} ${line.points < 0 ? "minus" : "plus"}` },
      h(
        "th",
        { scope: "row" },
        h("span", { class: "line-title", lang: "zh" }, typeset(line.title)),
        h("span", { class: "line-note" }, note(line)),
      ),
      h("td", { class: "bar" }, bar(place(sums[index][0]), place(sums[index][1]), place(0))),
      h("td", { class: "points" }, signed(line.points, digits)),
    ),
  );
  return h(
    "section",
    { class: "paper", "aria-labelledby": "score-title" },
    h("h2", { id: "score-title" }, say("分数怎么来的", "Where the score comes from")),
    h(
      "p",
      { class: "hint" },
      say(
        "每一行是一个理由，单位是对数几率；各行相加就是合计。",
        "Each line is a reason, in log-odds; the lines add up to the total.",
      ),
    ),
    h(
      "table",
      { class: "waterfall" },
      h(
        "thead",
        { class: "unseen" },
        h(
          "tr",
          {},
          h("th", { scope: "col" }, say("理由", "Reason")),
          h("th", { scope: "col" }, say("图", "Bar")),
          h("th", { scope: "col" }, say("分", "Points")),
        ),
      ),
      h("tbody", {}, rows),
      h(
        "tfoot",
        {},
        h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            say("合计，换算为 {n} 分（{level}）", "Total, a score of {n} ({level})", {
              n: verdict.score,
              level: levelName(verdict.level),
            }),
          ),
          h("td", { class: "bar" }, bar(place(0), place(verdict.log_odds), place(0), "total")),
          h("td", { class: "points" }, signed(verdict.log_odds, digits)),
        ),
      ),
    ),
    against(verdict),
  );
}

function note({ kind, stage, turn }) {
  return dotted([
    KINDS[kind] && kind !== "signal" ? say(...KINDS[kind]) : null,
    stage && STAGES[stage] ? stageName(stage) : null,
    typeof turn === "number" && turnLink(turn),
  ]);
}

function bar(from, to, zero, cls = "") {
  const left = Math.min(from, to);
  return svg(
    "svg",
    { class: `bar-svg ${cls}`, viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "track", x: 0, y: 0, width: 100, height: 12 }),
    svg("rect", { class: "bar-fill", x: left, y: 0, width: Math.max(0.8, Math.abs(to - from)), height: 12 }),
    svg("line", { class: "zero", x1: zero, x2: zero, y1: -2, y2: 14 }),
  );
}

/** What was found and gave nothing: warnings, denials, stories, and what speaks for other scripts. */
function against(verdict) {
  const seen = new Map();
  for (const one of verdict.evidence) {
    if (!one.counted && one.in_script) seen.set(`${one.signal} ${one.stance}`, one);
  }
  const others = new Set(verdict.evidence.filter((one) => !one.in_script).map(({ signal }) => signal)).size;
  if (!seen.size && !others) return null;
  return h(
    "div",
    { class: "against" },
    h("h3", {}, say("看到了，但没有算分的", "Seen, and not counted")),
    h(
      "ul",
      {},
      [...seen.values()].map((one) =>
        h(
          "li",
          {},
          h("span", { lang: "zh" }, typeset(one.title)),
          h("span", { class: "line-note" }, dotted([whyNot(one), turnLink(one.turn)])),
        ),
      ),
      others > 0 &&
        h(
          "li",
          {},
          say("另有 {n} 种说法也见于别的骗局，不在这个剧本里", "{n} more that belong to other scripts", { n: others }),
        ),
    ),
  );
}
