// Several models in one page: one at a time, and side by side under the same edits.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build, checkAccess, launch, open, pause, shoot, text, until } from "./browser.mjs";

let browser, address;
function exported(file, ...given) {
  const path = join(build, "tests-web", file);
  const written = spawnSync(join(build, "nca"), ["export", ...given, "-o", path, "--quantise", "int8"]);
  assert.equal(written.status, 0, written.stderr.toString());
  return pathToFileURL(path).href;
}
before(async () => {
  browser = await launch();
  address = exported("models.html", process.env.NCA_MODEL, join(process.env.NCA_SOURCE_DIR, "bench", "phantom40.safetensors"), process.env.NCA_MODEL,
    "--title", "Three models");
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
  assert.equal(await page.locator("#loss-chart .u-label").evaluateAll((all) => all.filter((one) => one.checkVisibility()).length), 3,
    "the legend names every model");
  assert.equal(before.loss[0], before.loss[2], "the same model under the same edits does the same");
  const box = await page.locator("#canvas").boundingBox();
  const label = await page.locator("#tile-names span").first().boundingBox();
  // The first tile's grid of 44 cells is in the middle of the tile's 72; every grid is damaged at its
  // own centre.
  const cell = Math.min(box.width / (3 * 72 + 4), box.height / 72);
  // A stroke that begins outside the cells of a tile is ignored, wherever it goes.
  for (const outside of [13, 59]) {
    await page.mouse.move(label.x + outside * cell, label.y + outside * cell);
    await page.mouse.down();
    await page.mouse.move(label.x + 36 * cell, label.y + 36 * cell, { steps: 4 });
    await page.mouse.up();
    await page.click("#zoom-fit");
    await page.waitForTimeout(300);
    assert.deepEqual(await state(), before);
  }
  await page.mouse.click(label.x + 36 * cell, label.y + 36 * cell);
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

test("side_by_side_grids_of_different_sizes_are_aligned_at_their_centres", async () => {
  for (const view of ["colour", "mosaic"]) {
    const page = await open(browser, `${address}#speed=10&compare=1&view=${view}`);
    await page.waitForFunction(() => document.querySelectorAll("#tile-names span").length >= 3);
    await page.selectOption("#background", "black");
    await page.waitForTimeout(300);
    // The rows and columns of the first tile that have a picture: its place is as wide as the second.
    const inked = await page.locator("#canvas").evaluate((canvas) => {
      const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const filled = (from, to) => {
        let [left, right, top, bottom] = [width, 0, height, 0];
        for (let y = 0; y < height; y++) {
          for (let x = from; x < to; x++) {
            if (data[4 * (y * width + x) + 3] === 0) continue;
            [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
          }
        }
        return [left, right, top, bottom];
      };
      const third = Math.floor(width / 3);
      return [filled(0, third), filled(third, 2 * third), width / 220];
    });
    const [[left, right, top, bottom], [, , upper, lower], cell] = inked;
    assert.ok(Math.abs((top + bottom) - (upper + lower)) < 3 * cell, `${view}: ${JSON.stringify(inked)}`);
    assert.ok(right - left < 0.7 * (lower - upper), `${view}: the smaller grid, ${JSON.stringify(inked)}`);
    assert.ok(left > 8 * cell, `${view}: not at the left, ${JSON.stringify(inked)}`);
    await page.context().close();
  }
});

test("thirty_tiles_have_short_names_and_equal_numbers_are_said_once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nca-many-"));
  const files = Array.from({ length: 30 }, (_, i) => join(folder, `${["laplacian", "mean", "sobel"][i % 3]}_seed${Math.floor(i / 3)}.safetensors`));
  for (const file of files) copyFileSync(process.env.NCA_MODEL, file);
  const many = exported("many.html", ...files);
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    const page = await open(browser, `${many}#compare=1`, { viewport });
    await page.waitForFunction(() => document.querySelectorAll("#tile-names span").length === 30);
    await page.waitForFunction(() => Number(document.getElementById("steps").textContent) > 3);
    assert.match(await text(page, "alive"), /^\d+$/, "all models are the same");
    const names = await page.locator("#tile-names span").evaluateAll((all) => all.map((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return { text: one.textContent, left, top, width, height, isCut: one.scrollWidth > one.clientWidth };
    }));
    const pitch = Math.min(...names.map((name) => name.left - names[0].left).filter((gap) => gap > 1));
    for (const { text: shown, width, height, isCut } of names) {
      assert.ok(height < 0.2 * pitch && width < pitch && !isCut, `${shown}: ${width} x ${height} in ${pitch}`);
    }
    assert.equal(new Set(names.map((name) => name.text)).size, 30, "each has its name");
    await page.context().close();
  }
  rmSync(folder, { recursive: true });
});
