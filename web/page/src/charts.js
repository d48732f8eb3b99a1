// The charts of the page, drawn by uPlot. Colours come from the page's style.
import uPlot from "uplot";
import { smoothed } from "./smooth.js";

// Told apart by the colour-blind too (Okabe and Ito's eight, without yellow and black).
const LINES = ["#2a86c4", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f"];

// The series of the i-th line: beyond the seventh the colours come again, in longer and longer dashes.
const lineOf = (label, i) => ({
  label, stroke: LINES[i % LINES.length], dash: i < LINES.length ? [] : [8 * Math.floor(i / LINES.length), 3],
  width: 1.5, spanGaps: true,
});

const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function axis(options) {
  return {
    stroke: () => styleOf("--text"), grid: { stroke: () => styleOf("--line"), width: 1 },
    ticks: { stroke: () => styleOf("--line"), width: 1 }, font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif", labelSize: 22, ...options,
  };
}

// Tick labels of a logarithmic axis: 10⁻³, and 2·10⁻³ where there are no whole powers.
function powerOfTen(value) {
  const [digit, exponent] = value.toExponential(0).split("e");
  const raised = [...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digit === "1" ? "" : `${digit}·`}10${raised}`;
}

// Over two decades and more the lines between the powers of ten would be a grey band.
function powersAlone(_, splits) {
  const wide = splits.at(-1) >= 100 * splits[0];
  return splits.map((value) => (wide && !value.toExponential().startsWith("1e") ? null : value));
}

function logAxis(options) {
  const made = axis({ values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : powerOfTen(tick))), ...options });
  made.grid.filter = powersAlone;
  made.ticks.filter = powersAlone;
  return made;
}

// Vertical lines where the grid was edited.
function marksPlugin(marks) {
  return {
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.strokeStyle = styleOf("--mark");
        ctx.setLineDash([4, 3]);
        for (const step of marks()) {
          const x = plot.valToPos(step, "x", true);
          if (x < bbox.left || x > bbox.left + bbox.width) continue;
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        ctx.restore();
      },
    },
  };
}

class Chart {
  constructor(box) {
    this.box = box;
    this.plot = null;
    new ResizeObserver(() => this.fit()).observe(box);
  }

  fit() {
    const width = this.box.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: this.height });
  }

  get height() {
    return Math.max(190, Math.round(this.box.clientWidth * 0.6));
  }

  make(options, data) {
    this.plot?.destroy();
    this.plot = new uPlot({
      width: this.box.clientWidth || 300, height: this.height, cursor: { drag: { x: true, y: false } },
      legend: { show: false }, ...options,
    }, data, this.box);
  }

  // New values of the same lines; what was zoomed into stays in sight.
  update(data) {
    const { min, max } = this.plot.scales.x;
    const seen = this.plot.data[0];
    const [steps] = data;
    const inSight = steps.length > 0 && min <= steps.at(-1) && max >= steps[0];
    const zoomed = inSight && (min > seen[0] || max < seen.at(-1));
    this.plot.setData(data, !zoomed);
    if (zoomed) this.plot.setScale("x", { min, max });
  }

  // Colours of the theme are read anew.
  redraw() {
    this.plot?.redraw(false);
  }
}

// The loss of one or several worlds over the steps, on a logarithmic scale.
export class LossChart extends Chart {
  constructor(box) {
    super(box);
    this.names = "";
    this.marks = [];
  }

  show(names, histories, marks) {
    this.marks = marks;
    const steps = [...new Set(histories.flatMap((history) => history.map((point) => point.step)))].sort((a, b) => a - b);
    const data = [steps, ...histories.map((history) => {
      const at = new Map(history.map((point) => [point.step, point.loss > 0 ? point.loss : null]));
      return steps.map((step) => at.get(step) ?? null);
    })];
    if (this.names !== names.join("\n")) {
      this.names = names.join("\n");
      this.make({
        scales: { x: { time: false }, y: { distr: 3, log: 10 } },
        axes: [axis({ label: "step" }), logAxis({ label: "L2 loss", size: 50 })],
        series: [{}, ...names.map(lineOf)],
        legend: { show: names.length > 1 },
        plugins: [marksPlugin(() => this.marks)],
      }, data);
    } else {
      this.update(data);
    }
  }
}

// The channels of one cell over the latest steps.
export class ProbeChart extends Chart {
  constructor(box) {
    super(box);
    this.channels = 0;
  }

  show(trail, channels) {
    const data = [trail.map((point) => point.step)];
    for (let c = 0; c < channels; c++) data.push(trail.map((point) => point.values[c]));
    if (this.channels !== channels) {
      this.channels = channels;
      const named = ["#d62728", "#2ca02c", "#1f77b4"];
      this.make({
        scales: { x: { time: false } },
        axes: [axis({ label: "step" }), axis({ label: "state", size: 52 })],
        series: [{}, ...Array.from({ length: channels }, (_, c) => ({
          label: String(c), width: c < 4 ? 2 : 1,
          stroke: () => named[c] ?? (c === 3 ? styleOf("--text") : styleOf("--faint")),
        }))],
      }, data);
    } else {
      this.update(data);
    }
  }
}

const MEASURES = {
  loss: { columns: ["loss"], label: "loss", log: true },
  rate: { columns: ["rate"], label: "learning rate", log: false },
  norms: { columns: ["norm_w1", "norm_b1", "norm_w2", "norm_b2"], label: "gradient norm", log: true },
  alive: { columns: ["alive"], label: "alive cells in the batch", log: false },
};

// Columns of one or several trainings over their iterations.
export class TrainingChart extends Chart {
  constructor(box) {
    super(box);
    this.shape = "";
    this.marks = [];
  }

  show(runs, names, measure, smoothing, marks) {
    this.marks = marks;
    const { columns, label, log } = MEASURES[measure];
    const iterations = [...new Set(runs.flatMap((run) => run.iteration))].sort((a, b) => a - b);
    const lines = [];
    runs.forEach((run, i) => columns.forEach((column) => {
      const values = smoothed(run[column], smoothing);
      const at = new Map(run.iteration.map((iteration, k) => [iteration, values[k]]));
      const kept = (value) => (log && !(value > 0) ? null : value ?? null);
      lines.push({
        label: columns.length > 1 ? `${names[i]} ${column}` : names[i],
        values: runs.length === 1 ? values.map(kept) : iterations.map((iteration) => kept(at.get(iteration))),
      });
    }));
    const data = [iterations, ...lines.map((line) => line.values)];
    const shape = `${measure} ${lines.map((line) => line.label).join("\n")}`;
    if (shape === this.shape) {
      this.update(data);
      return;
    }
    this.shape = shape;
    this.make({
      scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : {} },
      axes: [axis({ label: "iteration" }), (log ? logAxis : axis)({ label, size: 62 })],
      series: [{}, ...lines.map((line, i) => lineOf(line.label, i))],
      legend: { show: lines.length > 1 },
      plugins: [marksPlugin(() => this.marks)],
    }, data);
  }
}
