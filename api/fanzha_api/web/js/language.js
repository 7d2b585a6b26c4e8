/**
 * Chinese and English. Static words stand in index.html, both languages on one element; words made by scripts are
 * written `say("中文", "English")`, side by side. The choice stands in the address (?lang=en), nowhere else.
 */

const KEPT = ["aria-label", "placeholder"];
let english = new URLSearchParams(location.search).get("lang") === "en";
const listeners = [];

/** The words for the language in use; {name} is replaced from `values`. */
export function say(chinese, inEnglish, values = {}) {
  const words = english ? inEnglish : chinese;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const isEnglish = () => english;

/** Call back after each change of language. */
export function onLanguage(listener) {
  listeners.push(listener);
}

/** Change the language of everything. */
export function switchLanguage() {
  english = !english;
  const address = new URL(location.href);
  if (english) address.searchParams.set("lang", "en");
  else address.searchParams.delete("lang");
  history.replaceState(null, "", address);
  localize(document.documentElement);
  for (const listener of listeners) listener();
}

/** Put the words of the language into an element and all in it that carry both. */
export function localize(root) {
  document.documentElement.lang = english ? "en" : "zh-CN";
  for (const element of root.querySelectorAll("[data-en]")) {
    element.dataset.zh ??= element.textContent;
    element.textContent = english ? element.dataset.en : element.dataset.zh;
  }
  for (const name of KEPT) {
    for (const element of root.querySelectorAll(`[data-en-${name}]`)) {
      if (!element.hasAttribute(`data-zh-${name}`)) element.setAttribute(`data-zh-${name}`, element.getAttribute(name));
      element.setAttribute(name, element.getAttribute(english ? `data-en-${name}` : `data-zh-${name}`));
    }
  }
}

const FULL = { ",": "，", ";": "；", ":": "：", "?": "？", "!": "！" };

/** Words of the rules as Chinese is printed: full-width marks beside Han, “quotes”. Never for what others wrote. */
export function typeset(text) {
  return text
    .replace(/ ?(?<!\p{Script=Latin})["']([^"']*\p{Script=Han}[^"']*)["'] ?/gu, "“$1”")
    .replace(
      /(?<=[\p{Script=Han}”」）)\d])([,;:?!])(?: |(?!\d))|([,;:?!]) ?(?=\p{Script=Han})/gu,
      (mark) => FULL[mark.trim()],
    );
}
