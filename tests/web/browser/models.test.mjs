// Several models in one page: one at a time, and side by side under the same edits.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build, checkAccess, launch, open, pause, shoot, text, until } from "./browser.mjs";

let browser, address;
before(async () => {
  browser = await launch();
  const path = join(build, "tests-web", "models.html");
  const written = spawnSync(join(build, "nca"), ["export", process.env.NCA_MODEL, join(process.env.NCA_SOURCE_DIR, "bench", "phantom40.safetensors"),
    process.env.NCA_MODEL, "-o", path, "--quantise", "int8", "--title", "Three models"]);
  assert.equal(written.status, 0, written.stderr.toString());
  address = pathToFileURL(path).href;
});
after(() => browser.close());

test("models_are_chosen_by_their_thumbnails", async () => {
  const page = await open(browser, `${address}#speed=10`);
  assert.equal(await page.title(), "Three models");
  assert.equal(await page.locator("#models button").count(), 4);
  await page.locator("#models button").nth(2).click();
  await page.waitForFunction(() => document.getElementById("title").textContent === "phantom40");
  assert.equal(await page.locator("#models button").nth(2).getAttribute("aria-pressed"), "true");
  assert.equal(await page.locator("#height").inputValue(), "72");
  // A thumbnail shows what its model grows.
  const thumbnails = () => page.locator("#models canvas").evaluateAll((all) => all.map((one) => `${one.width} ${one.toDataURL()}`));
  await page.waitForFunction(() => [...document.querySelectorAll("#models canvas")].map((one) => one.width).join() === "44,72,44");
  const [first, second, third] = await thumbnails();
  assert.notEqual(first, second);
  assert.equal(first, third, "the same model");
  await until(page, "step > 30 && alive > 20");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("axe_finds_nothing_with_several_models", async (t) => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    const page = await open(browser, `${address}#speed=10`, { viewport, bypassCSP: true });
    await page.click("#compare");
    await page.waitForFunction(() => document.querySelectorAll("#tile-names span").length === 3);
    await checkAccess(page, t);
    await page.context().close();
  }
});

test("side_by_side_one_edit_wounds_them_all", async () => {
  const page = await open(browser, `${address}#speed=10`);
  await page.click("#compare");
  await page.waitForFunction(() => document.querySelectorAll("#tile-names span").length === 3);
  const state = async () => ({ alive: (await text(page, "alive")).split("  ").map(Number), loss: (await text(page, "loss")).split("  ").map(Number) });
  for (let i = 0; i < 200 && Math.min(...(await state()).alive) < 150; i++) await page.waitForTimeout(100);
  await page.waitForTimeout(1500);
  await pause(page);
  await page.waitForTimeout(300);
  await shoot(page, "page-models");
  const before = await state();
  assert.equal(before.alive.length, 3);
  assert.equal(before.loss[0], before.loss[2], "the same model under the same edits does the same");
  const box = await page.locator("#canvas").boundingBox();
  const label = await page.locator("#tile-names span").first().boundingBox();
  // The first tile's grid of 44 cells is at the tile's upper left; every grid is damaged at its own
  // centre.
  const cell = Math.min(box.width / (3 * 72 + 4), box.height / 72);
  // A stroke that begins outside the cells of a tile is ignored, wherever it goes.
  await page.mouse.move(label.x + 60 * cell, label.y + 60 * cell);
  await page.mouse.down();
  await page.mouse.move(label.x + 22 * cell, label.y + 22 * cell, { steps: 4 });
  await page.mouse.up();
  await page.click("#zoom-fit");
  await page.waitForTimeout(300);
  assert.deepEqual(await state(), before);
  await page.mouse.click(label.x + 22 * cell, label.y + 22 * cell);
  for (let i = 0; i < 100 && (await state()).alive[0] >= before.alive[0]; i++) await page.waitForTimeout(50);
  const after = await state();
  for (const i of [0, 1, 2]) assert.ok(after.alive[i] < before.alive[i], `${JSON.stringify([before, after])}`);
  assert.equal(after.loss[0], after.loss[2]);
  await page.locator("summary", { hasText: "Save and share" }).click();
  await page.click("#copy-link");
  await page.waitForFunction(() => document.getElementById("saved").textContent !== "");
  const other = await open(browser, page.url());
  await other.waitForFunction(() => document.querySelectorAll("#tile-names span").length === 3);
  await other.context().close();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
