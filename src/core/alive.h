/* Internal: alive marks. A mark is a byte that is 1 if the alive channel is over the threshold. */
#ifndef NCA_CORE_ALIVE_H
#define NCA_CORE_ALIVE_H

#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"

/* Computes a row of a mark plane from the cells of a state plane. NaN is not alive. */
void nca__mark_row(uint8_t *marks, const nca__layout *layout, const float *plane, size_t row,
                   size_t alive_channel, float threshold);

/* out[column] (W) = whether any mark within `reach` (1 or 2) rows and columns is set. `scratch` has
 * W + 4 bytes; the arrays do not overlap. */
void nca__marks_near(uint8_t *restrict out, uint8_t *restrict scratch, const nca__layout *layout,
                     const uint8_t *restrict marks, size_t row, size_t reach);

#endif
