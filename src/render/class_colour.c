/* See class_colour.h. The first six follow Okabe and Ito, "Color universal design", 2008; the
 * others differ from them, and from each other, in lightness as well as in hue. */
#include "render/class_colour.h"

static const unsigned colours[NCA__CLASS_COLOURS] = {
    0x0b4f9e, 0xd55e00, 0x009e73, 0xa0529a, 0xc98a00, 0x56b4e9, 0x8c1d40,
    0xa3c72c, 0xe377a8, 0x5b3a1a, 0x00b3b8, 0x7a68d8, 0xf2c14e, 0x3f5f4f};

unsigned nca__class_colour(size_t class)
{
    return colours[class % NCA__CLASS_COLOURS];
}
