// The charts of the page, drawn by uPlot. Colours come from the page's stylesheet.
import uPlot from "uplot";
import { powerOfTen } from "./numbers.js";
import { logTicks } from "./ticks.js";

// Distinguishable with colour blindness: Okabe and Ito's eight colours without yellow and black.
const LINES = ["#2a86c4", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f"];

// The colour of line i of `count`. More than seven lines are spread over the hues, in three shades.
export const colourOf = (i, count) => (count <= LINES.length ? LINES[i]
  : `hsl(${Math.round((360 * i) / count)} 62% ${[46, 58, 36][i % 3]}%)`);

export const lineOf = (label, i, count) => ({ label, stroke: colourOf(i, count), width: 1.5, spanGaps: true });

const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// An axis in the page's font size, with room for the longest tick label beside the title.
export function axis(options) {
  const em = 0.8 * parseFloat(styleOf("font-size"));
  const font = `${em}px system-ui, sans-serif`;
  return {
    stroke: () => styleOf("--text"), grid: { stroke: () => styleOf("--line"), width: 1 },
    ticks: { stroke: () => styleOf("--line"), width: 1, size: 5 }, font, labelFont: font, labelSize: 1.7 * em, labelGap: 0, gap: 4,
    size: (_, labels) => 12 + 0.62 * em * Math.max(2, ...(labels ?? []).map((label) => String(label ?? "").length)),
    ...options,
  };
}

// Steps and iterations are integers.
const WHOLE = Array.from({ length: 12 }, (_, exponent) => [1, 2, 5].map((digit) => digit * 10 ** exponent)).flat();

export const stepAxis = (label) => {
  const made = axis({ label, incrs: WHOLE });
  return { ...made, size: 10 + 1.1 * parseFloat(made.font), ...(label ? {} : { labelSize: 0 }) };
};

export function logAxis(options) {
  const isPlain = (ticks) => ticks.every((tick) => tick >= 1e-3 && tick < 1e4);
  const filter = (_, ticks) => ticks;
  const made = axis({
    values: (_, ticks) => ticks.map((tick) => (isPlain(ticks) ? String(tick) : powerOfTen(tick))),
    splits: (plot, _, low, high) => logTicks(low, high, plot.bbox.height / devicePixelRatio / (1.3 * parseFloat(styleOf("font-size")))),
    filter, ...options,
  });
  made.grid.filter = made.ticks.filter = filter;
  return made;
}

// The range from one leading digit to the next around the values: whole powers of ten would waste
// half of the chart.
function closeRange(_, low, high) {
  if (!(low > 0)) return [1e-3, 1];
  const unit = (value) => 10 ** Math.floor(Math.log10(value) + 1e-9);
  const least = Math.floor(low / unit(low) + 1e-9) * unit(low), most = Math.ceil(high / unit(high) - 1e-9) * unit(high);
  return [least, most > least ? most : 2 * least];
}

export const logScale = { distr: 3, log: 10, range: closeRange };

// Draws vertical lines at the steps or iterations in marks().
export function marksPlugin(marks) {
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

export class Chart {
  constructor(box) {
    this.box = box;
    this.plot = null;
    new ResizeObserver(() => this.fit()).observe(box);
  }

  fit() {
    const width = this.box.clientWidth, { height } = this;
    if (this.plot && width > 0 && (width !== this.plot.width || height !== this.plot.height)) this.plot.setSize({ width, height });
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

  // Sets new values for the same lines and keeps the zoom if its range still overlaps the data.
  update(data) {
    const { min, max } = this.plot.scales.x;
    const seen = this.plot.data[0];
    const [steps] = data;
    const inSight = steps.length > 0 && min <= steps.at(-1) && max >= steps[0];
    const zoomed = inSight && (min > seen[0] || max < seen.at(-1));
    this.plot.setData(data, !zoomed);
    if (zoomed) this.plot.setScale("x", { min, max });
  }

  // Reads the colours of the theme again.
  redraw() {
    this.plot?.redraw(false);
  }
}

// The loss of one or more worlds over the steps, on a logarithmic scale.
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
        scales: { x: { time: false }, y: logScale },
        axes: [stepAxis("step"), logAxis({ label: "L2 loss" })],
        series: [{}, ...names.map((name, i) => lineOf(name, i, names.length))],
        legend: { show: names.length > 1, live: false },
        plugins: [marksPlugin(() => this.marks)],
      }, data);
    } else {
      this.update(data);
    }
  }
}

// The channels of one cell over the last steps.
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
        axes: [stepAxis("step"), axis({ label: "state" })],
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
