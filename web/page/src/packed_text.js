// Bytes as text for a page: two digits of base 91 encode 13 bits, so 16 characters hold 13 bytes.
// The digits are the printable ASCII characters except those that end a string of a script, begin a
// tag, or mark a place in the page's template. Up to six bits left at the end are one digit.
// src/page/packed_text.c writes the same format.
const UNUSED = "\"%<\\";
const DIGITS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((letter) => !UNUSED.includes(letter));

export function textOfBytes(bytes) {
  let text = "", word = 0, bits = 0;
  for (const byte of bytes) {
    word |= byte << bits;
    bits += 8;
    if (bits >= 13) {
      text += DIGITS[Math.floor((word & 8191) / 91)] + DIGITS[(word & 8191) % 91];
      word >>= 13;
      bits -= 13;
    }
  }
  if (bits > 6) text += DIGITS[Math.floor(word / 91)] + DIGITS[word % 91];
  else if (bits > 0) text += DIGITS[word];
  return text;
}

export function bytesOfText(text) {
  const values = Object.fromEntries(DIGITS.map((digit, i) => [digit, i]));
  const pairs = text.length >> 1, odd = text.length & 1;
  const bytes = new Uint8Array((13 * pairs + 6 * odd) >> 3);
  let at = 0, word = 0, bits = 0;
  const take = (value, width) => {
    word |= value << bits;
    for (bits += width; bits >= 8 && at < bytes.length; bits -= 8) {
      bytes[at++] = word & 255;
      word >>= 8;
    }
  };
  for (let i = 0; i < pairs; i++) take(91 * values[text[2 * i]] + values[text[2 * i + 1]], 13);
  if (odd) take(values[text[2 * pairs]], 6);
  return bytes;
}

// The bytes of a compressed stream written as text.
export async function unpack(text) {
  const stream = new Blob([bytesOfText(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
