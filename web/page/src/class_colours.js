// The colours of classes: those of the pictures of the program (src/render/class_colour.c).
const COLOURS = [0x0b4f9e, 0xd55e00, 0x009e73, 0xa0529a, 0xc98a00, 0x56b4e9, 0x8c1d40, 0xa3c72c, 0xe377a8, 0x5b3a1a, 0x00b3b8, 0x7a68d8,
  0xf2c14e, 0x3f5f4f];

// Red, green and blue of class i, 0 to 255.
export const classColour = (i) => [16, 8, 0].map((shift) => (COLOURS[i % COLOURS.length] >> shift) & 255);
