// Pictures of a grid, one pixel per cell: pure functions from floats to bytes.
import { aliveColours, magnitudeColours, signedColours } from "./colours.js";

// key, name, and colour scale: "none", "alive" (three levels), "magnitude" (0..high) or "signed"
// (-high..high).
export function viewsOf(channels) {
  const views = [
    { key: "colour", name: "Colour", scale: "none" },
    { key: "alpha", name: "Alpha", scale: "magnitude" },
    { key: "alive", name: "Alive cells", scale: "alive" },
    { key: "mosaic", name: "All channels", scale: "signed" },
    { key: "update", name: "Size of the last update", scale: "magnitude" },
    { key: "change", name: "Change since the last edit", scale: "magnitude" },
  ];
  const names = ["red", "green", "blue", "alpha"];
  for (let c = 0; c < channels; c++) {
    views.push({ key: `channel-${c}`, name: `Channel ${c}${c < 4 ? ` (${names[c]})` : ""}`, scale: "signed" });
  }
  return views;
}

const SOLID = 0.1; // minimum alpha of a visible cell
const OUTLINE = 150; // grey level
const LEAST_CONTRAST = 24; // minimum difference from the background of a visible cell
const byte = (value) => Math.min(255, Math.max(0, Math.round(255 * value)));

// The background of a cell: white, black, or a chequerboard of 4x4 cells.
function backgroundAt(background, row, column) {
  if (background === "white") return 1;
  if (background === "black") return 0;
  return (row >> 2) + (column >> 2) & 1 ? 0.86 : 0.72;
}

// Black if the edge of the target is bright and would be invisible on white; the rule of
// nca_picture_background.
export function fittingBackground({ target, height, width }) {
  const isSolid = (row, column) => row >= 0 && row < height && column >= 0 && column < width && target[(row * width + column) * 4 + 3] >= SOLID;
  let rim = 0, cells = 0;
  for (let cell = 0; target && cell < height * width; cell++) {
    const row = Math.floor(cell / width), column = cell % width;
    const inside = isSolid(row - 1, column) && isSolid(row + 1, column) && isSolid(row, column - 1) && isSolid(row, column + 1);
    if (!isSolid(row, column) || inside) continue;
    const [red, green, blue, alpha] = target.subarray(4 * cell);
    rim += (0.2126 * red + 0.7152 * green + 0.0722 * blue) / alpha;
    cells++;
  }
  return rim > 0.5 * cells ? "black" : "white";
}

// Width and height of a view's picture, in pixels; a mosaic has a line between its tiles.
export function viewSize(view, grid) {
  if (view !== "mosaic") return { columns: 1, rows: 1, width: grid.width, height: grid.height };
  const columns = Math.ceil(Math.sqrt(grid.channels));
  const rows = Math.ceil(grid.channels / columns);
  return { columns, rows, width: columns * (grid.width + 1) - 1, height: rows * (grid.height + 1) - 1 };
}

// The largest magnitude in a list of values; 1 if all are 0.
function largest(values, from, stride) {
  let high = 0;
  for (let at = from; at < values.length; at += stride) high = Math.max(high, Math.abs(values[at]));
  return high || 1;
}

function paintMap(out, place, grid, value, high, signed) {
  const colours = signed ? signedColours : magnitudeColours;
  for (let row = 0; row < grid.height; row++) {
    for (let column = 0; column < grid.width; column++) {
      const share = value((row * grid.width + column) * grid.channels) / high;
      const index = 3 * byte(signed ? 0.5 + 0.5 * share : share);
      const to = 4 * ((place.top + row) * place.stride + place.left + column);
      out[to] = colours[index];
      out[to + 1] = colours[index + 1];
      out[to + 2] = colours[index + 2];
      out[to + 3] = 255;
    }
  }
}

function paintColour(out, place, grid, state, background) {
  for (let row = 0; row < grid.height; row++) {
    for (let column = 0; column < grid.width; column++) {
      const at = (row * grid.width + column) * grid.channels;
      const to = 4 * ((place.top + row) * place.stride + place.left + column);
      const through = (1 - Math.min(1, Math.max(0, state[at + 3]))) * backgroundAt(background, row, column);
      for (let k = 0; k < 3; k++) out[to + k] = byte(through + state[at + k]);
      out[to + 3] = 255;
    }
  }
  outlineUnseen(out, place, grid, state, background);
}

// The seed is one black cell, invisible on black. If no pixel differs from the background although
// there are opaque cells, the cells around them are drawn as an outline, as in the pictures of the
// program.
function outlineUnseen(out, place, grid, state, background) {
  const { height, width, channels } = grid;
  const placeOf = (row, column) => 4 * ((place.top + row) * place.stride + place.left + column);
  const isOpaque = (row, column) => row >= 0 && row < height && column >= 0 && column < width && state[(row * width + column) * channels + 3] > SOLID;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const to = placeOf(row, column), behind = byte(backgroundAt(background, row, column));
      for (let k = 0; k < 3; k++) if (Math.abs(out[to + k] - behind) >= LEAST_CONTRAST) return;
    }
  }
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const beside = Array.from({ length: 9 }, (_, k) => isOpaque(row + Math.floor(k / 3) - 1, column + (k % 3) - 1)).some(Boolean);
      if (beside && !isOpaque(row, column)) out.fill(OUTLINE, placeOf(row, column), placeOf(row, column) + 3);
    }
  }
}

// A cell is alive if any cell of its 3x3 neighbourhood is above the threshold.
function paintAlive(out, place, grid, state, model) {
  const { height, width, channels } = grid;
  const over = (row, column) => {
    if (grid.boundary === "circular") {
      row = (row + height) % height;
      column = (column + width) % width;
    } else if (row < 0 || row >= height || column < 0 || column >= width) {
      // With reflect and replicate, the cell read instead is in the neighbourhood anyway.
      return grid.boundary === "zero" && model.aliveThreshold < 0;
    }
    return state[(row * width + column) * channels + model.aliveChannel] > model.aliveThreshold;
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const to = 4 * ((place.top + row) * place.stride + place.left + column);
      let shade = model.aliveChannel < 0 || over(row, column) ? 2 : 0;
      for (let k = 0; k < 9 && shade === 0; k++) {
        if (over(row + Math.floor(k / 3) - 1, column + (k % 3) - 1)) shade = 1;
      }
      out.set([...aliveColours[shade], 255], to);
    }
  }
}

// Paints one world's view into `out` (RGBA bytes, `place.stride` pixels per row) at place.top,
// place.left; returns the upper end of its colour scale, or NaN if it has none.
export function paintView(out, place, view, world, background) {
  const { grid, state, previous, wounded, model } = world;
  if (view === "colour") {
    paintColour(out, place, grid, state, background);
    return NaN;
  }
  if (view === "alive") {
    paintAlive(out, place, grid, state, model);
    return NaN;
  }
  if (view === "alpha") {
    paintMap(out, place, grid, (at) => state[at + 3], 1, false);
    return 1;
  }
  if (view === "mosaic") {
    const { columns } = viewSize(view, grid);
    const high = largest(state, 0, 1);
    for (let c = 0; c < grid.channels; c++) {
      const tile = {
        ...place,
        top: place.top + Math.floor(c / columns) * (grid.height + 1),
        left: place.left + (c % columns) * (grid.width + 1),
      };
      paintMap(out, tile, grid, (at) => state[at + c], high, true);
    }
    return high;
  }
  if (view === "update" || view === "change") {
    const before = view === "update" ? previous : wounded ?? state;
    const sizes = new Float32Array(state.length);
    for (let at = 0; at < state.length; at += grid.channels) {
      let sum = 0;
      for (let c = 0; c < grid.channels; c++) sum += (state[at + c] - before[at + c]) ** 2;
      sizes[at] = Math.sqrt(sum);
    }
    const high = largest(sizes, 0, grid.channels);
    paintMap(out, place, grid, (at) => sizes[at], high, false);
    return high;
  }
  const channel = Number(view.slice("channel-".length));
  if (!(channel < grid.channels)) return NaN; // possible when compared with a model of more channels
  const high = largest(state, channel, grid.channels);
  paintMap(out, place, grid, (at) => state[at + channel], high, true);
  return high;
}
