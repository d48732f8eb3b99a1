// One automaton with its history; the worker runs it.
import { addNoise, applyEdit } from "./edits.js";
import { Engine } from "./engine.js";
import { History } from "./history.js";
import { STEERED, targetOnGrid } from "./model.js";

const MOST_LOSSES = 2000;

// The settings a model was trained with, as settings of a world.
export function trainedSettings(model) {
  return {
    height: model.height || 64,
    width: model.width || 64,
    boundary: model.boundary,
    angle: (model.angle * 180) / Math.PI,
    fireRate: model.fireRate,
    stepSize: model.stepSize,
    noise: 0,
    seed: 0,
  };
}

export class World {
  constructor(module, model, settings) {
    this.model = model;
    this.engine = new Engine(module, model);
    this.history = new History();
    this.open(settings);
    this.reset();
  }

  open(settings) {
    this.settings = { ...settings };
    const { height, width } = settings;
    this.grid = { height, width, channels: this.model.channels, boundary: settings.boundary };
    this.hasTarget = this.model.target !== null && height >= this.model.height && width >= this.model.width;
    // Scales the mean to the grid of training, so that a wider margin does not change the loss.
    this.lossScale = (height * width) / (this.model.height * this.model.width);
    this.engine.open(settings);
    this.aim(settings);
  }

  // A rotated automaton grows a rotated target.
  aim({ height, width, angle }) {
    const turned = STEERED.includes(this.model.filter) ? angle - trainedSettings(this.model).angle : 0;
    this.engine.aim(targetOnGrid(this.model, height, width, turned));
  }

  // Changes to another model of the same shape and keeps the grid. Drops the snapshots: the new
  // model would compute earlier steps differently. If the fire rate is that of the old model, it
  // becomes that of the new one; returns whether it has changed.
  replace(model) {
    const before = this.model.fireRate, follows = this.settings.fireRate === before && model.fireRate !== before;
    this.model = model;
    this.engine.use(model);
    if (follows) {
      this.applySettings({ ...this.settings, fireRate: model.fireRate });
      this.history.changeUndo({ fireRate: model.fireRate });
    }
    this.history.forget(0);
    this.history.record(this.step, this.state, this.settings, true);
    this.measure();
    return follows;
  }

  // The state at step 0.
  seed() {
    this.engine.seed();
  }

  // Starts again from the seed.
  reset() {
    this.engine.steps = 0;
    this.seed();
    this.state = this.engine.take().slice();
    this.previous = this.state.slice(); // one step earlier
    this.wounded = null; // the state before the latest damage
    this.losses = []; // {step, loss}
    this.marks = []; // steps at which the grid was edited
    this.history.clear();
    this.history.record(0, this.state, this.settings, true);
    this.measure();
  }

  get step() {
    return this.engine.steps;
  }

  measureLoss() {
    this.loss = this.hasTarget ? this.engine.loss * this.lossScale : NaN;
  }

  measure() {
    this.measureLoss();
    this.alive = this.engine.alive;
  }

  // Runs one step of the engine and adds noise.
  advance(settings) {
    this.engine.run(1);
    if (settings.noise > 0) {
      const state = this.engine.take();
      addNoise(state, this.grid, settings.noise, settings.seed, this.engine.steps);
      this.engine.put(state);
    }
  }

  run(steps) {
    for (let i = 0; i < steps; i++) {
      const kept = this.previous;
      this.previous = this.state;
      this.advance(this.settings);
      kept.set(this.engine.take());
      this.state = kept;
      this.history.record(this.step, this.state, this.settings, false);
      if (this.hasTarget) {
        this.measureLoss();
        this.losses.push({ step: this.step, loss: this.loss });
      }
    }
    if (this.losses.length > MOST_LOSSES) this.losses.splice(0, this.losses.length - MOST_LOSSES);
    this.alive = this.engine.alive;
  }

  // Restores a snapshot.
  restore(moment) {
    this.applySettings(moment.settings);
    this.engine.put(moment.state);
    this.engine.steps = moment.step;
    this.state = moment.state.slice();
    this.previous = this.state.slice();
  }

  // Runs from a snapshot to a later step; there must be no edit or change of settings in between.
  runOn(moment, step) {
    this.restore(moment);
    while (this.step < step) {
      this.previous = this.engine.take().slice();
      this.advance(moment.settings);
    }
    this.state = this.engine.take().slice();
  }

  applySettings(settings) {
    const same = ["height", "width", "boundary"].every((key) => settings[key] === this.settings[key]);
    if (!same) this.open(settings);
    else this.engine.retune(settings);
    if (same && settings.angle !== this.settings.angle) this.aim(settings);
    this.settings = { ...settings };
  }

  // Goes back one step, bit for bit; returns false if the history does not reach that far.
  back() {
    const wanted = this.step - 1;
    if (wanted < this.history.oldest) return false;
    const moment = this.history.before(wanted);
    if (moment === null) return false;
    const now = this.settings;
    const earlier = this.history.snapshots.at(-2);
    if (moment.step === wanted && earlier) { // rerun the step before it for the update view
      this.runOn(earlier, wanted - 1);
      const previous = this.state;
      this.restore(moment);
      if (previous.length === this.state.length) this.previous = previous;
    } else {
      this.runOn(moment, wanted);
    }
    this.history.forgetEdits(wanted);
    if (Object.keys(now).some((key) => now[key] !== moment.settings[key])) this.configure(now);
    this.losses = this.losses.filter((point) => point.step <= wanted);
    this.marks = this.marks.filter((step) => step <= wanted);
    this.measure();
    return true;
  }

  // Applies new settings from now on. A grid of another size keeps the centre of the old one.
  configure(settings) {
    const before = { grid: this.grid, state: this.state };
    const step = this.step;
    const same = ["height", "width", "boundary"].every((key) => settings[key] === this.settings[key]);
    this.applySettings(settings);
    if (!same) {
      this.state = moved(before.state, before.grid, this.grid);
      this.engine.put(this.state);
      this.engine.steps = step;
      this.previous = this.state.slice();
      this.wounded = null;
      if (this.state.length !== before.state.length) this.history.clear();
    }
    this.history.record(this.step, this.state, this.settings, true);
    this.measure();
  }

  apply(edit) {
    applyEdit(this.state, this.grid, edit);
  }

  // `first`: starts a new stroke; undo reverts a whole stroke.
  edit(edit, first) {
    if (first) {
      this.history.rememberEdit(this.step, this.state, this.settings);
      this.wounded = this.state.slice();
      if (this.marks.at(-1) !== this.step) this.marks.push(this.step);
    }
    this.apply(edit);
    this.engine.put(this.state);
    this.history.record(this.step, this.state, this.settings, true);
    this.measure();
    if (this.hasTarget) this.losses.push({ step: this.step, loss: this.loss });
  }

  undo() {
    const moment = this.history.takeUndo();
    if (moment === null) return false;
    this.restore(moment);
    this.history.forget(moment.step);
    this.history.record(this.step, this.state, this.settings, true);
    this.losses = this.losses.filter((point) => point.step <= moment.step);
    const edited = this.history.undo.at(-1)?.step === moment.step; // by an earlier stroke
    this.marks = this.marks.filter((step) => step < moment.step || (edited && step === moment.step));
    this.wounded = null;
    this.measure();
    return true;
  }
}

// Copies cells to a grid of another size, aligned at the centres.
function moved(state, from, to) {
  const out = new Float32Array(to.height * to.width * to.channels);
  const down = Math.floor(to.height / 2) - Math.floor(from.height / 2);
  const right = Math.floor(to.width / 2) - Math.floor(from.width / 2);
  for (let row = 0; row < from.height; row++) {
    for (let column = 0; column < from.width; column++) {
      const r = row + down, c = column + right;
      if (r < 0 || r >= to.height || c < 0 || c >= to.width) continue;
      const at = (row * from.width + column) * from.channels;
      out.set(state.subarray(at, at + from.channels), (r * to.width + c) * to.channels);
    }
  }
  return out;
}
