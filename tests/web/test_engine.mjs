// The engine of the page: bit-identical to the native core without fused multiply-adds, and close
// to the one with them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Engine } from "../../web/page/src/engine.js";
import { targetOnGrid } from "../../web/page/src/model.js";
import { trainedSettings } from "../../web/page/src/world.js";
import { modelsOfPage, sameBytes } from "./carried.mjs";

const build = process.env.NCA_BUILD_DIR;
const [model] = modelsOfPage(process.env.NCA_PAGE);
const modules = Object.fromEntries(["simd", "scalar"].map((name) =>
  [name, new WebAssembly.Module(readFileSync(join(build, "web", `engine_${name}.wasm`)))]));

function opened(name, settings, from = model) {
  const engine = new Engine(modules[name], from);
  engine.open(settings);
  engine.aim(targetOnGrid(from, settings.height, settings.width));
  engine.seed();
  return engine;
}

// The same growth in a native program: grow_two_roundings or grow_one_rounding.
function native(program, engine, steps, from = model) {
  const settings = Buffer.from(engine.wasm.memory.buffer, engine.wasm.nca_web_settings(), 16 * 4);
  const input = Buffer.concat([settings, Buffer.from(from.parameters.buffer)]);
  const result = spawnSync(join(build, "tests", program), [String(steps)], { input, maxBuffer: 1 << 28 });
  assert.equal(result.status, 0, result.stderr.toString());
  return new Float32Array(new Uint8Array(result.stdout).buffer);
}

const difference = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

test("engines_are_small_and_ask_for_nothing", () => {
  for (const [name, module] of Object.entries(modules)) {
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    assert.ok(readFileSync(join(build, "web", `engine_${name}.wasm`)).length < 30000);
  }
  assert.equal(opened("simd", trainedSettings(model)).simd, true);
  assert.equal(opened("scalar", trainedSettings(model)).simd, false);
});

for (const change of [{}, { boundary: "circular", angle: 30 }, { boundary: "reflect" }, { boundary: "replicate" }, { height: 37, width: 50, fireRate: 0.7, seed: 5 }]) {
  test(`both_engines_have_the_bits_of_the_native_core_without_fused_multiply_add ${JSON.stringify(change)}`, () => {
    const settings = { ...trainedSettings(model), ...change };
    for (const steps of [0, 1, 65, 500]) {
      const simd = opened("simd", settings), scalar = opened("scalar", settings);
      simd.run(steps);
      scalar.run(steps);
      const expected = native("grow_two_roundings", simd, steps);
      assert.ok(sameBytes(simd.take(), expected), `simd differs after ${steps} steps`);
      assert.ok(sameBytes(scalar.take(), expected), `scalar differs after ${steps} steps`);
      assert.ok(simd.alive > 0);
    }
  });
}

// The model with learned filters: the taps of its Sobel filters, then further filters with small
// weights.
function learned(filterCount) {
  const { channels, hidden, parameters } = model, kept = Math.min(filterCount, 2);
  const rest = parameters.subarray(3 * channels * hidden), columns = (1 + filterCount) * channels;
  const w1 = Float32Array.from({ length: columns * hidden }, (_, i) => (i % columns < (1 + kept) * channels ?
    parameters[Math.floor(i / columns) * 3 * channels + (i % columns)] : 1e-3 * Math.sin(i)));
  const sobel = [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((tap) => tap / 8);
  const taps = Float32Array.from({ length: filterCount * 9 * channels }, (_, i) => {
    const tap = Math.floor(i / channels) % 9, filter = Math.floor(i / channels / 9);
    return filter < 2 ? sobel[filter === 0 ? tap : (tap % 3) * 3 + Math.floor(tap / 3)] : Math.sin(i);
  });
  return { ...model, filter: "learned", filterCount, parameters: Float32Array.from([...w1, ...rest, ...taps]) };
}

for (const filterCount of [1, 2, 3, 8]) {
  test(`both_engines_have_the_bits_of_the_native_core_with_learned_filters ${filterCount}`, () => {
    const from = learned(filterCount), settings = trainedSettings(from);
    for (const steps of [1, 65]) {
      const simd = opened("simd", settings, from), scalar = opened("scalar", settings, from);
      simd.run(steps);
      scalar.run(steps);
      const expected = native("grow_two_roundings", simd, steps, from);
      assert.ok(expected.some((value) => value > 0.1), "something grows");
      assert.ok(sameBytes(simd.take(), expected), `simd differs after ${steps} steps`);
      assert.ok(sameBytes(scalar.take(), expected), `scalar differs after ${steps} steps`);
    }
    if (filterCount === 2) { // the taps are those of the model's filter, so growth is the same
      const fixed = opened("simd", trainedSettings(model)), engine = opened("simd", settings, from);
      fixed.run(65);
      engine.run(65);
      assert.ok(sameBytes(engine.take(), fixed.take()));
    }
  });
}

// A stable model damps rounding differences; docs/web.md states this bound.
test("five_hundred_steps_stay_near_those_of_the_exact_core", (t) => {
  const engine = opened("simd", trainedSettings(model));
  const loss = { web: 0, native: 0 };
  for (const steps of [50, 100, 200, 500]) {
    engine.run(steps - engine.steps);
    const state = engine.take().slice();
    const exact = native("grow_one_rounding", engine, steps);
    t.diagnostic(`largest difference of a channel after ${steps} steps: ${difference(state, exact).toExponential(2)}`);
    if (steps === 500) {
      loss.web = engine.loss;
      engine.put(exact);
      loss.native = engine.loss;
      assert.ok(difference(state, exact) < 1e-4);
      assert.ok(Math.abs(loss.web - loss.native) < 1e-3 * loss.native, JSON.stringify(loss));
      assert.ok(loss.web < 2e-3, `it has grown: loss ${loss.web}`);
    }
  }
});

test("steps_do_not_depend_on_how_they_are_divided", () => {
  const whole = opened("simd", trainedSettings(model)), pieces = opened("simd", trainedSettings(model));
  whole.run(150);
  for (const steps of [1, 63, 64, 22]) pieces.run(steps);
  assert.ok(sameBytes(whole.take(), pieces.take()));
});

test("a_grid_that_cannot_be_is_refused", () => {
  const engine = new Engine(modules.simd, model);
  for (const side of [0, 20000]) {
    assert.throws(() => engine.open({ ...trainedSettings(model), height: side }), /is not possible/);
  }
});

test("a_page_of_96_by_96_runs_faster_than_60_steps_a_second", (t) => {
  const engine = opened("simd", { ...trainedSettings(model), height: 96, width: 96, boundary: "circular" });
  engine.run(100);
  const begin = performance.now();
  engine.run(200);
  const rate = 200 / ((performance.now() - begin) / 1000);
  t.diagnostic(`${rate.toFixed(0)} steps a second`);
  assert.ok(rate > 60);
});
