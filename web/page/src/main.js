// What the loader starts. `ncaParts`: the models' JSON, the worker's text and the two modules' bytes.
import { startPage } from "./app.js";

startPage(globalThis.ncaParts);
