// A wrapper for the read-out of a classifier (web/engine/classes.h): an image becomes a state, a
// state becomes class scores and the votes of the cells.
const PAGE = 65536;
const LINE = 64;
const READOUTS = ["mean", "max", "per-cell"];

export class Readout {
  // `module` is compiled from classes.wasm, `model` is from readModel.
  constructor(module, model, height, width) {
    this.wasm = new WebAssembly.Instance(module, {}).exports;
    const { wasm } = this, heap = Math.ceil(wasm.__heap_base.value / LINE) * LINE;
    this.writeSettings(model, height, width);
    const bytes = wasm.nca_classes_bytes();
    if (bytes === 0) throw new Error(`images of ${width}×${height} are not possible with this model`);
    const missing = heap + bytes - wasm.memory.buffer.byteLength;
    if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE));
    wasm.nca_classes_open(heap);
    const array = (Type, name, count) => new Type(wasm.memory.buffer, wasm[`nca_classes_${name}`](), count);
    const classes = model.classifier.classes.length, cells = height * width;
    this.image = array(Uint8Array, "image", cells * model.inputChannels);
    this.state = array(Float32Array, "state", cells * model.channels);
    this.scores = array(Float64Array, "scores", classes);
    this.probabilities = array(Float64Array, "probabilities", classes);
    this.votes = array(Uint8Array, "votes", 2 * cells);
    this.head = array(Float32Array, "head", model.headOutputs * (model.headInputs + 1));
    this.use(model);
  }

  writeSettings(model, height, width) {
    const { wasm } = this, { classes, readout, sigmoid, scale, offset, temperature } = model.classifier;
    const view = new DataView(wasm.memory.buffer, wasm.nca_classes_settings(), 8 + 15 * 4);
    view.setFloat64(0, temperature, true);
    [model.channels, model.inputChannels, classes.length, READOUTS.indexOf(readout), sigmoid ? 1 : 0, model.headInputs, model.headOutputs,
      height, width].forEach((value, i) => view.setInt32(8 + 4 * i, value, true));
    [...scale, ...offset].forEach((value, i) => view.setFloat32(44 + 4 * i, value, true));
  }

  // Loads the head of a model of the same shape: the last tensors of its parameters.
  use(model) {
    this.head.set(model.parameters.subarray(model.parameters.length - this.head.length));
  }

  // The state (H,W,C) at step 0 of an image (H,W,inputChannels); valid until the next call.
  begin(image) {
    this.image.set(image);
    this.wasm.nca_classes_begin();
    return this.state;
  }

  // The probabilities of a state; `scores` has its scores.
  measure(state) {
    this.state.set(state);
    this.wasm.nca_classes_measure();
    return this.probabilities;
  }

  // The votes (H,W,2) of the cells of a state: a class, and how sure the cell is, 0 to 255.
  vote(state) {
    this.state.set(state);
    this.wasm.nca_classes_vote();
    return this.votes;
  }
}
