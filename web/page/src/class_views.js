// Pictures of a grid that classifies: the image, and the votes of its cells.
import { classColour } from "./class_colours.js";
import { imageValue } from "./class_world.js";

// As viewsOf in views.js.
export function classViews(model) {
  const { classes } = model.classifier, inputs = model.inputChannels;
  const nameOf = (c) => (c < inputs ? "image" : model.headOutputs > 0 ? (c < inputs + model.headInputs ? "read out" : "")
    : classes[c - inputs] ?? "");
  const views = [
    { key: "both", name: "Image and votes", scale: "none" },
    { key: "votes", name: "Votes over the image", scale: "none" },
    { key: "image", name: "Image", scale: "none" },
    { key: "mosaic", name: "All channels", scale: "signed" },
    { key: "update", name: "Size of the last update", scale: "magnitude" },
    { key: "change", name: "Change since the last edit", scale: "magnitude" },
  ];
  for (let c = 0; c < model.channels; c++) {
    views.push({ key: `channel-${c}`, name: `Channel ${c}${nameOf(c) ? ` (${nameOf(c)})` : ""}`, scale: "signed" });
  }
  return views;
}

const STRONGEST = 0.8; // of a vote over the image

// Paints the image; with votes, in grey, and over it each cell's vote in the colour of its class,
// the stronger the surer the cell is.
function paintImage(out, place, { grid, state, model, readout }, withVotes) {
  const votes = withVotes ? readout.vote(state) : null;
  for (let row = 0; row < grid.height; row++) {
    for (let column = 0; column < grid.width; column++) {
      const cell = row * grid.width + column, at = cell * grid.channels;
      const to = 4 * ((place.top + row) * place.stride + place.left + column);
      const pixel = [0, 1, 2].map((k) => {
        const from = Math.min(k, model.inputChannels - 1);
        return 255 * Math.min(1, Math.max(0, imageValue(model, state[at + from], from)));
      });
      const grey = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
      const colour = votes && classColour(votes[2 * cell]), share = votes && (STRONGEST * votes[2 * cell + 1]) / 255;
      for (let k = 0; k < 3; k++) out[to + k] = Math.round(votes ? grey + share * (colour[k] - grey) : pixel[k]);
      out[to + 3] = 255;
    }
  }
}

// As viewSize in views.js.
export const classViewSize = (viewSize) => (view, grid) => (view !== "both" ? viewSize(view, grid)
  : { columns: 2, rows: 1, width: 2 * grid.width + 1, height: grid.height });

// As paintView in views.js, for these views and those that it has.
export const paintClasses = (paintView) => (out, place, view, world, background) => {
  if (!["both", "image", "votes", "colour"].includes(view)) return paintView(out, place, view, world, background);
  paintImage(out, place, world, view === "votes" || view === "colour"); // colour: for small pictures
  if (view === "both") paintImage(out, { ...place, left: place.left + world.grid.width + 1 }, world, true);
  return NaN;
};
