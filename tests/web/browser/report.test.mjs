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
  folder = mkdtempSync(join(tmpdir(), "nca-reports-")); // nca report empties forgotten folders "nca-report-"
  for (const [seed, run] of ["one", "two"].entries()) { // identical pictures would be stored once
    nca("train", "--recipe", "distill", "--seed", String(seed), "--target", "phantom", "--img-size", "12", "--padding", "2", "--hidden", "32", "--pool-size", "32",
      "--iterations", "40", "--quiet", "-o", join("runs", run));
  }
  nca("report", "runs", "-o", "report.html", "--rollouts", "2", "--quiet");
  for (const [filter, loss] of [["mean", "L2"], ["sobel", "Manhattan"], ["mean", "Manhattan"]]) {
    nca("train", "--recipe", "distill", "--target", "phantom", "--img-size", "12", "--padding", "2", "--hidden", "32", "--pool-size", "32",
      "--filter", filter, "--loss", loss, "--iterations", "4", "--quiet", "-o", join("named", `${filter}_${loss}_one`));
  }
  nca("report", "named", "-o", "named.html", "--rollouts", "2", "--quiet");
  address = pathToFileURL(join(folder, "report.html")).href;
  nca("data", "synth", "retinamnist", "-o", "retinamnist.npz", "--count", "40,20,40", "--quiet");
  nca("train", "--task", "classify", "--data", "retinamnist.npz", "--img-size", "12", "--n-channels", "12", "--hidden", "16", "--batch-size", "8",
    "--steps-min", "6", "--steps-max", "6", "--iterations", "30", "--quiet", "-o", "classes");
  nca("report", "classes", "-o", "classes.html", "--rollouts", "2", "--quiet");
  nca("report", "classes", "runs", "-o", "mixed.html", "--rollouts", "2", "--quiet");
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

test("a_report_on_a_classifier_shows_its_images_with_captions", async (t) => {
  const page = await open(browser, pathToFileURL(join(folder, "classes.html")).href, { ready: "h2", bypassCSP: true });
  const broken = await page.evaluate(() => [...document.images].filter((image) => !(image.complete && image.naturalWidth > 0)).length);
  assert.equal(broken, 0);
  assert.equal(await page.locator("svg.plot").count(), 8);
  for (const caption of await page.locator(".gallery figcaption").allTextContents()) {
    assert.match(caption, /^test\/\d+true: .+ \([01]\.\d\d\)predicted: .+ \([01]\.\d\d\)$/);
  }
  assert.ok(await page.locator(".gallery img").count() >= 12);
  // Several columns, also on a telephone.
  for (const [width, least] of [[1280, 5], [390, 2]]) {
    await page.setViewportSize({ width, height: 844 });
    const tops = await page.locator(".gallery >> nth=-1 >> figure").evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
    assert.ok(tops.filter((top) => top === tops[0]).length >= least, `${width} pixels`);
  }
  await checkAccess(page, t);
  await shoot(page, "report-classes");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

for (const file of ["report.html", "classes.html", "mixed.html"]) test(`${file}_fits_a_telephone_and_a_dark_room`, async () => {
  const page = await open(browser, pathToFileURL(join(folder, file)).href, { ready: "h2" });
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

for (const file of ["report.html", "classes.html"]) test(`no_text_of_a_plot_of_${file}_is_cut_or_runs_into_another_one`, async () => {
  for (const width of [390, 1280]) {
    const page = await open(browser, pathToFileURL(join(folder, file)).href, { ready: "h2", viewport: { width, height: 844 } });
    const faults = await page.locator("svg.plot").evaluateAll((plots) => plots.flatMap((plot, i) => {
      const box = plot.getBoundingClientRect();
      const isSwatch = (path) => /h22/.test(path.getAttribute("d"));
      const parts = [...plot.querySelectorAll("text"), ...[...plot.querySelectorAll("path")].filter(isSwatch)]
        .map((element) => ({ name: `${i} ${element.textContent || "swatch"}`, place: element.getBoundingClientRect() }));
      const cut = parts.filter(({ place }) => place.left < box.left || place.right > box.right || place.top < box.top || place.bottom > box.bottom);
      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1;
      const pairs = parts.flatMap((one, k) => parts.slice(k + 1).filter((other) => meet(one.place, other.place)).map((other) => `${one.name} on ${other.name}`));
      return [...cut.map(({ name }) => `${name} is cut`), ...pairs];
    }));
    assert.deepEqual(faults, [], `${width} pixels`);
    await page.context().close();
  }
});

test("short_names_of_runs_are_not_broken_where_there_is_room", async () => {
  const page = await open(browser, pathToFileURL(join(folder, "named.html")).href, { ready: "h2" });
  const lines = () => page.locator("td a").evaluateAll((links) => links.map((link) => link.getClientRects().length));
  assert.ok((await page.locator("td a").allTextContents()).some((name) => name.includes(" ")));
  assert.deepEqual([...new Set(await lines())], [1]);
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
