// Smoothing of a series of numbers.

// The mean of each value and those before it, at most `count` values in all; values that are not
// numbers are skipped.
export function smoothed(values, count) {
  const out = new Array(values.length);
  let sum = 0, known = 0;
  const isKnown = (value) => typeof value === "number" && Number.isFinite(value);
  for (let i = 0; i < values.length; i++) {
    if (isKnown(values[i])) {
      sum += values[i];
      known++;
    }
    if (i >= count && isKnown(values[i - count])) {
      sum -= values[i - count];
      known--;
    }
    out[i] = known > 0 ? sum / known : null;
  }
  return out;
}
