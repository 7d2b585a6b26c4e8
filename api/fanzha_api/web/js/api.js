/**
 * Talking to the service beside this page: every address is relative, so it works under a proxy's prefix. What is asked
 * travels in bodies, never in an address. Refusals come back as Problem, in the service's own words.
 */

import { byId } from "./dom.js";
import { say, typeset } from "./language.js";

let key = null; // as long as the page is open
let asking = null; // the answer of the key dialog, while it is open

/** Why there is no answer: a title, faults {message, remedy} that say how to mend it, and the diagnostics of rules. */
export class Problem extends Error {
  constructor(status, title, faults = [], diagnostics = []) {
    super(title);
    this.status = status;
    this.faults = faults;
    this.diagnostics = diagnostics;
  }

  /** One text for people. */
  get words() {
    const told = this.faults.map(({ field, message, remedy }) => {
      const where = /^\w+\[|^files?$|^yaml|^rule/.test(field ?? "") ? `${field}: ` : "";
      return typeset(`${where}${message}${say("。", ". ")}${remedy ?? ""}`);
    });
    return [this.message, ...told].join("\n");
  }
}

/** Ask, with the key if there is one; JSON in and out unless `raw` bytes are sent. Throws Problem. */
export async function ask(path, { body, raw, type, headers = {}, signal } = {}) {
  const options = {
    signal,
    cache: "no-store",
    credentials: "same-origin",
    headers: { Accept: "application/json", ...headers },
  };
  if (body !== undefined || raw !== undefined) {
    options.method = "POST";
    options.body = raw ?? JSON.stringify(body);
    options.headers["Content-Type"] = type ?? "application/json";
  }
  for (;;) {
    if (key) options.headers["X-API-Key"] = key;
    const response = await reach(path, options);
    if (response.status === 401 && (await askForKey())) continue;
    return read(response);
  }
}

/** The key in use, for what is no request (a WebSocket). */
export const currentKey = () => key;

/** The whole address of a path, for people to copy. */
export const addressOf = (path) => new URL(path, document.baseURI).href.split(/[?#]/)[0];

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, say("连不上服务", "The service cannot be reached"), [
      {
        message: say("网络断了，或服务已停", "The network is down, or the service has stopped"),
        remedy: say("稍后再试", "Try again in a moment"),
      },
    ]);
  }
}

async function read(response) {
  let document_ = null;
  try {
    document_ = await response.json();
  } catch {
    // A proxy's own page, or nothing: the status says all there is.
  }
  if (response.ok && document_ !== null) return document_;
  const wait = Number(response.headers.get("Retry-After"));
  const faults = document_?.errors?.length ? document_.errors : [];
  if (!faults.length && wait > 0) {
    faults.push({
      message: say("服务正忙", "The service is busy"),
      remedy: say("{n} 秒后再试", "Try again in {n} s", { n: wait }),
    });
  }
  const title =
    document_?.title ?? say("服务没有答出来 ({status})", "No answer ({status})", { status: response.status });
  throw new Problem(response.status, title, faults, document_?.diagnostics ?? []);
}

/** Let somebody type the key; whether there is one now. Requests that wait share one dialog. */
export function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byId("key-dialog");
    const input = byId("key-input");
    const close = (given) => {
      key = given || null;
      input.value = "";
      dialog.close();
      asking = null;
      resolve(Boolean(given));
    };
    byId("key-form").onsubmit = (event) => {
      event.preventDefault();
      close(input.value.trim());
    };
    byId("key-cancel").onclick = () => close("");
    dialog.oncancel = (event) => {
      event.preventDefault();
      close("");
    };
    dialog.showModal();
    input.focus();
  });
  return asking;
}
