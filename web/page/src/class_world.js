// A world that classifies an image: it begins with the image in its input channels, and keeps the
// probabilities of its steps.
import { alongStroke } from "./edits.js";
import { Readout } from "./readout.js";

const MOST_POINTS = 2000;

// Values of an image, 0 to 1, as they are in the input channels of a model.
export const inputOf = ({ classifier, inputChannels }, values) =>
  Array.from({ length: inputChannels }, (_, k) => values[k] * classifier.scale[k] + classifier.offset[k]);
// The opposite, for channel k.
export const imageValue = ({ classifier }, value, k) => (value - classifier.offset[k]) / classifier.scale[k];

// Erases or paints cells: their part of the image, what they have made of it, or (`target`) both.
// Erased parts of an image are black.
export function editImage(state, grid, edit, model) {
  const [red, green, blue] = edit.tool === "paint" ? edit.colour : [0, 0, 0];
  const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
  const values = inputOf(model, model.inputChannels === 1 ? [grey] : [red, green, blue]);
  const visit = (at) => {
    if (edit.target !== "state") state.set(values, at);
    if (edit.target !== "image") state.fill(0, at + model.inputChannels, at + grid.channels);
  };
  if (edit.tool !== "half") {
    alongStroke(grid, edit.tool === "hole" ? { ...edit, x0: edit.x1, y0: edit.y1 } : edit, visit);
    return;
  }
  for (let cell = 0; cell < grid.height * grid.width; cell++) {
    if ((cell % grid.width) + 0.5 >= edit.x1) visit(cell * grid.channels);
  }
}

// The class of such worlds. `World` is that of world.js, `module` is compiled from classes.wasm.
// All worlds show the same image, which stays when other models are chosen.
export function classWorld(World, module) {
  let image = null; // (H,W,inputChannels) bytes

  return class extends World {
    open(settings) {
      super.open(settings);
      this.readout = new Readout(module, this.model, settings.height, settings.width);
    }

    seed() {
      const { readout } = this;
      this.engine.put(readout.begin(image?.length === readout.image.length ? image : new Uint8Array(readout.image.length)));
    }

    reset(newer) {
      image = newer ?? image;
      this.trail = []; // {step, values}, oldest first
      this.answer = null; // the probabilities at the step that the model was trained for
      super.reset();
    }

    replace(model) {
      this.readout.use(model);
      return super.replace(model);
    }

    apply(edit) {
      editImage(this.state, this.grid, edit, this.model);
    }

    // The size of the grid is that of the image, and noise would change the image.
    configure(settings) {
      super.configure({ ...settings, height: this.model.height, width: this.model.width, noise: 0 });
    }

    // What was read out before the edit stays.
    edit(edit, first) {
      const { answer } = this;
      super.edit(edit, first);
      this.answer = answer;
    }

    measure() {
      super.measure();
      this.keep();
    }

    run(steps) {
      for (let i = 0; i < steps; i++) {
        super.run(1);
        this.keep();
      }
    }

    // Keeps the probabilities of this step, and forgets those of later ones.
    keep() {
      const { trail, step } = this, { steps } = this.model.classifier;
      const values = this.readout.measure(this.state).slice();
      while (trail.at(-1)?.step >= step) trail.pop();
      trail.push({ step, values });
      if (trail.length > MOST_POINTS) trail.shift();
      if (step <= steps) this.answer = step === steps ? values : null;
    }
  };
}
