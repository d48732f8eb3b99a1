// The images of a page of classifiers: examples that it contains, and files of the user.
import { bytesOfBase64 } from "./bytes.js";

// The examples of a page (src/page/examples.c): {image, labels or null, name or null}, where the
// image has the bytes (H,W,channels).
export function readExamples({ height, width, channels, count, labels, names, data }) {
  const bytes = bytesOfBase64(data), cells = height * width;
  return Array.from({ length: count }, (_, i) => {
    const image = new Uint8Array(cells * channels);
    for (let k = 0; k < channels; k++) {
      const from = (i * channels + k) * cells;
      for (let cell = 0; cell < cells; cell++) {
        const left = cell % width > 0 ? image[(cell - 1) * channels + k] : 0;
        image[cell * channels + k] = left + bytes[from + cell];
      }
    }
    return { image, labels: labels?.[i] ?? null, name: names?.[i] ?? null };
  });
}

// An image (H,W,channels) of RGBA pixels: on black, and grey (BT.601) for one channel.
export function imageOfPixels(pixels, channels) {
  const image = new Uint8Array((pixels.length / 4) * channels);
  for (let cell = 0; cell < pixels.length / 4; cell++) {
    const [red, green, blue, alpha] = pixels.subarray(4 * cell);
    const values = channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : [red, green, blue];
    values.forEach((value, k) => { image[cell * channels + k] = Math.round((value * alpha) / 255); });
  }
  return image;
}

// The opposite, opaque.
export function pixelsOfImage(image, channels) {
  const pixels = new Uint8ClampedArray((image.length / channels) * 4);
  for (let cell = 0; cell < pixels.length / 4; cell++) {
    for (let k = 0; k < 3; k++) pixels[4 * cell + k] = image[cell * channels + Math.min(k, channels - 1)];
    pixels[4 * cell + 3] = 255;
  }
  return pixels;
}

// Draws an image on a canvas of its size.
export function drawImage(canvas, image, { height, width, inputChannels }) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(new ImageData(pixelsOfImage(image, inputChannels), width, height), 0, 0);
}

// Reads an image file and resizes it, whatever its proportions. Returns its image and its own size.
export async function readFile(file, { height, width, inputChannels }) {
  const whole = await createImageBitmap(file);
  const fits = whole.width === width && whole.height === height;
  const small = fits ? whole : await createImageBitmap(whole, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d");
  context.drawImage(small, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { image: imageOfPixels(data, inputChannels), height: whole.height, width: whole.width };
}
