/* Internal: pictures of what cells vote, one pixel per cell. */
#ifndef NCA_RENDER_VOTES_PICTURE_H
#define NCA_RENDER_VOTES_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/image.h"

/* As nca_votes_picture, from the scores of the cells (H,W,classes); with `sigmoid` each class has a
 * probability of its own, and a cell below 0.5 for all classes has no colour. */
nca_status nca__votes_picture(nca_image **out, const double *scores, const uint8_t *image,
                              size_t height, size_t width, size_t channels, size_t classes,
                              bool sigmoid, nca_error *error);
/* Signed values (H,W) in diverging colours from -end to end. */
nca_status nca__evidence_picture(nca_image **out, const double *values, size_t height, size_t width,
                                 double end, nca_error *error);
/* A round end of the scale that 98 % of the values do not exceed; 1 if all are 0. *values is
 * reordered. */
double nca__evidence_end(double *values, size_t count);

#endif
