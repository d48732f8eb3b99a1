// Where a world has been: snapshots from which any of the last steps can be run again. A step is a
// function of the state, the settings and its number, so one snapshot in ten steps is enough, or in
// more where a grid is so large that the snapshots would not fit.

export const KEPT_STEPS = 200;
const EVERY = 10;
const MOST_BYTES = 128 * 2 ** 20;
const MOST_UNDO = 20;

export class History {
  constructor() {
    this.snapshots = []; // ascending steps; the state as it left that step, edits included
    this.undo = []; // states before an edit
  }

  // After a step or an edit. `always`: an edit or a change of settings, from which steps differ.
  record(step, state, settings, always) {
    this.forget(always ? step : step + 1);
    const last = this.snapshots.at(-1);
    const most = Math.max(6, Math.floor(MOST_BYTES / state.byteLength));
    // Two more than the steps need: the oldest is dropped only when the next one covers them all.
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

  // The snapshot from which to run to `step`; those after it are dropped.
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

  // Drops edits after a step.
  forgetEdits(step) {
    this.undo = this.undo.filter((moment) => moment.step <= step);
  }

  clear() {
    this.snapshots = [];
    this.undo = [];
  }
}
