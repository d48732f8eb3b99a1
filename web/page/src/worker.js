// The worker that runs the automaton: advances worlds at a given speed and sends pictures and
// numbers. docs/web.md lists its messages.
import { compileEngine } from "./engine.js";
import { readModel } from "./model.js";
import { fittingBackground, paintView, viewSize } from "./views.js";
import { trainedSettings, World } from "./world.js";

const SLICE = 12; // milliseconds of steps between checks for messages
const PROBE_STEPS = 200;
const THUMBNAIL_STEPS = 96;
const CHART_PAUSE = 120; // minimum milliseconds between sending chart data, which is large

// What models that classify replace (class_worker.js).
const kind = { World, paintView, viewSize, ...globalThis.ncaKind?.(World, paintView, viewSize) };

let module;
let models = [];
let worlds = []; // on show: one, or all when models are compared
let selected = 0;
let comparing = false;
let playing = false;
let speed = 30; // steps per second; Infinity: as fast as possible
let view = "colour";
let background = "auto";
let aspect = 1; // width to height of the canvas
let probe = null; // {world, row, column}
let probeTrail = []; // {step, values} of the probed cell
let owed = 0; // steps due according to the clock
let clock = 0;
let pageReady = true; // the page has shown the last picture
let dirty = true;
let chartsSent = 0;
const measured = { steps: 0, cells: 0, since: 0, stepRate: NaN, cellRate: NaN };

const send = (message, transfer = []) => postMessage(message, transfer);

function show(indices, settings) {
  worlds = indices.map((index) => new kind.World(module, models[index], settings ?? trainedSettings(models[index])));
  probe = null;
  probeTrail = [];
  dirty = true;
}

// `asked`: the settings come from the page itself, which may already have newer ones; it then keeps
// its controls as they are, except for the fire rate if `newFireRate`.
function announce(asked = false, newFireRate = false) {
  const { settings, model, engine } = worlds[0];
  send({
    kind: "opened", settings, asked, newFireRate, selected, comparing, probing: probe !== null,
    shown: worlds.map((world) => models.indexOf(world.model)),
    trained: trainedSettings(model), simd: engine.simd, channels: model.channels,
    hasTarget: worlds.map((world) => world.hasTarget),
  });
}

function probed() {
  const world = worlds[probe.world];
  const at = (probe.row * world.grid.width + probe.column) * world.grid.channels;
  return world.state.slice(at, at + world.grid.channels);
}

// Clears the probe if its cell is outside the grid, which may have become smaller.
function forgetProbeOutside() {
  if (probe === null) return;
  const { height, width } = worlds[probe.world].grid;
  if (probe.row >= height || probe.column >= width) probe = null;
}

function trackProbe() {
  if (probe === null) return;
  const step = worlds[probe.world].step;
  probeTrail = probeTrail.filter((point) => point.step < step);
  probeTrail.push({ step, values: probed() });
  if (probeTrail.length > PROBE_STEPS) probeTrail.shift();
}

function run(steps) {
  for (let i = 0; i < steps; i++) {
    for (const world of worlds) world.run(1);
    trackProbe();
  }
  measured.steps += steps;
  for (const world of worlds) measured.cells += steps * world.grid.height * world.grid.width;
  dirty = dirty || steps > 0;
}

function tick() {
  const now = performance.now();
  if (playing) {
    const begin = now;
    owed = speed === Infinity ? Infinity : Math.min(owed + ((now - clock) * speed) / 1000, Math.max(2, speed / 4));
    while (owed >= 1 && performance.now() - begin < SLICE) {
      run(1);
      owed -= 1;
    }
    if (now - measured.since > 500) {
      const seconds = (now - measured.since) / 1000;
      measured.stepRate = measured.steps / seconds;
      measured.cellRate = measured.cells / seconds;
      measured.steps = measured.cells = 0;
      measured.since = now;
    }
  }
  clock = now;
  if (dirty && pageReady) sendFrame();
  schedule();
}

let scheduled = false;
const channel = new MessageChannel();
channel.port1.onmessage = () => {
  scheduled = false;
  tick();
};

// Continues at once while steps are due, else after a few milliseconds.
function schedule() {
  if (scheduled || (!playing && !dirty)) return;
  scheduled = true;
  if (playing && (speed === Infinity || owed >= 1)) channel.port2.postMessage(null);
  else setTimeout(() => channel.port1.onmessage(), 4);
}

// What is before a length that is aligned with another one at their centres.
const before = (length, shorter) => Math.floor(length / 2) - Math.floor(shorter / 2);

// Arranges the worlds side by side; every tile has the size of the largest. `parts`: the place of
// each picture in its tile; pictures are aligned at their centres.
function layOut() {
  const sizes = worlds.map((world) => kind.viewSize(view, world.grid));
  const width = Math.max(...sizes.map((size) => size.width));
  const height = Math.max(...sizes.map((size) => size.height));
  let columns = 1, largest = 0;
  for (let c = 1; c <= worlds.length; c++) {
    const scale = Math.min(aspect / (c * width), 1 / (Math.ceil(worlds.length / c) * height));
    if (scale > largest) [columns, largest] = [c, scale];
  }
  const rows = Math.ceil(worlds.length / columns);
  const parts = sizes.map((size) => ({ ...size, left: before(width, size.width), top: before(height, size.height) }));
  return { columns, rows, width, height, gap: worlds.length > 1 ? 2 : 0, parts };
}

function sendFrame() {
  dirty = false;
  pageReady = false;
  const tiles = layOut();
  const width = tiles.columns * (tiles.width + tiles.gap) - tiles.gap;
  const height = tiles.rows * (tiles.height + tiles.gap) - tiles.gap;
  const pixels = new Uint8ClampedArray(4 * width * height);
  const scales = worlds.map((world, i) => kind.paintView(pixels, {
    stride: width,
    top: Math.floor(i / tiles.columns) * (tiles.height + tiles.gap) + tiles.parts[i].top,
    left: (i % tiles.columns) * (tiles.width + tiles.gap) + tiles.parts[i].left,
  }, view, world, background === "auto" ? fittingBackground(world.model) : background));
  const now = performance.now();
  const charts = !playing || now - chartsSent > CHART_PAUSE;
  if (charts) chartsSent = now;
  send({
    kind: "frame", pixels, width, height, tiles, view,
    grids: worlds.map((world) => ({ height: world.grid.height, width: world.grid.width, channels: world.grid.channels })),
    high: Math.max(...scales), step: worlds[0].step, playing,
    losses: worlds.map((world) => world.loss), alive: worlds.map((world) => world.alive),
    history: charts ? worlds.map((world) => world.losses) : null, marks: worlds[0].marks,
    canUndo: worlds[0].history.undo.length > 0, canGoBack: worlds[0].history.oldest < worlds[0].step,
    stepRate: playing ? measured.stepRate : NaN, cellRate: playing ? measured.cellRate : NaN,
    probe: charts && probe ? { ...probe, values: probed(), trail: probeTrail } : null,
    classes: kind.frame?.(worlds, charts),
  }, [pixels.buffer]);
}

const handlers = {
  async init({ simd, scalar, carried }) {
    module = await compileEngine(simd, scalar);
    models = carried.map(readModel);
    show([0]);
    announce();
  },
  select({ index }) {
    selected = index;
    comparing = false;
    show([index]);
    announce();
  },
  // Loads newer weights of a model and keeps the grid.
  replace({ index, carried }) {
    const before = models[index];
    models[index] = readModel(carried);
    const changed = worlds.filter((world) => world.model === before).map((world) => world.replace(models[index]));
    announce(true, changed.includes(true));
  },
  compare({ on }) {
    comparing = on;
    show(on ? models.map((_, index) => index) : [selected]);
    announce();
  },
  play({ on }) {
    playing = on;
    clock = performance.now();
    owed = 1;
    Object.assign(measured, { steps: 0, cells: 0, since: clock, stepRate: NaN, cellRate: NaN });
    dirty = true;
  },
  speed({ stepsPerSecond }) {
    speed = stepsPerSecond;
    owed = 0;
  },
  step() {
    run(1);
  },
  back() {
    for (const world of worlds) world.back();
    trackProbe();
    dirty = true;
  },
  // `image`: of models that classify, the next one.
  reset({ image }) {
    for (const world of worlds) world.reset(image);
    probeTrail = [];
    dirty = true;
  },
  undo() {
    for (const world of worlds) world.undo();
    dirty = true;
    announce();
  },
  // Applies some settings; a new random seed restarts growth.
  configure({ settings, fromAddress }) {
    for (const world of worlds) {
      world.configure({ ...world.settings, ...settings });
      if ("seed" in settings) world.reset();
    }
    forgetProbeOutside();
    dirty = true;
    announce(!fromAddress);
  },
  defaults() {
    for (const world of worlds) world.configure(trainedSettings(world.model));
    forgetProbeOutside();
    dirty = true;
    announce();
  },
  // Applies the same edit to all worlds, aligned at their centres. `tile`: the world it was drawn
  // in.
  edit({ edit, tile, first }) {
    const drawn = worlds[tile]?.grid;
    if (!drawn) return; // the page does not yet know that there are fewer
    for (const world of worlds) {
      const down = before(world.grid.height, drawn.height), right = before(world.grid.width, drawn.width);
      world.edit({ ...edit, x0: edit.x0 + right, y0: edit.y0 + down, x1: edit.x1 + right, y1: edit.y1 + down }, first);
    }
    dirty = true;
  },
  view(message) {
    view = message.view ?? view;
    background = message.background ?? background;
    aspect = message.aspect ?? aspect;
    dirty = true;
  },
  probe({ at }) {
    if (!worlds[at.world]) return;
    probe = at;
    probeTrail = [];
    trackProbe();
    dirty = true;
  },
  shown() {
    pageReady = true;
  },
  // Grows a model for THUMBNAIL_STEPS steps, a few at a time, while the worlds on show continue.
  thumbnail({ index }) {
    const world = new kind.World(module, models[index], trainedSettings(models[index]));
    const grow = () => {
      world.run(4);
      if (world.step < THUMBNAIL_STEPS) return setTimeout(grow, 8);
      const { width, height } = world.grid;
      const pixels = new Uint8ClampedArray(4 * width * height);
      kind.paintView(pixels, { stride: width, top: 0, left: 0 }, "colour", world, fittingBackground(world.model));
      return send({ kind: "thumbnail", index, pixels, width, height }, [pixels.buffer]);
    };
    grow();
  },
};

let queue = Promise.resolve();
onmessage = ({ data }) => {
  queue = queue.then(() => handlers[data.kind](data)).then(schedule).catch((problem) => {
    send({ kind: "failed", message: String(problem.message ?? problem) });
  });
};
