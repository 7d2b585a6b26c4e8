/**
 * A call that goes on, over WS /live: turns go out, changes come in. When the line breaks it is opened again and told
 * every turn from the beginning, so nothing is lost and the service keeps nothing.
 */

import { addressOf, askForKey, currentKey } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000; // milliseconds
const BAD_KEY = 4401;
const IDLE = 4408;
const TOO_BIG = 1009;
const PORTION = 20_000; // characters in a message; the service takes 256 KiB

/** `onMessage` gets each message, `onState` "open", "waiting", "refused" or "closed"; `turns()` is everything said so far. */
export class Link {
  #socket = null;
  #wait = FIRST_WAIT;
  #timer = null;
  #closed = true;

  constructor({ onMessage, onState, turns }) {
    this.onMessage = onMessage;
    this.onState = onState;
    this.turns = turns;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Open the line, and keep it open until `close`. */
  open() {
    if (!this.#closed) return;
    this.#closed = false;
    this.#connect();
  }

  /** Say one turn; while the line is down it goes with all the others once it is up. */
  say(turn) {
    if (this.isOpen) this.#socket.send(JSON.stringify({ type: "turn", ...turn }));
    else this.open();
  }

  /** Ask for the "verdict" so far. */
  ask(type) {
    if (this.isOpen) this.#socket.send(JSON.stringify({ type }));
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = null;
    this.onState("closed");
  }

  #connect() {
    const socket = new WebSocket(addressOf("live").replace(/^http/, "ws"));
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      socket.send(JSON.stringify({ type: "start", ...(currentKey() ? { key: currentKey() } : {}) }));
      for (const turns of portions(this.turns())) socket.send(JSON.stringify({ type: "turns", turns }));
      socket.send(JSON.stringify({ type: "verdict" }));
      this.onState("open");
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.onMessage(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket && !this.#closed) this.#again(code);
    });
  }

  async #again(code) {
    if (code === IDLE || code === TOO_BIG) {
      // nobody spoke for long, or what was said will never pass: until the next turn
      this.#closed = true;
      this.onState(code === IDLE ? "closed" : "refused");
      return;
    }
    this.onState("waiting");
    if (code === BAD_KEY && !(await askForKey())) {
      this.close();
      return;
    }
    this.#timer = setTimeout(() => {
      if (!this.#closed) this.#connect();
    }, this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
  }
}

/** Turns in portions that a message may carry. */
function portions(turns) {
  const cut = [];
  let room = 0;
  for (const turn of turns) {
    if (room < turn.text.length) {
      cut.push([]);
      room = PORTION;
    }
    cut.at(-1).push(turn);
    room -= turn.text.length + 100;
  }
  return cut;
}
