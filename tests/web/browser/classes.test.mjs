// The page of a classifier in a browser: examples, own images, the brush, the probabilities.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { classWorld } from "../../../web/page/src/class_world.js";
import { readExamples } from "../../../web/page/src/examples.js";
import { trainedSettings, World } from "../../../web/page/src/world.js";
import { examplesOfPage, modelsOfPage } from "../carried.mjs";
import { build, checkAccess, launch, number, open, readFileSync, set, shoot, stands, text } from "./browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "nca-classes-"));
const nca = (...given) => execFileSync(join(build, "nca"), given, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }).toString();
const place = (name) => join(folder, name);
let browser;

before(async () => {
  nca("data", "synth", "breastmnist", "-o", "breastmnist.npz", "--count", "24,8,12");
  nca("data", "synth", "bloodmnist", "-o", "bloodmnist.npz", "--count", "32,8,16");
  for (const [name, set] of [["grey", "breastmnist"], ["colour", "bloodmnist"]]) {
    nca("train", "--task", "classify", "--data", `${set}.npz`, "--n-channels", "16", "--hidden", "16", "--steps-min", "12", "--steps-max", "12",
      "--iterations", "40", "--learning-rate", "0.01", "--batch-size", "4", "--threads", "1", "-o", name, "--quiet");
    nca("export", name, "-o", `${name}.html`);
  }
  nca("export", "grey", "-o", "none.html", "--examples", "0");
  browser = await launch();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(name, options = {}) {
  const page = await open(browser, pathToFileURL(place(`${name}.html`)).href, options);
  await page.waitForFunction(() => document.querySelectorAll("#class-bars li").length > 0);
  return page;
}

function classTest(title, name, body, options = {}) {
  test(title, async () => {
    const page = await opened(name, options);
    await body(page);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

const atStep = (page, step) => page.waitForFunction((n) => document.getElementById("steps").textContent === String(n) &&
  document.getElementById("canvas").dataset.playing === "false", step);
const shares = (page) => page.locator("#class-bars b").evaluateAll((values) => values.map((value) => value.textContent));
const percents = (values) => Array.from(values, (value) => `${(100 * value).toFixed(1)} %`);

// The same image in node, where bits are compared with the native core.
function inNode(name, image, steps, seed = 0) {
  const [model] = modelsOfPage(place(`${name}.html`));
  const [simd, classes] = ["engine_simd", "classes"].map((file) => new WebAssembly.Module(readFileSync(join(build, "web", `${file}.wasm`))));
  const world = new (classWorld(World, classes))(simd, model, { ...trainedSettings(model), seed });
  world.reset(image);
  world.run(steps);
  return { model, world };
}

// A stroke over the middle of the image, the left half of the picture.
async function stroke(page) {
  const box = await page.locator("#canvas").boundingBox();
  const side = Math.min(box.width / 57, box.height / 28), left = box.x + box.width / 2 - 28.5 * side, top = box.y + box.height / 2;
  await page.mouse.move(left + 6 * side, top);
  await page.mouse.down();
  await page.mouse.move(left + 22 * side, top, { steps: 6 });
  await page.mouse.up();
}

for (const name of ["grey", "colour"]) {
  classTest(`an_example_is_classified_as_in_the_engine ${name}`, name, async (page) => {
    await atStep(page, 12);
    const examples = readExamples(examplesOfPage(place(`${name}.html`)));
    assert.equal(await page.locator("#examples button").count(), examples.length);
    for (const index of [0, examples.length - 1]) {
      await page.locator("#examples button").nth(index).click();
      await page.waitForFunction(() => Number(document.getElementById("steps").textContent) < 12);
      await atStep(page, 12);
      const { model, world } = inNode(name, examples[index].image, 12);
      assert.deepEqual(await shares(page), percents(world.answer));
      const truth = model.classifier.classes[examples[index].labels[0]];
      assert.equal(await text(page, "class-truth"), `True class: ${truth}`);
      assert.match(await text(page, "class-answer"), /At step 12: .* \((right|wrong)\)$/);
      assert.equal(await page.locator("#examples button[aria-pressed=true]").count(), 1);
    }
    await shoot(page, `classes-${name}`);
  });
}

classTest("it_pauses_at_the_step_of_the_model_and_an_edit_goes_on", "grey", async (page) => {
  await atStep(page, 12);
  const before = await shares(page), answer = await text(page, "class-answer");
  await stroke(page);
  await page.waitForFunction(() => document.getElementById("canvas").dataset.playing === "true");
  await stands(page);
  assert.ok((await number(page, "steps")) >= 24);
  assert.notDeepEqual(await shares(page), before);
  assert.equal(await text(page, "class-answer"), answer, "the answer for the image stays");
  await page.click("#play");
  await page.waitForFunction(() => Number(document.getElementById("steps").textContent) > 60);
  await page.click("#reset");
  await atStep(page, 12);
  assert.deepEqual(await shares(page), before);
});

classTest("without_the_pause_it_runs_on", "grey", async (page) => {
  await page.locator("#class-pause").uncheck();
  if ((await page.locator("#canvas").getAttribute("data-playing")) === "false") await page.click("#play");
  await page.waitForFunction(() => Number(document.getElementById("steps").textContent) > 40);
});

classTest("the_brush_changes_the_image_the_state_or_both", "colour", async (page) => {
  await atStep(page, 12);
  await page.locator("#class-pause").uncheck();
  await page.locator("input[value=paint]").check();
  await set(page, "colour", "#00ff00");
  await set(page, "radius", 12);
  await set(page, "view", "image");
  const greens = () => page.locator("#canvas").evaluate((canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += data[i] === 0 && data[i + 1] === 255 && data[i + 2] === 0;
    return count;
  });
  const box = await page.locator("#canvas").boundingBox();
  const click = () => page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const now = () => shares(page);
  const wait = () => page.waitForTimeout(300);
  const before = await now();
  await page.locator("#brush-target").selectOption("state");
  await click();
  await wait();
  assert.equal(await greens(), 0);
  assert.notDeepEqual(await now(), before);
  await page.click("#undo");
  await wait();
  assert.deepEqual(await now(), before);
  await page.locator("#brush-target").selectOption("image");
  await click();
  await wait();
  assert.ok((await greens()) > 100);
  assert.deepEqual(await now(), before, "until the next step");
  await page.click("#step");
  await wait();
  assert.notDeepEqual(await now(), before);
});

classTest("an_own_image_is_resized_and_classified", "grey", async (page) => {
  await atStep(page, 12);
  const made = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(56, 28), context = canvas.getContext("2d");
    context.fillStyle = "#ff0000";
    context.fillRect(0, 0, 56, 28);
    return Array.from(new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer()));
  });
  const file = { name: "red.png", mimeType: "image/png", buffer: Buffer.from(made) };
  await page.locator("#image-file").setInputFiles(file);
  await page.waitForFunction(() => document.getElementById("image-note").textContent.startsWith("red.png"));
  assert.equal(await text(page, "image-note"), "red.png, resized from 56×28 to 28×28; its proportions have changed.");
  await atStep(page, 12);
  assert.deepEqual(await shares(page), percents(inNode("grey", new Uint8Array(28 * 28).fill(76), 12).world.answer));
  assert.equal(await page.locator("#class-truth").isVisible(), false);
  assert.equal(await page.locator("#examples button[aria-pressed=true]").count(), 0);

  await page.locator("#image-file").setInputFiles({ name: "text.png", mimeType: "image/png", buffer: Buffer.from("no image") });
  await page.waitForFunction(() => document.getElementById("image-note").textContent.includes("not an image"));
  assert.deepEqual(page.problems, []);

  // Dropped on the page.
  await page.evaluate((bytes) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
    for (const kind of ["dragover", "drop"]) {
      document.getElementById("canvas").dispatchEvent(new DragEvent(kind, { dataTransfer: dropped, bubbles: true, cancelable: true }));
      if (kind === "dragover" && !document.body.classList.contains("dropping")) throw new Error("nothing says that it can be dropped");
    }
  }, made);
  await page.waitForFunction(() => document.getElementById("image-note").textContent.startsWith("dropped.png"));
  assert.equal(await page.locator("body.dropping").count(), 0);
});

classTest("a_page_without_examples_waits_for_an_image", "none", async (page) => {
  assert.equal(await page.locator("#examples").isVisible(), false);
  assert.equal(await page.locator("#image-open").isVisible(), true);
  assert.deepEqual(await page.locator("#loss, #alive, #noise, #background, #height, [value=seed]").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility()).map((one) => one.id)), [], "what only growth has is not there");
});

classTest("every_view_can_be_shown_and_the_keyboard_can_do_everything", "colour", async (page) => {
  await atStep(page, 12);
  for (const view of await page.locator("#view option").evaluateAll((options) => options.map((option) => option.value))) {
    await set(page, "view", view);
    await page.waitForFunction((name) => document.getElementById("canvas").dataset.view === name, view);
  }
  await set(page, "view", "both");
  await page.locator("#examples button").nth(2).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => Number(document.getElementById("steps").textContent) < 12);
  await atStep(page, 12);
  const before = await shares(page);
  await page.locator("#canvas").focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => Number(document.getElementById("steps").textContent) >= 20);
  await stands(page);
  assert.notDeepEqual(await shares(page), before);
});

for (const [device, options] of [["light", { colorScheme: "light" }], ["dark", { colorScheme: "dark" }],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }]]) {
  classTest(`it_fits_the_screen ${device}`, "colour", async (page) => {
    await atStep(page, 12);
    await shoot(page, `classes-${device}`);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= (options.viewport?.width ?? 1280));
    if (device !== "phone") return;
    const box = await page.locator("#play").boundingBox();
    assert.ok(box.y + box.height < 844, "the image and the buttons are in sight at once");
  }, options);
  test(`axe_finds_no_violations_of_a_classifier ${device}`, async (t) => {
    const page = await opened("colour", { ...options, bypassCSP: true });
    await atStep(page, 12);
    await checkAccess(page, t);
    await page.context().close();
  });
}

test("several_classifiers_share_a_page_and_its_image", async () => {
  nca("export", "grey", "grey/model.safetensors", "-o", "two.html");
  const page = await opened("two");
  await atStep(page, 12);
  await page.click("#compare");
  await page.waitForFunction(() => document.querySelectorAll("#tile-names span").length === 2);
  const examples = readExamples(examplesOfPage(place("two.html")));
  await page.click("#reset");
  for (let i = 0; i < 12; i++) await page.click("#step");
  await atStep(page, 12);
  assert.deepEqual(await shares(page), percents(inNode("two", examples[0].image, 12).world.answer));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("nca_play_serves_the_page_of_a_classifier", async () => {
  const child = spawn(join(build, "nca"), ["play", "grey", "--no-open"], { cwd: folder });
  let printed = "", address = null;
  for await (const chunk of child.stdout) {
    printed += chunk;
    address = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0];
    if (address) break;
  }
  const page = await open(browser, address);
  await atStep(page, 12);
  assert.deepEqual(page.problems, []);
  await page.context().close();
  child.kill("SIGINT");
});

// Starts a command that serves a page until it is killed, and returns it and its address.
async function serving(...given) {
  const child = spawn(join(build, "nca"), given, { cwd: folder });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => { printed += chunk; });
  while (!/http:\S+/.test(printed)) {
    if (child.exitCode !== null) throw new Error(`nca ${given[0]} ended: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { child, address: /http:\S+/.exec(printed)[0] };
}

test("a_training_shows_its_validations_confusion_and_newest_weights", async () => {
  const { child, address } = await serving("train", "--task", "classify", "--data", "bloodmnist.npz", "--n-channels", "16", "--hidden", "16",
    "--steps-min", "8", "--steps-max", "8", "--iterations", "100000", "--validate-every", "2", "--batch-size", "4", "--threads", "1", "-o", "live",
    "--quiet", "--no-open", "--live");
  const page = await open(browser, address);
  await page.waitForFunction(() => /^weights of iteration \d+/.test(document.getElementById("now-weights").textContent));
  await page.waitForSelector("#confusion td.right");
  await page.waitForSelector("#validation-chart canvas");
  assert.deepEqual(await page.locator("#validation-chart .u-label").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility()).map((one) => one.textContent)), ["AUC", "accuracy", "balanced accuracy"]);
  assert.match(await text(page, "now-what"), /Classifying now/);
  assert.match(await text(page, "run-unit"), /cross-entropy loss/);
  assert.match(await text(page, "validation-last"), /^AUC .*, accuracy [\d.]+ at iteration \d+$/);
  const sums = await page.locator("#confusion tr").evaluateAll((rows) => rows.slice(1).map((row) =>
    [...row.querySelectorAll("td")].reduce((sum, cell) => sum + Number(cell.textContent), 0)));
  assert.equal(sums.length, 8);
  assert.equal(sums.reduce((a, b) => a + b), 8, "every validation image is counted once");
  assert.equal(await page.locator("#examples button").count() > 0, true);
  assert.equal(await page.locator("#knob-damage").isVisible(), false);
  await shoot(page, "classes-live");
  await page.click("#knob-checkpoint");
  await page.waitForFunction(() => document.getElementById("knob-said").textContent.startsWith("Checkpoint"));
  await page.click("#knob-stop");
  await page.waitForFunction(() => document.getElementById("run-state").dataset.state === "stopped");
  assert.deepEqual(page.problems.filter((problem) => !problem.includes("WebSocket")), []);
  await page.context().close();
  if (child.exitCode === null) await new Promise((resolve) => child.on("exit", resolve));

  const watched = await serving("watch", "live", "grey", "--no-open").catch((problem) => problem);
  assert.match(String(watched), /same images/, "classifiers of other images have another page");
  const { child: watching, address: place } = await serving("watch", "live", "--no-open");
  const seen = await open(browser, place);
  await seen.waitForSelector("#validation-chart canvas");
  assert.match(await text(seen, "validation-last"), /^AUC/);
  assert.deepEqual(seen.problems, []);
  await seen.context().close();
  watching.kill("SIGKILL");
});

test("a_training_whose_samples_continue_can_be_damaged_from_the_page", async () => {
  const { child, address } = await serving("train", "--task", "classify", "--data", "breastmnist.npz", "--n-channels", "8", "--hidden", "8",
    "--steps-min", "4", "--steps-max", "4", "--iterations", "100000", "--validate-every", "50", "--batch-size", "4", "--threads", "1",
    "--carry", "0.5", "-o", "continued", "--quiet", "--no-open", "--live");
  const page = await open(browser, address);
  await page.fill("#knob-damage input", "2");
  await page.press("#knob-damage input", "Enter");
  await page.waitForFunction(() => /^damage is 2 from iteration \d+ on/.test(document.getElementById("knob-said").textContent));
  await page.context().close();
  child.kill("SIGKILL");
});

for (const [device, options] of [["light", { colorScheme: "light" }], ["phone", { colorScheme: "dark", viewport: { width: 390, height: 844 } }]]) {
  test(`axe_finds_no_violations_of_a_training_of_a_classifier ${device}`, async (t) => {
    const { child, address } = await serving("train", "--task", "classify", "--data", "breastmnist.npz", "--n-channels", "8", "--hidden", "8",
      "--steps-min", "4", "--steps-max", "4", "--iterations", "100000", "--validate-every", "5", "--batch-size", "4", "--threads", "1",
      "-o", `axe-${device}`, "--quiet", "--no-open", "--live");
    const page = await open(browser, address, { ...options, bypassCSP: true });
    await page.waitForSelector("#confusion td.right");
    await page.click("#knob-pause");
    await checkAccess(page, t);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= (options.viewport?.width ?? 1280));
    await page.context().close();
    child.kill("SIGKILL");
  });
}
