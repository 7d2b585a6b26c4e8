/** The score after each turn as a line, the first alert marked, and under it when each stage of the play began. */

import { h, svg } from "./dom.js";
import { say } from "./language.js";
import { STAGES, stageName, turnName } from "./names.js";

const HEIGHT = 150;
const LANE = 26;
const TOP = 26;
const LEFT = 122;
const RIGHT = 14;

/** A chart that draws itself anew when its width changes. Null for less than two turns. */
export function timeline(verdict) {
  if (verdict.timeline.length < 2) return null;
  const figure = h("figure", { class: "chart" });
  const draw = () => {
    const width = Math.round(figure.clientWidth);
    if (width > 0) figure.replaceChildren(picture(verdict, width));
  };
  new ResizeObserver(draw).observe(figure);
  return h(
    "section",
    { class: "paper", "aria-labelledby": "timeline-title" },
    h("h2", { id: "timeline-title" }, say("一句一句看", "Turn by turn")),
    figure,
  );
}

/** The SVG for a width in pixels. */
export function picture(verdict, width, { last = verdict.timeline.length } = {}) {
  const { timeline: scores, stages, first_alert_turn: alert } = verdict;
  const lanes = stages.filter(({ id }) => STAGES[id]);
  const height = TOP + HEIGHT + 12 + lanes.length * LANE + 22;
  const across = width - LEFT - RIGHT;
  const x = (turn) => LEFT + (across * turn) / Math.max(1, last);
  const y = (score) => TOP + HEIGHT * (1 - score / 100);
  const bottom = TOP + HEIGHT;
  let line = `M${x(0)} ${y(0)}`;
  scores.forEach((score, turn) => {
    line += `L${x(turn + 0.5)} ${y(score)}`;
  });
  line += `L${x(scores.length)} ${y(scores.at(-1) ?? 0)}`;
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": spoken(verdict) },
    [0, 50, 100].map((score) => [
      svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(score), y2: y(score) }),
      svg("text", { class: "axis", x: LEFT - 8, y: y(score) + 5, "text-anchor": "end" }, String(score)),
    ]),
    svg("path", { class: "area", d: `${line}L${x(scores.length)} ${bottom}L${x(0)} ${bottom}Z` }),
    svg("path", { class: "line", d: line }),
    alert !== null && mark(x(alert + 0.5), y(scores[alert]), alert, bottom, width),
    lanes.map(({ id, turn }, index) => {
      const at = bottom + 12 + index * LANE + LANE / 2;
      return svg(
        "g",
        { class: "lane" },
        svg("text", { x: LEFT - 8, y: at + 5, "text-anchor": "end" }, stageName(id)),
        svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: at, y2: at }),
        svg("line", { class: "lasting", x1: x(turn + 0.5), x2: x(scores.length), y1: at, y2: at }),
        svg("circle", { cx: x(turn + 0.5), cy: at, r: 5 }),
      );
    }),
    svg("text", { class: "axis", x: LEFT, y: height - 4 }, turnName(0)),
    svg("text", { class: "axis", x: width - RIGHT, y: height - 4, "text-anchor": "end" }, turnName(last - 1)),
  );
}

function mark(x, y, turn, bottom, width) {
  const anchor = x > width * 0.7 ? "end" : x < width * 0.45 ? "start" : "middle";
  return svg(
    "g",
    { class: "alert" },
    svg("line", { x1: x, x2: x, y1: TOP - 8, y2: bottom }),
    svg("circle", { cx: x, cy: y, r: 6 }),
    svg(
      "text",
      { x, y: TOP - 12, "text-anchor": anchor },
      say("{turn}报警", "Alarm, {turn}", { turn: turnName(turn) }),
    ),
  );
}

function spoken({ timeline: scores, first_alert_turn: alert, stages }) {
  const began = stages.map(({ id, turn }) => `${stageName(id)} ${turnName(turn)}`).join(say("，", ", "));
  return say("{n} 句之后 {score} 分。{alert}{began}", "Score {score} after {n} turns. {alert}{began}", {
    n: scores.length,
    score: scores.at(-1) ?? 0,
    alert: alert === null ? "" : say("{turn}起报警。", "Alarm from {turn}. ", { turn: turnName(alert) }),
    began: began && say("阶段：{began}。", "Stages: {began}.", { began }),
  });
}
