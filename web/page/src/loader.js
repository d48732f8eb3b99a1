// Unpacks the page: its content, program and models (layout: web/page/build.mjs). The page's
// Content-Security-Policy allows this script by its hash, and the scripts that it starts.
import { bytesOfText } from "./packed_text.js";

const say = (text) => {
  const box = document.getElementById("failure");
  box.textContent = text;
  box.hidden = false;
};

async function unpack(text) {
  const stream = new Blob([bytesOfText(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

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
  const program = document.getElementById("nca-live-program");
  const [liveBody, liveStyle, liveMain] = program ? split(await unpack(program.textContent), 3) : [[], [], []];
  const text = (part) => new TextDecoder().decode(new Uint8Array(part));
  const models = text(await unpack(document.getElementById("nca-models").textContent));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text(style) + text(liveStyle));
  document.adoptedStyleSheets = [sheet];
  document.getElementById("failure").remove();
  document.body.insertAdjacentHTML("afterbegin", text(body));
  document.getElementById("main").insertAdjacentHTML("afterbegin", text(liveBody));
  globalThis.ncaParts = { models, worker, simd, scalar };
  const script = document.createElement("script");
  script.src = URL.createObjectURL(new Blob([new Uint8Array(liveMain), main], { type: "text/javascript" }));
  script.onerror = () => say("The page's program did not start.");
  document.head.append(script);
}

start().catch((problem) => say(`The page cannot run: ${problem.message}.`));
