// Copies, corrects and cuts the front-end packages named in package.json into static/vendor, and writes
// MANIFEST.json (sha256, npm integrity, licence). `--check` makes them anew in memory and compares.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TARGET = join(ROOT, "static", "vendor");
const read = (name) => readFileSync(join(ROOT, "node_modules", name), "utf8");

const ICONS = [
  "mic", "mic-off", "video", "video-off", "users", "user", "user-plus", "user-check", "file-text", "file-check",
  "clock", "phone", "phone-off", "check", "x", "hand", "triangle-alert", "play", "pause", "search", "download",
  "upload", "shield-check", "calendar", "send", "chart-column", "log-out", "ear", "refresh-cw", "chevron-right",
  "chevron-left", "pen", "rotate-ccw", "undo-2", "volume-2", "signal", "type", "circle", "circle-help", "camera",
  "camera-off", "message-circle", "scale", "handshake", "languages", "smartphone", "banknote", "wifi-off", "lock", "eye",
];
const ALIASES = { "alert-triangle": "triangle-alert", "bar-chart-3": "chart-column", "help": "circle-help" };

// White on WeUI's own green is 2.38 : 1. These colours reach 4.5 : 1 and more on white.
const COLOURS = {
  "--weui-BRAND": "#0b6b47",
  "--weui-FG-1": "#4a525c",
  "--weui-FG-2": "#5d6670",
};

/** WeUI's sheet with readable colours and with sizes that follow the large print. */
function weui() {
  let sheet = read("weui/dist/style/weui.min.css");
  for (const [name, value] of Object.entries(COLOURS)) {
    sheet = sheet.replaceAll(new RegExp(`${name}:[^;}]+`, "g"), `${name}:${value}`);
  }
  return sheet.replaceAll(/font-size:([0-9.]+)px/g, "font-size:calc($1px*var(--fs-scale,1))");
}

/** One sprite of the icons used; strokes take the colour of the text. */
function sprite() {
  const names = [...ICONS.map((name) => [name, name]), ...Object.entries(ALIASES)];
  const symbols = names.map(([id, name]) => {
    const inside = read(`lucide-static/icons/${name}.svg`).replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace("</svg>", "");
    return `<symbol id="${id}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round">${inside.replaceAll(/\s*\n\s*/g, "")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

const withoutMap = (text) => text.replace(/\/\/# sourceMappingURL=.*\s*$/, "");

/** @type {Record<string, {pack: string, licence: string, text: string}>} */
const FILES = {
  "weui.css": { pack: "weui", licence: "MIT", text: weui() },
  "socket.io.js": {
    pack: "socket.io-client", licence: "MIT", text: withoutMap(read("socket.io-client/dist/socket.io.esm.min.js")),
  },
  "signature_pad.js": {
    pack: "signature_pad", licence: "MIT", text: withoutMap(read("signature_pad/dist/signature_pad.min.js")),
  },
  "icons.svg": { pack: "lucide-static", licence: "ISC", text: sprite() },
};

// What our scripts use of the two libraries, for the type check.
const TYPES = {
  "socket.io.d.ts": `export interface Socket {
  connected: boolean;
  active: boolean;
  connect(): Socket;
  disconnect(): Socket;
  on(event: string, listener: (...values: any[]) => void): Socket;
  timeout(ms: number): { emit(event: string, body: unknown, done: (error: Error | null, answer: any) => void): void };
}
export function io(address: string, options: Record<string, unknown>): Socket;
`,
  "signature_pad.d.ts": `export interface Point { x: number; y: number; pressure: number; time: number }
export interface Stroke { points: Point[] }
export default class SignaturePad {
  constructor(canvas: HTMLCanvasElement, options?: Record<string, unknown>);
  toData(): Stroke[];
  fromData(strokes: Stroke[], options?: { clear?: boolean }): void;
  clear(): void;
  isEmpty(): boolean;
  on(): void;
  off(): void;
  addEventListener(event: string, listener: () => void): void;
}
`,
};

const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
const made = { ...TYPES };
const manifest = [];
for (const [name, { pack, licence, text }] of Object.entries(FILES)) {
  const origin = lock.packages[`node_modules/${pack}`];
  made[name] = text;
  manifest.push({
    file: name,
    sha256: createHash("sha256").update(text).digest("hex"),
    package: pack,
    version: origin.version,
    integrity: origin.integrity,
    licence,
  });
  const legal = ["LICENSE", "LICENSE.txt", "LICENSE.md"].find((file) => existsSync(join(ROOT, "node_modules", pack, file)));
  if (legal) made[`LICENSES/${pack}.txt`] = read(`${pack}/${legal}`);
}
made["MANIFEST.json"] = JSON.stringify(manifest, null, 2) + "\n";

if (process.argv.includes("--check")) {
  const wrong = Object.entries(made).filter(([name, text]) => {
    const path = join(TARGET, name);
    return !existsSync(path) || readFileSync(path, "utf8") !== text;
  });
  for (const [name] of wrong) console.error(`static/vendor/${name} is not what the lock says`);
  process.exit(wrong.length ? 1 : 0);
}
if (existsSync(TARGET)) for (const name of readdirSync(TARGET)) rmSync(join(TARGET, name), { recursive: true });
for (const [name, text] of Object.entries(made)) {
  mkdirSync(dirname(join(TARGET, name)), { recursive: true });
  writeFileSync(join(TARGET, name), text);
}
console.log(`static/vendor: ${Object.keys(made).length} files`);
