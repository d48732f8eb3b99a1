/* Internal: the colours of single cells. */
#ifndef NCA_RENDER_CELL_COLOUR_H
#define NCA_RENDER_CELL_COLOUR_H

#include <stdint.h>

#include "nca/picture.h"

/* An opaque pixel for a cell, from its first four floats by the formula of nca_picture_rgba. */
void nca__cell_rgba(uint8_t pixel[4], const float *cell, nca_colour background);

/* The colour of `value` on a scale that ends at `end`: signed values range from -end to end, others
 * from 0 to end. NaN is grey. */
nca_colour nca__cell_colour(double value, double end, bool is_signed);

/* Of a cell that is dead (0), alive through a neighbour (1), over the threshold (2). */
nca_colour nca__alive_colour(unsigned level);

#endif
