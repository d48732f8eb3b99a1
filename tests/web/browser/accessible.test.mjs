// axe-core finds nothing to complain about, light and dark, wide and narrow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, modules, open, pageAddress, pause, readFileSync, until } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const source = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    test(`axe_finds_nothing ${colorScheme} ${viewport.width}`, async (t) => {
      const page = await open(browser, `${pageAddress}#speed=10`, { colorScheme, viewport, bypassCSP: true });
      await until(page, "step > 60");
      await pause(page);
      await page.evaluate(() => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
      await page.evaluate(source);
      const result = await page.evaluate(() => globalThis.axe.run());
      t.diagnostic(`${result.passes.length} rules passed, ${result.incomplete.length} need a human`);
      assert.deepEqual(result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`), []);
      await page.context().close();
    });
  }
}
