// @ts-check
// The wire to the room: Socket.IO with a fresh one-use ticket for every connection; it touches no page.

import { io } from "../vendor/socket.io.js";
import { Refusal } from "./ui.js";

const BACKOFF_MS = [300, 1000, 2000, 4000, 8000];
const ANSWER_MS = 15000;

export class Signal {
  /**
   * @param {() => Promise<string>} ticket asks the server for a ticket
   * @param {(name: string, body: any) => void} heard every message of the server, and "up", "down", "refused"
   */
  constructor(ticket, heard) {
    this.heard = heard;
    this.tries = 0;
    this.ended = false;
    this.socket = io("/room", {
      path: "/socket.io",
      transports: ["websocket", "polling"],
      autoConnect: false,
      reconnectionDelay: BACKOFF_MS[0],
      reconnectionDelayMax: 4000,
      timeout: 8000,
      auth: (/** @type {(auth: object) => void} */ done) => {
        ticket().then(
          (text) => done({ ticket: text }),
          (error) => {
            this.heard("refused", error);
            done({ ticket: "" });
          },
        );
      },
    });
    this.socket.on("connect", () => {
      this.tries = 0;
      this.heard("up", null);
    });
    this.socket.on("disconnect", () => {
      this.heard("down", null);
      this.again();
    });
    this.socket.on("connect_error", () => {
      this.heard("down", null);
      this.again();
    });
    for (const name of ["state", "slots", "recording", "speaker", "quality", "pictures", "reattach", "mute", "kicked"]) {
      this.socket.on(name, (body) => this.heard(name, body));
    }
  }

  get connected() {
    return this.socket.connected;
  }

  /** A second call while the first is under way would open the namespace twice. */
  connect() {
    if (!this.socket.active) this.socket.connect();
  }

  // A refused connection is not retried by the library itself.
  again() {
    if (this.ended || this.socket.active) return;
    const wait = BACKOFF_MS[Math.min(this.tries++, BACKOFF_MS.length - 1)];
    setTimeout(() => this.ended || this.connect(), wait);
  }

  /**
   * Send and wait for the answer; throws Refusal with the sentence of the server.
   * @param {string} name
   * @param {object} body
   * @returns {Promise<any>}
   */
  call(name, body) {
    return new Promise((resolve, reject) => {
      this.socket.timeout(ANSWER_MS).emit(name, body, (error, answer) => {
        if (error) reject(new Refusal("", "no-answer"));
        else if (answer?.ok === false) reject(new Refusal(answer.error ?? "", answer.key));
        else resolve(answer ?? {});
      });
    });
  }

  close() {
    this.ended = true;
    this.socket.disconnect();
  }
}
