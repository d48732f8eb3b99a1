// The editing tools, applied to a grid (H,W,C) of floats. Each function changes `state` in place
// and depends on its arguments only.

// Calls visit(offset of the cell, row, column) for every cell whose centre is within `radius` of
// the segment from (x0, y0) to (x1, y1), in cells; the centre of cell (row, column) is at (column +
// 0.5, row + 0.5). With circular boundaries the stroke wraps around the edges.
export function alongStroke(grid, stroke, visit) {
  const { height, width, channels } = grid;
  const torus = grid.boundary === "circular";
  const { x0, y0, x1, y1, radius } = stroke;
  const dx = x1 - x0, dy = y1 - y0;
  const length2 = dx * dx + dy * dy;
  const reach = Math.max(radius, 0.5);
  const top = Math.floor(Math.min(y0, y1) - reach), bottom = Math.ceil(Math.max(y0, y1) + reach);
  const left = Math.floor(Math.min(x0, x1) - reach), right = Math.ceil(Math.max(x0, x1) + reach);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0, py = row + 0.5 - y0;
      const along = length2 > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
      const ex = px - along * dx, ey = py - along * dy;
      const hit = column === Math.floor(x1) && row === Math.floor(y1);
      if (!hit && ex * ex + ey * ey > radius * radius) continue;
      let r = row, c = column;
      if (torus) {
        r = ((r % height) + height) % height;
        c = ((c % width) + width) % width;
      } else if (r < 0 || r >= height || c < 0 || c >= width) {
        continue;
      }
      visit((r * width + c) * channels, r, c);
    }
  }
}

export function erase(state, grid, stroke) {
  alongStroke(grid, stroke, (at) => state.fill(0, at, at + grid.channels));
}

// A seed cell: red, green and blue 0, alpha and the hidden channels 1.
export function plantSeed(state, grid, { x1, y1 }) {
  const row = Math.floor(y1), column = Math.floor(x1);
  if (row < 0 || row >= grid.height || column < 0 || column >= grid.width) return;
  const at = (row * grid.width + column) * grid.channels;
  state.fill(0, at, at + 3);
  state.fill(1, at + 3, at + grid.channels);
}

// Paints an opaque colour; the hidden channels are unchanged.
export function paint(state, grid, stroke, colour) {
  alongStroke(grid, stroke, (at) => {
    for (let i = 0; i < 3; i++) state[at + i] = colour[i];
    state[at + 3] = 1;
  });
}

// Erases everything to the right of a point.
export function cutHalf(state, grid, { x1 }) {
  for (let row = 0; row < grid.height; row++) {
    for (let column = 0; column < grid.width; column++) {
      if (column + 0.5 < x1) continue;
      const at = (row * grid.width + column) * grid.channels;
      state.fill(0, at, at + grid.channels);
    }
  }
}

export function applyEdit(state, grid, edit) {
  switch (edit.tool) {
    case "erase":
      return erase(state, grid, edit);
    case "hole":
      return erase(state, grid, { ...edit, x0: edit.x1, y0: edit.y1 });
    case "seed":
      return plantSeed(state, grid, edit);
    case "paint":
      return paint(state, grid, edit, edit.colour);
    case "half":
      return cutHalf(state, grid, edit);
    default:
      throw new Error(`unknown tool ${edit.tool}`);
  }
}

// Adds noise to the cells with alpha above 0.1: uniform in (-size, size) for every channel, a
// function of the random seed and the step.
export function addNoise(state, grid, size, seed, step) {
  let word = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(step + 1, 0xc2b2ae35)) >>> 0;
  for (let at = 0; at < state.length; at += grid.channels) {
    if (!(state[at + 3] > 0.1)) continue;
    for (let c = 0; c < grid.channels; c++) {
      word ^= word << 13;
      word ^= word >>> 17;
      word ^= word << 5;
      word = word >>> 0 || 1;
      state[at + c] += size * (word / 2 ** 31 - 1);
    }
  }
}
