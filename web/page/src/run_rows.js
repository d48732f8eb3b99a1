// The list of runs on a page that watches several: for each its colour, short name, loss curve,
// loss and state.
import { colourOf } from "./charts.js";
import { sparkPoints, together } from "./live_rows.js";
import { breakable, shortNames } from "./names.js";
import { numberText } from "./numbers.js";

const SPARK = 60; // points of a loss curve
const SVG = "http://www.w3.org/2000/svg";
const UNITS = { L2: "mean square", L1: "mean", Manhattan: "sum", Hinge: "mean beyond 0.5" };

const make = (tag, className, text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

function makeRow(index, count, name, on) {
  const button = make("button", "run");
  button.type = "button";
  const swatch = make("i", "swatch");
  swatch.style.background = colourOf(index, count);
  const spark = document.createElementNS(SVG, "svg");
  spark.setAttribute("viewBox", "0 0 100 24");
  spark.setAttribute("preserveAspectRatio", "none");
  spark.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("stroke", colourOf(index, count));
  spark.append(line);
  const value = make("span", "run-value"), state = make("span", "run-state");
  button.append(swatch, make("span", "run-short"), spark, value, state);
  button.title = name;
  button.addEventListener("click", () => on.choose(index));
  for (const kind of ["pointerenter", "focus"]) button.addEventListener(kind, () => on.point(index));
  for (const kind of ["pointerleave", "blur"]) button.addEventListener(kind, () => on.point(null));
  return { button, line, value, state, seen: -1 };
}

export class RunRows {
  // on.choose(run), on.point(run or null)
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.rows = [];
    this.arranged = "";
  }

  show(told, names, runs, order, selected) {
    if (this.rows.length !== told.length) {
      this.rows = told.map((run, i) => makeRow(i, told.length, run.name, this.on));
    }
    told.forEach((run, i) => this.fill(this.rows[i], run, runs[i]));
    this.select(selected);
    this.arrange(told, names, order);
  }

  fill(row, run, columns) {
    row.value.textContent = numberText(run.loss);
    row.state.textContent = run.state === "running" ? `${Math.floor((100 * run.iteration) / (run.total || 1))} %` : run.state;
    row.state.dataset.state = run.state;
    const last = columns?.iteration.at(-1) ?? 0;
    if (last === row.seen) return;
    row.seen = last;
    row.line.setAttribute("points", sparkPoints(together([columns], "loss", SPARK, last).lines[0]));
  }

  // Groups the runs by the unit of their loss, with a heading for each unit if there are several.
  arrange(told, names, order) {
    const units = [...new Set(told.map((run) => run.unit))];
    const rank = (run) => (run.loss === null ? Infinity : run.loss);
    const groups = units.map((unit) => {
      const members = told.map((_, i) => i).filter((i) => told[i].unit === unit);
      return order === "loss" ? members.sort((a, b) => rank(told[a]) - rank(told[b]) || a - b) : members;
    });
    const arranged = JSON.stringify(groups);
    if (arranged === this.arranged) return;
    this.arranged = arranged;
    // A heading names the loss, so names within a group are shortened again.
    for (const members of groups) {
      shortNames(members.map((i) => told[i].name)).forEach((name, k) => {
        this.rows[members[k]].button.querySelector(".run-short").replaceChildren(...breakable(members.length > 1 ? name : names[members[k]]));
      });
    }
    const focused = document.activeElement;
    this.box.replaceChildren(...groups.flatMap((members, g) => [
      ...(units.length > 1 ? [make("h3", "unit", `${units[g]} loss (${UNITS[units[g]] ?? ""})`)] : []),
      ...members.map((i) => this.rows[i].button),
    ]));
    if (this.rows.some((row) => row.button === focused)) focused.focus();
  }

  select(run) {
    this.rows.forEach((row, i) => row.button.setAttribute("aria-pressed", String(i === run)));
  }

  mark(run) {
    this.rows.forEach((row, i) => row.button.classList.toggle("pointed", i === run));
  }
}
