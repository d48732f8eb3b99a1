// nca report: one file that a browser shows and prints on A4.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build, checkAccess, launch, open, shoot } from "./browser.mjs";

let browser, folder, address;
const nca = (...given) => {
  const ran = spawnSync(join(build, "nca"), given, { cwd: folder });
  assert.equal(ran.status, 0, ran.stderr.toString());
};
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "nca-report-"));
  for (const [seed, run] of ["one", "two"].entries()) { // identical pictures would be stored once
    nca("train", "--recipe", "distill", "--seed", String(seed), "--target", "phantom", "--img-size", "12", "--padding", "2", "--hidden", "32", "--pool-size", "32",
      "--iterations", "40", "--quiet", "-o", join("runs", run));
  }
  nca("report", "runs", "-o", "report.html", "--rollouts", "2", "--quiet");
  address = pathToFileURL(join(folder, "report.html")).href;
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

test("it_shows_all_its_pictures_and_asks_for_nothing", async (t) => {
  const page = await open(browser, address, { ready: "h2", bypassCSP: true });
  const broken = await page.evaluate(() => [...document.images].filter((image) => !(image.complete && image.naturalWidth > 0)).length);
  assert.equal(broken, 0);
  assert.ok(await page.locator("img").count() >= 2 * 4);
  assert.equal(await page.locator("svg.plot").count(), 2 * 3);
  assert.equal(await page.locator("h2").count(), 1 + 2);
  assert.equal(await page.locator("nav a").count(), 1 + 2);
  await checkAccess(page, t);
  await shoot(page, "report");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("it_fits_a_telephone_and_a_dark_room", async () => {
  const page = await open(browser, address, { ready: "h2" });
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "something is wider than the screen");
  const plots = await page.locator("svg.plot").evaluateAll((all) => all.map((one) => one.parentElement.scrollWidth - one.parentElement.clientWidth));
  assert.deepEqual(plots.filter((hidden) => hidden > 0), [], "a plot is wider than the screen");
  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), light);
  await page.emulateMedia({ colorScheme: "dark", media: "print" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), light);
  await page.context().close();
});

test("it_prints_on_a4_and_each_run_begins_a_page", async () => {
  const page = await open(browser, address, { ready: "h2" });
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 718, height: 1000 }); // A4 without its margins
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false, "something is wider than the page");
  assert.deepEqual(await page.locator("h2").evaluateAll((heads) => heads.map((head) => getComputedStyle(head).breakBefore)),
    ["auto", "page", "page"]);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  assert.equal(pdf.slice(0, 5), "%PDF-");
  const pages = pdf.match(/\/Type ?\/Page\b/g).length;
  assert.ok(pages >= 2 * 2 && pages <= 2 * 8, `${pages} pages`);
  await page.context().close();
});
