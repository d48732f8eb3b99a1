// The part of the page that only pages of classifiers have: the images, the probabilities of the
// classes, and what the brush changes.
import { classChart } from "./class_chart.js";
import { classColour } from "./class_colours.js";
import { classViews } from "./class_views.js";
import { drawImage, readExamples, readFile } from "./examples.js";
import { unpack } from "./packed_text.js";
import { PauseAt } from "./pause.js";

const $ = (id) => document.getElementById(id);
const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");

// The classes that are predicted, as in nca/scores.h.
export function predicted({ kind }, values) {
  if (kind.startsWith("multi-label")) return Array.from(values.keys()).filter((k) => values[k] > 0.5);
  if (kind === "binary-class") return [values[1] > 0.5 ? 1 : 0];
  let best = 0;
  values.forEach((value, k) => { if (value > values[best]) best = k; });
  return [best];
}

// The classes that the labels of an example name.
const trueClasses = ({ kind }, labels) =>
  (kind.startsWith("multi-label") ? labels.map((label, k) => (label ? k : -1)).filter((k) => k >= 0) : labels);

// page: {send(kind, message)} and the parts of charts.js.
export function startClassify(models, page) {
  const model = models[0], { classifier } = model; // those of a page have the same images and classes
  const { classes } = classifier;
  const multiple = classifier.kind.startsWith("multi-label");
  const colours = classes.map((_, k) => `rgb(${classColour(k).join(" ")})`);
  const stop = new PauseAt(classifier.steps, {
    toggle: () => $("play").click(),
    back: (steps) => { for (let i = 0; i < steps; i++) page.send("back"); },
  });
  const chart = classChart(page, $("class-chart"));
  const bars = [];
  let examples = [];
  let truth = null; // the true classes of the image on show; null: not known

  const nameOf = (chosen) => (chosen.length > 0 ? chosen.map((k) => classes[k]).join(", ") : "none");

  function makeBars() {
    classes.forEach((text, k) => {
      const row = document.createElement("li"), swatch = document.createElement("i"), name = document.createElement("span");
      const value = document.createElement("b"), bar = document.createElement("div");
      name.textContent = text;
      swatch.style.background = colours[k];
      bar.style.setProperty("--colour", colours[k]);
      row.append(swatch, name, value, bar);
      $("class-bars").append(row);
      bars.push({ row, value, bar });
    });
  }

  function showBars(values) {
    const told = predicted(classifier, values);
    bars.forEach(({ row, value, bar }, k) => {
      value.textContent = percent(values[k]);
      bar.style.setProperty("--share", values[k]);
      row.className = `${told.includes(k) ? "told" : ""} ${truth?.includes(k) ? "true" : ""}`.trim();
    });
  }

  // ---- Images
  // labels: as of an example, or null.
  function choose(image, labels, pressed) {
    truth = labels && trueClasses(classifier, labels);
    $("class-truth").textContent = truth ? `${multiple ? "True labels" : "True class"}: ${nameOf(truth)}` : "";
    $("class-truth").hidden = !truth;
    [...$("examples").children].forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
    page.send("reset", { image });
    if ($("class-pause").checked) stop.restarted();
  }

  function fillExamples() {
    $("examples").hidden = examples.length === 0;
    examples.forEach(({ image, labels, name }, i) => {
      const button = document.createElement("button"), canvas = document.createElement("canvas");
      const what = labels ? nameOf(trueClasses(classifier, labels)) : "";
      button.type = "button";
      button.title = [what, name].filter(Boolean).join(" · ");
      button.setAttribute("aria-label", `Example ${i + 1}${what ? `: ${what}` : ""}`);
      canvas.setAttribute("aria-hidden", "true");
      drawImage(canvas, image, model);
      button.append(canvas);
      button.addEventListener("click", () => {
        $("image-note").textContent = `Example ${i + 1}${name ? `: ${name}` : ""}.`;
        choose(image, labels, button);
      });
      $("examples").append(button);
    });
  }

  async function take(file) {
    try {
      const found = await readFile(file, model);
      const same = found.height === model.height && found.width === model.width;
      const stretched = found.height * model.width !== found.width * model.height;
      $("image-note").textContent = `${file.name}${same ? "" : `, resized from ${found.width}×${found.height} to ${model.width}×${model.height}`}` +
        `${stretched ? "; its proportions have changed" : ""}.`;
      choose(found.image, null, null);
    } catch {
      $("image-note").textContent = `${file.name} is not an image that this browser can read.`;
    }
  }

  function listen() {
    $("image-open").addEventListener("click", () => $("image-file").click());
    $("image-file").addEventListener("change", () => {
      if ($("image-file").files.length > 0) take($("image-file").files[0]);
      $("image-file").value = "";
    });
    const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) take(event.dataTransfer.files[0]);
    });
  }

  document.body.classList.add("classes");
  $("class-pause-text").textContent = `Pause at step ${classifier.steps}, and ${classifier.steps} steps after an edit`;
  $("colour").closest(".row").after($("brush-row"));
  $("reset").title = "Start again with the image (r)";
  $("steps").previousElementSibling.textContent = `Step (read at ${classifier.steps})`;
  $("speed").value = 4;
  $("radius").value = 2;
  makeBars();
  listen();

  return {
    viewsOf: () => classViews(model),
    redraw: () => chart.redraw(),
    brush() {
      if ($("class-pause").checked) stop.edited();
      return { target: $("brush-target").value };
    },
    // After the worker was started.
    async start() {
      $("radius").dispatchEvent(new Event("input")); // the value set above
      const box = $("nca-examples");
      if (!box) return;
      examples = readExamples(JSON.parse(new TextDecoder().decode(await unpack(box.textContent))));
      fillExamples();
      $("examples").firstChild?.click();
    },
    // frame: the latest.
    saw(frame) {
      const { now, answer, trail } = frame.classes[0];
      if ($("class-pause").checked) stop.saw(frame);
      showBars(now);
      const told = answer && predicted(classifier, answer), right = told && truth && String(told) === String(truth);
      $("class-answer").textContent = answer ? `At step ${classifier.steps}: ${nameOf(told)}` +
        `${told.length === 1 ? `, ${percent(answer[told[0]])}` : ""}${truth ? (right ? " (right)" : " (wrong)") : ""}` : `Read out at step ${classifier.steps}.`;
      $("canvas").setAttribute("aria-label", `The image and the votes of its cells at step ${frame.step}; now ${nameOf(predicted(classifier, now))}`);
      if (trail) chart.show(trail, classes.map((label, k) => ({ label, stroke: colours[k] })), frame.marks, classifier.steps);
    },
  };
}

globalThis.ncaClassify = startClassify;
