// The places of the lines and labels of a logarithmic axis.

// At least two places from `low` to `high`; `room`, the number of labels that fit, decides how many.
export function logTicks(low, high, room) {
  const ticks = [], end = high * (1 + 1e-6);
  const add = (tick) => tick > low * (1 - 1e-6) && tick < end && ticks.push(tick);
  if (high < 3 * low) { // as on a linear axis: 1, 2, 5 times powers of ten would be too few
    const most = (end - low) / (room < 7 ? 2 : 3), unit = 10 ** Math.floor(Math.log10(most));
    const step = unit * [5, 2, 1].find((digit) => digit * unit <= most);
    for (let i = Math.floor(low / step); i * step < end; i++) add(Number((i * step).toPrecision(6)));
    return ticks;
  }
  const each = room / Math.log10(high / low); // places for each power of ten
  for (let exponent = Math.floor(Math.log10(low)); exponent < Math.log10(end); exponent++) {
    if (exponent % Math.ceil(1 / each)) continue;
    for (const digit of each > 7 ? "12357" : each > 3 ? "125" : "1") add(Number(`${digit}e${exponent}`));
  }
  return ticks.length > 1 ? ticks : [low, high];
}
