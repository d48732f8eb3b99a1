// nca train --live and nca watch: two viewers, knobs, hostile clients, a server that dies and
// returns.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, checkAccess, freePort, launch, open, readFileSync, shoot, text } from "./browser.mjs";

let browser, folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "nca-live-"));
});
const children = []; // to be killed if a test fails
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await browser.close();
  rmSync(folder, { recursive: true });
});

const small = ["--recipe", "distill", "--target", "phantom", "--img-size", "12", "--padding", "2", "--hidden", "32", "--pool-size", "32", "--threads", "2"];

// Starts a training run; returns the address of its page and a promise of its end.
async function train(name, ...more) {
  const child = spawn(join(build, "nca"), ["train", ...small, "-o", join(folder, name), "--quiet", "--no-open", ...more],
    { env: { ...process.env, DISPLAY: "" } });
  children.push(child);
  let printed = "";
  const ended = once(child, "close"); // all of its output has been read
  child.stderr.on("data", (chunk) => { printed += chunk; });
  for (let i = 0; i < 200 && !printed.includes("http"); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const found = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(printed);
  assert.ok(found, printed);
  return { child, ended, address: found[0], port: Number(found[1]), printed: () => printed };
}

async function says(page, pattern, id = "run-state") {
  const end = performance.now() + 30000;
  while (!pattern.test(await text(page, id))) {
    if (performance.now() > end) throw new Error(`expected ${pattern}, found ${await text(page, id)}`);
    await page.waitForTimeout(50);
  }
}

async function checkpointed(name) {
  const end = performance.now() + 30000;
  while (!existsSync(join(folder, name, "checkpoint.safetensors"))) {
    if (performance.now() > end) throw new Error(`${name} has written no checkpoint`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const steps = async (page) => Number(await text(page, "steps"));

// Waits until growth on the page has restarted from the seed.
async function beginsAgain(page) {
  let highest = await steps(page);
  for (const end = performance.now() + 30000; ;) {
    const now = await steps(page);
    if (now < highest) return;
    highest = now;
    if (performance.now() > end) throw new Error(`step ${now}, and it has not begun again`);
    await page.waitForTimeout(20);
  }
}

const model = (name) => readFileSync(join(folder, name, "model.safetensors"));

test("two_pages_look_on_and_each_sees_the_knobs_of_the_other", async () => {
  const run = await train("two", "--iterations", "100000", "--live");
  const one = await open(browser, run.address), two = await open(browser, run.address);
  for (const page of [one, two]) await says(page, /^running · iteration \d+ of 100000/);
  await one.click("#knob-pause");
  for (const page of [one, two]) await says(page, /^paused/);
  const at = await text(two, "run-state");
  await two.waitForTimeout(600);
  assert.equal(await text(two, "run-state"), at);
  await two.click("#knob-pause");
  await says(one, /^running/);
  // Newer weights arrive every half second and do not change a field that is being edited.
  await one.locator("#seed").focus();
  await one.keyboard.press("Control+A");
  await one.keyboard.type("77", { delay: 800 });
  assert.equal(await one.locator("#seed").inputValue(), "77");
  await two.click("#knob-checkpoint");
  await says(one, /Checkpoint of iteration \d+ written/, "knob-said");
  await one.locator("#picture-pool").waitFor();
  assert.equal(await one.locator("#run-charts canvas").count(), 1);
  assert.equal(await one.locator("#knob-stop").isDisabled(), false);
  await shoot(one, "live");
  for (const measure of ["rate", "norms", "alive", "loss"]) {
    await one.selectOption("#run-measure", measure);
    await one.waitForTimeout(300);
  }
  await two.click("#knob-stop");
  const [code] = await run.ended;
  assert.equal(code, 0);
  assert.match(run.printed(), /stopped after iteration \d+ of 100000; continue with: nca train --resume/);
  // All knobs are disabled.
  for (const page of [one, two]) {
    await says(page, /^stopped/);
    const enabled = page.locator("#run-buttons button:enabled, #run-knobs button:enabled, #run-knobs input:enabled");
    assert.equal(await enabled.count(), 0);
    assert.deepEqual(page.problems.filter((problem) => !/WebSocket|ERR_CONNECTION/.test(problem)), []);
    await page.context().close();
  }
});

test("looking_on_and_hostile_visitors_change_no_bit", async () => {
  const plain = spawnSync(join(build, "nca"), ["train", ...small, "-o", join(folder, "plain"), "--quiet", "--iterations", "400"]);
  assert.equal(plain.status, 0, plain.stderr.toString());
  const run = await train("visited", "--iterations", "400", "--live");
  const page = await open(browser, run.address);
  const sockets = [];
  const connect = (...bytes) => {
    const socket = net.connect(run.port, "127.0.0.1");
    socket.on("error", () => {});
    for (const part of bytes) socket.write(part);
    sockets.push(socket);
    return socket;
  };
  const upgrade = (origin) => `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${run.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${origin ? `Origin: ${origin}\r\n` : ""}\r\n`;
  const own = `http://127.0.0.1:${run.port}`;
  // Clients from other origins, invalid data after the upgrade, frames with huge lengths, clients
  // that never read.
  connect(upgrade("http://evil.example"));
  connect(upgrade(""));
  connect(upgrade(own), Buffer.from([0x81, 0xfe, 0xff]));
  connect(upgrade(own), Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]));
  connect(upgrade(own), Buffer.concat([Buffer.from([0x81, 0xfe, 0x40, 0, 0, 0, 0, 0]), Buffer.alloc(0x4000, 0x41)]));
  connect(upgrade(own), Buffer.from([0x81, 0x84, 0, 0, 0, 0, 0x7b, 0x7d, 0x7d, 0x7d]));
  for (let i = 0; i < 6; i++) connect(upgrade(own)).pause();
  // Ten thousand connections, as many at a time as a process may have open.
  for (let i = 0; i < 20; i++) {
    const many = Array.from({ length: 500 }, () => connect("GET / HTTP/1.1\r\n"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const socket of many) socket.destroy();
  }
  const [code] = await run.ended;
  assert.equal(code, 0, run.printed());
  for (const socket of sockets) socket.destroy();
  await page.context().close();
  assert.ok(model("visited").equals(model("plain")), "the models differ");
});

test("a_run_that_was_steered_gives_the_same_bits_when_its_settings_are_run_again", async () => {
  const run = await train("steered", "--experiment", "regenerating", "--iterations", "100000", "--live");
  const one = await open(browser, run.address), two = await open(browser, run.address);
  const turn = async (key, value) => {
    await one.locator(`#knob-${key} input`).focus();
    await one.keyboard.press("Control+A");
    await one.keyboard.type(value);
    await one.keyboard.press("Enter");
  };
  await says(two, /^running · iteration \d{2,}/);
  await turn("learning_rate", "0.0005");
  await says(two, /learning_rate is 0.0005 from iteration \d+ on/, "knob-said");
  await turn("fire_rate", "0.75");
  await says(two, /fire_rate is 0.75 from iteration \d+ on/, "knob-said");
  // What grows uses the fire rate of its weights, on a page that is loaded later as well.
  const later = await open(browser, run.address);
  for (const page of [one, two, later]) {
    await says(page, /^0.75$/, "fire-text");
    assert.equal(await page.locator("#fire").inputValue(), "0.75");
  }
  await later.context().close();
  await turn("damage", "-4");
  await says(two, /Not changed: .*damage/, "knob-said");
  await turn("fire_rate", "seven");
  await says(two, /Not changed: .*fire_rate/, "knob-said");
  await two.waitForFunction(() => document.querySelector("#knob-learning_rate input").value === "0.0005");
  await one.click("#knob-stop");
  assert.equal((await run.ended)[0], 0);
  const [, stopped] = /stopped after iteration (\d+)/.exec(run.printed());
  const again = spawnSync(join(build, "nca"), ["train", "--config", join(folder, "steered", "config.yaml"), "--iterations", stopped,
    "-o", join(folder, "again"), "--quiet"]);
  assert.equal(again.status, 0, again.stderr.toString());
  assert.ok(model("steered").equals(model("again")), "the models differ");
  for (const page of [one, two]) await page.context().close();
});

test("only_a_page_without_a_server_says_that_it_works_offline", async () => {
  const run = await train("foot", "--iterations", "100000", "--live");
  const live = await open(browser, run.address), exported = await open(browser);
  assert.match(await exported.locator(".foot").innerText(), /works offline/);
  assert.match(await live.locator(".foot").innerText(), /^Runs in your browser\. Keys/);
  for (const page of [live, exported]) await page.context().close();
  run.child.kill("SIGINT");
  await run.ended;
});

test("axe_finds_nothing_on_the_page_of_a_training", async (t) => {
  const run = await train("axe", "--iterations", "100000", "--live");
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    const page = await open(browser, run.address, { viewport, bypassCSP: true });
    await page.locator("#picture-pool").waitFor();
    await checkAccess(page, t);
    await page.context().close();
  }
  run.child.kill("SIGINT");
  await run.ended;
});

test("a_page_hears_why_a_run_has_failed", async () => {
  const run = await train("failed", "--iterations", "100000", "--learning-rate", "1e-9", "--live");
  const page = await open(browser, run.address);
  await says(page, /^running · iteration \d+/);
  await page.locator("#knob-learning_rate input").fill("10");
  await page.locator("#knob-learning_rate button").click();
  await says(page, /^failed · .* · training diverged: values were not finite/);
  assert.equal((await run.ended)[0], 3);
  await page.waitForTimeout(500);
  await says(page, /^failed/);
  // Growth that has exploded restarts, with the current weights.
  for (let i = 0; i < 3; i++) await beginsAgain(page);
  assert.match(await text(page, "now-weights"), /^weights of iteration \d+/);
  await page.context().close();
});

test("what_grows_begins_again_from_the_seed_with_new_weights_unless_it_was_edited", async () => {
  const run = await train("grows", "--iterations", "100000", "--live");
  const page = await open(browser, `${run.address}#speed=8`);
  const grownWith = async () => Number(/\d+/.exec(await text(page, "now-weights"))?.[0] ?? 0);
  await beginsAgain(page);
  const first = await grownWith();
  await beginsAgain(page);
  await page.waitForFunction((before) => Number(/\d+/.exec(document.getElementById("now-weights").textContent)?.[0]) > before, first);
  assert.equal(await page.locator("#title").textContent(), "grows");
  // After an edit there is time to watch the result.
  const at = await steps(page);
  const box = await page.locator("#canvas").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForFunction((step) => Number(document.getElementById("steps").textContent) > step + 150, at);
  await page.locator("#follow").uncheck();
  const left = await steps(page);
  await page.waitForFunction((step) => Number(document.getElementById("steps").textContent) > step + 400, left);
  run.child.kill("SIGINT");
  await run.ended;
  await page.context().close();
});

test("who_asked_for_no_motion_sees_what_has_grown", async () => {
  const run = await train("still", "--iterations", "100000", "--live");
  const page = await open(browser, run.address, { reducedMotion: "reduce" });
  for (let i = 0; i < 2; i++) {
    const before = await text(page, "now-weights");
    await page.waitForFunction((old) => document.getElementById("now-weights").textContent !== old &&
      document.getElementById("steps").textContent === "96", before);
  }
  assert.equal(await text(page, "play"), "Play");
  run.child.kill("SIGINT");
  await run.ended;
  await page.context().close();
});

test("a_projector_shows_everything_at_once_and_a_phone_nothing_wider_than_itself", async () => {
  const run = await train("screens", "--experiment", "regenerating", "--iterations", "100000", "--live");
  for (const [width, height] of [[1280, 800], [1920, 1080], [390, 844]]) {
    const page = await open(browser, run.address, { viewport: { width, height } });
    await says(page, /left$/);
    await page.locator("#picture-pool").waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${width} pixels`);
    // No phrase of the state wraps.
    assert.ok(await page.locator("#run-state span").evaluateAll((spans) => spans.every((span) => span.getClientRects().length === 1)));
    // Each knob stands beside its label, all below each other; no caption is cut.
    const knobs = await page.locator("#run-knobs label").evaluateAll((labels) => labels.map((label) => {
      const range = document.createRange();
      range.selectNodeContents(label.firstChild);
      const text = range.getBoundingClientRect(), field = label.querySelector("input").getBoundingClientRect();
      return [text.right <= field.left && text.top < field.bottom && text.bottom > field.top, field.left, field.width].join();
    }));
    assert.equal(new Set(knobs).size, 1, knobs.join(" | "));
    assert.match(knobs[0], /^true/);
    assert.ok(await page.locator("figcaption").evaluateAll((all) => all.every((one) => one.scrollWidth <= one.clientWidth)), "a caption is cut");
    // The pictures follow each other without empty bands, and each is as high as its samples.
    const gaps = await page.evaluate(() => {
      const place = (id) => document.getElementById(`picture-${id}`).getBoundingClientRect();
      const caption = (id) => document.getElementById(`picture-${id}`).previousElementSibling.getBoundingClientRect();
      const below = place("after").top > place("before").bottom ? [caption("after").top - place("before").bottom] : [];
      const last = caption("pool").top > place("after").bottom ? [caption("pool").top - place("after").bottom] : [];
      return [...below, ...last];
    });
    assert.ok(gaps.length === 1 && gaps[0] < 24, `${width} pixels: ${gaps}`);
    const inked = await page.locator("#run-pictures canvas").evaluateAll((all) => all.map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, canvas.height - 3, canvas.width, 1);
      return data.some((value) => value > 0);
    }));
    assert.deepEqual(inked, [true, true, true], `${width} pixels: the last row of a picture is empty`);
    if (width > 1000) {
      for (const id of ["canvas", "run-charts", "picture-before", "picture-after", "picture-pool"]) {
        const box = await page.locator(`#${id}`).boundingBox();
        assert.ok(box.y + box.height <= height && box.height > 90, `${id}: ${JSON.stringify(box)}`);
      }
    }
    await page.context().close();
  }
  run.child.kill("SIGINT");
  await run.ended;
});

test("a_knob_without_the_token_does_nothing", async () => {
  const run = await train("token", "--iterations", "100000", "--live");
  const page = await open(browser, run.address);
  await says(page, /^running/);
  for (const token of ["", "0".repeat(32)]) {
    const closed = await page.evaluate((wrong) => new Promise((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/live`);
      socket.onopen = () => socket.send(JSON.stringify({ token: wrong, do: "stop" }));
      socket.onclose = () => resolve(true);
      setTimeout(() => resolve(false), 5000);
    }), token);
    assert.equal(closed, true);
  }
  await says(page, /^running/);
  run.child.kill("SIGINT");
  assert.equal((await run.ended)[0], 130);
  await page.context().close();
});

test("other_machines_need_the_key_for_the_page_and_for_what_it_is_told", async () => {
  const key = "0123456789abcdef";
  const run = await train("bound", "--iterations", "100000", "--live", "--bind", "127.0.0.1", "--key", key);
  const address = `${run.address}?key=${key}`;
  const page = await open(browser, address);
  await says(page, /^running/);
  for (const query of ["", "?key=0123456789abcdeX"]) {
    const refused = await page.evaluate((with_) => new Promise((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/live${with_}`);
      socket.onopen = () => resolve(false);
      socket.onclose = () => resolve(true);
    }), query);
    assert.equal(refused, true);
  }
  await page.click("#knob-stop");
  assert.equal((await run.ended)[0], 0);
  await page.context().close();
});

test("a_program_that_was_killed_is_found_again_when_it_is_back", async () => {
  const live = `--live=${await freePort()}`;
  const run = await train("killed", "--iterations", "100000", "--checkpoint-every", "20", live);
  const page = await open(browser, run.address);
  await says(page, /^running · iteration \d{2,}/);
  // A run killed before its first checkpoint cannot be resumed.
  await checkpointed("killed");
  run.child.kill("SIGKILL");
  await run.ended;
  await says(page, /cannot be reached/);
  const again = spawn(join(build, "nca"), ["train", "--resume", join(folder, "killed"), "--quiet", "--no-open", live], { env: { ...process.env, DISPLAY: "" } });
  children.push(again);
  const ended = once(again, "close");
  await says(page, /^running · iteration \d+ of 100000/);
  // The rows from before are kept: the chart starts at the first iteration.
  const first = await page.evaluate(() => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.onmessage = ({ data }) => typeof data === "string" && JSON.parse(data).topic === 0 && resolve(JSON.parse(data).entries[0][1]);
  }));
  assert.equal(first, 1);
  await page.click("#knob-stop");
  assert.equal((await ended)[0], 0);
  await page.context().close();
});

// The colours of a picture of the page, as text for comparison.
const picture = (page, name) => page.locator(`#picture-${name}`).evaluate((canvas) => `${canvas.width}x${canvas.height} ${canvas.toDataURL()}`);

test("watching_files_shows_the_pool_and_the_next_batch_of_every_checkpoint", async () => {
  const run = await train("watched", "--iterations", "100000", "--checkpoint-every", "30", "--live");
  await checkpointed("watched");
  const child = spawn(join(build, "nca"), ["watch", join(folder, "watched"), "--no-open", "--port", String(await freePort())]);
  children.push(child);
  const ended = once(child, "close");
  const [printed] = await Promise.race([once(child.stdout, "data"), ended.then(() => { throw new Error("nca watch has ended"); })]);
  const page = await open(browser, /http:\S+/.exec(printed)[0]);
  assert.equal(await page.locator("#follow").isVisible(), true);
  assert.equal(await page.locator("#knob-stop").isVisible(), false);
  await says(page, /^running · iteration \d+ of 100000/);
  const first = {};
  for (const name of ["before", "after", "pool"]) {
    await page.waitForFunction((id) => !document.getElementById(id).parentElement.hidden, `picture-${name}`);
    first[name] = await picture(page, name);
  }
  assert.notEqual(first.before, first.after);
  for (const end = performance.now() + 30000; await picture(page, "after") === first.after;) {
    assert.ok(performance.now() < end, "the batch of a later checkpoint is not shown");
    await page.waitForTimeout(50);
  }
  // A setting changed on the training page is reported on the watching page, exactly once.
  const steering = await open(browser, run.address);
  for (const value of ["0.6", "0.7"]) {
    await steering.locator("#knob-fire_rate input").fill(value);
    await steering.locator("#knob-fire_rate button").click();
    await says(page, new RegExp(`fire_rate ${value} from iteration \\d+\\.$`), "run-events");
  }
  assert.equal((await text(page, "run-events")).match(/fire_rate/g).length, 2);
  run.child.kill("SIGINT");
  await run.ended;
  child.kill("SIGINT");
  assert.equal((await ended)[0], 0);
  for (const one of [page, steering]) await one.context().close();
});

// Runs named as by a sweep, and `nca watch` on their folder.
async function watchSeveral(name, runs) {
  for (const [run, ...settings] of runs) {
    const made = spawnSync(join(build, "nca"), ["train", ...small, "--iterations", "12", "-o", join(folder, name, run), "--quiet", ...settings]);
    assert.equal(made.status, 0, made.stderr.toString());
  }
  const child = spawn(join(build, "nca"), ["watch", join(folder, name), "--no-open", "--port", String(await freePort())]);
  children.push(child);
  const ended = once(child, "close");
  const [printed] = await Promise.race([once(child.stdout, "data"), ended.then(() => { throw new Error("nca watch has ended"); })]);
  return { child, ended, address: /http:\S+/.exec(printed)[0] };
}

test("several_runs_are_rows_and_each_unit_has_its_axis", async (t) => {
  const several = await watchSeveral("several", [["photo_L2_sobel", "--loss", "L2"], ["photo_L2_scharr", "--loss", "L2", "--filter", "scharr"],
    ["photo_Manhattan_sobel", "--loss", "Manhattan"]]);
  const page = await open(browser, several.address, { bypassCSP: true });
  await page.locator(".run").nth(2).waitFor();
  const shorts = () => page.locator(".run-short").allTextContents();
  assert.deepEqual(await shorts(), ["scharr", "sobel", "Manhattan_sobel"], "by name, without what all share");
  const breaks = await page.locator(".run-short").evaluateAll((all) => all.map((one) => [...one.childNodes].map((node) => node.textContent).join("|")));
  assert.deepEqual(breaks, ["scharr", "sobel", "Manhattan_||sobel"], "a name is broken between its words");
  assert.equal(await page.locator("#follow").isVisible(), false, "no new weights will come");
  const lengths = await page.locator(".run .run-state, .run .run-value").evaluateAll((all) => all.map((one) => [one.scrollWidth, one.clientWidth]));
  assert.ok(lengths.every(([needed, given]) => needed <= given), `a state is wider than its column: ${lengths}`);
  assert.deepEqual(await page.locator(".unit").allTextContents(), ["L2 loss (mean square)", "Manhattan loss (sum)"]);
  assert.equal(await page.locator("#run-charts .uplot").count(), 2, "a chart for each unit");
  await page.selectOption("#run-measure", "alive");
  await page.waitForFunction(() => document.querySelectorAll("#run-charts .uplot").length === 1);
  for (const value of await page.locator(".run-value").allTextContents()) assert.ok(Number(value) > 0, value);
  for (const points of await page.locator(".run polyline").evaluateAll((lines) => lines.map((line) => line.getAttribute("points")))) {
    assert.equal(points.split(" ").length, 12);
  }
  await page.selectOption("#runs-order", "loss");
  const values = (await page.locator(".run-value").allTextContents()).map(Number);
  await page.waitForFunction(() => {
    const [first, second] = [...document.querySelectorAll(".run-value")].map((element) => Number(element.textContent));
    return first <= second;
  });
  assert.equal(values.length, 3);
  // Hovering highlights a run; clicking selects its name, weights and pictures.
  const row = page.locator(".run", { hasText: "Manhattan" });
  await row.hover();
  assert.match(await row.getAttribute("class"), /pointed/);
  await row.click();
  assert.equal(await row.getAttribute("aria-pressed"), "true");
  assert.equal(await text(page, "title"), "Manhattan_sobel");
  assert.equal(await text(page, "run-unit"), "Manhattan loss");
  await page.waitForFunction(() => /Manhattan_sobel$/.test(document.querySelector("figcaption").textContent) &&
    !document.getElementById("picture-before").parentElement.hidden);
  await shoot(page, "watch-several");
  await checkAccess(page, t);
  assert.deepEqual(page.problems, []);
  several.child.kill("SIGINT");
  assert.equal((await several.ended)[0], 0);
  await page.context().close();
});

test("twenty_seven_runs_are_in_sight_at_every_size", async () => {
  const several = await watchSeveral("grid", Array.from({ length: 27 }, (_, i) => [`seed-${String(i).padStart(2, "0")}`, "--seed", String(i), "--iterations", "2"]));
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    const page = await open(browser, several.address, { viewport: { width, height } });
    await page.locator(".run").nth(26).waitFor();
    assert.equal(await page.locator(".run").count(), 27);
    const colours = await page.locator(".swatch").evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    assert.equal(new Set(colours).size, 27, "each has its colour");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${width} pixels`);
    if (width > 1000) {
      const box = await page.locator("#canvas").boundingBox();
      assert.ok(box.y + box.height <= height && box.height > 150, JSON.stringify(box));
    }
    await page.context().close();
  }
  several.child.kill("SIGINT");
  assert.equal((await several.ended)[0], 0);
});
