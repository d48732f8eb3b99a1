// The validations of classifiers that are trained: curves of AUC and accuracy, and the confusion.
import { axis, Chart, lineOf, stepAxis } from "./charts.js";

const SCORES = ["AUC", "accuracy", "balanced accuracy"];
const OF_LABELS = ["true neg.", "false pos.", "false neg.", "true pos."];

class ScoreChart extends Chart {
  get height() {
    return Math.max(80, this.box.clientHeight - 30); // the legend is below
  }

  show(rows) {
    const data = [rows.map((row) => row[0]), ...SCORES.map((_, i) => rows.map((row) => row[1 + i]))];
    if (this.plot) {
      this.update(data);
      return;
    }
    this.make({
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0.5, Math.floor(10 * (low ?? 0.5)) / 10), Math.max(1, high ?? 1)] } },
      axes: [stepAxis("iteration"), axis({ label: "validation" })],
      series: [{}, ...SCORES.map((label, i) => ({ ...lineOf(label, i, SCORES.length), width: 2, points: { show: rows.length < 3 } }))],
      legend: { show: true, live: false },
    }, data);
  }
}

// A table of the confusion: a row for each true class, a column for each predicted one, or the four
// counts of each label. A cell is darker, the larger its share of its row.
export function confusionTable(table, { columns, counts }, names) {
  const element = (kind, text, title) => {
    const made = document.createElement(kind);
    made.textContent = text;
    if (title) made.title = title;
    return made;
  };
  const square = counts.length / columns === columns && names.length === columns;
  const head = element("tr", "");
  head.append(element("td", ""), ...Array.from({ length: columns }, (_, k) => {
    const cell = element("th", square ? k : OF_LABELS[k], square ? `predicted: ${names[k]}` : "");
    cell.scope = "col";
    return cell;
  }));
  const rows = names.map((name, k) => {
    const values = counts.slice(k * columns, (k + 1) * columns), sum = values.reduce((a, b) => a + b, 0) || 1;
    const row = element("tr", ""), heading = element("th", square && name !== String(k) ? `${k} ${name}` : name, name);
    heading.scope = "row";
    row.append(heading, ...values.map((value, c) => {
      const cell = element("td", value, square ? `${name}, predicted as ${names[c]}: ${value}` : "");
      cell.style.setProperty("--share", `${Math.round(70 * (value / sum))}%`);
      cell.className = square && c === k ? "right" : "";
      return cell;
    }));
    return row;
  });
  table.querySelector("tbody").replaceChildren(head, ...rows);
}

export class Validation {
  constructor(parts) {
    this.parts = parts; // {section, last, chart, table, caption} elements
    this.chart = new ScoreChart(parts.chart);
    this.runs = []; // rows [iteration, AUC, accuracy, balanced accuracy, log loss] of each run
  }

  add(entries) {
    for (const [run, ...row] of entries) {
      this.runs[run] ??= [];
      if (row[0] > (this.runs[run].at(-1)?.[0] ?? 0)) this.runs[run].push(row); // else sent again
    }
  }

  show(run) {
    const rows = this.runs[run] ?? [];
    this.parts.section.hidden = rows.length === 0;
    if (rows.length === 0) return;
    const [iteration, auc, accuracy] = rows.at(-1);
    const text = (value) => (value === null ? "–" : value.toFixed(3));
    this.parts.last.textContent = `AUC ${text(auc)}, accuracy ${text(accuracy)} at iteration ${iteration}`;
    this.chart.show(rows);
  }

  showConfusion(message, names) {
    this.parts.table.hidden = false;
    this.parts.caption.textContent = `Confusion at iteration ${message.iteration}: true classes in rows, predicted ones in columns`;
    if (message.columns !== names.length) this.parts.caption.textContent = `Labels at iteration ${message.iteration}`;
    confusionTable(this.parts.table, message, names);
  }

  redraw() {
    this.chart.redraw();
  }
}
