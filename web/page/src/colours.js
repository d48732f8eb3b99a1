// Colormaps: viridis for magnitudes, and a red to blue one, symmetric about a neutral middle, for
// signed values. Both are readable with colour blindness; viridis also in greyscale.

const VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [110, 206, 88], [181, 222, 43], [253, 231, 37]];
const DIVERGING = [[5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [247, 247, 247],
  [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31]];

function table(anchors) {
  const bytes = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (anchors.length - 1);
    const low = Math.min(Math.floor(at), anchors.length - 2);
    for (let k = 0; k < 3; k++) {
      bytes[3 * i + k] = Math.round(anchors[low][k] + (at - low) * (anchors[low + 1][k] - anchors[low][k]));
    }
  }
  return bytes;
}

// Dead, alive through a neighbour, above the threshold; the colours of `nca visualize --view
// alive`.
export const aliveColours = [[68, 1, 84], [33, 145, 140], [253, 231, 37]];

export const magnitudeColours = table(VIRIDIS);
export const signedColours = table(DIVERGING);
