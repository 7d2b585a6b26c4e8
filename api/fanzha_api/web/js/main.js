/** Starts the page: which view is shown stands behind the # of the address, and nothing else ever does. */

import * as check from "./check.js";
import { byId } from "./dom.js";
import { isEnglish, localize, onLanguage, say, switchLanguage } from "./language.js";

const VIEWS = { check: async () => check, live: () => import("./live.js"), rules: () => import("./workbench.js") };
const started = new Map();

async function showView({ moved }) {
  const name = wanted();
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!started.has(name)) started.set(name, begin(name));
  const lost = !(await started.get(name)); // nothing is shown before it does what it shows
  byId("lost").hidden = !lost;
  if (lost) {
    started.delete(name);
    return;
  }
  if (name !== wanted()) return; // somebody has gone on
  for (const section of document.querySelectorAll(".view")) section.hidden = section.id !== `view-${name}`;
  title(name);
  if (moved) {
    scrollTo(0, 0);
    byId(`view-${name}`).querySelector("h1:not([hidden] *)")?.focus({ preventScroll: true });
  }
}

/** Start a view; whether that went well: its scripts come from the service, which may be gone. */
async function begin(name) {
  try {
    (await VIEWS[name]()).start();
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

/** The view that the address asks for. */
function wanted() {
  const asked = location.hash.slice(1);
  return Object.hasOwn(VIEWS, asked) ? asked : "check";
}

function title(name = wanted()) {
  const [chinese, english] = {
    check: ["这是不是骗局？", "Is this a scam?"],
    live: ["通话中", "Live call"],
    rules: ["规则台", "Rules"],
  }[name];
  document.title = `${say("反诈", "fanzha")} · ${say(chinese, english)}`;
}

function languageButton() {
  const button = byId("language");
  button.textContent = isEnglish() ? "中文" : "English";
  button.lang = isEnglish() ? "zh-CN" : "en";
}

localize(document.documentElement);
languageButton();
onLanguage(() => {
  languageButton();
  title();
});
byId("language").addEventListener("click", switchLanguage);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the # is for views
  byId("main").focus();
});
addEventListener("hashchange", () => showView({ moved: true }));
showView({ moved: false });
