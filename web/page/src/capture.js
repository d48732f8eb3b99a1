// Saves pictures and animations of what the page has shown; all encoding is done in the page.
import { applyPalette, GIFEncoder, quantize } from "gifenc";

const RATE = 20; // frames recorded per second
const MOST_SECONDS = 30;
const MOST_BYTES = 128 * 2 ** 20;
const LEAST_SIDE = 320; // minimum of the longer side of a saved picture, in pixels

// The frames of the last seconds, as the worker sent them.
export class Reel {
  constructor() {
    this.frames = []; // {time, pixels, width, height}
  }

  add(time, pixels, width, height) {
    const last = this.frames.at(-1);
    if (last && (last.width !== width || last.height !== height)) this.frames = [];
    if (last && time - last.time < 1000 / RATE) return;
    this.frames.push({ time, pixels, width, height });
    while (this.frames[0].time < time - MOST_SECONDS * 1000 || this.frames.length * pixels.length > MOST_BYTES) {
      this.frames.shift();
    }
  }

  last(seconds) {
    const end = this.frames.at(-1)?.time ?? 0;
    return this.frames.filter((frame) => frame.time >= end - seconds * 1000);
  }
}

// An integer number of pixels per cell keeps cells square.
const scaleFor = ({ width, height }) => Math.max(1, Math.ceil(LEAST_SIDE / Math.max(width, height)));

function drawn(frame) {
  const small = document.createElement("canvas");
  small.width = frame.width;
  small.height = frame.height;
  small.getContext("2d").putImageData(new ImageData(frame.pixels, frame.width, frame.height), 0, 0);
  const scale = scaleFor(frame);
  const large = document.createElement("canvas");
  large.width = scale * frame.width;
  large.height = scale * frame.height;
  paintOnto(large, small);
  return large;
}

function paintOnto(large, small) {
  const context = large.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, large.width, large.height);
  return context;
}

export function pngOf(frame) {
  return new Promise((resolve, reject) => {
    drawn(frame).toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser could not create a PNG"))), "image/png");
  });
}

export async function gifOf(frames, progress) {
  const gif = GIFEncoder();
  for (let i = 0; i < frames.length; i++) {
    const canvas = drawn(frames[i]);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const palette = quantize(frames[i].pixels, 256);
    const next = frames[i + 1] ?? { time: frames[i].time + 1000 / RATE };
    gif.writeFrame(applyPalette(data, palette), canvas.width, canvas.height, { palette, delay: next.time - frames[i].time });
    progress((i + 1) / frames.length);
    await new Promise((resolve) => setTimeout(resolve));
  }
  gif.finish();
  return new Blob([gif.bytes()], { type: "image/gif" });
}

// Replays the frames at their original pace: browsers record in real time only.
export async function webmOf(frames, progress) {
  if (typeof MediaRecorder === "undefined") throw new Error("this browser cannot record WebM; save a GIF");
  const canvas = drawn(frames[0]);
  const stream = canvas.captureStream(RATE);
  const type = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"].find((kind) => MediaRecorder.isTypeSupported(kind));
  if (!type) throw new Error("this browser cannot record WebM; save a GIF");
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 8e6 });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let i = 0; i < frames.length; i++) {
    paintOnto(canvas, drawn(frames[i]));
    progress((i + 1) / frames.length);
    const next = frames[i + 1] ?? { time: frames[i].time + 1000 / RATE };
    await new Promise((resolve) => setTimeout(resolve, next.time - frames[i].time));
  }
  recorder.stop();
  await stopped;
  return new Blob(parts, { type: "video/webm" });
}

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
