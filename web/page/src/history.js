// The history of a world: snapshots from which any of the last KEPT_STEPS steps can be recomputed.
// A step is a function of the state, the settings and its number, so one snapshot every 10 steps is
// enough; with large grids the interval is longer, so that the snapshots fit in memory.

export const KEPT_STEPS = 200;
const EVERY = 10;
const MOST_BYTES = 128 * 2 ** 20;
const MOST_UNDO = 20;

export class History {
  constructor() {
    this.snapshots = []; // in ascending order of step; the state after that step, edits included
    this.undo = []; // states before each edit
  }

  // Call after each step or edit. `always`: after an edit or a change of settings, since later
  // steps cannot be recomputed from an earlier snapshot.
  record(step, state, settings, always) {
    this.forget(always ? step : step + 1);
    const last = this.snapshots.at(-1);
    const most = Math.max(6, Math.floor(MOST_BYTES / state.byteLength));
    // Two more than needed: the oldest is dropped only when the next one covers KEPT_STEPS.
    const every = Math.max(EVERY, Math.ceil(KEPT_STEPS / (most - 2)));
    if (!always && last && step - last.step < every) return;
    this.snapshots.push({ step, state: state.slice(), settings });
    this.trim(step, most);
  }

  trim(step, most) {
    while (this.snapshots.length > 2 &&
           (this.snapshots.length > most || this.snapshots[1].step <= step - KEPT_STEPS)) {
      this.snapshots.shift();
    }
  }

  // Drops snapshots at or after a step.
  forget(step) {
    while (this.snapshots.length > 0 && this.snapshots.at(-1).step >= step) this.snapshots.pop();
  }

  get oldest() {
    return this.snapshots.length > 0 ? this.snapshots[0].step : Infinity;
  }

  // The latest snapshot at or before `step`; those after it are dropped.
  before(step) {
    this.forget(step + 1);
    return this.snapshots.at(-1) ?? null;
  }

  rememberEdit(step, state, settings) {
    this.undo.push({ step, state: state.slice(), settings });
    if (this.undo.length > MOST_UNDO) this.undo.shift();
  }

  takeUndo() {
    return this.undo.pop() ?? null;
  }

  // Changes settings that undo restores.
  changeUndo(settings) {
    this.undo = this.undo.map((moment) => ({ ...moment, settings: { ...moment.settings, ...settings } }));
  }

  // Drops edits after a step.
  forgetEdits(step) {
    this.undo = this.undo.filter((moment) => moment.step <= step);
  }

  clear() {
    this.snapshots = [];
    this.undo = [];
  }
}
