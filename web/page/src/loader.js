// Unpacks the page: its content, program and models (layout: web/page/build.mjs). The page's
// Content-Security-Policy allows this script by its hash, and the scripts that it starts.
import { unpack } from "./packed_text.js";

const say = (text) => {
  const box = document.getElementById("failure");
  box.textContent = text;
  box.hidden = false;
};

function split(bytes, count) {
  const sizes = new DataView(bytes.buffer);
  const parts = [];
  for (let i = 0, at = 4 * count; i < count; i++) {
    parts.push(bytes.slice(at, at + sizes.getUint32(4 * i, true)));
    at += parts[i].length;
  }
  return parts;
}

async function start() {
  if (typeof DecompressionStream === "undefined" || typeof WebAssembly === "undefined") {
    throw new Error("this browser is too old: it does not support WebAssembly or deflate");
  }
  const [body, style, main, worker, simd, scalar] = split(await unpack("%PROGRAM%"), 6);
  // What only live pages and pages of classifiers have.
  const more = await Promise.all([...document.querySelectorAll("script[id$=program]")].map(async (box) => split(await unpack(box.textContent), 5)));
  const text = (part) => new TextDecoder().decode(part);
  const models = text(await unpack(document.getElementById("nca-models").textContent));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([style, ...more.map((parts) => parts[1])].map(text).join(""));
  document.adoptedStyleSheets = [sheet];
  document.getElementById("failure").remove();
  document.body.insertAdjacentHTML("afterbegin", text(body));
  for (const [html, , , , place] of more) document.querySelector(text(place)).insertAdjacentHTML("afterbegin", text(html));
  globalThis.ncaParts = { models, worker: new Blob([...more.map((parts) => parts[3]), worker]), simd, scalar };
  const script = document.createElement("script");
  script.src = URL.createObjectURL(new Blob([...more.map((parts) => parts[2]), main], { type: "text/javascript" }));
  script.onerror = () => say("The page's program did not start.");
  document.head.append(script);
}

start().catch((problem) => say(`The page cannot run: ${problem.message}.`));
