// axe-core reports no violations: light and dark, wide and narrow.
import { after, before, test } from "node:test";
import { checkAccess, launch, open, pageAddress, pause, until } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    test(`axe_finds_nothing ${colorScheme} ${viewport.width}`, async (t) => {
      const page = await open(browser, `${pageAddress}#speed=10`, { colorScheme, viewport, bypassCSP: true });
      await until(page, "step > 60");
      await pause(page);
      await checkAccess(page, t);
      await page.context().close();
    });
  }
}
