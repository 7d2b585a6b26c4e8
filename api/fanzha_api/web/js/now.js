/** What a call looks like this moment: the banner, and beside it how the danger rose and what to do.
 *
 * Turns come while somebody reads or reaches for the telephone number, so nothing is replaced that has not changed: a
 * link that is replaced under a finger cannot be followed.
 */

import { picture } from "./chart.js";
import { byId, h, svg } from "./dom.js";
import { isEnglish, say, typeset } from "./language.js";
import { levelName } from "./names.js";
import { moodOf, phrases, sentence, stepper, steps } from "./verdict.js";

const shown = { words: "", aside: "" }; // what the parts were made of
let explain = () => {};
let watcher = null; // of the chart's width

/** Call back when somebody wants to know everything about the turns so far. */
export function onExplain(listener) {
  explain = listener;
}

/** Show the verdict `heard` after `said` turns, of `coming` that the call will have (0 where nobody knows). */
export function show(heard, { said, coming }) {
  const mood = said ? moodOf(heard) : "calm";
  const words = said
    ? sentence(heard)
    : [say("在听。", "Listening. "), say("每来一句，这里马上更新。", "This is judged anew after each turn.")];
  byId("live-aside").dataset.mood = mood;
  banner(heard, mood, words);
  aside(heard, mood, said);
  chart(heard, said, coming);
}

/** The chart, also when its width changes or it comes to be seen. */
function chart(heard, said, coming) {
  const figure = byId("live-chart");
  figure.parentElement.hidden = said < 2;
  const draw = () => {
    const width = Math.round(figure.clientWidth);
    if (said > 1 && width > 0) figure.replaceChildren(picture(heard, width, { last: Math.max(said, coming) }));
  };
  watcher?.disconnect();
  watcher = new ResizeObserver(draw);
  watcher.observe(figure); // and draws at once
}

function banner(heard, mood, [what, doThis]) {
  byId("live-now").className = `now ${mood}`;
  byId("live-call").hidden = mood !== "stop" || heard.track === "gray";
  byId("live-level").className = `level ${heard.level}`;
  byId("live-level").textContent = levelName(heard.level);
  byId("live-gauge").replaceChildren(...gauge(heard.score));
  if (shown.words === what + doThis) return;
  shown.words = what + doThis;
  byId("live-words").replaceChildren(
    h("span", { class: "what" }, phrases(what)),
    h("span", { class: "do" }, phrases(doThis)),
  );
}

function gauge(score) {
  return [
    h("meter", { class: "unseen", min: 0, max: 100, value: score, "aria-label": say("评分", "Score") }),
    svg(
      "svg",
      { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "gauge-track", width: 100, height: 10 }),
      svg("rect", { class: "gauge-fill", width: score, height: 10 }),
    ),
    h("b", {}, String(score)),
    h("span", { class: "of" }, say("分", "of 100")),
  ];
}

function aside(heard, mood, said) {
  const { script, fact, stages, missing, advice, next } = heard;
  const made = JSON.stringify([isEnglish(), mood, said > 0, script, fact, stages, missing, advice, next]);
  if (shown.aside === made) return;
  shown.aside = made;
  const remember = fact && (mood === "stop" || mood === "careful");
  byId("live-steps").replaceChildren(
    ...[
      said > 0 && h("p", {}, button(say("看为什么，看得分", "See why, and the score"))),
      script && stepper(heard),
      remember && h("p", { class: "paper", lang: "zh" }, h("b", {}, say("请记住：", "Remember: ")), typeset(fact)),
      steps(heard),
    ].filter(Boolean),
  );
}

const button = (words) => h("button", { class: "plain", type: "button", on: { click: () => explain() } }, words);
