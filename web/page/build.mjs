// Makes the page: bundles the scripts, packs them with the two engines into one stream, and writes
// one HTML file in which %TITLE%, %CONNECT% and %MODELS% are left for `nca export` to fill in.
//
//   node build.mjs SIMD.wasm SCALAR.wasm NODE_MODULES OUT.html
//
// The stream is four lengths of 32 bits, little-endian, then the main script, the worker's script, and
// the engines with and without vector instructions; gzip, then base64.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const [simdPath, scalarPath, modules, outPath] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const { build, transform } = createRequire(join(modules, "x.js"))("esbuild");

async function bundle(name) {
  const result = await build({
    entryPoints: [join(here, "src", name)], bundle: true, minify: true, write: false, format: "iife",
    target: "es2022", nodePaths: [modules], legalComments: "none", charset: "utf8",
  });
  return result.outputFiles[0].contents;
}

function pack(parts) {
  const head = Buffer.alloc(4 * parts.length);
  parts.forEach((part, i) => head.writeUInt32LE(part.length, 4 * i));
  return gzipSync(Buffer.concat([head, ...parts]), { level: 9 }).toString("base64");
}

const hash = (text) => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
const minified = async (text, loader) => (await transform(text, { loader, minify: true, charset: "utf8" })).code.trim();
const page = (name) => readFile(join(here, name), "utf8");

const parts = [await bundle("main.js"), await bundle("worker.js"), await readFile(simdPath), await readFile(scalarPath)];
const chartStyle = await readFile(join(modules, "uplot", "dist", "uPlot.min.css"), "utf8");
const style = await minified((await page("page.css")) + chartStyle, "css");
const loader = (await minified(await page("src/loader.js"), "js")).replace("%PROGRAM%", () => pack(parts));
const policy = [
  "default-src 'none'", `script-src ${hash(loader)} 'strict-dynamic' 'wasm-unsafe-eval'`, "worker-src blob:",
  `style-src ${hash(style)}`, "img-src data: blob:", "media-src blob:", "connect-src %CONNECT%", "base-uri 'none'",
  "form-action 'none'",
].join("; ");
const html = (await page("index.html")).replace(/\n\s+/g, "\n")
  .replace("%POLICY%", () => policy).replace("%STYLE%", () => style).replace("%LOADER%", () => loader);
await writeFile(outPath, html);

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(`page ${kib(html.length)}: scripts ${kib(parts[0].length)} and ${kib(parts[1].length)}, engines ` +
  `${kib(parts[2].length)} and ${kib(parts[3].length)}, packed ${kib(loader.length)}`);
