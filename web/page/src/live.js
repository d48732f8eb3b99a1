// The live page of one or more training runs: shows what the server sends over the WebSocket /live
// (messages: docs/web.md) and has the knobs that change the run. It uses the playground only
// through the object passed to startLive.
import { Growth } from "./growth.js";
import { Rows, timeText } from "./live_rows.js";
import { shortNames } from "./names.js";
import { numberText } from "./numbers.js";
import { RunRows } from "./run_rows.js";
import { batchShare, drawTiles, readTiles, roomOf } from "./tiles.js";
import { TrainingCharts } from "./training_charts.js";
import { Validation } from "./validation.js";

const $ = (id) => document.getElementById(id);
const TOPICS = { rows: 0, status: 1, before: 2, after: 3, pool: 4, events: 5, validations: 6, confusion: 7, models: 8 };
const PICTURES = { [TOPICS.before]: "before", [TOPICS.after]: "after", [TOPICS.pool]: "pool" };
const PICTURE_NAMES = Object.values(PICTURES); // from the top of the page
const KNOBS = ["learning_rate", "fire_rate", "damage"];
const OVER = ["finished", "stopped", "failed"];
const FEW = 8; // runs
const RETRY = 2000; // milliseconds between attempts to reconnect
const STILL_PAUSE = 3000; // milliseconds between pictures with reduced motion
const STILL_STEPS = 96;

// options: {token, knobs}; playground: {replace(run, carried), select(run), send(kind)}.
export function startLive(options, playground) {
  const rows = new Rows();
  const growth = new Growth();
  const pictures = {}; // the latest of each, by name
  const shownInField = {}; // the value last written to each knob's field
  const newer = new Map(); // weights not yet loaded into the playground, by run
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let runs = []; // as in the latest status, and their short names
  let names = [];
  let status = null;
  let selected = 0;
  let events = [];
  let socket = null;
  let drawing = false;
  let lost = false; // the connection was lost since the page was loaded
  let playedOnce = false;
  let now = "from the seed"; // the weights that are growing
  const charts = new TrainingCharts($("run-charts"), { point: (run) => list.mark(run) });
  const validation = new Validation({
    section: $("validation"), last: $("validation-last"), chart: $("validation-chart"), table: $("confusion"), caption: $("confusion-caption"),
  });
  const list = new RunRows($("runs"), {
    choose,
    point(run) {
      list.mark(run);
      charts.focus(run);
    },
  });

  document.body.classList.add("live");
  document.querySelector(".top").insertBefore($("live-status"), $("theme"));
  document.querySelector(".stage").prepend($("now"));
  document.querySelector(".panel").prepend($("run-knobs"));
  if (document.body.classList.contains("classes")) {
    $("now-what").textContent = "Classifying now";
    now = "the first weights";
    $("now-weights").textContent = now;
    $("class-pause").checked = false; // it restarts instead
    document.querySelector(".stage").append($("class-box"));
  }
  $("run-knobs").hidden = $("run-buttons").hidden = !options.knobs;

  const isOver = () => !status || lost || OVER.includes(runs[0].state);

  // Redraws the charts and rows, at a rate that keeps drawing below a third of the time.
  function draw() {
    if (drawing || !status) return;
    drawing = true;
    setTimeout(() => {
      const began = performance.now();
      charts.show({
        runs: rows.runs, told: runs, names, measure: $("run-measure").value, smoothing: Math.max(1, Number($("run-smooth").value) || 1),
        marks: events.map((event) => event.iteration), selected,
      });
      validation.show(selected);
      if (runs.length > 1) list.show(runs, names, rows.runs, $("runs-order").value, selected);
      setTimeout(() => { drawing = false; }, 2 * (performance.now() - began));
    }, 250);
  }

  // ---- Messages from the server
  function showStatus() {
    const run = runs[selected] ?? runs[0];
    const parts = [run.state, `iteration ${run.iteration} of ${run.total}`];
    if (run.rate) parts.push(`${run.rate.toPrecision(3)} iterations/s`);
    if (run.left) parts.push(`${timeText(run.left)} left`);
    if (status.said && run.state === "failed") parts.push(status.said);
    sayState(parts, run.state);
    $("title").textContent = names[selected];
    $("title").title = run.name;
    $("run-unit").textContent = `${run.unit} loss`;
    $("run-loss").textContent = numberText(run.loss);
    $("run-progress").value = run.total > 0 ? run.iteration / run.total : 0;
    showKnobs(run);
  }

  // Shows each phrase in an element that does not wrap. Screen readers announce only the first.
  function sayState(parts, state) {
    const box = $("run-state");
    if (box.children.length !== parts.length) {
      box.replaceChildren(...parts.flatMap((_, i) => [...(i > 0 ? [" · "] : []), document.createElement("span")]));
    }
    parts.forEach((text, i) => { box.children[i].textContent = text; });
    $("run-state").dataset.state = state;
    if ($("run-heard").textContent !== parts[0]) $("run-heard").textContent = parts[0];
  }

  function showKnobs(run) {
    const paused = run.state === "paused";
    $("follow").parentElement.hidden = OVER.includes(run.state); // there will be no new weights
    $("knob-pause").textContent = paused ? "Resume" : "Pause";
    $("knob-pause").setAttribute("aria-pressed", String(paused));
    for (const key of KNOBS) {
      const known = key in (status.settings ?? {});
      $(`knob-${key}`).hidden = !known; // no damage where no sample can be damaged
      const input = $(`knob-${key}`).querySelector("input");
      // Keeps a value that was typed and not yet sent.
      if (known && input.value === (shownInField[key] ?? "")) {
        input.value = shownInField[key] = String(status.settings[key]);
      }
    }
    if (status.said) $("knob-said").textContent = status.said;
    disableKnobs();
  }

  // Disables the knobs when the run is over or the server cannot be reached.
  function disableKnobs() {
    for (const box of [$("run-buttons"), $("run-knobs")]) {
      for (const control of box.querySelectorAll("button, input")) control.disabled = isOver();
    }
  }

  function showEvents() {
    const texts = events.slice(-3).map(({ iteration, key, value }) => `${key} ${value} from iteration ${iteration}`);
    $("run-events").textContent = `Dashed lines: changed settings; ${texts.join(", ")}.`;
    $("run-events").hidden = false;
  }

  function receiveText(message) {
    if (message.topic === TOPICS.rows) {
      rows.add(message.entries);
      for (const [run, , , steps] of message.entries) if (run === selected) growth.sawRollout(steps);
    }
    if (message.topic === TOPICS.events) {
      // The server repeats events after a new connection and when a run's settings were read again.
      events = [...new Map([...events, ...message.entries].map((event) => [JSON.stringify(event), event])).values()];
      showEvents();
    }
    if (message.topic === TOPICS.validations) validation.add(message.entries);
    if (message.topic === TOPICS.confusion) {
      validation.showConfusion(message, [...document.querySelectorAll("#class-bars span")].map((name) => name.textContent));
    }
    if (message.topic === TOPICS.status) receiveStatus(message);
    if (message.topic >= TOPICS.models) {
      newer.set(message.topic - TOPICS.models, message.model);
      growStill();
    }
    draw();
  }

  function receiveStatus(message) {
    status = message;
    if (runs.length !== message.runs.length) {
      names = shortNames(message.runs.map((run) => run.name));
      $("runs-box").hidden = message.runs.length < 2;
      $("runs-title").textContent = `${message.runs.length} runs`;
      // A short list of runs is shown above the grid, a long one beside it.
      document.body.classList.toggle("several", message.runs.length > FEW);
      if (message.runs.length <= FEW) document.querySelector(".stage").prepend($("runs-box"));
      if (message.shown !== selected) {
        selected = message.shown; // the run that the server sends pictures of
        playground.select(selected);
      }
    }
    runs = message.runs;
    showStatus();
    captions();
  }

  // ---- Pictures
  function captions() {
    const whose = runs.length > 1 ? `, ${names[status.shown]}` : "";
    const shown = pictures.pool?.shown, of = pictures.pool?.tiles.count;
    for (const [name, text] of [["before", `Batch before the rollout${whose}`], ["after", `Batch after it${whose}`],
      ["pool", `Sample pool${shown < of ? `, ${shown} shown` : ""}`]]) {
      const caption = $(`picture-${name}`).parentElement.querySelector("figcaption");
      if (caption.textContent !== text) caption.textContent = caption.title = text;
    }
  }

  // Each canvas first has all the room that there is for it, and is then as high as its samples, so
  // that the pictures follow each other without a gap.
  function drawPictures() {
    const box = $("run-pictures"), before = pictures.before?.tiles;
    box.classList.remove("packed");
    if (before && pictures.pool && box.clientHeight > 0) {
      const share = batchShare(before.count, before.tileWidth / before.tileHeight, box.clientWidth, box.clientHeight / 2 - 28, 2);
      box.style.setProperty("--batch", `${(100 * share).toFixed(0)}%`);
    }
    for (const name of PICTURE_NAMES) $(`picture-${name}`).style.cssText = "";
    const rooms = PICTURE_NAMES.map((name) => roomOf($(`picture-${name}`)));
    box.classList.add("packed");
    PICTURE_NAMES.forEach((name, i) => {
      const picture = pictures[name], canvas = $(`picture-${name}`);
      if (!picture) return;
      // The last one has what the others left.
      picture.shown = drawTiles(canvas, picture.tiles, name === "pool" ? roomOf(canvas) : rooms[i], name === "pool");
    });
    if (status) captions();
  }

  function receiveBytes(buffer) {
    const name = PICTURES[new DataView(buffer).getUint32(0, true)];
    if (!name) return;
    pictures[name] = { tiles: readTiles(buffer) };
    $("run-pictures").hidden = $(`picture-${name}`).parentElement.hidden = false;
    drawPictures();
  }

  function forgetPictures() {
    for (const name of Object.keys(pictures)) {
      delete pictures[name];
      $(`picture-${name}`).parentElement.hidden = true;
    }
    $("run-pictures").hidden = true;
  }

  // ---- The playground
  function choose(run) {
    if (run === selected) return;
    selected = run;
    list.select(run);
    takeNewer();
    playground.select(run);
    growth.begin(performance.now());
    if (run !== status.shown) forgetPictures();
    turn("show", "run", String(run));
    showStatus();
    draw();
  }

  function takeNewer() {
    for (const [run, model] of newer) playground.replace(run, model);
    const model = newer.get(selected);
    if (model) now = `weights of iteration ${model.iterations}`;
    $("now-weights").textContent = now;
    newer.clear();
  }

  function beginAgain() {
    takeNewer();
    playground.send("reset");
    growth.begin(performance.now());
  }

  // With reduced motion: shows the result after STILL_STEPS steps, from time to time.
  function growStill() {
    if (!still || playedOnce || !$("follow").checked || performance.now() - growth.began < STILL_PAUSE) return;
    beginAgain();
    for (let i = 0; i < STILL_STEPS; i++) playground.send("step");
  }

  // ---- The connection
  function connect() {
    socket = new WebSocket(`ws://${location.host}/live${location.search}`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? receiveText(JSON.parse(data)) : receiveBytes(data));
    socket.onopen = () => {
      // The address may now belong to another program, with another token and other runs.
      if (lost) location.reload();
    };
    socket.onclose = () => {
      lost = true;
      if (!status) sayState(["No answer from the program: it has ended, or too many pages are open. Trying again."], "silent");
      else if (!OVER.includes(runs[selected].state)) sayState(["The program cannot be reached; trying again."], "silent");
      disableKnobs();
      setTimeout(connect, RETRY);
    };
  }

  function turn(what, key = "", value = "") {
    if (socket?.readyState !== WebSocket.OPEN) {
      $("knob-said").textContent = "Not sent: the program cannot be reached.";
      return;
    }
    socket.send(JSON.stringify({ token: options.token, do: what, key, value }));
  }

  $("knob-pause").addEventListener("click", () => turn(runs[0]?.state === "paused" ? "go" : "pause"));
  $("knob-checkpoint").addEventListener("click", () => turn("checkpoint"));
  $("knob-stop").addEventListener("click", () => turn("stop"));
  for (const key of KNOBS) {
    $(`knob-${key}`).addEventListener("submit", (event) => {
      event.preventDefault();
      const input = event.target.querySelector("input");
      turn("change", key, input.value.trim());
      shownInField[key] = input.value;
    });
  }
  for (const id of ["run-measure", "runs-order"]) $(id).addEventListener("change", draw);
  $("run-smooth").addEventListener("input", draw);
  new ResizeObserver(drawPictures).observe($("run-pictures"));
  connect();
  return {
    redraw() {
      charts.redraw();
      validation.redraw();
    },
    edited: (step) => growth.edited(step),
    // frame: the latest frame of the playground; hasTarget: whether all its models have a target,
    // so that the losses are valid.
    saw(frame, hasTarget) {
      playedOnce ||= frame.playing;
      if (!$("follow").checked) return;
      const seen = { ...frame, losses: hasTarget ? frame.losses : [] };
      if (Growth.hasExploded(seen.losses)) $("now-weights").textContent = `${now}, unstable`;
      if (growth.isOver(seen, newer.has(selected), runs[selected]?.state === "running", performance.now())) beginAgain();
    },
  };
}

globalThis.ncaLive = startLive;
