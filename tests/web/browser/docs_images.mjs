// Makes the pictures of the page in docs/images: page.png, live.png from a training run with
// configs/demo.yaml, and classes.png of examples/breast.safetensors with images of BreastMNIST, whose
// file is in the folder NCA_TEST_DATA:
//
//   tests/web/run.sh build/release tests/web/browser/docs_images.mjs
//
// It takes a minute because live.png shows a training run at iteration 300; NCA_PICTURES="page
// classes" makes some of them.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, launch, open, pageAddress, pause, set, until } from "./browser.mjs";

const source = process.env.NCA_SOURCE_DIR;
const picture = (name) => join(source, "docs", "images", name);

async function makePage(browser) {
  const page = await open(browser, `${pageAddress}#speed=10`);
  await until(page, "step > 200");
  await pause(page);
  await page.locator("input[value=hole]").check();
  await set(page, "radius", 7);
  const box = await page.locator("#canvas").boundingBox();
  await page.mouse.click(box.x + 0.52 * box.width, box.y + 0.42 * box.height);
  await page.click("#step");
  await page.waitForTimeout(500);
  await page.screenshot({ path: picture("page.png") });
  await page.context().close();
}

async function makeLive(browser) {
  const folder = mkdtempSync(join(tmpdir(), "nca-images-"));
  const child = spawn(join(build, "nca"), ["train", "--config", join(source, "configs", "demo.yaml"), "-o", join(folder, "head"), "--quiet", "--no-open", "--live"]);
  let printed = "";
  child.stderr.on("data", (chunk) => { printed += chunk; });
  while (!printed.includes("http")) await new Promise((resolve) => setTimeout(resolve, 50));
  const page = await open(browser, /http:\S+/.exec(printed)[0]);
  const number = (id) => page.evaluate((name) => Number(/[\d.]+/.exec(document.getElementById(name).textContent)?.[0] ?? 0), id);
  while (await number("now-weights") < 300) await page.waitForTimeout(50);
  await pause(page);
  await page.click("#reset");
  for (let i = 0; i < 75; i++) await page.click("#step");
  await page.waitForFunction(() => document.getElementById("steps").textContent === "75");
  await page.screenshot({ path: picture("live.png") });
  child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

async function makeClasses(browser) {
  const folder = mkdtempSync(join(tmpdir(), "nca-images-")), page = join(folder, "page.html");
  execFileSync(join(build, "nca"), ["export", join(source, "examples", "breast.safetensors"), "--data", "medmnist:breastmnist",
    "--root", process.env.NCA_TEST_DATA, "--examples", "6", "-o", page]);
  const shown = await open(browser, pathToFileURL(page).href);
  await shown.locator("#examples button").nth(2).click();
  await shown.waitForFunction(() => document.getElementById("class-answer").textContent.startsWith("At step"));
  await pause(shown);
  await shown.waitForTimeout(500);
  await shown.screenshot({ path: picture("classes.png") });
  await shown.context().close();
  rmSync(folder, { recursive: true, force: true });
}

const pictures = { page: makePage, live: makeLive, classes: makeClasses };
const browser = await launch();
for (const name of (process.env.NCA_PICTURES ?? Object.keys(pictures).join(" ")).split(" ")) await pictures[name](browser);
await browser.close();
