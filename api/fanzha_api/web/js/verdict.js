/** What a person sees first: one sentence that says what is going on and what to do, then the steps. */

import { h } from "./dom.js";
import { say, typeset } from "./language.js";
import { LEVELS, STAGES, levelName, scriptName, stageName, turnName } from "./names.js";

/** How the verdict looks: stop, careful, mild, calm, or gray (the trade that feeds fraud). */
export function moodOf(verdict) {
  if (verdict.track === "gray" && LEVELS.indexOf(verdict.level) >= 2) return verdict.alert ? "stop" : "careful";
  if (verdict.alert) return "stop";
  if (verdict.level === "medium") return "careful";
  return verdict.level === "low" ? "mild" : "calm";
}

/** The one sentence: [what is going on, what to do]. */
export function sentence(verdict) {
  const name = scriptName(verdict.script, verdict.script_title);
  if (verdict.track === "gray" && LEVELS.indexOf(verdict.level) >= 2) {
    return [
      verdict.alert
        ? say("这是黑灰产的买卖：", "This is black-market trade: ")
        : say("这像黑灰产的买卖：", "This looks like black-market trade: "),
      say(
        "不要参与，不要转发，账号和卡不租不卖。",
        "take no part, pass nothing on, never rent or sell an account or a card.",
      ),
    ];
  }
  if (verdict.alert) {
    return [
      say("这很像骗局：", "This looks like a scam: "),
      say("马上停下，不要转账，挂断电话，打 96110。", "stop, do not transfer money, hang up, call 96110."),
    ];
  }
  if (verdict.level === "medium") {
    return [
      say("要当心，像骗局的开头：", "Careful, this is how scams begin: "),
      say("先别照做，自己打官方电话问。", "do nothing yet, check with the official number yourself."),
    ];
  }
  if (verdict.describes_title) {
    return [
      say("没有发现正在行骗：", "No scam is going on here: "),
      say("这段文字讲的是{name}骗局。", "the text tells about {name}.", {
        name: scriptName(verdict.describes, verdict.describes_title),
      }),
    ];
  }
  if (verdict.level === "low") {
    return [
      say("有一点可疑，还不足以判断：", "A little suspicious, not enough to tell: "),
      say(
        "对方若让您加好友、下软件、给密码或转钱，先停下核实。",
        "if you are asked to add a friend, install an app, tell a password or send money, stop and check.",
      ),
    ];
  }
  return [
    say("没有发现骗局的迹象。", "No sign of a scam. "),
    say("涉及转账和验证码时，仍请自己核实。", "Where money or codes are concerned, still check for yourself."),
  ];
}

/** The card that fills the first screen. `actions` are further buttons. */
export function card(verdict, actions = []) {
  const mood = moodOf(verdict);
  const [what, doThis] = sentence(verdict);
  const endangered = verdict.track !== "gray" && (mood === "stop" || mood === "careful");
  return h(
    "section",
    { class: `verdict ${mood}`, "aria-labelledby": "verdict-title" },
    h(
      "h1",
      { id: "verdict-title", tabindex: "-1" },
      h("span", { class: "what" }, phrases(what)),
      h("span", { class: "do" }, phrases(doThis)),
    ),
    endangered && calls(mood),
    verdict.fact &&
      mood !== "calm" &&
      mood !== "mild" &&
      h("p", { class: "fact", lang: "zh" }, h("b", {}, say("请记住：", "Remember: ")), typeset(verdict.fact)),
    facts(verdict, mood),
    actions.length > 0 && h("div", { class: "row verdict-actions" }, actions.filter(Boolean)),
  );
}

/** Chinese may break anywhere; large letters should break at a comma only. */
export function phrases(words) {
  return words.split(/(?<=[，：。])/).map((phrase) => h("span", { class: "phrase" }, phrase));
}

function calls(mood) {
  return h(
    "p",
    { class: "row calls" },
    h(
      "a",
      { class: "call", href: "tel:96110" },
      h("b", {}, "96110"),
      " ",
      say("打反诈专线问一问", "ask the anti-fraud line"),
    ),
    mood === "stop" &&
      h(
        "a",
        { class: "call", href: "tel:110" },
        h("b", {}, "110"),
        " ",
        say("钱已转出，马上报警", "money sent? police"),
      ),
  );
}

/** Level, score, script and the like: for who wants to know, under the sentence. */
function facts(verdict, mood) {
  const row = (name, value, cls) => h("div", { class: cls }, h("dt", {}, name), h("dd", {}, value));
  const who = verdict.track === "gray" ? say("像卖家的一方", "Seller") : say("像骗子的一方", "Suspect");
  return h(
    "dl",
    { class: "facts" },
    row(
      say("危险程度", "Danger"),
      [h("span", { class: `level ${verdict.level}` }, levelName(verdict.level)), " ", meter(verdict.score)],
      "facts-level",
    ),
    verdict.script &&
      row(
        verdict.track === "gray" ? say("买卖", "Trade") : say("剧本", "Script"),
        scriptName(verdict.script, verdict.script_title),
      ),
    verdict.first_alert_turn !== null && row(say("起报警", "Alert since"), turnName(verdict.first_alert_turn)),
    (mood === "stop" || mood === "careful") && verdict.counterpart && row(who, h("bdi", {}, verdict.counterpart)),
    verdict.describes_title &&
      verdict.level !== "none" &&
      row(say("文中另讲到", "Also told of"), scriptName(verdict.describes, verdict.describes_title)),
  );
}

/** The score as a small bar with its number. */
export function meter(score) {
  return h(
    "span",
    { class: "meter-box" },
    h("meter", { class: "unseen", min: 0, max: 100, value: score, "aria-label": say("评分", "Score") }, `${score}/100`),
    h("b", { class: "score" }, String(score)),
    h("span", { class: "of" }, say(" 分", " of 100")),
  );
}

/** What to do, and what the other side will do next; null where there is nothing to say. */
export function steps(verdict) {
  if (!verdict.advice.length && !verdict.next.length) return null;
  const list = (tag, items) =>
    h(
      tag,
      { lang: "zh" },
      items.map((item) => h("li", {}, linked(typeset(item)))),
    );
  return h(
    "div",
    { class: "steps" },
    verdict.advice.length > 0 &&
      h(
        "section",
        { class: "do-now", "aria-labelledby": "advice-title" },
        h("h2", { id: "advice-title" }, say("现在该做", "What to do now")),
        list("ol", verdict.advice),
      ),
    verdict.next.length > 0 &&
      h(
        "section",
        { class: "comes-next", "aria-labelledby": "next-title" },
        h("h2", { id: "next-title" }, say("对方接下来会", "What comes next")),
        list("ul", verdict.next),
      ),
  );
}

/** The numbers to call can be tapped wherever advice names them. */
function linked(text) {
  return text
    .split(/(?<!\d)(96110|110)(?!\d)/)
    .map((part) => (part === "96110" || part === "110" ? h("a", { href: `tel:${part}` }, part) : part));
}

/** How far the play has got: every stage of the script in its order. Null where no script is shown. */
export function stepper(verdict) {
  const reached = new Map(verdict.stages.map((stage) => [stage.id, stage]));
  if (!verdict.script || reached.size === 0) return null;
  const ids = Object.keys(STAGES);
  const known = new Map(Object.entries(STAGES).map(([id, [title]]) => [title, id]));
  const stages = [
    ...verdict.stages.map(({ id, title, turn }) => ({ id, title, turn })),
    ...verdict.missing.map((title) => ({ id: known.get(title) ?? title, title, turn: null })),
  ].sort((a, b) => (ids.indexOf(a.id) + 1 || 99) - (ids.indexOf(b.id) + 1 || 99));
  const play = stages.filter(({ id, turn }) => turn !== null && id !== "pressure");
  const current = play.at(-1)?.id; // pressure is a tone, not a place
  return h(
    "section",
    { class: "play", "aria-labelledby": "play-title" },
    h(
      "h2",
      { id: "play-title" },
      say("戏演到哪一步", "How far the play has got"),
      h("small", {}, say("{n} / {all} 步", "{n} of {all} steps", { n: reached.size, all: stages.length })),
    ),
    h(
      "ol",
      { class: "stepper" },
      stages.map(({ id, title, turn }) =>
        h(
          "li",
          { class: turn === null ? "open" : "done", "aria-current": id === current ? "step" : null },
          h("span", { class: "step-name" }, STAGES[id] ? stageName(id) : title),
          h("span", { class: "step-turn" }, turn === null ? say("还没出现", "not yet") : turnName(turn)),
        ),
      ),
    ),
  );
}
