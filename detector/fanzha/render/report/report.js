"use strict";
// Sorts, filters and pages the rows that the file already holds, and opens notes. It makes no element and no request.
{
  const all = (where, what) => [...where.querySelectorAll(what)];
  const one = (what) => document.querySelector(what);
  const folded = (text) => text.normalize("NFKC").toLowerCase();

  const table = one("#rows"), body = table.tBodies[0], rest = one("#rest"), list = one("#list");
  const form = one(".filters"), find = one("#find"), script = one("#script"), problems = one("#problems");
  const levels = all(form, "[name=level]"), tiles = all(document, "[data-only-level]");
  const shown = one("#shown"), pages = one(".pages"), pageShown = one("#page"), cases = one("#all-cases");
  const pageSize = Number(table.dataset.pageSize);
  const caseOf = new Map(all(cases, ".case").map((article) => [article.dataset.case, article]));

  const rows = [...all(body, "tr"), ...(rest ? all(rest.content, "tr") : [])].map((tr) => ({
    tr,
    article: caseOf.get(tr.dataset.number),
    level: Number(tr.dataset.rank),
    score: Number(tr.dataset.score),
    name: tr.querySelector("bdi").textContent,
    script: tr.cells[3].textContent,
    turn: tr.dataset.turn === "" ? Infinity : Number(tr.dataset.turn),
    words: null,
  }));
  const collator = new Intl.Collator("zh", { numeric: true });
  const orders = {
    level: (a, b) => a.level - b.level || a.score - b.score,
    score: (a, b) => a.score - b.score,
    name: (a, b) => collator.compare(a.name, b.name),
    script: (a, b) => collator.compare(a.script, b.script),
    turn: (a, b) => (a.turn === b.turn ? 0 : a.turn - b.turn),
  };
  let matching = rows, page = 0;

  // What a search looks at: the row, and of the conversation what was said, not what the report says about it.
  function words(row) {
    row.words ??= folded([row.tr, ...(row.article ? all(row.article, ".text, .who, .inert") : [])].map((part) => part.textContent).join("\n"));
    return row.words;
  }

  function filter() {
    const wanted = new Set(levels.filter((box) => box.checked).map((box) => box.value));
    const said = folded(find.value).split(/\s+/).filter(Boolean);
    matching = rows.filter((row) => {
      const { level, script: id } = row.tr.dataset;
      return wanted.has(level)
        && (!problems.checked || (level !== "none" && level !== "low"))
        && (script.value === "" || id === script.value)
        && said.every((word) => words(row).includes(word));
    });
    const kept = new Set(matching.map((row) => row.article));
    for (const article of caseOf.values()) article.hidden = !kept.has(article);
    one("#no-case").hidden = caseOf.size === 0 || [...caseOf.values()].some((article) => !article.hidden);
    for (const tile of tiles) tile.setAttribute("aria-pressed", String(wanted.size === 1 && wanted.has(tile.dataset.onlyLevel)));
    page = 0;
    show();
  }

  function show() {
    const last = Math.max(Math.ceil(matching.length / pageSize) - 1, 0);
    page = Math.min(Math.max(page, 0), last);
    body.replaceChildren(...matching.slice(page * pageSize, (page + 1) * pageSize).map((row) => row.tr));
    shown.textContent = matching.length === rows.length ? `共 ${rows.length} 行` : `筛出 ${matching.length} 行, 共 ${rows.length} 行`;
    pages.hidden = last === 0;
    pageShown.textContent = `第 ${page + 1} / ${last + 1} 页`;
    all(pages, "[data-page]").forEach((button) => { button.disabled = button.dataset.page === "1" ? page === last : page === 0; });
  }

  function sort(button) {
    const head = button.closest("th"), was = head.getAttribute("aria-sort"), key = button.dataset.sort;
    const down = was === "none" ? key === "level" || key === "score" : was === "ascending";
    all(table, "th[aria-sort]").forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.sort((a, b) => (down ? -orders[key](a, b) : orders[key](a, b)));
    cases.append(...rows.map((row) => row.article).filter(Boolean));
    filter();
  }

  function only(level, id) {
    const again = tiles.some((tile) => tile.dataset.onlyLevel === level && tile.getAttribute("aria-pressed") === "true");
    form.reset();
    if (level && !again) levels.forEach((box) => { box.checked = box.value === level; });
    if (id) script.value = id;
    filter();
    list.scrollIntoView();
  }

  function openNote(mark, open) {
    const article = mark.closest(".case");
    for (const id of mark.getAttribute("aria-controls").split(" ")) {
      const note = document.getElementById(id);
      note?.classList.toggle("shown", open);
    }
    all(article, ".mark").forEach((other) => {
      const notes = other.getAttribute("aria-controls").split(" ").map((id) => document.getElementById(id));
      other.setAttribute("aria-expanded", String(notes.every((note) => note?.classList.contains("shown"))));
    });
  }

  // What a link within the page leads to is shown, whatever the filters say.
  function reveal(id) {
    const target = id === "" ? null : document.getElementById(id), article = target?.closest(".case");
    if (!article) return;
    article.hidden = false;
    article.querySelector("details").open = true;
  }

  function step(article, by) {
    const visible = all(cases, ".case:not([hidden])"), next = visible[visible.indexOf(article) + by];
    if (!next) return;
    article.querySelector("details").open = false;
    next.querySelector("details").open = true;
    next.scrollIntoView();
    next.querySelector("summary").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const at = (what) => event.target.closest(what);
    const mark = at(".mark"), link = at("a[href^='#']"), button = at("button");
    if (mark) {
      event.preventDefault();
      openNote(mark, mark.getAttribute("aria-expanded") !== "true");
    } else if (link) {
      reveal(link.hash.slice(1));
    } else if (button?.dataset.sort) {
      sort(button);
    } else if (button?.dataset.page) {
      page += Number(button.dataset.page);
      show();
      list.scrollIntoView();
    } else if (button && ("onlyLevel" in button.dataset || "onlyScript" in button.dataset)) {
      only(button.dataset.onlyLevel, button.dataset.onlyScript);
    } else if (button?.dataset.step) {
      step(button.closest(".case"), Number(button.dataset.step));
    } else if (button && "notes" in button.dataset) {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      all(button.closest(".case"), ".note").forEach((note) => note.classList.toggle("shown", open));
      all(button.closest(".case"), ".mark").forEach((other) => other.setAttribute("aria-expanded", String(open)));
    } else if (button && "all" in button.dataset) {
      all(cases, ".case:not([hidden]) > details").forEach((details) => { details.open = button.dataset.all !== ""; });
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.classList.contains("mark")) {
      event.preventDefault();
      event.target.click();
    }
  });
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => reveal(location.hash.slice(1)));

  document.documentElement.classList.remove("still");
  filter();
  reveal(location.hash.slice(1));
}
