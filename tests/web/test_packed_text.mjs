// Packing bytes as text and back.
import assert from "node:assert/strict";
import test from "node:test";
import { bytesOfText, textOfBytes } from "../../web/page/src/packed_text.js";

test("bytes_of_any_number_come_back", () => {
  for (let count = 0; count < 60; count++) {
    for (const fill of [() => 0, () => 255, (i) => (i * 151 + count * 37) & 255]) {
      const bytes = Uint8Array.from({ length: count }, (_, i) => fill(i));
      assert.deepEqual(bytesOfText(textOfBytes(bytes)), bytes);
    }
  }
});

test("sixteen_characters_hold_thirteen_bytes_and_none_is_markup", () => {
  const text = textOfBytes(Uint8Array.from({ length: 13000 }, (_, i) => (i * 40503 >> 4) & 255));
  assert.equal(text.length, 16000);
  assert.match(text, /^[ -~]*$/);
  assert.doesNotMatch(text, /["%<\\]/);
});
