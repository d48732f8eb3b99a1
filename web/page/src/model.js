// A model as a page carries it (docs/web.md, "What the page carries") made ready for the engine.
import { bytesOfBase64, floatsOfBytes } from "./bytes.js";

export const FILTERS = ["sobel", "scharr", "gaussian", "laplacian", "mean"];
export const BOUNDARIES = ["zero", "circular"];
// The filters that an angle turns; the others look the same from every side.
export const STEERED = ["sobel", "scharr"];

// One tensor as floats: as they are, or a byte and a row's scale each.
function tensorValues(tensor) {
  const bytes = bytesOfBase64(tensor.data);
  if (tensor.type === "F32") return floatsOfBytes(bytes);
  if (tensor.type !== "I8") throw new Error(`tensor ${tensor.name}: expected type F32 or I8, found ${tensor.type}`);
  const scales = floatsOfBytes(bytesOfBase64(tensor.scales));
  const whole = new Int8Array(bytes.buffer);
  const columns = whole.length / scales.length;
  return Float32Array.from(whole, (value, i) => value * scales[Math.floor(i / columns)]);
}

// The target on the grid the model was trained on, (height, width, 4); null when there is none.
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

// A target moved onto another grid, centre on centre, where its seed is: what lies outside is cut.
export function targetOnGrid(model, height, width) {
  const out = new Float32Array(height * width * 4);
  if (!model.target) return out;
  const down = Math.floor(height / 2) - Math.floor(model.height / 2);
  const right = Math.floor(width / 2) - Math.floor(model.width / 2);
  for (let row = 0; row < model.height; row++) {
    const toRow = row + down;
    if (toRow < 0 || toRow >= height) continue;
    for (let column = 0; column < model.width; column++) {
      const toColumn = column + right;
      if (toColumn < 0 || toColumn >= width) continue;
      const from = (row * model.width + column) * 4;
      out.set(model.target.subarray(from, from + 4), (toRow * width + toColumn) * 4);
    }
  }
  return out;
}
