// The models embedded in a page that `nca export` wrote or `nca play` served, for tests.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { readModel } from "../../web/page/src/model.js";
import { bytesOfText } from "../../web/page/src/packed_text.js";

export function modelsText(path) {
  const html = readFileSync(path, "utf8");
  const found = /<script type="text\/plain" id="nca-models">(.*?)<\/script>/s.exec(html);
  return inflateSync(bytesOfText(found[1])).toString();
}

export const modelsOfPage = (path) => JSON.parse(modelsText(path)).map(readModel);

export const sameBytes = (a, b) =>
  Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer, b.byteOffset, b.byteLength)) === 0;
