/* Internal: the corruptions of nca/corruption.h on one image (height,width,channels). `out` and
 * `image` do not overlap; amounts are in the range of the table. */
#ifndef NCA_MEASURE_CORRUPT_IMAGE_H
#define NCA_MEASURE_CORRUPT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

typedef struct nca__image_shape {
    size_t height, width, channels;
} nca__image_shape;

/* What the random draws of an image depend on. */
typedef struct nca__image_draws {
    uint64_t seed;
    uint32_t kind, index;
} nca__image_draws;

/* A value of an image, rounded to the nearest of 0 to 255. */
static inline uint8_t nca__to_byte(double value)
{
    return value <= 0.0 ? 0 : value >= 255.0 ? 255 : (uint8_t)(value + 0.5);
}

void nca__rotate_image(uint8_t *out, const uint8_t *image, nca__image_shape shape, double degrees);

void nca__add_noise(uint8_t *out, const uint8_t *image, nca__image_shape shape, double deviation,
                    nca__image_draws draws);
void nca__scale_contrast(uint8_t *out, const uint8_t *image, nca__image_shape shape, double factor);
void nca__lose_pixels(uint8_t *out, const uint8_t *image, nca__image_shape shape, double share,
                      nca__image_draws draws);

/* A Gaussian filter with the memory that it needs for images of one shape. */
typedef struct nca__blur {
    nca__image_shape shape;
    size_t radius;
    double *weights; /* (radius + 1) of the middle and the pixels on either side */
    double *rows;    /* (H,W,channels) after the pass along the rows */
} nca__blur;

/* The deviation is in pixels. On failure nothing needs to be released. */
nca_status nca__blur_create(nca__blur *out, nca__image_shape shape, double deviation,
                            nca_error *error);
void nca__blur_image(uint8_t *out, const uint8_t *image, nca__blur *blur);
void nca__blur_destroy(nca__blur *blur); /* accepts a zeroed one */

#endif
