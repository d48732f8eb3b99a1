// The entry point called by the loader. `ncaParts`: the models' JSON, the worker's source and the
// bytes of the two engine modules.
import { startPage } from "./app.js";

startPage(globalThis.ncaParts);
