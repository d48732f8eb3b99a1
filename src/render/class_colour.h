/* Internal: the colours of classes. */
#ifndef NCA_RENDER_CLASS_COLOUR_H
#define NCA_RENDER_CLASS_COLOUR_H

#include <stddef.h>

enum {
    NCA__CLASS_COLOURS = 14 /* different ones; later classes repeat them */
};

/* 0xRRGGBB. Neighbours can be distinguished in print and by colour-blind readers; the first six are
 * the colours of curves. */
unsigned nca__class_colour(size_t class);

#endif
