// Samples of a training run side by side. Each is drawn separately, so that the lines between them
// have the same width at every size.

const HEAD = 24; // bytes: topic, width, height, count, tile width and height, 32 bits each
const LEAST = 56; // minimum width of a tile of the pool, in CSS pixels

export function readTiles(buffer) {
  const head = new DataView(buffer);
  const [, width, height, count, tileWidth, tileHeight] = Array.from({ length: HEAD / 4 }, (_, i) => head.getUint32(4 * i, true));
  const whole = new OffscreenCanvas(width, height);
  whole.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(buffer, HEAD), width, height), 0, 0);
  return { whole, count, tileWidth, tileHeight, columns: Math.round((width + 1) / (tileWidth + 1)) };
}

// The number of columns that gives the largest tiles in a box of this size, and the tile width.
export function arrange(count, aspect, width, height, gap) {
  let best = { columns: 1, side: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const side = Math.min((width - gap * (columns - 1)) / columns, ((height - gap * (rows - 1)) / rows) * aspect);
    if (side > best.side) best = { columns, side };
  }
  return best;
}

// How many of `count` samples are shown: fewer if all of them would be too small.
export function fitting(count, aspect, width, height, gap, least) {
  const columns = Math.floor((width + gap) / (least + gap)), rows = Math.floor((height + gap) / (least / aspect + gap));
  return Math.min(count, Math.max(4, columns * rows));
}

// The fraction of a box's width at which a batch with half of its height has the largest samples;
// the rest of the width is for the pool.
export function batchShare(count, aspect, width, height, gap) {
  let best = { share: 0, side: 0 };
  for (let share = 0.36; share < 0.705; share += 0.02) {
    const { side } = arrange(count, aspect, share * width, height, gap);
    if (side > 1.01 * best.side) best = { share, side };
  }
  return best.share;
}

// The size of a canvas on the screen, in device pixels.
export function roomOf(canvas) {
  const ratio = window.devicePixelRatio || 1;
  return { ratio, width: Math.floor(canvas.clientWidth * ratio), height: Math.floor(canvas.clientHeight * ratio) };
}

// Draws the samples into a canvas that has this room, and makes it as high as they are; returns the
// number of samples shown.
export function drawTiles(canvas, tiles, { ratio, width, height }, canLeaveOut) {
  if (width < 1 || height < 1) return 0;
  const aspect = tiles.tileWidth / tiles.tileHeight, gap = Math.max(2, Math.round(2 * ratio));
  const shown = canLeaveOut ? fitting(tiles.count, aspect, width, height, gap, LEAST * ratio) : tiles.count;
  const { columns, side } = arrange(shown, aspect, width, height, gap);
  const w = Math.max(1, Math.floor(side)), h = Math.max(1, Math.floor(side / aspect));
  canvas.width = width;
  canvas.height = Math.ceil(shown / columns) * (h + gap) - gap;
  canvas.style.cssText = `flex: none; height: ${canvas.height / ratio}px`;
  const context = canvas.getContext("2d");
  context.strokeStyle = context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--line");
  context.imageSmoothingEnabled = w < tiles.tileWidth; // enlarged cells stay square
  context.imageSmoothingQuality = "high";
  for (let i = 0; i < shown; i++) {
    const k = Math.floor((i * tiles.count) / shown);
    const column = i % columns, left = column * (w + gap), top = Math.floor(i / columns) * (h + gap);
    context.fillRect(left, top, w + (column + 1 < columns ? gap : 0), h + (i + columns < shown ? gap : 0)); // the lines
    context.drawImage(tiles.whole, (k % tiles.columns) * (tiles.tileWidth + 1), Math.floor(k / tiles.columns) * (tiles.tileHeight + 1),
      tiles.tileWidth, tiles.tileHeight, left, top, w, h);
    context.strokeRect(left + 0.5, top + 0.5, w - 1, h - 1); // makes a white tile visible on a white page
  }
  return shown;
}
