// Where a world has been: snapshots from which any of the last steps can be run again. A step is a
// function of the state, the settings and its number, so one snapshot in ten steps is enough.

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
    if (!always && last && step - last.step < EVERY) return;
    this.snapshots.push({ step, state: state.slice(), settings });
    this.trim(step);
  }

  trim(step) {
    const most = Math.max(4, Math.floor(MOST_BYTES / (this.snapshots[0].state.byteLength || 1)));
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

  clear() {
    this.snapshots = [];
    this.undo = [];
  }
}
