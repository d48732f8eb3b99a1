// The metrics that a live page receives, and the formatting of times.

// The columns of a row. They are followed by one norm for each tensor of the run's automaton, in
// the columns named by normColumn.
const COLUMNS = ["iteration", "loss", "steps", "rate", "alive", "seconds"];
export const normColumn = (i) => `norm_${i}`;
const columnName = (i) => COLUMNS[i] ?? normColumn(i - COLUMNS.length);

export function timeText(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "min"], [whole % 60, "s"]];
  const first = whole < 60 ? 2 : whole < 3600 ? 1 : 0;
  return parts.slice(first, first + 2).filter(([count], i) => i === 0 || count > 0).map((part) => part.join(" ")).join(" ");
}

// The rows of all runs, stored by column.
export class Rows {
  constructor() {
    this.runs = [];
  }

  add(entries) {
    for (const [run, ...values] of entries) {
      this.runs[run] ??= Object.fromEntries(values.map((_, i) => [columnName(i), []]));
      const columns = this.runs[run];
      const last = columns.iteration.at(-1) ?? 0;
      if (values[0] <= last) continue; // sent again after a new connection
      values.forEach((value, i) => columns[columnName(i)].push(value));
    }
  }
}

// One column of several runs over common iterations. The iterations up to `last` are divided into
// at most `most` intervals; a line has the mean of the run's values in each, or null if there are
// none.
export function together(runs, column, most, last) {
  const width = Math.max(1, Math.ceil(last / most));
  const count = Math.ceil(last / width);
  const lines = runs.map((run) => {
    const sums = new Float64Array(count), known = new Uint32Array(count);
    (run?.iteration ?? []).forEach((iteration, i) => {
      const at = Math.floor((iteration - 1) / width), value = run[column]?.[i] ?? null;
      if (value === null || at >= count) return;
      sums[at] += value;
      known[at]++;
    });
    return Array.from(sums, (sum, i) => (known[i] > 0 ? sum / known[i] : null));
  });
  return { iterations: Array.from({ length: count }, (_, i) => i * width + (width + 1) / 2), lines };
}

// The points of a sparkline of a column, in a box of 100 by 24, on a logarithmic scale.
export function sparkPoints(values) {
  const logs = values.map((value) => (value > 0 ? Math.log(value) : null));
  const known = logs.filter((value) => value !== null);
  if (known.length < 2) return "";
  const low = Math.min(...known), high = Math.max(...known);
  return logs.map((value, i) => (value === null ? "" :
    `${((100 * i) / (logs.length - 1)).toFixed(1)},${(22 - (20 * (value - low)) / (high - low || 1)).toFixed(1)}`)).filter(Boolean).join(" ");
}
