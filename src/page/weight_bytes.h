/* Internal: weights as bytes with one scale per row. */
#ifndef NCA_PAGE_WEIGHT_BYTES_H
#define NCA_PAGE_WEIGHT_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* The scale of a row: its largest absolute weight / 127; 0 for a row of zeros. */
float nca__row_scale(const float *weights, size_t columns);
/* The byte whose multiple of the scale is nearest to the weight. */
int8_t nca__quantised(float weight, float scale);

#endif
