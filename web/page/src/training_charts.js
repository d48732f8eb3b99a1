// The charts of training runs, one below the other if losses have different units.
import { axis, Chart, colourOf, lineOf, logAxis, logScale, marksPlugin, stepAxis } from "./charts.js";
import { normColumn, together } from "./live_rows.js";
import { smoothed } from "./smooth.js";

const MOST_POINTS = 600; // for each of several runs
const MEASURES = {
  loss: { columns: ["loss"], label: "loss", log: true },
  rate: { columns: ["rate"], label: "learning rate", log: false },
  norms: { columns: [], label: "gradient norm", log: true }, // one for each tensor of a run
  alive: { columns: ["alive"], label: "alive cells in the batch", log: false },
};

const isShown = (log) => (value) => (log && !(value > 0) ? null : value ?? null);

// The lines for one run: a single column both raw (faint) and smoothed, or several columns with
// labels.
function linesOfOne(run, columns, labels, smoothing, log) {
  const lines = [];
  columns.forEach((column, i) => {
    if (columns.length === 1 && smoothing > 1) {
      lines.push({ label: "each iteration", values: run[column].map(isShown(log)), colour: `${colourOf(0, 1)}59`, width: 1 });
    }
    lines.push({ label: columns.length > 1 ? labels[i] : "smoothed", values: smoothed(run[column] ?? [], smoothing).map(isShown(log)),
      colour: colourOf(i, columns.length), width: 2.5 });
  });
  return { iterations: run.iteration.slice(), lines };
}

// The lines for several runs, one each; `indices` are the runs of this chart.
function linesOfSeveral(runs, indices, columns, smoothing, log, names, last) {
  const lines = [];
  let iterations = [];
  for (const column of columns) {
    const made = together(indices.map((i) => runs[i]), column, MOST_POINTS, last);
    iterations = made.iterations;
    const stretch = iterations.length > 1 ? iterations[1] - iterations[0] : 1;
    made.lines.forEach((values, k) => lines.push({
      label: names[indices[k]], run: indices[k], colour: colourOf(indices[k], names.length), width: 1.5,
      values: smoothed(values, Math.max(1, Math.round(smoothing / stretch))).map((value, i) => (values[i] === null ? null : isShown(log)(value))),
    }));
  }
  return { iterations, lines };
}

class TrainingChart extends Chart {
  constructor(box, on) {
    super(box);
    this.on = on;
    this.shape = "";
    this.marks = [];
    this.runs = []; // the run of each line; undefined if there is only one run
    this.focused = null;
  }

  get height() {
    return Math.max(60, this.box.clientHeight);
  }

  show({ iterations, lines }, { label, log, marks, selected, isLast }) {
    this.marks = marks;
    this.runs = lines.map((line) => line.run);
    const data = [iterations, ...lines.map((line) => line.values)];
    const shape = JSON.stringify([label, selected, isLast, lines.map((line) => [line.label, line.colour])]);
    if (shape === this.shape) {
      this.update(data);
      this.focus(this.focused);
      return;
    }
    this.shape = shape;
    const several = this.runs[0] !== undefined;
    this.make({
      scales: { x: { time: false }, y: log ? logScale : {} },
      axes: [stepAxis(isLast ? "iteration" : ""), (log ? logAxis : axis)({ label })],
      series: [{}, ...lines.map((line, i) => ({
        ...lineOf(line.label, i, lines.length), stroke: line.colour, width: line.run !== undefined && line.run === selected ? 3 : line.width,
        points: { show: lines.length < 8 && iterations.length < 2 },
      }))],
      focus: { alpha: several ? 0.12 : 1 },
      cursor: { drag: { x: true, y: false }, focus: { prox: several ? 20 : -1 }, points: { show: several } },
      legend: { show: !several && lines.length > 2, live: false },
      hooks: { setSeries: [(_, index) => several && this.on.point(index ? this.runs[index - 1] : null)] },
      plugins: [marksPlugin(() => this.marks)],
    }, data);
    this.focus(this.focused);
  }

  // Highlights one run and fades the others; null for none.
  focus(run) {
    this.focused = run;
    const index = this.runs.indexOf(run);
    if (this.runs[0] !== undefined) this.plot?.setSeries(index < 0 ? null : index + 1, { focus: index >= 0 }, false);
  }
}

// on.point(run or null): called when the pointer is near a line.
export class TrainingCharts {
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.charts = new Map(); // by unit
  }

  // Creates and removes charts so that there is one for each of these units.
  fit(units) {
    for (const [unit, chart] of this.charts) {
      if (units.includes(unit)) continue;
      chart.plot?.destroy();
      chart.box.remove();
      this.charts.delete(unit);
    }
    for (const unit of units) {
      if (this.charts.has(unit)) continue;
      const box = document.createElement("div");
      box.className = "run-chart";
      this.box.append(box);
      this.charts.set(unit, new TrainingChart(box, this.on));
    }
  }

  // runs: the columns of each; told: {name, unit, total, norms} of each; names: short names.
  show({ runs, told, names, measure, smoothing, marks, selected }) {
    const { label, log } = MEASURES[measure];
    const norms = told[0]?.norms ?? [];
    const columns = measure === "norms" ? norms.map((_, i) => normColumn(i)) : MEASURES[measure].columns;
    const units = measure === "loss" ? [...new Set(told.map((run) => run.unit))] : [""];
    const last = Math.max(1, ...runs.map((run) => run?.iteration.at(-1) ?? 0));
    this.fit(units);
    for (const unit of units) {
      const indices = told.map((_, i) => i).filter((i) => unit === "" || told[i].unit === unit);
      const shown = told.length === 1 ? linesOfOne(runs[0] ?? { iteration: [], ...Object.fromEntries(columns.map((name) => [name, []])) }, columns, norms, smoothing, log)
        : linesOfSeveral(runs, indices, columns.slice(0, 1), smoothing, log, names, last);
      const title = told.length > 1 && columns.length > 1 ? `${label} of ${norms[0]}` : units.length > 1 ? unit : `${unit ? `${unit} ` : ""}${label}`;
      this.charts.get(unit).show(shown, { label: title, log, marks, selected, isLast: unit === units.at(-1) });
    }
  }

  focus(run) {
    for (const chart of this.charts.values()) chart.focus(run);
  }

  redraw() {
    for (const chart of this.charts.values()) chart.redraw();
  }
}
