// A model of a page for tests: read from a page that `nca export` wrote.
import { readFileSync } from "node:fs";
import { readModel } from "../../web/page/src/model.js";

export function modelsOfPage(path) {
  const html = readFileSync(path, "utf8");
  const found = /<script type="application\/json" id="nca-models">(.*?)<\/script>/s.exec(html);
  return JSON.parse(found[1]).map(readModel);
}

export const sameBytes = (a, b) =>
  Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer, b.byteOffset, b.byteLength)) === 0;
