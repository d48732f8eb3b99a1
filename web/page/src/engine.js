// A wrapper for the C engine (web/engine): one grid that grows.
import { BOUNDARIES, FILTERS } from "./model.js";

const PAGE = 65536;
const LINE = 64;

// The module with vector instructions, or the scalar one if the browser does not support them.
export async function compileEngine(simd, scalar) {
  if (WebAssembly.validate(simd)) return WebAssembly.compile(simd);
  return WebAssembly.compile(scalar);
}

export class Engine {
  // `module` is from compileEngine, `model` from readModel.
  constructor(module, model) {
    this.model = model;
    this.wasm = new WebAssembly.Instance(module, {}).exports;
    this.heap = Math.ceil(this.wasm.__heap_base.value / LINE) * LINE;
  }

  get simd() {
    return this.wasm.nca_web_simd() === 1;
  }

  // settings: height, width, boundary, angle (degrees), fireRate, stepSize, seed. The grid is empty.
  open(settings) {
    const { wasm, model } = this;
    this.settings = { ...settings };
    this.writeSettings();
    const bytes = wasm.nca_web_bytes();
    if (bytes === 0) throw new Error(`a grid of ${settings.height}×${settings.width} is not possible with this model`);
    const missing = this.heap + bytes - wasm.memory.buffer.byteLength;
    if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE));
    new Uint8Array(wasm.memory.buffer, this.heap, bytes).fill(0);
    wasm.nca_web_open(this.heap);
    this.use(model);
    this.stateFloats = settings.height * settings.width * model.channels;
  }

  // The target (H,W,4) that the loss is measured against.
  aim(target) {
    this.floats(this.wasm.nca_web_target(), target.length).set(target);
  }

  // Loads the parameters of a model of the same shape.
  use(model) {
    this.model = model;
    const count = this.wasm.nca_web_parameter_count(); // without a head
    this.floats(this.wasm.nca_web_parameters(), count).set(model.parameters.subarray(0, count));
    this.wasm.nca_web_use_parameters();
  }

  writeSettings() {
    const { wasm, model, settings } = this;
    const view = new DataView(wasm.memory.buffer, wasm.nca_web_settings(), 16 * 4);
    const whole = (index, value) => view.setInt32(4 * index, value, true);
    const real = (index, value) => view.setFloat32(4 * index, value, true);
    whole(0, model.channels);
    whole(1, model.hidden);
    whole(2, FILTERS.indexOf(model.filter));
    whole(3, BOUNDARIES.indexOf(settings.boundary));
    real(4, model.filter === "learned" ? 0 : (settings.angle * Math.PI) / 180);
    real(5, settings.fireRate);
    real(6, settings.stepSize);
    whole(7, model.aliveChannel);
    real(8, model.aliveThreshold);
    whole(9, model.outputBias ? 1 : 0);
    whole(10, settings.height);
    whole(11, settings.width);
    whole(12, settings.seed | 0);
    whole(13, Math.floor(settings.seed / 2 ** 32) | 0);
    whole(14, model.filterCount ?? 2); // present in models with learned filters only
    whole(15, model.inputChannels ?? 0); // present in classifiers only
  }

  // Changes the angle, fire rate, step size and random seed and keeps the grid.
  retune(settings) {
    this.settings = { ...this.settings, ...settings };
    this.writeSettings();
    this.wasm.nca_web_retune();
  }

  floats(address, count) {
    return new Float32Array(this.wasm.memory.buffer, address, count);
  }

  // The grid (H,W,C) as it is in the engine; valid until the next call.
  take() {
    this.wasm.nca_web_take();
    return this.state();
  }

  state() {
    return this.floats(this.wasm.nca_web_state(), this.stateFloats);
  }

  put(state) {
    const copy = this.state();
    if (state !== copy) copy.set(state);
    this.wasm.nca_web_put();
  }

  seed() {
    this.wasm.nca_web_seed();
  }

  run(steps) {
    this.wasm.nca_web_run(steps);
  }

  get steps() {
    return this.wasm.nca_web_steps();
  }

  set steps(steps) {
    this.wasm.nca_web_set_steps(steps);
  }

  get loss() {
    return this.wasm.nca_web_loss();
  }

  get alive() {
    return this.wasm.nca_web_alive();
  }
}
