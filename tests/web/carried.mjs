// The models embedded in a page that `nca export` wrote or `nca play` served, for tests.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { readModel } from "../../web/page/src/model.js";
import { bytesOfText } from "../../web/page/src/packed_text.js";

export function packedText(path, id) {
  const found = new RegExp(`<script type="text/plain" id="${id}">(.*?)</script>`, "s").exec(readFileSync(path, "utf8"));
  return inflateSync(bytesOfText(found[1])).toString();
}

export const modelsText = (path) => packedText(path, "nca-models");

// The example images of a page of classifiers.
export const examplesOfPage = (path) => JSON.parse(packedText(path, "nca-examples"));

export const modelsOfPage = (path) => JSON.parse(modelsText(path)).map(readModel);

export const sameBytes = (a, b) =>
  Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer, b.byteOffset, b.byteLength)) === 0;
