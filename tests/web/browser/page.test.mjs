// The page in a browser, opened from disk: growth, the mouse, every control, the keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { numberText } from "../../../web/page/src/numbers.js";
import { trainedSettings, World } from "../../../web/page/src/world.js";
import { modelsOfPage } from "../carried.mjs";
import { build, launch, number, open, pageAddress, pagePath, pause, readFileSync, set, shoot, stands, text, until } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// Runs a test on a fresh page, then checks that the page had no errors.
function pageTest(name, body, hash = "", options = {}) {
  test(name, async () => {
    const page = await open(browser, pageAddress + hash, options);
    await body(page);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

const fast = "#speed=10";

// The centre of the grid on the screen.
async function middle(page) {
  const box = await page.locator("#canvas").boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, box };
}

pageTest("it_grows_to_the_target_and_heals_what_the_mouse_erases", async (page) => {
  await until(page, "step > 200 && loss < 0.002");
  await shoot(page, "page-grown");
  await pause(page);
  const healthy = await number(page, "loss");
  const { x, y, box } = await middle(page);
  await set(page, "radius", 4);
  await page.mouse.move(x - box.height / 8, y);
  await page.mouse.down();
  await page.mouse.move(x + box.height / 8, y, { steps: 8 });
  await page.mouse.up();
  await until(page, `loss > ${5 * healthy}`);
  await shoot(page, "page-erased");
  const step = await number(page, "steps");
  await page.click("#play");
  await until(page, `step > ${step + 150} && loss < ${2 * healthy + 1e-4}`);
}, fast);

// The result of the engine in node, where it is compared bit for bit with the native one.
function grownInNode(file, steps) {
  const [model] = modelsOfPage(pagePath);
  const module = new WebAssembly.Module(readFileSync(join(build, "web", file)));
  const world = new World(module, model, trainedSettings(model));
  world.run(steps);
  return { loss: numberText(world.loss), alive: world.alive };
}

async function growsAsInNode(page, file) {
  await pause(page);
  await page.click("#reset");
  await until(page, "step === 0");
  for (let i = 0; i < 60; i++) await page.click("#step");
  await until(page, "step === 60");
  assert.deepEqual({ loss: await text(page, "loss"), alive: await number(page, "alive") }, grownInNode(file, 60));
}

pageTest("the_engine_in_the_browser_is_the_native_one", async (page) => {
  assert.match(await text(page, "engine-name"), /with SIMD/);
  await growsAsInNode(page, "engine_simd.wasm");
});

test("a_browser_without_simd_gets_the_other_engine", async () => {
  const page = await open(browser, pageAddress, {
    script: () => {
      const Whole = globalThis.Blob;
      const refusing = "WebAssembly.validate = () => false;";
      globalThis.Blob = class extends Whole {
        constructor(parts, options) {
          super(options?.type === "text/javascript" ? [refusing, ...parts] : parts, options);
        }
      };
    },
  });
  assert.match(await text(page, "engine-name"), /without SIMD/);
  await growsAsInNode(page, "engine_scalar.wasm");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

pageTest("play_step_back_reset_and_undo_do_what_they_say", async (page) => {
  await until(page, "step > 20");
  await pause(page);
  const at = await number(page, "steps");
  await page.click("#step");
  await until(page, `step === ${at + 1}`);
  const loss = await text(page, "loss");
  await page.click("#step");
  await until(page, `step === ${at + 2}`);
  await page.click("#back");
  await until(page, `step === ${at + 1}`);
  assert.equal(await text(page, "loss"), loss);
  const alive = await number(page, "alive");
  const { x, y } = await middle(page);
  await page.mouse.click(x, y);
  await until(page, `alive < ${alive}`);
  await page.click("#undo");
  await until(page, `alive === ${alive}`);
  await page.click("#reset");
  await until(page, "step === 0");
  assert.equal(await page.locator("#back").isDisabled(), true);
});

pageTest("speed_from_one_step_a_second_to_as_fast_as_it_goes", async (page) => {
  assert.match(await text(page, "speed-text"), /1\/s/);
  const from = await number(page, "steps"), begin = performance.now();
  await page.waitForTimeout(2500);
  const slow = await number(page, "steps") - from;
  const seconds = (performance.now() - begin) / 1000;
  assert.ok(slow >= 1 && slow <= seconds + 2, `${slow} steps in ${seconds} s`);
  await set(page, "speed", 10);
  await until(page, `step > ${from + 200}`, 10000);
  await page.waitForFunction(() => document.getElementById("rate").textContent !== "–");
}, "#speed=0");

pageTest("a_click_beside_the_grid_changes_nothing", async (page) => {
  await until(page, "step > 60");
  await pause(page);
  const { x, y, box } = await middle(page);
  const alive = await number(page, "alive");
  await page.locator("input[value=half]").check();
  assert.ok(box.width > box.height + 40, "the grid is square, its canvas is not");
  await page.mouse.click(x - box.height / 2 - 15, y);
  await page.locator("input[value=erase]").check();
  await page.mouse.click(x, y);
  await until(page, `alive < ${alive}`);
  await page.click("#undo");
  await until(page, `alive === ${alive}`);
  assert.equal(await page.locator("#undo").isDisabled(), true, "there was one edit");
}, fast);

pageTest("what_is_zoomed_into_stays_in_sight", async (page) => {
  await until(page, "step > 200");
  const over = page.locator("#loss-chart .u-over");
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + 0.2 * box.width, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.4 * box.width, box.y + 20, { steps: 4 });
  await page.mouse.up();
  const axis = async () => {
    const clip = { x: box.x, y: box.y + box.height + 4, width: box.width, height: 36 };
    return (await page.screenshot({ clip })).toString("base64");
  };
  const zoomed = await axis(), step = await number(page, "steps");
  await until(page, `step > ${step + 200}`);
  assert.ok(await axis() === zoomed, "the axis has moved on");
  await over.dblclick();
  await page.waitForTimeout(300);
  assert.ok(await axis() !== zoomed, "the axis shows all again");
}, "#speed=8");

pageTest("each_tool_does_what_it_says", async (page) => {
  await until(page, "step > 100");
  await pause(page);
  const { x, y } = await middle(page);
  const grown = await number(page, "alive");
  for (const [tool, fewer] of [["hole", true], ["half", true], ["erase", true], ["seed", false], ["paint", false]]) {
    const before = await number(page, "alive");
    await page.locator(`input[value=${tool}]`).check();
    await page.mouse.click(x, y);
    await until(page, fewer ? `alive < ${before}` : `alive > ${before}`, 5000).catch(() => {
      throw new Error(`tool ${tool} changed nothing`);
    });
    if (tool !== "erase") await page.click("#undo");
    if (tool !== "erase") await until(page, `alive === ${before}`);
  }
  assert.ok((await number(page, "alive")) < grown);
}, fast);

pageTest("every_view_shows_and_says_its_scale", async (page) => {
  await until(page, "step > 60");
  await pause(page);
  const keys = await page.locator("#view option").evaluateAll((options) => options.map((option) => option.value));
  assert.equal(keys.length, 6 + 16);
  for (const key of keys) {
    await page.selectOption("#view", key);
    await page.locator(`#canvas[data-view=${key}]`).waitFor();
    assert.equal(await page.locator("#legend").isVisible(), key !== "colour", key);
    assert.deepEqual(await page.locator("#tile-names span").allTextContents(),
      key === "mosaic" ? Array.from({ length: 16 }, (_, channel) => String(channel)) : [], key);
    if (["alive", "mosaic", "update", "channel-7"].includes(key)) await shoot(page, `view-${key}`);
  }
}, fast);

pageTest("the_alive_view_has_the_colours_of_the_program", async (page) => {
  await until(page, "step > 60");
  await pause(page);
  await page.selectOption("#view", "alive");
  await page.locator("#canvas[data-view=alive]").waitFor();
  const colours = await page.locator("#legend-bar").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 6, 256, 1);
    return [10, 128, 246].map((x) => data.slice(4 * x, 4 * x + 3).join(" "));
  });
  // The colours of nca_view_legend: viridis at its ends and its middle.
  assert.deepEqual(colours, ["68 1 84", "33 145 140", "253 231 37"]);
  const shown = await page.locator("#canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add([data[at], data[at + 1], data[at + 2]].join(" "));
    return [...found].sort();
  });
  assert.deepEqual(shown, [...colours].sort());
}, fast);

pageTest("the_alive_view_is_explained_in_the_words_of_the_program_under_its_colours", async (page) => {
  const program = readFileSync(join(process.env.NCA_SOURCE_DIR, "src", "render", "view_legend.c"), "utf8");
  const words = [.../alive_names\[\] = \{([^}]*)\}/.exec(program)[1].matchAll(/"([^"]*)"/g)].map((found) => found[1]);
  assert.equal(words.length, 3);
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    await page.selectOption("#view", "alive");
    await page.locator("#canvas[data-view=alive]").waitFor();
    assert.deepEqual(await page.locator(".legend-text span").allTextContents(), words);
    const bar = await page.locator("#legend-bar").boundingBox();
    const places = await page.locator(".legend-text span").evaluateAll((all) => all.map((one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      const { left, right } = range.getBoundingClientRect();
      return [left, right];
    }));
    places.forEach(([left, right], i) => {
      const from = bar.x + (i * bar.width) / 3;
      assert.ok(left >= from - 0.5 && right <= from + bar.width / 3 + 0.5, `"${words[i]}" is at ${left} to ${right}, its colour at ${from}`);
    });
  }
});

pageTest("the_random_seed_is_not_called_like_the_tool", async (page) => {
  const called = await page.evaluate(() => ["seed", "seed-text"].map((id) => {
    const element = document.getElementById(id);
    return (element.labels?.[0] ?? element.previousElementSibling).textContent.trim();
  }));
  assert.deepEqual(called, ["Random seed", "Random seed"]);
  assert.equal(await page.locator("#tools span", { hasText: /^Seed$/ }).count(), 1);
});

pageTest("the_end_of_the_sidebar_is_the_end_of_the_page", async (page) => {
  assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight), "the page does not scroll");
  const box = await page.locator(".panel").boundingBox();
  await page.mouse.move(box.x + 20, box.y + 200);
  for (let i = 0; i < 20; i++) await page.mouse.wheel(0, 500);
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => window.scrollY), 0);
  assert.ok(await page.evaluate(() => document.querySelector(".panel").scrollTop > 100));
  for (const id of ["play", "canvas", "steps"]) {
    const place = await page.locator(`#${id}`).boundingBox();
    assert.ok(place.y >= 0 && place.y + place.height <= 800, id);
  }
});

pageTest("settings_change_the_automaton_and_go_back", async (page) => {
  await until(page, "step > 10");
  for (const [id, value] of [["angle", 90], ["fire", 0.8], ["step-size", 0.5], ["noise", 0.02]]) {
    await set(page, id, value);
    assert.equal(await page.locator(`#${id}`).inputValue(), String(value));
  }
  await page.selectOption("#boundary", "circular");
  await page.fill("#height", "96");
  await page.fill("#width", "80");
  await page.click("#resize");
  await page.waitForFunction(() => document.getElementById("height").value === "96");
  await page.click("#defaults");
  await page.waitForFunction(() => document.getElementById("angle").value === "0" && document.getElementById("noise").value === "0");
  assert.notEqual(await page.locator("#height").inputValue(), "96");
  assert.equal(await page.locator("#boundary").inputValue(), "zero");
}, fast);

pageTest("the_same_random_seed_replays_the_same_growth", async (page) => {
  const lossAt = async (step) => {
    await pause(page);
    await page.click("#reset");
    await until(page, "step === 0");
    for (let i = 0; i < step; i++) await page.click("#step");
    await until(page, `step === ${step}`);
    return text(page, "loss");
  };
  await page.fill("#seed", "7");
  await page.locator("#seed").blur();
  const first = await lossAt(25);
  assert.equal(await lossAt(25), first);
  assert.equal(await text(page, "seed-text"), "7");
});

pageTest("a_finger_reads_a_cell_without_changing_it", async (page) => {
  await until(page, "step > 50");
  await pause(page);
  const alive = await number(page, "alive");
  await page.locator("#probe-box summary").tap();
  await page.locator("#tools label", { hasText: "Move view" }).tap();
  await page.locator("#canvas").scrollIntoViewIfNeeded();
  const { x, y } = await middle(page);
  await page.touchscreen.tap(x, y);
  await page.waitForFunction(() => /Row/.test(document.getElementById("probe-where").textContent));
  assert.equal(await number(page, "alive"), alive);
}, fast, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

pageTest("pointing_at_a_cell_shows_its_channels", async (page) => {
  await until(page, "step > 50");
  await page.locator("#probe-box summary").click();
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  await page.waitForFunction(() => document.querySelectorAll("#probe-values span").length === 16);
  assert.match(await text(page, "probe-where"), /Row \d+, column \d+/);
  assert.ok(await page.locator("#probe-chart canvas").count());
  await page.waitForTimeout(300);
  await shoot(page, "page-probe");
}, fast);

// Reads the probe, which must show a different cell than before.
async function pointAt(page, x, y) {
  const before = await text(page, "probe-where");
  await page.mouse.move(x, y);
  await page.waitForFunction((old) => document.getElementById("probe-where").textContent !== old, before);
  return text(page, "probe-where");
}

pageTest("zoom_and_pan_keep_the_cell_under_the_pointer", async (page) => {
  await until(page, "step > 50");
  await pause(page);
  const { x, y, box } = await middle(page);
  await page.locator("#probe-box summary").click();
  // The same cell again, after the pointer was elsewhere.
  const where = async () => {
    await pointAt(page, x - 60, y - 40);
    return pointAt(page, x + 41, y + 23);
  };
  const first = await where();
  await page.mouse.wheel(0, -300);
  assert.equal(await where(), first);
  await page.locator("input[value=move]").check();
  await page.mouse.move(x + 41, y + 23);
  await page.mouse.down();
  await page.mouse.move(x + 41 + box.height / 4, y + 23);
  await page.mouse.up();
  assert.notEqual(await where(), first);
  await page.click("#zoom-fit");
  assert.equal(await where(), first);
}, fast);

pageTest("the_keyboard_alone_is_enough", async (page) => {
  await until(page, "step > 60");
  await page.keyboard.press(" ");
  await page.waitForFunction(() => document.getElementById("play").textContent === "Play");
  await stands(page);
  const step = await number(page, "steps");
  await page.keyboard.press(".");
  await until(page, `step === ${step + 1}`);
  await page.keyboard.press(",");
  await until(page, `step === ${step}`);
  await page.locator("#canvas").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("ArrowUp");
  const alive = await number(page, "alive");
  await page.keyboard.press("Enter");
  await until(page, `alive < ${alive}`);
  await page.keyboard.press("z");
  await until(page, `alive === ${alive}`);
  await page.locator("#fire").focus();
  const fire = await page.locator("#fire").inputValue();
  await page.keyboard.press("ArrowLeft");
  assert.notEqual(await page.locator("#fire").inputValue(), fire);
  await page.locator("#seed").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("12");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.getElementById("seed-text").textContent === "12");
  const reached = await page.evaluate(async () => {
    const focusable = [...document.querySelectorAll("button, input, select, summary, canvas[tabindex]")]
      .filter((element) => element.offsetParent !== null && !element.disabled);
    return focusable.every((element) => element.tabIndex >= 0);
  });
  assert.ok(reached);
}, fast);

pageTest("pictures_and_animations_are_saved", async (page) => {
  await until(page, "step > 60");
  await page.locator("summary", { hasText: "Save and share" }).click();
  await page.fill("#seconds", "1");
  const heads = { png: "89504e47", gif: "47494638", webm: "1a45dfa3" };
  for (const [kind, head] of Object.entries(heads)) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#save-${kind}`)]);
    assert.match(download.suggestedFilename(), new RegExp(`\\.${kind}$`));
    const stream = await download.createReadStream();
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).subarray(0, 4).toString("hex"), head, kind);
  }
}, fast);

pageTest("a_link_holds_the_settings", async (page) => {
  await page.locator("summary", { hasText: "Save and share" }).click();
  await page.selectOption("#view", "mosaic");
  await set(page, "angle", 45);
  await set(page, "fire", 0.85);
  await page.click("#copy-link");
  await page.waitForFunction(() => document.getElementById("saved").textContent !== "");
  const address = page.url();
  const other = await open(browser, address);
  assert.equal(await other.locator("#angle").inputValue(), "45");
  assert.equal(await other.locator("#view").inputValue(), "mosaic");
  assert.equal(await other.locator("#fire-text").textContent(), "0.85");
  assert.doesNotMatch(address, /step=|height=/, "what is as it was trained is not in it");
  assert.deepEqual(other.problems, []);
  await other.context().close();
});

pageTest("it_follows_the_dark_mode_and_can_be_told_otherwise", async (page) => {
  await until(page, "step > 100");
  await pause(page);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await shoot(page, "page-dark");
  await page.click("#theme");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "light");
}, fast, { colorScheme: "dark" });

pageTest("it_fits_a_narrow_phone_and_heals_a_touch", async (page) => {
  await until(page, "step > 150");
  await pause(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(wide, false, "nothing is wider than the screen");
  const alive = await number(page, "alive");
  const { x, y } = await middle(page);
  await page.touchscreen.tap(x, y);
  await until(page, `alive < ${alive}`);
  await shoot(page, "page-phone");
}, fast, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

pageTest("without_motion_when_that_is_asked_for", async (page) => {
  await page.waitForTimeout(300);
  assert.equal(await number(page, "steps"), 0);
  assert.equal(await text(page, "play"), "Play");
}, "", { reducedMotion: "reduce" });
