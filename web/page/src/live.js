// A training as it goes: what the server tells over the WebSocket /live (docs/web.md lists it), and the
// knobs that change the run. Knows nothing of the playground but that it can be given a model.
import { TrainingChart } from "./charts.js";

const $ = (id) => document.getElementById(id);
export const TOPICS = { rows: 0, status: 1, before: 2, after: 3, pool: 4, events: 5, models: 8 };
const COLUMNS = ["iteration", "loss", "steps", "rate", "norm_w1", "norm_b1", "norm_w2", "norm_b2", "alive", "seconds"];
const RETRY = 2000; // milliseconds until a lost server is looked for again

function timeText(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// The rows of all runs, column by column.
export class Rows {
  constructor() {
    this.runs = [];
  }

  add(entries) {
    for (const [run, ...values] of entries) {
      this.runs[run] ??= Object.fromEntries(COLUMNS.map((name) => [name, []]));
      const columns = this.runs[run];
      const last = columns.iteration.at(-1) ?? 0;
      if (values[0] <= last) continue; // told again after a new connection
      COLUMNS.forEach((name, i) => columns[name].push(values[i]));
    }
  }
}

function showPicture(canvas, buffer) {
  const head = new DataView(buffer);
  const width = head.getUint32(4, true), height = head.getUint32(8, true);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.parentElement.hidden = false;
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(buffer, 12), width, height), 0, 0);
}

// options: {token, knobs}; playground.replace(run, carried) takes over newer weights.
export function startLive(options, playground) {
  const rows = new Rows();
  const chart = new TrainingChart($("run-chart"));
  let status = null;
  let events = [];
  let socket = null;
  let drawing = false;
  const shown = {}; // what each knob's field was last given
  const newest = []; // weights of each run, as the page carries them
  let lost = false; // the connection, since this page was loaded

  $("training").hidden = false;
  $("run-knobs").hidden = !options.knobs;

  function draw() {
    if (drawing) return;
    drawing = true;
    setTimeout(() => {
      drawing = false;
      chart.show(rows.runs, status?.names ?? ["run"], $("run-measure").value, Number($("run-smooth").value) || 1,
        events.map((event) => event.iteration));
    }, 250);
  }

  function showStatus() {
    $("run-name").textContent = status.names.join(", ");
    const parts = [status.state, `iteration ${status.iteration} of ${status.total}`];
    if (status.loss !== null) parts.push(`loss ${Number(status.loss).toPrecision(3)}`);
    if (status.rate) parts.push(`${status.rate.toPrecision(3)} iterations/s`);
    if (status.left) parts.push(`${timeText(status.left)} left`);
    $("run-state").textContent = parts.join(" · ");
    $("run-progress").value = status.total > 0 ? status.iteration / status.total : 0;
    const paused = status.state === "paused";
    $("knob-pause").textContent = paused ? "Go on" : "Pause";
    $("knob-pause").setAttribute("aria-pressed", String(paused));
    for (const key of ["learning_rate", "fire_rate", "damage"]) {
      const input = $(`knob-${key}`).querySelector("input");
      // What was typed and not yet sent stays.
      if (key in (status.settings ?? {}) && input.value === (shown[key] ?? "")) {
        input.value = shown[key] = String(status.settings[key]);
      }
    }
    if (status.said) $("knob-said").textContent = status.said;
    if (status.said && status.state === "failed") $("run-state").textContent += ` · ${status.said}`;
  }

  function showEvents() {
    const texts = events.slice(-3).map(({ iteration, key, value }) => `${key} ${value} from ${iteration} on`);
    $("run-events").textContent = `Dashed lines: changes of the settings; ${texts.join(", ")}.`;
  }

  function receiveText(message) {
    if (message.topic === TOPICS.rows) rows.add(message.entries);
    if (message.topic === TOPICS.events) {
      // Told again after a new connection, or when a run's settings were read again.
      events = [...new Map([...events, ...message.entries].map((event) => [JSON.stringify(event), event])).values()];
      showEvents();
    }
    if (message.topic === TOPICS.status) {
      status = message;
      showStatus();
    }
    if (message.topic >= TOPICS.models) {
      newest[message.topic - TOPICS.models] = message.model;
      follow();
    }
    draw();
  }

  function follow() {
    if (!$("follow").checked) return;
    newest.forEach((model, run) => playground.replace(run, model));
    newest.length = 0; // they are shown
  }

  function receiveBytes(buffer) {
    const topic = new DataView(buffer).getUint32(0, true);
    const id = { [TOPICS.before]: "before", [TOPICS.after]: "after", [TOPICS.pool]: "pool" }[topic];
    if (id) showPicture($(`picture-${id}`), buffer);
  }

  function connect() {
    socket = new WebSocket(`ws://${location.host}/live${location.search}`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? receiveText(JSON.parse(data)) : receiveBytes(data));
    socket.onopen = () => {
      // Another program may have come back at this address, with another token and other runs.
      if (lost) location.reload();
    };
    socket.onclose = () => {
      lost = true;
      if (!status) $("run-state").textContent = "The program tells this page nothing: too many look on, or it has ended. Trying again.";
      else if (!["finished", "stopped", "failed"].includes(status.state)) {
        $("run-state").textContent = "The program cannot be reached; looking for it.";
      }
      setTimeout(connect, RETRY);
    };
  }

  const turn = (what, key = "", value = "") => {
    if (socket?.readyState !== WebSocket.OPEN) {
      $("knob-said").textContent = "Not sent: the program cannot be reached.";
      return;
    }
    socket.send(JSON.stringify({ token: options.token, do: what, key, value }));
  };
  $("knob-pause").addEventListener("click", () => turn(status?.state === "paused" ? "go" : "pause"));
  $("knob-checkpoint").addEventListener("click", () => turn("checkpoint"));
  $("knob-stop").addEventListener("click", () => turn("stop"));
  for (const key of ["learning_rate", "fire_rate", "damage"]) {
    $(`knob-${key}`).addEventListener("submit", (event) => {
      event.preventDefault();
      const input = event.target.querySelector("input");
      turn("change", key, input.value.trim());
      shown[key] = input.value;
    });
  }
  $("run-measure").addEventListener("change", draw);
  $("run-smooth").addEventListener("input", draw);
  $("follow").addEventListener("change", follow);
  connect();
  return { redraw: () => chart.redraw() };
}
