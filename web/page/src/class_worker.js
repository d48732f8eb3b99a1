// The part of the worker that only pages of classifiers have; it runs before worker.js. The
// module's bytes are inserted by build.mjs.
import { bytesOfBase64 } from "./bytes.js";
import { classViewSize, paintClasses } from "./class_views.js";
import { classWorld } from "./class_world.js";

globalThis.ncaKind = (World, paintView, viewSize) => ({
  World: classWorld(World, new WebAssembly.Module(bytesOfBase64("%CLASSES_WASM%"))),
  paintView: paintClasses(paintView),
  viewSize: classViewSize(viewSize),
  // The probabilities of each world: now, at the step of the model, and (`charts`) of all steps.
  frame: (worlds, charts) => worlds.map(({ trail, answer }) =>
    ({ now: trail.at(-1).values, answer, trail: charts ? trail : null })),
});
