// Decides when the automaton on a live page starts again from the seed.

const USUAL_STEPS = 96;
const LIVES_ON = 1.3; // times the longest rollout of the training run
const EXPLODED = 1; // L2 loss above which growth has exploded: the colours are far outside the visible range
const TOUCHED = 300; // steps that an edited automaton is given to heal
const LEAST_TIME = 700; // minimum time between two restarts, in milliseconds

export class Growth {
  constructor() {
    this.trained = 0; // steps of the longest rollout so far
    this.held = 0; // no restart before this step
    this.began = -Infinity;
  }

  sawRollout(steps) {
    this.trained = Math.max(this.trained, steps);
  }

  edited(step) {
    this.held = step + TOUCHED;
  }

  begin(now) {
    this.began = now;
    this.held = 0;
  }

  static hasExploded(losses) {
    return losses.some((loss) => !(loss < EXPLODED));
  }

  // frame: {step, losses, alive, playing}; hasNewer: newer weights are waiting; goesOn: the
  // training run will send more. The result of a finished run keeps growing.
  isOver({ step, losses, alive, playing }, hasNewer, goesOn, now) {
    if (!playing || now - this.began < LEAST_TIME) return false;
    if (Growth.hasExploded(losses)) return true;
    if (step < this.held) return false;
    if (hasNewer && step > 20 && alive.every((count) => count <= 9)) return true; // nothing grew
    return (hasNewer || goesOn) && step >= LIVES_ON * (this.trained || USUAL_STEPS);
  }
}
