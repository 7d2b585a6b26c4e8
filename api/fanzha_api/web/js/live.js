/** The second view: a call turn by turn, typed or played from a sample, and the danger after each. */

import { ask } from "./api.js";
import { checkTurns } from "./check.js";
import { bubble, evidenceOn } from "./conversation.js";
import { announce, byId, h } from "./dom.js";
import { onLanguage, say } from "./language.js";
import { Link } from "./link.js";
import { LEVELS } from "./names.js";
import { onExplain, show } from "./now.js";
import { picker, sample, samples } from "./samples.js";
import { sentence } from "./verdict.js";

const SILENCE = {
  level: "none",
  score: 0,
  alert: false,
  script: null,
  script_title: null,
  track: null,
  fact: null,
  describes: null,
  describes_title: null,
  counterpart: null,
  first_alert_turn: null,
  stages: [],
  missing: [],
  next: [],
  advice: [],
  evidence: [],
  timeline: [],
  lines: [],
};
const A_CHARACTER = 130; // milliseconds that it takes to say one
const SHORTEST = 700;
const LONGEST = 5000;

let turns = [];
let heard = SILENCE; // the verdict so far, as far as it is known
let script = []; // the turns of the sample that is played
let playing = null; // timer
let link = null; // once the view is started
let waiting = null; // turns to play once it is

/** Wire the view up, once. */
export function start() {
  link = new Link({ onMessage: receive, onState: showLink, turns: () => turns.map(sent) });
  byId("live-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = byId("live-text");
    if (!input.value.trim()) return;
    const side = new FormData(event.currentTarget).get("side");
    add({ text: input.value, speaker: side === "self" ? "我" : "对方", party: side });
    input.value = "";
    input.focus();
  });
  byId("live-play").addEventListener("click", () => (playing === null ? play() : pause()));
  byId("live-step").addEventListener("click", () => {
    pause();
    next(true);
  });
  byId("live-reset").addEventListener("click", () => {
    reset();
    byId("live-text").focus();
  });
  onLanguage(() => {
    showSamples();
    redraw();
    showPlayer();
  });
  byId("live-text").addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.trim().includes("\n")) return;
    event.preventDefault();
    read(text);
  });
  showSamples();
  onExplain(explain);
  redraw();
  showPlayer();
  if (waiting) replay(waiting);
}

/** Play turns from the beginning; before the view is started they wait for it. */
export function replay(said) {
  waiting = said;
  if (!link) return;
  waiting = null;
  reset();
  script = said;
  play();
}

/** Several lines pasted into the field for one are a call to be played. */
async function read(text) {
  try {
    replay((await ask("read", { raw: new Blob([text]), type: "application/octet-stream" })).conversations[0].turns);
  } catch (problem) {
    byId("live-link").textContent = problem.words ?? String(problem);
  }
}

async function showSamples() {
  try {
    const all = await samples();
    byId("live-samples").replaceChildren(
      picker(all, choose, { label: say("选一段样例来放", "Choose a sample to play") }),
    );
  } catch (problem) {
    byId("live-samples").replaceChildren(h("span", { class: "hint" }, problem.message));
  }
}

async function choose(one) {
  replay((await sample(one.name)).turns);
}

function reset() {
  pause();
  link.close();
  turns = [];
  script = [];
  heard = SILENCE;
  redraw();
  showPlayer();
}

// ── playing ──

function play() {
  if (turns.length >= script.length) return;
  next();
}

function next(once = false) {
  const turn = script[turns.length];
  if (!turn) return;
  add(turn);
  const coming = script[turns.length];
  if (coming && !once) {
    const pause_ =
      Math.min(LONGEST, Math.max(SHORTEST, coming.text.length * A_CHARACTER)) / Number(byId("live-speed").value);
    playing = setTimeout(() => next(), pause_);
  } else {
    playing = null;
  }
  showPlayer();
}

function pause() {
  clearTimeout(playing);
  playing = null;
  showPlayer();
}

function showPlayer() {
  const left = script.length - turns.length;
  const button = byId("live-play");
  button.disabled = left <= 0;
  button.textContent = playing === null ? say("▶ 播放", "▶ Play") : say("❚❚ 暂停", "❚❚ Pause");
  byId("live-step").disabled = left <= 0;
}

// ── the call ──

const sent = ({ text, speaker, party, kind }) => ({
  text,
  ...(speaker ? { speaker } : {}),
  ...(party && party !== "unknown" ? { party } : {}),
  ...(kind && kind !== "text" ? { kind } : {}),
});

function add(turn) {
  const list = byId("live-turns");
  const last = list.lastElementChild;
  const following = !last || last.getBoundingClientRect().top < innerHeight; // or somebody reads further up
  turns.push(turn);
  list.append(bubble(turn, turns.length - 1, heard));
  byId("live-empty").hidden = true;
  if (following) list.lastElementChild.scrollIntoView({ block: "nearest" });
  link.say(sent(turn));
}

function receive(message) {
  if (message.type === "change") changed(message);
  else if (message.type === "verdict") whole(message.verdict);
  else if (message.type === "problem") {
    const { title, errors } = message.problem;
    byId("live-link").textContent = [
      title,
      ...errors.map((fault) => `${fault.message}${say("。", ". ")}${fault.remedy}`),
    ].join(say("：", ": "));
  }
}

/** One turn was heard: what is new of it, and where it is news, the whole verdict is asked for. */
function changed(change) {
  const after = {
    ...heard,
    timeline: heard.timeline.slice(),
    evidence: [...heard.evidence, ...(change.evidence ?? [])],
  };
  for (const name of Object.keys(SILENCE)) if (name in change && name !== "evidence") after[name] = change[name];
  after.timeline[change.turn] = change.score;
  become(after);
  if (change.news) link.ask("verdict");
}

function whole(verdict) {
  become({ ...SILENCE, ...verdict });
}

/** Show what changed, and leave alone what did not: somebody may be reading it. */
function become(after) {
  const before = heard;
  heard = after;
  tell(before);
  turns.forEach((_, number) => {
    if (look(before, number) !== look(after, number)) redrawTurn(number);
  });
  show(heard, { said: turns.length, coming: script.length });
}

/** All that a bubble shows of a verdict. */
function look(verdict, number) {
  const on = evidenceOn(verdict, number).map((one) => [one.signal, one.start, one.end, one.counted, one.stance]);
  return JSON.stringify([
    verdict.timeline[number] ?? null,
    verdict.first_alert_turn === number,
    verdict.counterpart,
    on,
  ]);
}

/** A change of level is told aloud; a line in between is not. */
function tell(before) {
  const words = sentence(heard).join("");
  if (LEVELS.indexOf(heard.level) > LEVELS.indexOf(before.level)) announce(words);
}

function redraw() {
  byId("live-turns").replaceChildren(...turns.map((turn, number) => bubble(turn, number, heard)));
  byId("live-empty").hidden = turns.length > 0;
  show(heard, { said: turns.length, coming: script.length });
}

function redrawTurn(number) {
  const place = byId("live-turns").children[number];
  if (place && turns[number]) place.replaceWith(bubble(turns[number], number, heard));
}

/** The first view says everything about the turns so far. */
function explain() {
  pause();
  checkTurns(() => say("通话", "The call"), turns.slice());
}

function showLink(state) {
  byId("live-link").textContent = {
    open: "",
    closed: "",
    refused: say("这一句太长，服务不收。", "This turn is too long for the service."),
    waiting: say(
      "连接断了，正在重连；说过的话会重新送一遍。",
      "The line broke; connecting again and sending all turns anew.",
    ),
  }[state];
}
