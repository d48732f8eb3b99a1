// The worlds that the worker runs, without a browser: history, edits, settings.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { KEPT_STEPS } from "../../web/page/src/history.js";
import { linkOf, readLink } from "../../web/page/src/link.js";
import { targetOnGrid } from "../../web/page/src/model.js";
import { paintView, viewsOf, viewSize } from "../../web/page/src/views.js";
import { trainedSettings, World } from "../../web/page/src/world.js";
import { modelsOfPage, sameBytes } from "./carried.mjs";

const [model] = modelsOfPage(process.env.NCA_PAGE);
const module = new WebAssembly.Module(readFileSync(join(process.env.NCA_BUILD_DIR, "web", "engine_simd.wasm")));
const grown = (steps, change = {}) => {
  const world = new World(module, model, { ...trainedSettings(model), ...change });
  world.run(steps);
  return world;
};
const hole = (world, radius = 4) => {
  const x = world.grid.width / 2, y = world.grid.height / 2;
  return { tool: "erase", radius, x0: x, y0: y, x1: x, y1: y };
};

test("growth_reaches_the_target_and_heals", () => {
  const world = grown(200);
  const healthy = world.loss;
  assert.ok(healthy < 2e-3, `loss ${healthy}`);
  world.edit(hole(world), true);
  const wounded = world.loss;
  assert.ok(wounded > 5 * healthy, `loss ${wounded} after the cut`);
  assert.deepEqual(world.marks, [200]);
  world.run(200);
  assert.ok(world.loss < 0.4 * wounded, `loss ${world.loss} after healing`);
});

test("steps_back_give_the_bits_that_were_there", () => {
  const world = grown(0);
  const states = [];
  for (let step = 0; step < 40; step++) {
    states.push(world.state.slice());
    if (step === 13) world.configure({ ...world.settings, angle: 45, fireRate: 0.8 });
    if (step === 27) {
      world.edit(hole(world, 2), true);
      states[27] = world.state.slice();
    }
    world.run(1);
  }
  for (let step = 39; step >= 0; step--) {
    assert.equal(world.back(), true);
    assert.equal(world.step, step);
    assert.ok(sameBytes(world.state, states[step]), `step ${step}`);
  }
  assert.equal(world.back(), false);
  assert.equal(world.settings.angle, 45);
});

test("the_last_two_hundred_states_are_kept", () => {
  const world = grown(450);
  let count = 0;
  while (world.back()) count++;
  assert.ok(count >= KEPT_STEPS, `${count}`);
});

test("as_many_are_kept_of_a_grid_whose_states_are_large", () => {
  const world = grown(450, { height: 400, width: 400 });
  assert.ok(world.step - world.history.oldest >= KEPT_STEPS, `${world.step - world.history.oldest}`);
  const before = world.state.slice();
  world.run(1);
  world.back();
  assert.ok(sameBytes(world.state, before));
});

test("a_step_back_knows_what_led_there", () => {
  const world = grown(40);
  const states = [world.state.slice()];
  for (let i = 0; i < 25; i++) {
    world.run(1);
    states.push(world.state.slice());
  }
  for (let i = 24; i > 0; i--) {
    world.back();
    assert.ok(sameBytes(world.previous, states[i - 1]), `step ${world.step}`);
  }
});

test("noise_is_replayed_too", () => {
  const world = grown(30, { noise: 0.05, seed: 9 });
  const before = world.state.slice();
  world.run(3);
  for (let i = 0; i < 3; i++) world.back();
  assert.ok(sameBytes(world.state, before));
  assert.ok(!sameBytes(before, grown(30, { seed: 9 }).state));
});

test("undo_takes_back_a_whole_stroke", () => {
  const world = grown(60);
  const before = world.state.slice();
  world.edit(hole(world, 3), true);
  world.edit(hole(world, 5), false);
  assert.ok(!sameBytes(world.state, before));
  assert.equal(world.undo(), true);
  assert.ok(sameBytes(world.state, before));
  assert.equal(world.undo(), false);
});

test("undo_and_steps_back_agree", () => {
  const world = grown(50);
  world.edit(hole(world, 3), true);
  world.edit(hole(world, 5), true);
  assert.deepEqual(world.marks, [50]);
  world.undo();
  assert.deepEqual(world.marks, [50], "the first stroke is still there");
  world.run(5);
  for (let i = 0; i < 10; i++) world.back();
  assert.equal(world.step, 45);
  assert.equal(world.undo(), false, "there is no edit before this step");
  assert.deepEqual(world.marks, []);
});

test("a_turned_automaton_grows_a_turned_target", () => {
  const straight = grown(200), turned = grown(200, { angle: 90 }), unsteered = grown(200);
  assert.ok(turned.loss < 2 * straight.loss, `${turned.loss} for ${straight.loss}`);
  unsteered.configure({ ...unsteered.settings, angle: 90 });
  assert.ok(unsteered.loss > 5 * straight.loss, "what stands straight is not the turned target");
  unsteered.configure({ ...unsteered.settings, angle: 0 });
  assert.equal(unsteered.loss, straight.loss);
});

test("newer_weights_leave_edits_that_can_be_taken_back", () => {
  const world = grown(60);
  const before = world.state.slice();
  world.edit(hole(world), true);
  world.replace(model);
  assert.equal(world.back(), false);
  assert.equal(world.undo(), true);
  assert.ok(sameBytes(world.state, before));
});

test("newer_weights_bring_their_fire_rate_unless_another_one_was_chosen", () => {
  const newer = { ...model, fireRate: 0.8 };
  const world = grown(20);
  world.edit(hole(world), true);
  assert.equal(world.replace(model), false);
  assert.equal(world.replace(newer), true);
  assert.equal(world.settings.fireRate, 0.8);
  world.reset();
  world.run(20);
  const asTrained = new World(module, newer, trainedSettings(newer));
  asTrained.run(20);
  assert.ok(sameBytes(world.state, asTrained.state));
  world.edit(hole(world), true);
  assert.equal(world.replace(model), true);
  assert.equal(world.undo(), true);
  assert.equal(world.settings.fireRate, model.fireRate, "undo keeps the fire rate of the weights");
  const chosen = grown(20, { fireRate: 0.3 });
  assert.equal(chosen.replace(newer), false);
  assert.equal(chosen.settings.fireRate, 0.3);
});

test("the_same_seed_replays_the_same_growth", () => {
  const world = grown(50, { seed: 7 });
  const first = world.state.slice();
  world.edit(hole(world), true);
  world.run(20);
  world.reset();
  world.run(50);
  assert.ok(sameBytes(world.state, first));
  assert.ok(!sameBytes(grown(50, { seed: 8 }).state, first));
});

test("another_grid_keeps_what_is_in_the_middle", () => {
  const world = grown(100);
  const { height, width } = world.grid, loss = world.loss;
  world.configure({ ...world.settings, height: height + 20, width: width + 11 });
  assert.ok(Math.abs(world.loss - loss) < 1e-6, `${world.loss} for ${loss}`);
  world.configure({ ...world.settings, height, width });
  assert.ok(Math.abs(world.loss - loss) < 1e-6);
  for (const boundary of ["circular", "reflect", "replicate"]) {
    world.configure({ ...world.settings, boundary });
    world.run(10);
    assert.ok(world.alive > 0);
  }
});

test("edits_stay_on_the_grid_or_go_around_a_torus", () => {
  for (const boundary of ["zero", "circular", "reflect", "replicate"]) {
    const world = grown(0, { boundary });
    world.edit({ tool: "paint", radius: 3, colour: [1, 0, 0], x0: 0, y0: 0, x1: 0, y1: 0 }, true);
    const corner = (world.grid.height * world.grid.width - 1) * world.grid.channels;
    assert.equal(world.state[0], 1);
    assert.equal(world.state[corner], boundary === "circular" ? 1 : 0);
    world.edit({ tool: "half", radius: 1, x0: 5, y0: 5, x1: 5, y1: 5 }, true);
    assert.equal(world.state[corner], 0);
    world.edit({ tool: "seed", radius: 1, x0: -9, y0: 3, x1: -9, y1: 3 }, true);
  }
});

test("every_view_paints_every_pixel", () => {
  const world = grown(40);
  for (const { key } of viewsOf(model.channels)) {
    const { width, height } = viewSize(key, world.grid);
    const pixels = new Uint8ClampedArray(4 * width * height);
    paintView(pixels, { stride: width, top: 0, left: 0 }, key, world, "white");
    const opaque = pixels.filter((_, i) => i % 4 === 3 && pixels[i] === 255).length;
    const seams = key === "mosaic" ? width * height - model.channels * world.grid.width * world.grid.height : 0;
    assert.equal(opaque, width * height - seams, key);
  }
});

test("the_seed_is_seen_on_black", () => {
  const world = grown(0);
  const { width, height } = world.grid;
  const pixels = new Uint8ClampedArray(width * height * 4);
  paintView(pixels, { stride: width, top: 0, left: 0 }, "colour", world, "black");
  const bright = pixels.filter((value, i) => i % 4 === 0 && value > 100).length;
  assert.equal(bright, 8, "the cells beside the seed are an outline");
});

test("a_target_moves_with_the_middle_of_the_grid", () => {
  const wide = targetOnGrid(model, model.height + 8, model.width + 6);
  const at = (row, column) => wide[((row + 4) * (model.width + 6) + column + 3) * 4 + 3];
  for (let cell = 0; cell < model.height * model.width; cell++) {
    assert.equal(at(Math.floor(cell / model.width), cell % model.width), model.target[4 * cell + 3]);
  }
});

test("a_turned_target_moves_whole_cells_at_quarter_turns", () => {
  const side = 9;
  const small = { height: side, width: side, target: Float32Array.from({ length: 4 * side * side }, (_, i) => i % 97) };
  const quarter = targetOnGrid(small, side, side, 90);
  const at = (grid, row, column) => grid[(row * side + column) * 4];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      assert.ok(Math.abs(at(quarter, row, column) - at(small.target, column, side - 1 - row)) < 1e-4, `${row} ${column}`);
    }
  }
});

test("an_address_gives_back_what_was_put_in_and_nothing_else", () => {
  const values = { model: 2, view: "channel-5", background: "black", speed: 7, angle: -90, border: "circular", compare: 1 };
  assert.deepEqual(readLink(linkOf(values)), values);
  assert.deepEqual(readLink("#view=<script>&angle=x&speed=&border=moebius&other=1&seed=NaN"), {});
});
