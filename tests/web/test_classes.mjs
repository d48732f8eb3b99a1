// Classifiers on the page: bit-identical to the native core without fused multiply-adds, close to
// the one with them (which has the bits of nca_predict: test_class_engine.c); worlds that classify.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { classColour } from "../../web/page/src/class_colours.js";
import { classViews, classViewSize, paintClasses } from "../../web/page/src/class_views.js";
import { classWorld } from "../../web/page/src/class_world.js";
import { Engine } from "../../web/page/src/engine.js";
import { imageOfPixels, pixelsOfImage, readExamples } from "../../web/page/src/examples.js";
import { PauseAt } from "../../web/page/src/pause.js";
import { Readout } from "../../web/page/src/readout.js";
import { paintView, viewSize } from "../../web/page/src/views.js";
import { trainedSettings, World } from "../../web/page/src/world.js";
import { sameBytes } from "./carried.mjs";

const build = process.env.NCA_BUILD_DIR;
const [simd, scalar, classes] = ["engine_simd", "engine_scalar", "classes"].map((name) =>
  new WebAssembly.Module(readFileSync(join(build, "web", `${name}.wasm`))));
const ClassWorld = classWorld(World, classes);

const HEIGHT = 9, WIDTH = 11;

// A model with made weights, as readModel returns it.
function made({ inputChannels = 1, headInputs = 0, readout = "mean", sigmoid = false, temperature = 1, kind = "multi-class" } = {}) {
  const names = ["a", "b", "c"], channels = 10, hidden = 12, maps = 3;
  const sizes = [hidden * maps * channels, hidden, (channels - inputChannels) * hidden, channels - inputChannels,
    headInputs * names.length, headInputs > 0 ? names.length : 0];
  let word = 1;
  const parameters = Float32Array.from({ length: sizes.reduce((a, b) => a + b) }, () => {
    word = (Math.imul(word, 1103515245) + 12345) >>> 0;
    return 0.35 * (word / 2 ** 31 - 1);
  });
  return {
    name: "made", channels, hidden, filter: "sobel", boundary: "zero", angle: 0, fireRate: 0.5, stepSize: 1, aliveChannel: -1, aliveThreshold: 0.1,
    outputBias: true, height: HEIGHT, width: WIDTH, iterations: 1, target: null, parameters, inputChannels, headInputs,
    headOutputs: headInputs > 0 ? names.length : 0,
    classifier: { kind, classes: names, readout, sigmoid, scale: [2, 2, 2], offset: [-1, -1, -1], steps: 12, temperature },
  };
}

const imageOf = (model, shift = 0) => Uint8Array.from({ length: HEIGHT * WIDTH * model.inputChannels }, (_, i) => (i * 37 + shift) % 256);

function onThePage(module, model, image, steps) {
  const settings = trainedSettings(model);
  const engine = new Engine(module, model), readout = new Readout(classes, model, HEIGHT, WIDTH);
  engine.open(settings);
  engine.put(readout.begin(image));
  engine.run(steps);
  const state = engine.take().slice();
  readout.measure(state);
  return { engine, readout, scores: readout.scores, probabilities: readout.probabilities, votes: readout.vote(state) };
}

function native(program, { engine, readout }, model, image, steps) {
  const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const input = Buffer.concat([
    Buffer.from(engine.wasm.memory.buffer, engine.wasm.nca_web_settings(), 16 * 4),
    bytes(model.parameters.subarray(0, engine.wasm.nca_web_parameter_count())),
    Buffer.from(readout.wasm.memory.buffer, readout.wasm.nca_classes_settings(), 72), bytes(readout.head), bytes(image),
  ]);
  const result = spawnSync(join(build, "tests", program), [String(steps)], { input });
  assert.equal(result.status, 0, result.stderr.toString());
  const out = new Uint8Array(result.stdout).buffer, count = model.classifier.classes.length;
  return { scores: new Float64Array(out, 0, count), probabilities: new Float64Array(out, 8 * count, count), votes: new Uint8Array(out, 16 * count) };
}

const KINDS = [
  {}, { inputChannels: 3, readout: "max" }, { headInputs: 5 }, { inputChannels: 3, headInputs: 4, readout: "max", temperature: 0.6 },
  { readout: "per-cell", sigmoid: true, kind: "multi-label, binary-class" },
];

for (const kind of KINDS) {
  test(`scores_probabilities_and_votes_have_the_bits_of_the_native_core ${JSON.stringify(kind)}`, () => {
    const model = made(kind), image = imageOf(model);
    for (const steps of [0, 1, 12, 70]) {
      const found = onThePage(simd, model, image, steps), plain = onThePage(scalar, model, image, steps);
      const expected = native("classify_two_roundings", found, model, image, steps);
      for (const what of ["scores", "probabilities", "votes"]) {
        assert.ok(sameBytes(found[what], expected[what]), `${what} after ${steps} steps`);
        assert.ok(sameBytes(plain[what], expected[what]), `${what} without vector instructions after ${steps} steps`);
      }
      if (steps > 12) continue;
      const exact = native("classify_one_rounding", found, model, image, steps);
      exact.probabilities.forEach((p, k) => assert.ok(Math.abs(p - found.probabilities[k]) < 1e-4, `${p}, ${found.probabilities[k]}`));
    }
  });
}

test("the_read_out_is_small_and_asks_for_nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(classes), []);
  assert.ok(readFileSync(join(build, "web", "classes.wasm")).length < 6000);
});

function worldOf(model, image) {
  const world = new ClassWorld(simd, model, trainedSettings(model));
  world.reset(image);
  return world;
}

// The input channels of all cells.
const inputs = (world) => Array.from(world.state).filter((_, i) => i % world.grid.channels < world.model.inputChannels);

test("a_world_begins_with_the_image_and_its_steps_never_write_it", () => {
  const model = made({ inputChannels: 3 }), image = imageOf(model), world = worldOf(model, image);
  const expected = Array.from(image, (value) => Math.fround(Math.fround(value / 255) * 2 - 1));
  assert.deepEqual(inputs(world), expected);
  assert.equal(world.state[3], 0);
  world.run(20);
  assert.deepEqual(inputs(world), expected);
  assert.ok(world.state[3] !== 0);
  assert.deepEqual(world.trail.map((point) => point.step), Array.from({ length: 21 }, (_, i) => i));
});

test("the_answer_is_that_of_the_step_of_the_model_and_stays", () => {
  const model = made(), image = imageOf(model), world = worldOf(model, image);
  world.run(11);
  assert.equal(world.answer, null);
  world.run(1);
  const { probabilities } = onThePage(simd, model, image, 12);
  assert.ok(sameBytes(world.answer, probabilities.slice()));
  world.edit({ tool: "erase", radius: 3, x0: 5, y0: 4, x1: 5, y1: 4, target: "both" }, true);
  assert.ok(sameBytes(world.answer, probabilities.slice()), "an edit does not change it");
  world.run(5);
  assert.ok(sameBytes(world.answer, probabilities.slice()));
  world.reset();
  assert.equal(world.answer, null);
  world.run(12);
  assert.ok(sameBytes(world.answer, probabilities.slice()), "the image is the one before the edit");
  world.reset(imageOf(model, 99));
  world.run(12);
  assert.ok(!sameBytes(world.answer, probabilities.slice()));
});

test("the_grid_has_the_size_of_the_image_and_no_noise", () => {
  const model = made(), image = imageOf(model), world = worldOf(model, image);
  world.run(3);
  const before = inputs(world);
  world.configure({ ...world.settings, height: 40, width: 30, noise: 0.2, fireRate: 0.9 });
  world.run(3);
  assert.deepEqual(inputs(world), before);
  assert.equal(world.settings.fireRate, 0.9);
});

test("steps_back_forget_the_probabilities_after_them", () => {
  const world = worldOf(made(), imageOf(made()));
  world.run(6);
  const before = world.trail.map((point) => point.values.slice());
  world.run(3);
  for (let i = 0; i < 3; i++) assert.equal(world.back(), true);
  assert.equal(world.trail.length, 7);
  world.trail.forEach((point, i) => assert.ok(sameBytes(point.values, before[i])));
});

for (const [target, changes] of [["both", [true, true]], ["image", [true, false]], ["state", [false, true]]]) {
  test(`the_brush_erases_and_paints ${target}`, () => {
    const model = made({ inputChannels: 3 }), world = worldOf(model, imageOf(model));
    world.run(8);
    const stroke = { radius: 1, x0: 5.5, y0: 4.5, x1: 5.5, y1: 4.5, target };
    const cell = (4 * WIDTH + 5) * model.channels;
    for (const [edit, colour] of [[{ tool: "erase" }, [0, 0, 0]], [{ tool: "paint", colour: [1, 0.5, 0] }, [1, 0.5, 0]],
      [{ tool: "hole" }, [0, 0, 0]], [{ tool: "half" }, [0, 0, 0]]]) {
      const before = world.state.slice(), told = world.trail.at(-1).values;
      world.edit({ ...stroke, ...edit }, true);
      const found = world.state.subarray(cell, cell + model.channels);
      const image = changes[0] ? colour.map((value) => value * 2 - 1) : before.subarray(cell, cell + 3);
      assert.deepEqual(Array.from(found.subarray(0, 3)), Array.from(image));
      assert.deepEqual(Array.from(found.subarray(3)), Array.from(changes[1] ? new Float32Array(model.channels - 3)
        : before.subarray(cell + 3, cell + model.channels)));
      assert.ok(sameBytes(world.state.subarray(0, 3), before.subarray(0, 3)), "a far cell stays");
      assert.equal(changes[1], !sameBytes(told, world.trail.at(-1).values), "what is read out");
      world.undo();
      assert.ok(sameBytes(world.state, before));
      world.run(1);
    }
  });
}

test("a_grey_image_is_painted_with_the_brightness_of_the_colour", () => {
  const model = made(), world = worldOf(model, imageOf(model));
  world.edit({ tool: "paint", radius: 0, x0: 0.5, y0: 0.5, x1: 0.5, y1: 0.5, colour: [1, 0, 0], target: "image" }, true);
  assert.equal(world.state[0], Math.fround(0.299 * 2 - 1));
});

test("newer_weights_keep_the_grid_and_are_read_out_with_their_head", () => {
  const model = made({ headInputs: 4 }), world = worldOf(model, imageOf(model));
  world.run(5);
  const newer = { ...model, parameters: model.parameters.map((value, i) => (i >= model.parameters.length - 15 ? 2 * value : value)) };
  const before = world.state.slice();
  world.replace(newer);
  assert.ok(sameBytes(world.state, before));
  const readout = new Readout(classes, newer, HEIGHT, WIDTH);
  assert.ok(sameBytes(world.trail.at(-1).values, readout.measure(before).slice()));
});

test("views_show_the_image_and_votes_in_the_colour_of_their_class", () => {
  const model = made({ inputChannels: 3 }), image = imageOf(model), world = worldOf(model, image);
  world.run(40);
  const paint = paintClasses(paintView), size = classViewSize(viewSize);
  const pixelsOf = (view) => {
    const { width, height } = size(view, world.grid), pixels = new Uint8ClampedArray(4 * width * height);
    paint(pixels, { stride: width, top: 0, left: 0 }, view, world, "white");
    return { pixels, width };
  };
  assert.deepEqual(Array.from(pixelsOf("image").pixels), Array.from(pixelsOfImage(image, 3)));
  const voted = pixelsOf("votes").pixels, votes = world.readout.vote(world.state);
  const cell = Array.from({ length: HEIGHT * WIDTH }, (_, i) => i).reduce((best, i) => (votes[2 * i + 1] > votes[2 * best + 1] ? i : best));
  const [red, green, blue] = image.subarray(3 * cell), grey = 0.299 * red + 0.587 * green + 0.114 * blue, sure = votes[2 * cell + 1] / 255;
  assert.ok(sure > 0.3, `a cell is sure: ${sure}`);
  classColour(votes[2 * cell]).forEach((value, k) => {
    assert.ok(Math.abs(voted[4 * cell + k] - (grey + 0.8 * sure * (value - grey))) <= 1);
  });
  const both = pixelsOf("both");
  assert.equal(both.width, 2 * WIDTH + 1);
  for (let row = 0; row < HEIGHT; row++) {
    const at = 4 * row * both.width, width = 4 * WIDTH;
    assert.ok(sameBytes(both.pixels.subarray(at, at + width), pixelsOf("image").pixels.subarray(row * width, (row + 1) * width)));
    assert.ok(sameBytes(both.pixels.subarray(at + width + 4, at + 2 * width + 4), voted.subarray(row * width, (row + 1) * width)));
  }
  for (const { key } of classViews(model)) pixelsOf(key);
  assert.deepEqual(classViews(model).slice(-10, -5).map((view) => view.name),
    ["Channel 0 (image)", "Channel 1 (image)", "Channel 2 (image)", "Channel 3 (a)", "Channel 4 (b)"]);
});

test("examples_are_read_as_they_were_written", () => {
  const data = Uint8Array.from([10, 5, 250, 1, 100, 1, 1, 2, 0, 0, 7, 255]); // planes of 1x2 cells, differences
  const [first, second] = readExamples({ height: 1, width: 2, channels: 3, count: 2, labels: [[1], [0]], data: Buffer.from(data).toString("base64") });
  assert.deepEqual(Array.from(first.image), [10, 250, 100, 15, 251, 101]);
  assert.deepEqual(Array.from(second.image), [1, 0, 7, 3, 0, 6]);
  assert.deepEqual([first.labels, second.labels, first.name], [[1], [0], null]);
});

test("pixels_become_images_on_black_and_grey_where_the_model_is_grey", () => {
  const pixels = Uint8ClampedArray.from([200, 200, 200, 255, 255, 0, 0, 255, 255, 255, 255, 0]);
  assert.deepEqual(Array.from(imageOfPixels(pixels, 1)), [200, 76, 0]);
  assert.deepEqual(Array.from(imageOfPixels(pixels, 3)), [200, 200, 200, 255, 0, 0, 0, 0, 0]);
  assert.deepEqual(Array.from(imageOfPixels(pixelsOfImage(Uint8Array.from([1, 128, 255]), 1), 1)), [1, 128, 255]);
});

test("the_page_pauses_at_the_step_of_the_model_and_goes_on_after_an_edit", () => {
  const said = [];
  const pause = new PauseAt(10, { toggle: () => said.push("toggle"), back: (steps) => said.push(`back ${steps}`) });
  const saw = (step, playing = true) => {
    said.length = 0;
    pause.saw({ step, playing });
    return said.join();
  };
  assert.equal(saw(3), "");
  assert.equal(saw(12), "toggle");
  assert.equal(saw(13), "", "the worker has not heard of it yet");
  assert.equal(saw(13, false), "back 3");
  assert.equal(saw(11, false), "");
  assert.equal(saw(10, false), "");
  said.length = 0;
  pause.edited();
  assert.deepEqual(said, ["toggle"]);
  assert.equal(saw(15), "");
  assert.equal(saw(20), "toggle");
  assert.equal(saw(20, false), "");
  assert.equal(saw(21), "", "the user goes on");
  assert.equal(saw(90), "");
  said.length = 0;
  pause.restarted();
  assert.deepEqual(said, [], "it is running");
  assert.equal(saw(4), "");
  assert.equal(saw(10), "toggle");
  assert.equal(saw(10, false), "");
  said.length = 0;
  pause.restarted();
  assert.deepEqual(said, ["toggle"]);
});
