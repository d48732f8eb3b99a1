// Builds the page: bundles the scripts, packs them with the page's content and the two engines into
// one stream, and writes one HTML file. In it %TITLE%, %CONNECT%, %MODELS%, %CLASSES%
// and %LIVE% are placeholders that `nca export` fills in; it removes the text from %CLASSES% to
// %END% if the models do not classify, and from %LIVE% to %END% if no training run is followed.
//
//   node build.mjs SIMD.wasm SCALAR.wasm CLASSES.wasm NODE_MODULES OUT.html
//
// A stream is the 32-bit little-endian length of each of its parts, then the parts; it is
// compressed with zlib and written as text (src/packed_text.js). The parts of the page: body,
// style, main script, the worker's script, and the engines with and without vector instructions,
// which are neighbours so that their common code is compressed once. The parts of what
// only live pages and pages of classifiers have: what is inserted at the start of an element, its
// style, its script, which runs before the main one, the start of the worker's script (for
// classifiers it contains the module classes.wasm), and the selector of that element.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { textOfBytes } from "./src/packed_text.js";

const [simdPath, scalarPath, classesPath, modules, outPath] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const fetched = createRequire(join(modules, "x.js"));
const { build, transform } = fetched("esbuild");
const { minify } = fetched("terser");

async function script(name) {
  const bundle = await build({
    entryPoints: [join(here, "src", name)], bundle: true, write: false, format: "iife", target: "es2022",
    nodePaths: [modules], mainFields: ["module", "main"], legalComments: "none", charset: "utf8",
  });
  const made = await minify(bundle.outputFiles[0].text, {
    toplevel: true, ecma: 2020, compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
  });
  return made.code;
}

function pack(parts) {
  const sizes = Buffer.alloc(4 * parts.length);
  parts.forEach((part, i) => sizes.writeUInt32LE(part.length, 4 * i));
  return textOfBytes(deflateSync(Buffer.concat([sizes, ...parts]), { level: 9 }));
}

const page = (name) => readFile(join(here, name), "utf8");
const outdented = (html) => html.trim().replace(/\n\s+/g, "\n");

const chartStyle = await readFile(join(modules, "uplot", "dist", "uPlot.min.css"), "utf8");
const style = await transform((await page("page.css")) + chartStyle, { loader: "css", minify: true, charset: "utf8" });
const parts = [
  Buffer.from(outdented(await page("body.html"))), Buffer.from(style.code.trim()),
  Buffer.from(await script("main.js")), Buffer.from(await script("worker.js")),
  await readFile(simdPath), await readFile(scalarPath),
];
const loader = (await script("loader.js")).replace("%PROGRAM%", () => pack(parts));
const hash = createHash("sha256").update(loader, "utf8").digest("base64");
const policy = [
  "default-src 'none'", `script-src 'sha256-${hash}' 'strict-dynamic' 'wasm-unsafe-eval'`, "worker-src blob:",
  "img-src data: blob:", "media-src blob:", "connect-src %CONNECT%", "base-uri 'none'", "form-action 'none'",
].join("; ");
const liveStyle = await transform(await page("live.css"), { loader: "css", minify: true, charset: "utf8" });
const live = pack([
  Buffer.from(outdented(await page("live.html"))), Buffer.from(liveStyle.code.trim()), Buffer.from(await script("live.js")), Buffer.from(""), Buffer.from("main"),
]);
const classStyle = await transform(await page("classify.css"), { loader: "css", minify: true, charset: "utf8" });
const classesModule = (await readFile(classesPath)).toString("base64");
const classes = pack([
  Buffer.from(outdented(await page("classify.html"))), Buffer.from(classStyle.code.trim()), Buffer.from(await script("classify.js")),
  Buffer.from((await script("class_worker.js")).replace("%CLASSES_WASM%", () => classesModule)), Buffer.from(".panel"),
]);
const html = outdented(await page("index.html")).replace("%POLICY%", () => policy).replace("%LOADER%", () => loader)
  .replace("%LIVE_PROGRAM%", () => live).replace("%CLASS_PROGRAM%", () => classes);
await writeFile(outPath, html);

const kib = (text) => `${(text.length / 1024).toFixed(1)} KiB`;
console.log(`page ${kib(html)}: body ${kib(parts[0])}, style ${kib(parts[1])}, scripts ${kib(parts[2])} and ${kib(parts[3])}, ` +
  `engines ${kib(parts[4])} and ${kib(parts[5])}; packed ${kib(loader)}; a live page's ${kib(live)}; of classifiers ${kib(classes)}`);
