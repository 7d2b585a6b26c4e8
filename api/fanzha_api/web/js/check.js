/** The first view: paste, drop, choose; read by POST /read, scored by POST /score, shown by result.js. */

import { Problem, ask } from "./api.js";
import { announce, byId, h, visible } from "./dom.js";
import { onDrop } from "./drop.js";
import { isEnglish, onLanguage, say, typeset } from "./language.js";
import { levelName } from "./names.js";
import { result } from "./result.js";
import { chooser, sample } from "./samples.js";
import { moodOf, sentence } from "./verdict.js";

const BYTES = "application/octet-stream";
const state = {
  conversations: [], // as POST /read told them: {id, turns}
  more: 0, // conversations of the file that were not read
  chosen: 0,
  verdicts: [],
  selfName: null, // who "I" am, where somebody said so
  title: () => "",
  notes: [],
};
let current = null; // AbortController of what is being asked

/** Wire the view up, once. */
export function start() {
  const text = byId("check-text");
  byId("check-form").addEventListener("submit", (event) => {
    event.preventDefault();
    checkText();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) checkText();
  });
  text.addEventListener("input", () => {
    byId("check-clear").hidden = !text.value;
  });
  byId("check-clear").addEventListener("click", () => {
    text.value = "";
    byId("check-clear").hidden = true;
    complain(null);
    text.focus();
  });
  byId("check-pick").addEventListener("click", () => byId("check-file").click());
  byId("check-file").addEventListener("change", ({ target }) => {
    if (target.files[0]) checkFile(target.files[0]);
    target.value = "";
  });
  onDrop((file) => {
    location.hash = "#check";
    checkFile(file);
  });
  showSamples();
  onLanguage(() => {
    showSamples();
    if (!byId("check-result").hidden) show({ focus: false });
    complain(null);
  });
}

async function showSamples() {
  const place = byId("check-samples");
  try {
    place.replaceChildren(...(await chooser(checkSample)));
  } catch (problem) {
    place.replaceChildren(h("p", { class: "hint" }, problem.words ?? String(problem)));
  }
}

function checkText() {
  const text = byId("check-text").value;
  if (!text.trim()) {
    complain(
      say("还没有文字：先把聊天或通话的文字贴进来。", "There is no text yet: paste the chat or the call first."),
    );
    byId("check-text").focus();
    return;
  }
  run(
    () => say("您贴的文字", "Your text"),
    (signal) => ask("read", { raw: new Blob([text]), type: BYTES, signal }),
  );
}

function checkFile(file) {
  // The name helps to tell formats apart. It travels in a header, as no address may carry what somebody has.
  const headers = { "X-File-Name": encodeURIComponent(file.name) };
  run(
    () => file.name,
    (signal) => ask("read", { raw: file, type: BYTES, headers, signal }),
  );
}

function checkSample(one) {
  run(
    () => typeset(one.title),
    async () => {
      const { turns } = await sample(one.name);
      return { conversations: [{ id: null, turns }], more: 0, notes: [] };
    },
  );
}

/** Check turns that stand elsewhere on the page already; `title` says, in the language of the moment, what they are. */
export function checkTurns(title, turns) {
  location.hash = "#check";
  return run(title, async () => ({ conversations: [{ id: null, turns }], more: 0, notes: [] }));
}

/** Read, score and show; what is under way already is given up. */
async function run(title, read) {
  current?.abort();
  const mine = (current = new AbortController());
  busy(true);
  complain(null);
  try {
    const found = await read(mine.signal);
    Object.assign(state, {
      title,
      conversations: found.conversations,
      more: found.more,
      notes: found.notes,
      chosen: 0,
      selfName: null,
    });
    await score(mine.signal);
    if (mine === current) show({ focus: true });
  } catch (problem) {
    if (problem.name !== "AbortError" && mine === current) fail(problem);
  } finally {
    if (mine === current) busy(false);
  }
}

async function score(signal) {
  const items = state.conversations.map((one) => bodyOf(one));
  if (items.length === 1) {
    state.verdicts = [await ask("score", { body: items[0], signal })];
    return;
  }
  const { results } = await ask("score/batch", { body: { items }, signal });
  const scored = results.filter(({ verdict }) => verdict);
  if (!scored.length) throw new Problem(422, results[0].problem.title, results[0].problem.errors);
  state.conversations = scored.map(({ index }) => state.conversations[index]);
  state.verdicts = scored.map(({ verdict }) => verdict);
  state.chosen = state.verdicts.reduce(
    (best, verdict, at) => (verdict.log_odds > state.verdicts[best].log_odds ? at : best),
    0,
  );
}

/** What POST /score is asked: nothing that says nothing. Where "I" was named, that decides the parties. */
export function bodyOf({ turns }, selfName = state.selfName) {
  const body = {
    turns: turns.map((turn) => {
      const sent = { text: turn.text };
      if (turn.speaker) sent.speaker = turn.speaker;
      if (turn.party && turn.party !== "unknown" && selfName === null) sent.party = turn.party;
      if (turn.kind && turn.kind !== "text") sent.kind = turn.kind;
      if (turn.start !== null && turn.start !== undefined) sent.start = turn.start;
      return sent;
    }),
  };
  if (selfName !== null) body.self_name = selfName;
  return body;
}

function show({ focus }) {
  const conversation = state.conversations[state.chosen];
  const verdict = state.verdicts[state.chosen];
  const again = h("button", { class: "plain", type: "button", on: { click: back } }, say("看另一段", "Check another"));
  const replay =
    conversation.turns.length > 1 &&
    h(
      "button",
      { class: "plain", type: "button", on: { click: () => replayTurns(conversation.turns) } },
      say("一句一句放", "Replay it"),
    );
  const place = byId("check-result");
  place.replaceChildren(
    ...result(shownTurns(conversation), verdict, {
      body: bodyOf(conversation),
      actions: [
        again,
        replay,
        h(
          "span",
          { class: "source" },
          h("bdi", {}, visible(state.title())),
          " · ",
          say("{n} 句", "{n} turns", { n: conversation.turns.length }),
        ),
      ],
      tools: [conversationPicker(), selfPicker(conversation), fileNotes()].filter(Boolean),
    }),
  );
  place.dataset.mood = moodOf(verdict);
  byId("check-ask").hidden = true;
  place.hidden = false;
  if (focus) {
    scrollTo(0, 0);
    byId("verdict-title").focus({ preventScroll: true });
    announce(sentence(verdict).join(""));
  }
}

async function replayTurns(turns) {
  const live = await import("./live.js");
  location.hash = "#live";
  live.replay(turns);
}

/** The turns with the parties that the choice of "me" gives. */
function shownTurns({ turns }) {
  if (state.selfName === null) return turns;
  return turns.map((turn) => ({
    ...turn,
    party: !turn.speaker ? "unknown" : turn.speaker.trim() === state.selfName ? "self" : "other",
  }));
}

function conversationPicker() {
  if (state.conversations.length < 2) return null;
  const select = h(
    "select",
    {
      id: "which",
      on: {
        change: () => {
          state.chosen = Number(select.value);
          show({ focus: false });
          byId("which").focus();
        },
      },
    },
    state.conversations.map(({ id, turns }, at) =>
      h(
        "option",
        { value: at, selected: at === state.chosen },
        `${at + 1}. ${visible(id ?? turns[0]?.text.slice(0, 18) ?? "")} · ${levelName(state.verdicts[at].level)}`,
      ),
    ),
  );
  return h(
    "label",
    { class: "tool" },
    say("这份文件里的", "Conversation "),
    select,
    state.more > 0 &&
      h("span", { class: "hint" }, say("还有 {n} 段没有读", "{n} more were not read", { n: state.more })),
  );
}

/** Who is "me" decides everything where names say nothing. */
function selfPicker({ turns }) {
  const labels = [...new Set(turns.map(({ speaker }) => speaker?.trim()).filter(Boolean))].slice(0, 50);
  if (labels.length < 2) return null;
  const select = h(
    "select",
    {
      id: "me",
      on: {
        change: () => {
          state.selfName = select.value || null;
          rescore();
        },
      },
    },
    h("option", { value: "" }, say("自动判断", "found by itself")),
    labels.map((label) => h("option", { value: label, selected: label === state.selfName }, visible(label))),
  );
  return h("label", { class: "tool" }, say("谁是您", "You are "), select);
}

function fileNotes() {
  return state.notes.length
    ? h(
        "ul",
        { class: "hint", lang: "zh" },
        state.notes.map((note) => h("li", {}, note)),
      )
    : null;
}

async function rescore() {
  const { chosen } = state;
  try {
    state.verdicts[chosen] = await ask("score", { body: bodyOf(state.conversations[chosen]) });
    show({ focus: false });
    byId("me").focus();
    announce(sentence(state.verdicts[chosen]).join(""));
  } catch (problem) {
    announce(problem.words ?? String(problem));
  }
}

function back() {
  byId("check-result").hidden = true;
  byId("check-result").replaceChildren();
  byId("check-ask").hidden = false;
  scrollTo(0, 0);
  byId("check-title").focus({ preventScroll: true });
}

function busy(is) {
  const button = byId("check-go");
  byId("view-check").setAttribute("aria-busy", String(is));
  button.disabled = is;
  button.textContent = is
    ? say("正在看……", "Reading …")
    : isEnglish()
      ? button.dataset.en
      : (button.dataset.zh ?? say("看一看", "Check it"));
}

function fail(problem) {
  if (!byId("check-result").hidden) back();
  complain(
    problem instanceof Problem
      ? problem.words
      : say("页面出错了：{what}", "The page failed: {what}", { what: String(problem) }),
  );
}

function complain(words) {
  const place = byId("check-problem");
  place.hidden = !words;
  place.textContent = words ?? "";
}
