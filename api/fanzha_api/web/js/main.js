/** Starts the page: which view is shown stands behind the # of the address, and nothing else ever does. */

import * as check from "./check.js";
import { byId } from "./dom.js";
import { isEnglish, localize, onLanguage, say, switchLanguage } from "./language.js";

const VIEWS = { check: async () => check, live: () => import("./live.js"), rules: () => import("./workbench.js") };
const started = new Map();

async function showView({ moved }) {
  const asked = location.hash.slice(1);
  const name = asked in VIEWS ? asked : "check";
  for (const section of document.querySelectorAll(".view")) section.hidden = section.id !== `view-${name}`;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!started.has(name))
    started.set(
      name,
      VIEWS[name]().then((view) => view.start()),
    );
  await started.get(name);
  title(name);
  if (moved) {
    scrollTo(0, 0);
    byId(`view-${name}`).querySelector("h1:not([hidden] *)")?.focus({ preventScroll: true });
  }
}

function title(name = location.hash.slice(1) in VIEWS ? location.hash.slice(1) : "check") {
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
