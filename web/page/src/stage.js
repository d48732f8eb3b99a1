// The canvas: shows a picture made of tiles of cells, zooms and pans, and maps pointer and keyboard
// input to positions on the grid.

const MOST_ZOOM = 64;

export class Stage {
  // Callbacks, in cells: on.stroke({tile, x0, y0, x1, y1}, first) returns false where no stroke can
  // begin; on.point({tile, row, column} or null).
  constructor(canvas, on) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.on = on;
    this.picture = document.createElement("canvas");
    this.pictureContext = this.picture.getContext("2d");
    this.tiles = null;
    this.zoom = 1; // relative to the size that fits
    this.panX = this.panY = 0; // offset of the picture's centre from the canvas's, in CSS pixels
    this.tool = "erase";
    this.radius = 4;
    this.cursor = null; // {x, y} in cells of the picture
    this.pointers = new Map();
    this.last = null; // the last point of a stroke
    this.listen();
    new ResizeObserver(() => {
      on.resized(canvas.clientWidth / canvas.clientHeight || 1);
      this.draw();
    }).observe(canvas);
  }

  show(pixels, width, height, tiles) {
    if (this.picture.width !== width || this.picture.height !== height) {
      this.picture.width = width;
      this.picture.height = height;
      this.cursor = null;
    }
    this.tiles = tiles;
    this.pictureContext.putImageData(new ImageData(pixels, width, height), 0, 0);
    this.draw();
  }

  // The scale, in device pixels per cell, and the position of the picture.
  place() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.canvas.clientWidth * ratio, height = this.canvas.clientHeight * ratio;
    const fit = Math.min(width / this.picture.width, height / this.picture.height);
    const scale = fit * this.zoom;
    return {
      ratio, width, height, scale,
      left: (width - scale * this.picture.width) / 2 + this.panX * ratio,
      top: (height - scale * this.picture.height) / 2 + this.panY * ratio,
    };
  }

  draw() {
    const { context, canvas, picture } = this;
    const { ratio, width, height, scale, left, top } = this.place();
    if (canvas.width !== Math.round(width) || canvas.height !== Math.round(height)) {
      canvas.width = Math.round(width);
      canvas.height = Math.round(height);
    }
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!this.tiles) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, left, top, scale * picture.width, scale * picture.height);
    if (this.cursor && this.tool !== "move") this.drawCursor(scale, left, top, ratio);
    this.on.moved?.(this.tilePlaces());
  }

  drawCursor(scale, left, top, ratio) {
    const { context, cursor } = this;
    const x = left + cursor.x * scale, y = top + cursor.y * scale;
    const round = ["erase", "paint", "hole"].includes(this.tool);
    for (const [colour, wide] of [["rgba(0,0,0,.75)", 3 * ratio], ["rgba(255,255,255,.95)", 1.25 * ratio]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      if (round) context.arc(x, y, Math.max(this.radius, 0.5) * scale, 0, 2 * Math.PI);
      else context.rect(left + Math.floor(cursor.x) * scale, top + Math.floor(cursor.y) * scale, scale, scale);
      context.stroke();
    }
  }

  // The position of each tile, in CSS pixels.
  tilePlaces() {
    const { ratio, scale, left, top } = this.place();
    const { columns, rows, width, height, gap } = this.tiles;
    const places = [];
    for (let i = 0; i < columns * rows; i++) {
      places.push({
        left: (left + (i % columns) * (width + gap) * scale) / ratio,
        top: (top + Math.floor(i / columns) * (height + gap) * scale) / ratio,
        width: (width * scale) / ratio,
      });
    }
    return places;
  }

  // The position of an event, in cells of the picture.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const { ratio, scale, left, top } = this.place();
    return {
      x: ((event.clientX - box.left) * ratio - left) / scale,
      y: ((event.clientY - box.top) * ratio - top) / scale,
    };
  }

  // The tile at a position, and the corner and the size of the picture in it.
  tileAt({ x, y }) {
    if (!this.tiles) return null;
    const { columns, rows, width, height, gap, parts } = this.tiles;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(x / (width + gap))));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y / (height + gap))));
    const tile = row * columns + column, part = parts[tile] ?? { left: 0, top: 0 };
    return { ...part, tile, left: column * (width + gap) + part.left, top: row * (height + gap) + part.top };
  }

  // Whether a position is in the picture of a tile, not beside it.
  isInTile(place) {
    const tile = this.tileAt(place);
    const x = place.x - (tile?.left ?? 0), y = place.y - (tile?.top ?? 0);
    return tile !== null && x >= 0 && y >= 0 && x < tile.width && y < tile.height;
  }

  stroke(to, first) {
    const from = first || this.last === null ? to : this.last;
    const tile = this.tileAt(to);
    if (tile === null) return false;
    this.last = to;
    return this.on.stroke({
      tile: tile.tile,
      x0: from.x - tile.left, y0: from.y - tile.top, x1: to.x - tile.left, y1: to.y - tile.top,
    }, first);
  }

  point(place) {
    this.cursor = place;
    const tile = place && this.tileAt(place);
    this.on.point(tile && {
      tile: tile.tile, row: Math.floor(place.y - tile.top), column: Math.floor(place.x - tile.left),
    });
    this.draw();
  }

  // Zooms and keeps the point under (clientX, clientY) in place.
  zoomBy(factor, clientX, clientY) {
    const box = this.canvas.getBoundingClientRect();
    const zoom = Math.min(MOST_ZOOM, Math.max(1, this.zoom * factor));
    const x = (clientX ?? box.left + box.width / 2) - box.left - box.width / 2 - this.panX;
    const y = (clientY ?? box.top + box.height / 2) - box.top - box.height / 2 - this.panY;
    this.panX += x * (1 - zoom / this.zoom);
    this.panY += y * (1 - zoom / this.zoom);
    this.zoom = zoom;
    if (zoom === 1) this.panX = this.panY = 0;
    this.draw();
  }

  fit() {
    this.zoom = 1;
    this.panX = this.panY = 0;
    this.draw();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.pointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.pointerMove(event));
    for (const kind of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(kind, (event) => {
        this.pointers.delete(event.pointerId);
        this.last = null;
      });
    }
    canvas.addEventListener("pointerleave", () => this.pointers.size === 0 && this.point(null));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  pointerDown(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const place = this.at(event);
    this.panning = this.tool === "move" || event.button !== 0 || this.pointers.size > 1 || !this.isInTile(place);
    if (this.pointers.size === 1) this.point(place); // a touch has no hover event before it
    if (!this.panning && this.stroke(place, true) === false) this.panning = true;
  }

  pointerMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (before && this.pointers.size === 2) {
      this.pinch(event);
    } else if (before && this.panning) {
      this.panX += event.clientX - before.x;
      this.panY += event.clientY - before.y;
      this.draw();
    } else {
      this.point(this.at(event));
      if (before && ["erase", "paint"].includes(this.tool)) this.stroke(this.at(event), false);
    }
    if (before) this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  // Two-finger zoom and pan.
  pinch(event) {
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
    const before = this.pointers.get(event.pointerId);
    const length = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
    const now = { x: event.clientX, y: event.clientY };
    this.zoomBy(length(now, other) / length(before, other), (now.x + other.x) / 2, (now.y + other.y) / 2);
    this.panX += (now.x - before.x) / 2;
    this.panY += (now.y - before.y) / 2;
    this.draw();
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in moves && this.tiles) {
      const far = event.shiftKey ? 8 : 1;
      const middle = { x: this.picture.width / 2, y: this.picture.height / 2 };
      const from = this.cursor ?? middle;
      const clamp = (value, high) => Math.min(high - 0.5, Math.max(0.5, Math.floor(value) + 0.5));
      this.point({
        x: clamp(from.x + far * moves[event.key][0], this.picture.width),
        y: clamp(from.y + far * moves[event.key][1], this.picture.height),
      });
    } else if (event.key === "Enter" && this.cursor) {
      this.last = null;
      this.stroke(this.cursor, true);
    } else if (event.key === "+" || event.key === "=") {
      this.zoomBy(1.25);
    } else if (event.key === "-") {
      this.zoomBy(0.8);
    } else if (event.key === "Home") {
      this.fit();
    } else {
      return;
    }
    event.preventDefault();
  }
}
