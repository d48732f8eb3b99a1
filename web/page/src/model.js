// Prepares a model embedded in a page (docs/web.md, "What the page carries") for the engine.
import { bytesOfBase64, floatsOfBytes } from "./bytes.js";

export const FILTERS = ["sobel", "scharr", "gaussian", "laplacian", "mean", "learned"];
export const BOUNDARIES = ["zero", "circular", "reflect", "replicate"];
// The filters that the angle rotates; it has no effect on the others.
export const STEERED = ["sobel", "scharr"];

// The values of a tensor: F32 as stored, I8 multiplied by the scale of its row.
function tensorValues(tensor) {
  const bytes = bytesOfBase64(tensor.data);
  if (tensor.type === "F32") return floatsOfBytes(bytes);
  if (tensor.type !== "I8") throw new Error(`tensor ${tensor.name}: expected type F32 or I8, found ${tensor.type}`);
  const scales = floatsOfBytes(bytesOfBase64(tensor.scales));
  const whole = new Int8Array(bytes.buffer);
  const columns = whole.length / scales.length;
  return Float32Array.from(whole, (value, i) => value * scales[Math.floor(i / columns)]);
}

// The target on the grid of training, (height, width, 4); null if there is none.
function targetValues(model) {
  if (!model.target) return null;
  const { top, left, height, width, data } = model.target;
  const bytes = bytesOfBase64(data);
  const grid = new Float32Array(model.height * model.width * 4);
  for (let row = 0; row < height; row++) {
    for (let i = 0; i < width * 4; i++) {
      grid[((top + row) * model.width + left) * 4 + i] = bytes[row * width * 4 + i] / 255;
    }
  }
  return grid;
}

export function readModel(carried) {
  const parts = carried.tensors.map(tensorValues);
  const parameters = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    parameters.set(part, offset);
    offset += part.length;
  }
  return { ...carried, tensors: undefined, parameters, target: targetValues(carried) };
}

// The target on another grid (height, width, 4), with its seed cell at the centre and rotated about
// it by `degrees` (as in nca_model_turn, but with bilinear interpolation). What lies outside the
// grid is cut off.
export function targetOnGrid(model, height, width, degrees = 0) {
  const out = new Float32Array(height * width * 4);
  if (!model.target) return out;
  const cosine = Math.cos((degrees * Math.PI) / 180), sine = Math.sin((degrees * Math.PI) / 180);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const dx = column - Math.floor(width / 2), dy = row - Math.floor(height / 2);
      const y = Math.floor(model.height / 2) + sine * dx + cosine * dy;
      const x = Math.floor(model.width / 2) + cosine * dx - sine * dy;
      addSample(out, (row * width + column) * 4, model, y, x);
    }
  }
  return out;
}

// Adds the target at (y, x), interpolated between its cells, to the four values from out[at].
function addSample(out, at, { target, height, width }, y, x) {
  const top = Math.floor(y), left = Math.floor(x);
  for (const [row, down] of [[top, top + 1 - y], [top + 1, y - top]]) {
    for (const [column, right] of [[left, left + 1 - x], [left + 1, x - left]]) {
      if (row < 0 || row >= height || column < 0 || column >= width || down * right === 0) continue;
      for (let c = 0; c < 4; c++) out[at + c] += down * right * target[(row * width + column) * 4 + c];
    }
  }
}
