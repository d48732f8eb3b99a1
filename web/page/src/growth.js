// When what grows on a live page begins again from the seed. Pure.

const USUAL_STEPS = 96;
const LIVES_ON = 1.3; // so many times the steps that training looks at
const EXPLODED = 1; // an L2 loss that no picture has: colours are far outside what can be shown
const TOUCHED = 300; // steps that an edited automaton is left to heal
const LEAST_TIME = 700; // milliseconds between two beginnings

export class Growth {
  constructor() {
    this.trained = 0; // the most steps of a rollout so far
    this.held = 0; // until this step
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

  // frame: {step, losses, alive, playing}; hasNewer: weights that it does not grow with yet; goesOn: more
  // are to come. What a finished training has made lives on.
  isOver({ step, losses, alive, playing }, hasNewer, goesOn, now) {
    if (!playing || now - this.began < LEAST_TIME) return false;
    if (Growth.hasExploded(losses)) return true;
    if (step < this.held) return false;
    if (hasNewer && step > 20 && alive.every((count) => count <= 9)) return true; // nothing has grown
    return (hasNewer || goesOn) && step >= LIVES_ON * (this.trained || USUAL_STEPS);
  }
}
