/** The same question as a command: what was asked of the service, for curl and for Python. */

import { addressOf, currentKey } from "./api.js";
import { announce, h } from "./dom.js";
import { say } from "./language.js";

/** A shell command. JSON escapes every control character, so no line of it can end the here-document. */
export function curl(body) {
  const keyed = currentKey() ? ' -H "X-API-Key: $FANZHA_API_KEY"' : "";
  return `curl -sS '${quoted(addressOf("score"))}' -H 'Content-Type: application/json'${keyed} --data-binary @- <<'JSON'\n${written(body)}\nJSON\n`;
}

/** A script that needs nothing but Python. A JSON text of objects, lists, strings and numbers is also Python. */
export function python(body) {
  const keyed = currentKey();
  return [
    "import json",
    ...(keyed ? ["import os"] : []),
    "from urllib.request import Request, urlopen",
    "",
    `body = ${written(body)}`,
    `headers = {"Content-Type": "application/json"${keyed ? ', "X-API-Key": os.environ["FANZHA_API_KEY"]' : ""}}`,
    `request = Request(${JSON.stringify(addressOf("score"))}, json.dumps(body).encode(), headers)`,
    "with urlopen(request) as answer:",
    "    verdict = json.load(answer)",
    'print(verdict["level"], verdict["score"], verdict["script_title"])',
    "",
  ].join("\n");
}

/** One turn a line, so that it can be read. */
function written({ turns, ...rest }) {
  const more = Object.entries(rest)
    .map(([name, value]) => `, ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join("");
  return `{"turns": [\n${turns.map((turn) => `  ${JSON.stringify(turn)}`).join(",\n")}\n]${more}}`;
}

const quoted = (text) => text.replaceAll("'", "%27");

/** The section with both, each with a button that copies it. */
export function snippets(body) {
  const one = (name, text) =>
    h(
      "details",
      { class: "snippet" },
      h("summary", {}, name),
      h(
        "div",
        { class: "row" },
        h(
          "button",
          { class: "plain copy", type: "button", on: { click: (event) => copy(event.currentTarget, text) } },
          say("复制", "Copy"),
        ),
      ),
      h("pre", { tabindex: "0", "aria-label": name }, h("code", {}, text)),
    );
  return h(
    "section",
    { class: "paper", "aria-labelledby": "code-title" },
    h("h2", { id: "code-title" }, say("给开发的人", "For developers")),
    h("p", { class: "hint" }, say("同样的问题，用程序问。", "The same question, asked by a program.")),
    one(say("复制成 curl", "Copy as curl"), curl(body)),
    one(say("复制成 Python", "Copy as Python"), python(body)),
  );
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // no permission, or a page that is neither https nor on this machine
    const area = h("textarea", { class: "unseen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const before = button.textContent;
  button.textContent = say("已复制", "Copied");
  announce(button.textContent);
  setTimeout(() => {
    button.textContent = before;
  }, 1500);
}
