// The page: controls, the stage, charts and readouts around a worker that runs the automaton.
import { download, gifOf, pngOf, Reel, webmOf } from "./capture.js";
import { axis, Chart, LossChart, marksPlugin, ProbeChart, stepAxis } from "./charts.js";
import { aliveColours, magnitudeColours, signedColours } from "./colours.js";
import { linkOf, readLink } from "./link.js";
import { readModel, STEERED } from "./model.js";
import { breakable, shortened, shortNames } from "./names.js";
import { numberText } from "./numbers.js";
import { Stage } from "./stage.js";
import { viewsOf } from "./views.js";

// Settings of the automaton by their names in a link.
const IN_LINK = { angle: "angle", fire: "fireRate", step: "stepSize", noise: "noise", seed: "seed", height: "height", width: "width", border: "boundary" };
const SPEEDS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 480, Infinity];
const $ = (id) => document.getElementById(id);

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
// Maps a coordinate in a mosaic, whose tiles are `side` cells wide with a line between them, to the
// coordinate within its tile.
const inPart = (value, side) => ((value % (side + 1)) + side + 1) % (side + 1);
// Whether a view consists of such tiles.
const isMosaic = ({ view }) => view === "mosaic" || view === "both";
// At most four significant digits, without trailing zeros.
const shortest = (value) => String(Number(value.toPrecision(4)));
// For a few models every value, for many the smallest and the largest.
const ofAll = (values, text) => (values.length <= 4 ? values.map(text).join("  ")
  : [...new Set([Math.min(...values), Math.max(...values)].map(text))].join(" to "));

export function startPage(parts) {
  const carried = JSON.parse(parts.models);
  const models = carried.map(readModel);
  const names = shortNames(models.map((model) => model.name));
  const address = readLink(location.hash);
  const worker = new Worker(URL.createObjectURL(new Blob([parts.worker], { type: "text/javascript" })));
  const send = (kind, message = {}) => worker.postMessage({ kind, ...message });
  const reel = new Reel();
  const lossChart = new LossChart($("loss-chart"));
  const probeChart = new ProbeChart($("probe-chart"));
  let frame = null; // the latest frame message
  let opened = null; // the latest opened message
  let settings = {}; // of the automaton, as applied; a control may show them rounded
  let changedHere = {}; // settings changed since the models on show were chosen
  let playing = false;
  let live = null; // set if the page follows a training run
  let pointedAt = ""; // the cell whose channels are shown

  const fail = (text) => {
    $("failure").textContent = text;
    $("failure").hidden = false;
  };
  // Set if the models classify images.
  const classes = globalThis.ncaClassify?.(models, { send, axis, Chart, marksPlugin, stepAxis });
  worker.onerror = (event) => fail(`The automaton stopped: ${event.message || "the browser did not start it"}.`);

  // ---- The stage
  const stage = new Stage($("canvas"), {
    stroke({ tile, ...place }, first) {
      if (!frame || tile >= frame.grids.length) return false;
      const grid = frame.grids[tile];
      if (isMosaic(frame)) {
        const dx = inPart(place.x1, grid.width) - place.x1, dy = inPart(place.y1, grid.height) - place.y1;
        place = { x0: place.x0 + dx, y0: place.y0 + dy, x1: place.x1 + dx, y1: place.y1 + dy };
      }
      // A stroke may leave the grid, but must begin on it.
      if (first && !(place.x1 >= 0 && place.y1 >= 0 && place.x1 < grid.width && place.y1 < grid.height)) return false;
      const colour = [1, 3, 5].map((at) => parseInt($("colour").value.slice(at, at + 2), 16) / 255);
      live?.edited(frame.step);
      send("edit", { edit: { tool: stage.tool, radius: stage.radius, colour, ...classes?.brush(), ...place }, tile, first });
      return true;
    },
    point(at) {
      const grid = at && frame?.grids[at.tile];
      if (!$("probe-box").open || !grid) return;
      const mosaic = isMosaic(frame);
      const row = mosaic ? inPart(at.row, grid.height) : at.row, column = mosaic ? inPart(at.column, grid.width) : at.column;
      if (row < 0 || row >= grid.height || column < 0 || column >= grid.width) return;
      const cell = `${at.tile} ${row} ${column}`;
      if (cell === pointedAt) return;
      pointedAt = cell;
      send("probe", { at: { world: at.tile, row, column } });
    },
    moved(places) {
      nameTiles(places);
    },
    resized(aspect) {
      send("view", { aspect });
    },
  });

  // Labels models side by side with their names and the channels of a mosaic with their numbers.
  function nameTiles(places) {
    const labels = []; // text, left, top, width
    // The font of a name is smaller in small tiles, down to 9 pixels.
    const size = Math.max(9, Math.min(0.8 * parseFloat(getComputedStyle($("frame")).fontSize), places[0].width / 9));
    frame?.grids.forEach(({ height, width, channels }, i) => {
      const { left, top, width: wide } = places[i], scale = wide / frame.tiles.width, part = frame.tiles.parts[i];
      if (frame.view === "mosaic") {
        const columns = Math.ceil(Math.sqrt(channels));
        for (let c = 0; c < channels; c++) {
          const row = Math.floor(c / columns) + 1;
          labels.push([c, left + (part.left + (c % columns) * (width + 1)) * scale, top + (part.top + row * (height + 1)) * scale, width * scale]);
        }
      }
      if (opened.comparing) labels.push([shortened(names[opened.shown[i]], (wide - size) / (0.65 * size)), left, top, wide]);
    });
    const box = $("tile-names");
    while (box.children.length > labels.length) box.lastChild.remove();
    while (box.children.length < labels.length) box.append(document.createElement("span"));
    labels.forEach(([text, left, top, wide], i) => {
      const label = box.children[i];
      label.textContent = text;
      label.className = Number.isInteger(text) ? "number" : "";
      Object.assign(label.style, { left: `${left}px`, top: `${top}px`, maxWidth: `${wide}px` });
    });
    box.style.fontSize = `${size}px`;
  }

  // ---- Messages from the worker
  const receive = {
    opened(message) {
      opened = message;
      if (!message.asked) $("failure").hidden = true;
      settings = { ...message.settings };
      if (!message.probing) pointedAt = "";
      const model = models[message.shown[0]];
      if (!message.asked) fillControls();
      else if (message.newFireRate) fillFireRate();
      $("seed-text").textContent = message.settings.seed;
      fillViews(message.channels);
      describe(model, message);
      markModels();
      $("engine-name").textContent = `Engine: WebAssembly${message.simd ? " with SIMD" : ", without SIMD"}.`;
    },
    frame(message) {
      frame = message;
      stage.show(message.pixels, message.width, message.height, message.tiles);
      reel.add(performance.now(), message.pixels, message.width, message.height);
      readOut(message);
      live?.saw(message, opened.hasTarget.every(Boolean));
      classes?.saw(message);
      requestAnimationFrame(() => send("shown"));
    },
    thumbnail({ index, pixels, width, height }) {
      const canvas = $("models").querySelectorAll("canvas")[index];
      canvas.width = width;
      canvas.height = height;
      canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
      askThumbnail(index + 1);
    },
    failed(message) {
      fail(`The automaton stopped: ${message.message}.`);
    },
  };
  worker.onmessage = ({ data }) => receive[data.kind](data);

  function readOut(message) {
    $("steps").textContent = message.step;
    $("loss").textContent = ofAll(message.losses, numberText);
    $("alive").textContent = ofAll(message.alive, String);
    $("rate").textContent = Number.isFinite(message.stepRate) ? compact.format(message.stepRate) : "–";
    $("cells").textContent = Number.isFinite(message.cellRate) ? compact.format(message.cellRate) : "–";
    $("undo").disabled = !message.canUndo;
    $("back").disabled = !message.canGoBack;
    Object.assign($("canvas").dataset, { playing: message.playing, view: message.view });
    $("canvas").setAttribute("aria-label",
      `The grid at step ${message.step}, ${message.alive[0]} cells alive, loss ${numberText(message.losses[0])}`);
    showLegend(message.view, message.high);
    if (message.history && opened.hasTarget.some(Boolean)) {
      lossChart.show(opened.shown.map((index) => names[index]), message.history, message.marks);
    }
    showProbe(message.probe);
  }

  let legendScale = "none";
  function showLegend(key, high) {
    const { scale } = views.find((view) => view.key === key) ?? { scale: "none" };
    const alive = scale === "alive", signed = scale === "signed";
    $("legend").hidden = scale === "none" || !(alive || Number.isFinite(high));
    if ($("legend").hidden) return;
    $("legend").dataset.scale = scale;
    if (scale !== legendScale) drawLegend(alive ? aliveColours.flat() : signed ? signedColours : magnitudeColours);
    legendScale = scale;
    const text = alive ? "above the threshold" : high.toPrecision(2);
    $("legend-low").textContent = alive ? "dead" : signed ? `−${text}` : "0";
    $("legend-middle").textContent = alive ? "next to a cell above the threshold" : signed ? "0" : "";
    $("legend-high").textContent = text;
  }

  function drawLegend(colours) {
    const context = $("legend-bar").getContext("2d");
    const count = colours.length / 3;
    for (let i = 0; i < count; i++) {
      context.fillStyle = `rgb(${colours.slice(3 * i, 3 * i + 3).join(" ")})`;
      context.fillRect((i * 256) / count, 0, 256, 12);
    }
  }

  function showProbe(probe) {
    if (!probe || !$("probe-box").open) return;
    $("probe-where").textContent = `Row ${probe.row}, column ${probe.column}; bold lines: red, green, blue, alpha.`;
    probeChart.show(probe.trail, probe.values.length);
    const box = $("probe-values");
    box.replaceChildren(...Array.from(probe.values, (value, c) => {
      const item = document.createElement("span");
      const name = document.createElement("b");
      name.textContent = `${c} `;
      item.append(name, value.toFixed(3));
      return item;
    }));
  }

  function describe(model, message) {
    $("title").textContent = message.comparing ? `${models.length} models side by side`
      : globalThis.ncaLive ? names[message.shown[0]] : model.name;
    const parts = [`${model.channels} channels, ${model.hidden} hidden units, ${model.filter} filter`];
    if (model.iterations > 0) parts.push(`trained for ${model.iterations} iterations`);
    if (model.int8) parts.push("int8 weights");
    $("about").textContent = message.comparing ? "edits apply to all models" : parts.join(" · ");
    $("loss-note").textContent = message.hasTarget.some(Boolean) ? "Dashed lines: edits. Drag to zoom, double-click to see all."
      : "There is no target for this grid.";
    $("loss-chart").hidden = !message.hasTarget.some(Boolean);
    $("angle-note").hidden = STEERED.includes(model.filter);
  }

  // ---- Models
  function fillModels() {
    if (models.length < 2 || globalThis.ncaLive) return;
    const button = (content, title, click) => {
      const made = document.createElement("button");
      made.type = "button";
      made.title = title;
      made.append(...content);
      made.addEventListener("click", click);
      $("models").append(made);
      return made;
    };
    button(["Side by side"], "", () => choose("compare", { on: true })).id = "compare";
    models.forEach((model, index) => {
      const name = document.createElement("span"), canvas = document.createElement("canvas");
      name.append(...breakable(names[index]));
      canvas.setAttribute("aria-hidden", "true");
      button([canvas, name], model.name, () => choose("select", { index }));
    });
    $("models").hidden = false;
    askThumbnail(0);
  }

  // Requests the models' thumbnails one after the other; the worker grows them in the background.
  function askThumbnail(index) {
    if (models[index]) send("thumbnail", { index });
  }

  // Choosing models restores the settings they were trained with.
  function choose(kind, message) {
    changedHere = {};
    send(kind, message);
  }

  function markModels() {
    [...$("models").children].forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === (opened.comparing ? 0 : opened.selected + 1)));
    });
  }

  // ---- Controls
  let views = [];
  function fillViews(channels) {
    const all = (classes ?? { viewsOf }).viewsOf(channels);
    if (views.length > 0 && views.length === all.length) return;
    views = all;
    const now = $("view").value || address.view;
    $("view").replaceChildren(...views.map((view) => new Option(view.name, view.key)));
    $("view").value = views.some((view) => view.key === now) ? now : views[0].key;
    send("view", { view: $("view").value });
  }

  function fillFireRate() {
    $("fire").value = settings.fireRate;
    showOutputs();
  }

  function fillControls() {
    $("angle").value = Math.round(settings.angle);
    $("fire").value = settings.fireRate;
    $("step-size").value = settings.stepSize;
    $("noise").value = settings.noise;
    $("boundary").value = settings.boundary;
    $("height").value = settings.height;
    $("width").value = settings.width;
    $("seed").value = settings.seed;
    showOutputs();
  }

  function showOutputs() {
    $("speed-text").value = SPEEDS[$("speed").value] === Infinity ? "fastest" : `${SPEEDS[$("speed").value]}/s`;
    $("radius-text").value = `${$("radius").value} cells`;
    $("angle-text").value = `${shortest(settings.angle ?? 0)}°`;
    $("fire-text").value = shortest(settings.fireRate ?? 0.5);
    $("step-size-text").value = shortest(settings.stepSize ?? 1);
    $("noise-text").value = shortest(settings.noise ?? 0);
  }

  function play(on) {
    playing = on;
    $("play").textContent = on ? "Pause" : "Play";
    $("play").setAttribute("aria-pressed", String(on));
    send("play", { on });
  }

  function step(kind) {
    if (playing) play(false);
    send(kind);
  }

  const number = (id) => Number($(id).value);
  // Clamps the field to an integer in its range and shows the result in the field.
  function corrected(id, low, high) {
    const value = Math.min(high, Math.max(low, Math.floor(number(id)) || low));
    $(id).value = value;
    return value;
  }
  const configureOn = (id, kind, changed) => $(id).addEventListener(kind, () => {
    const now = changed();
    Object.assign(settings, now);
    Object.assign(changedHere, now);
    $("failure").hidden = true;
    showOutputs();
    send("configure", { settings: now });
  });

  function listen() {
    $("play").addEventListener("click", () => play(!playing));
    $("step").addEventListener("click", () => step("step"));
    $("back").addEventListener("click", () => step("back"));
    $("reset").addEventListener("click", () => send("reset"));
    $("undo").addEventListener("click", () => send("undo"));
    $("speed").addEventListener("input", () => {
      showOutputs();
      send("speed", { stepsPerSecond: SPEEDS[$("speed").value] });
    });
    for (const input of document.querySelectorAll("input[name=tool]")) {
      input.addEventListener("change", () => {
        stage.tool = input.value;
        $("canvas").style.cursor = input.value === "move" ? "grab" : "crosshair";
      });
    }
    $("radius").addEventListener("input", () => {
      stage.radius = number("radius");
      showOutputs();
    });
    $("view").addEventListener("change", () => send("view", { view: $("view").value }));
    $("background").addEventListener("change", () => send("view", { background: $("background").value }));
    $("zoom-in").addEventListener("click", () => stage.zoomBy(1.25));
    $("zoom-out").addEventListener("click", () => stage.zoomBy(0.8));
    $("zoom-fit").addEventListener("click", () => stage.fit());
    configureOn("angle", "input", () => ({ angle: number("angle") }));
    configureOn("fire", "input", () => ({ fireRate: number("fire") }));
    configureOn("step-size", "input", () => ({ stepSize: number("step-size") }));
    configureOn("noise", "input", () => ({ noise: number("noise") }));
    configureOn("boundary", "change", () => ({ boundary: $("boundary").value }));
    configureOn("resize", "click", () => ({ height: corrected("height", 3, 512), width: corrected("width", 3, 512) }));
    configureOn("seed", "change", () => ({ seed: corrected("seed", 0, 2 ** 32 - 1) }));
    $("defaults").addEventListener("click", () => choose("defaults"));
    $("theme").addEventListener("click", () => {
      setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => setTheme(event.matches ? "dark" : "light"));
    document.addEventListener("keydown", shortcut);
    listenToSaving();
  }

  // Keyboard shortcuts, ignored where the focused control uses the key itself.
  function shortcut(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onControl = event.target.closest("input, select, button, summary");
    const typing = onControl?.matches("select, [type=number], [type=text]");
    if (typing || (onControl && [" ", "Enter"].includes(event.key))) return;
    const keys = {
      " ": () => play(!playing), ".": () => step("step"), ",": () => step("back"),
      r: () => send("reset"), z: () => send("undo"),
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    for (const chart of [lossChart, probeChart, live, classes]) chart?.redraw();
  }

  // ---- Saving
  const fileName = (ending) => `${(opened?.comparing ? "comparison" : models[opened?.shown[0] ?? 0].name).replace(/[^\w.-]+/g, "-")}-${frame.step}.${ending}`;

  async function save(ending, make) {
    if (!frame) return;
    const progress = (share) => { $("saved").textContent = `Making ${ending.toUpperCase()}: ${Math.round(100 * share)} %`; };
    try {
      const name = fileName(ending);
      const blob = await make(reel.last(Math.min(30, Math.max(1, number("seconds")))), progress);
      download(blob, name);
      $("saved").textContent = `Saved ${name}, ${Math.ceil(blob.size / 1000)} kB.`;
    } catch (problem) {
      $("saved").textContent = `Not saved: ${problem.message}.`;
    }
  }

  // The link: what is shown, and the settings that differ from training; with several models, the
  // settings changed for all of them.
  function settingsLink() {
    const values = { view: $("view").value, background: $("background").value, speed: number("speed") };
    if (opened.comparing) values.compare = 1;
    else values.model = opened.selected;
    for (const [key, name] of Object.entries(IN_LINK)) {
      if (opened.comparing ? name in changedHere : settings[name] !== opened.trained[name]) values[key] = settings[name];
    }
    return location.href.replace(/#.*/, "") + linkOf(values);
  }

  function listenToSaving() {
    $("save-png").addEventListener("click", () => save("png", () => pngOf(frame)));
    $("save-gif").addEventListener("click", () => save("gif", gifOf));
    $("save-webm").addEventListener("click", () => save("webm", webmOf));
    $("copy-link").addEventListener("click", async () => {
      const link = settingsLink();
      history.replaceState(null, "", link);
      try {
        await navigator.clipboard.writeText(link);
        $("saved").textContent = "Copied. The page address contains the settings too.";
      } catch {
        $("saved").textContent = "The page address now contains the settings; copy it from there.";
      }
    });
  }

  // ---- Start
  function settingsOfAddress() {
    const wanted = {};
    const bounds = { angle: [-360, 360], fire: [0.01, 1], step: [0.01, 2], noise: [0, 0.2], seed: [0, 2 ** 32 - 1], height: [3, 512], width: [3, 512] };
    for (const [key, name] of Object.entries(IN_LINK)) {
      if (!(key in address)) continue;
      const [low, high] = bounds[key] ?? [];
      const value = low === undefined ? address[key] : Math.min(high, Math.max(low, address[key]));
      wanted[name] = ["seed", "height", "width"].includes(key) ? Math.floor(value) : value;
    }
    return wanted;
  }

  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  if ("speed" in address) $("speed").value = Math.min(SPEEDS.length - 1, Math.max(0, Math.floor(address.speed)));
  if ("background" in address) $("background").value = address.background;
  listen();
  showOutputs();
  send("init", { simd: parts.simd, scalar: parts.scalar, carried });
  classes?.start();
  fillModels();
  if (models[address.model]) send("select", { index: address.model });
  if (address.compare && models.length > 1) send("compare", { on: true });
  const wanted = settingsOfAddress();
  changedHere = { ...wanted };
  if (Object.keys(wanted).length > 0) send("configure", { settings: wanted, fromAddress: true });
  send("view", { background: $("background").value });
  send("speed", { stepsPerSecond: SPEEDS[$("speed").value] });
  play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  live = globalThis.ncaLive?.(JSON.parse($("nca-live").textContent), {
    send,
    select: (index) => choose("select", { index }),
    replace(index, newer) {
      models[index] = readModel(newer);
      send("replace", { index, carried: newer });
    },
  });
}
