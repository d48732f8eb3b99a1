// The parts of a live page that process messages, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Growth } from "../../web/page/src/growth.js";
import { normColumn, Rows, sparkPoints, timeText, together } from "../../web/page/src/live_rows.js";
import { shortened, shortNames } from "../../web/page/src/names.js";
import { numberText } from "../../web/page/src/numbers.js";
import { logTicks } from "../../web/page/src/ticks.js";
import { arrange, batchShare, fitting } from "../../web/page/src/tiles.js";
import { fittingBackground } from "../../web/page/src/views.js";

test("names_lose_what_all_of_them_share", () => {
  assert.deepEqual(shortNames(["L1_sobel_learning_rate-0.001", "L2_sobel_learning_rate-0.002"]), ["L1 0.001", "L2 0.002"]);
  assert.deepEqual(shortNames(["a-rather-long-name-of-something-3", "a-rather-long-name-of-something-12"]), ["3", "12"]);
  assert.deepEqual(shortNames(["run lr=1e-3", "run lr=1e-4"]), ["1e-3", "1e-4"]);
  assert.deepEqual(shortNames(["photo", "photo-late"]), ["photo", "photo-late"], "nothing would be left of one");
  assert.deepEqual(shortNames(["head", "head"]), ["head", "head"]);
  assert.deepEqual(shortNames(["only"]), ["only"]);
  assert.deepEqual(shortNames(["breastmnist-train-4", "head"]), ["breastmnist-train-4", "head"], "as the folder is called");
  assert.deepEqual(shortNames(["run_phantom_mean", "run_chest_sobel"]), ["phantom_mean", "chest_sobel"]);
  assert.deepEqual(shortNames(["a_b", "a b"]), ["a_b", "a b"], "they differ in what is dropped");
});

test("runs_of_different_lengths_share_their_iterations", () => {
  const runs = [{ iteration: [1, 2, 3, 4], loss: [4, 2, null, 1] }, { iteration: [1, 2], loss: [8, 6] }, undefined];
  assert.deepEqual(together(runs, "loss", 600, 4), { iterations: [1, 2, 3, 4], lines: [[4, 2, null, 1], [8, 6, null, null], [null, null, null, null]] });
  assert.deepEqual(together(runs, "loss", 2, 4), { iterations: [1.5, 3.5], lines: [[3, 1], [7, null], [null, null]] });
});

test("rows_that_are_told_again_count_once", () => {
  const rows = new Rows();
  rows.add([[0, 1, 0.5, 64, 1e-3, 9, 0.1, 1, 1, 1, 1], [1, 1, 0.7, 64, 1e-3, 9, 0.1, 1, 1, 1, 1]]);
  rows.add([[0, 1, 0.5, 64, 1e-3, 9, 0.1, 1, 1, 1, 1], [0, 2, 0.4, 70, 1e-3, 9, 0.2, 1, 1, 1, 1]]);
  assert.deepEqual(rows.runs.map((run) => run.loss), [[0.5, 0.4], [0.7]]);
});

test("a_row_has_a_norm_for_each_tensor", () => {
  const rows = new Rows();
  rows.add([[0, 1, 0.5, 64, 1e-3, 9, 0.1, 5, 6, 7, 8], [1, 1, 0.5, 64, 1e-3, 9, 0.1, 5, 6, 7, 8, 3]]);
  assert.deepEqual(rows.runs[0][normColumn(3)], [8]);
  assert.equal(rows.runs[0][normColumn(4)], undefined);
  assert.deepEqual(rows.runs[1][normColumn(4)], [3]);
  assert.deepEqual(together(rows.runs, normColumn(4), 600, 1).lines, [[null], [3]]);
});

test("a_spark_line_stays_in_its_box", () => {
  assert.equal(sparkPoints([1]), "");
  assert.equal(sparkPoints([1, 1]), "0.0,22.0 100.0,22.0");
  assert.equal(sparkPoints([100, null, 1]), "0.0,2.0 100.0,22.0");
});

test("numbers_and_times_are_short", () => {
  assert.deepEqual([0.0123456, 0.05, 182.4, 999.6, 4562, 41234, 1e-4, 7.61e-6, 4.4e15, -1.5e-12, 0, null, NaN].map(numberText),
    ["0.0123", "0.05", "182", "1000", "4562", "4.12e+04", "0.0001", "7.61e-06", "4.4e+15", "-1.5e-12", "0", "–", "–"]);
  assert.deepEqual([12.4, 156, 7300, Infinity].map(timeText), ["12 s", "2 min 36 s", "2 h 1 min", ""]);
  assert.deepEqual([0, 59.6, 600, 3599.8, 7210].map(timeText), ["0 s", "1 min", "10 min", "1 h", "2 h"], "no parts that are zero");
});

test("long_names_are_cut_in_the_middle", () => {
  assert.deepEqual([20, 15, 13, 9.5, 0].map((most) => shortened("laplacian_seed0", most)),
    ["laplacian_seed0", "laplacian_seed0", "laplac…_seed0", "lapl…eed0", "l…0"]);
});

test("a_logarithmic_axis_has_ticks_however_narrow_or_short_it_is", () => {
  assert.deepEqual(logTicks(0.07, 0.08, 15), [0.07, 0.072, 0.074, 0.076, 0.078, 0.08]);
  assert.deepEqual(logTicks(0.07, 0.08, 4), [0.07, 0.075, 0.08]);
  assert.deepEqual(logTicks(0.01, 0.2, 13), [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2]);
  assert.deepEqual(logTicks(1e-8, 1e4, 6), [1e-8, 1e-6, 1e-4, 0.01, 1, 100, 1e4]);
  assert.deepEqual(logTicks(3, 9, 2), [3, 9]);
  for (let exponent = -9; exponent < 6; exponent++) {
    for (let digits = 11; digits < 1000; digits++) {
      const low = Number(`${digits % 10 || 1}e${exponent}`), high = Number(`${Math.floor(digits / 10)}e${exponent}`);
      for (const room of high > low ? [0, 2, 5, 9, 30] : []) {
        const ticks = logTicks(low, high, room);
        assert.ok(ticks.length >= 2 && ticks.length < 16, `${low} to ${high}, ${room}: ${ticks}`);
        assert.ok(ticks.every((tick, i) => tick > low * 0.9999 && tick < high * 1.0001 && !(tick <= ticks[i - 1])), `${low} to ${high}: ${ticks}`);
      }
    }
  }
});

test("what_grows_begins_again_when_it_has_been_seen_or_has_exploded", () => {
  const growth = new Growth();
  growth.sawRollout(60);
  growth.sawRollout(50);
  growth.begin(0);
  const frame = (step, more) => ({ step, losses: [0.01], alive: [300], playing: true, ...more });
  assert.equal(growth.isOver(frame(79), true, true, 5000), true);
  assert.equal(growth.isOver(frame(70), true, true, 5000), false, "not yet the steps of a rollout and some more");
  assert.equal(growth.isOver(frame(79), false, true, 5000), true, "also with the weights that it has");
  assert.equal(growth.isOver(frame(5000), false, false, 9000), false, "what a finished run has made lives on");
  assert.equal(growth.isOver(frame(15, { losses: [3] }), false, false, 5000), true);
  assert.equal(growth.isOver(frame(15, { losses: [NaN] }), false, false, 5000), true);
  assert.equal(growth.isOver(frame(15, { losses: [3] }), false, false, 300), false, "no flicker");
  assert.equal(growth.isOver(frame(500, { playing: false }), true, true, 5000), false);
  growth.edited(100);
  assert.equal(growth.isOver(frame(399), true, true, 5000), false);
  assert.equal(growth.isOver(frame(400), true, true, 5000), true);
  growth.begin(5000);
  assert.equal(growth.isOver(frame(21, { alive: [9] }), true, true, 6000), true, "nothing has grown");
});

test("samples_fill_their_box_and_are_large_enough_to_see", () => {
  assert.deepEqual(arrange(8, 1, 402, 200, 2), { columns: 4, side: 99 });
  assert.deepEqual(arrange(4, 1, 100, 500, 0), { columns: 1, side: 100 });
  assert.equal(fitting(64, 1, 240, 240, 2, 56), 16);
  assert.equal(fitting(64, 1, 1000, 1000, 2, 56), 64);
  assert.equal(fitting(2, 1, 10, 10, 2, 56), 2);
  assert.ok(batchShare(4, 1, 650, 130, 2) > batchShare(8, 1, 650, 130, 2), "four samples in a row need more of the width");
});

test("a_target_with_a_bright_rim_stands_on_black_as_in_the_program's_pictures", () => {
  const square = (rim, alpha = 1) => {
    const target = new Float32Array(8 * 8 * 4);
    for (let row = 2; row < 6; row++) {
      for (let column = 2; column < 6; column++) {
        const inside = row > 2 && row < 5 && column > 2 && column < 5;
        target.set([...(inside ? [0, 0, 0] : rim).map((value) => value * alpha), alpha], (row * 8 + column) * 4);
      }
    }
    return { target, height: 8, width: 8 };
  };
  assert.equal(fittingBackground(square([0.6, 0.6, 0.6])), "black");
  assert.equal(fittingBackground(square([0.4, 0.4, 0.4])), "white");
  assert.equal(fittingBackground(square([0, 1, 0])), "black", "green is bright");
  assert.equal(fittingBackground(square([1, 0, 1])), "white", "red and blue are not");
  assert.equal(fittingBackground(square([1, 1, 1], 0.05)), "white", "too faint to count");
  assert.equal(fittingBackground({ target: null, height: 8, width: 8 }), "white");
});
