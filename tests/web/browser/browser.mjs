// Controls a browser; functions shared by the tests of the page.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = createRequire(join(process.env.NCA_TEST_MODULES, "x.js"));
const { chromium } = modules("playwright-core");

export const build = process.env.NCA_BUILD_DIR;
export const pagePath = process.env.NCA_PAGE;
export const pageAddress = pathToFileURL(pagePath).href;

export function launch() {
  return chromium.launch({
    executablePath: process.env.NCA_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

// A page that fails the test on any error or on any request beyond its own address. `script` runs
// in it before its own scripts; the page is ready when `ready` or, by default, an automaton is
// there.
export async function open(browser, address = pageAddress, { script, ready, ...options } = {}) {
  const own = address.replace(/^http/, "ws").split("#")[0];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  if (script) await page.addInitScript(script);
  const problems = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(blob|data):/.test(url) && url.split("#")[0] !== address.split("#")[0] && !url.startsWith(own)) problems.push(`request: ${url}`);
  });
  page.problems = problems;
  await page.goto(address);
  if (ready) await page.waitForSelector(ready);
  else await page.waitForFunction(() => (document.getElementById("alive")?.textContent ?? "–") !== "–");
  return page;
}

export const text = (page, id) => page.locator(`#${id}`).textContent();
export const number = async (page, id) => Number(await text(page, id));
export const set = (page, id, value) => page.locator(`#${id}`).evaluate((element, to) => {
  element.value = to;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}, String(value));

// Waits until the page's numbers satisfy a condition on {step, loss, alive}. The page's policy
// forbids code from strings, so the condition is evaluated here.
export async function until(page, condition, timeout = 30000) {
  const holds = new Function("step", "loss", "alive", `return ${condition}`);
  const end = performance.now() + timeout;
  for (;;) {
    const found = await page.evaluate(() => ["steps", "loss", "alive"].map((id) => Number(document.getElementById(id).textContent)));
    if (holds(...found)) return;
    if (performance.now() > end) throw new Error(`${condition}: found step, loss, alive ${found}`);
    await page.waitForTimeout(40);
  }
}

// The button changes at once; the worker may run further steps before it reads the message.
export const stands = (page) => page.waitForFunction(() => document.getElementById("canvas").dataset.playing === "false");

export const pause = async (page) => {
  if ((await text(page, "play")) === "Pause") await page.click("#play");
  await stands(page);
};

// An unused port.
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// The violations that axe-core reports with every box of the page open. The page's policy must be
// bypassed.
export async function checkAccess(page, t) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
  await page.evaluate(readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8"));
  const result = await page.evaluate(() => globalThis.axe.run());
  t.diagnostic(`${result.passes.length} rules passed, ${result.incomplete.length} need a human`);
  assert.deepEqual(result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`), []);
}

export async function shoot(page, name) {
  const folder = process.env.NCA_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}

export { readFileSync };
