// Decides when a page of classifiers pauses: at the step at which the model is read out and, after
// an edit, as many steps later.

export class PauseAt {
  // on.toggle(): presses the play button; on.back(steps): takes steps back.
  constructor(steps, on) {
    this.steps = steps;
    this.on = on;
    this.goal = steps;
    this.last = 0; // the step of the latest frame
    // "running": pauses at the goal; "pausing": has told the worker, which may have run on;
    // "waiting": has paused there; "free": was told to go on from there.
    this.mode = "running";
  }

  saw({ step, playing }) {
    const before = this.last;
    this.last = step;
    if (this.mode === "pausing") {
      if (playing) return;
      this.mode = "waiting";
      if (step > this.goal) this.on.back(step - this.goal);
      return;
    }
    if (this.mode === "waiting" && (playing || step > before)) this.mode = "free";
    if (step < before && step < this.steps) { // another image, or steps taken back
      this.goal = this.steps;
      this.mode = "running";
    }
    if (this.mode === "running" && playing && before < this.goal && step >= this.goal) {
      this.mode = "pausing";
      this.on.toggle();
    }
  }

  // Another image begins; also this goes on at once.
  restarted() {
    const waits = this.mode === "waiting";
    this.goal = this.steps;
    this.last = 0;
    this.mode = "running";
    if (waits) this.on.toggle();
  }

  // An edit while it waits goes on at once.
  edited() {
    if (this.mode === "free") return;
    this.goal = Math.max(this.goal, this.last + this.steps);
    const waits = this.mode === "waiting";
    this.mode = "running";
    if (waits) this.on.toggle();
  }
}
