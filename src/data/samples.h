/* Internal: images with more than 8 bits per sample, or with 8 bits and a window. */
#ifndef NCA_DATA_SAMPLES_H
#define NCA_DATA_SAMPLES_H

#include <stdbool.h>

#include "nca/colormap.h"
#include "nca/image.h"

enum {
    NCA__SAMPLES_MAX_PIXELS = 1 << 26 /* 1 GiB of pixels */
};

typedef struct nca__samples {
    size_t width, height;
    float *rgba; /* (H,W,4): colours in the file's unit, straight; alpha in [0, opaque]; owned */
    float opaque;
    float low, high; /* full range of the colours in that unit, from the type; low == high if the
                        type has no natural range */
    bool grey;       /* one channel of an array: red, green and blue are equal */
} nca__samples;

/* Creates samples without values. NCA_LIMIT over NCA__SAMPLES_MAX_PIXELS; `name` is used in
 * messages. */
nca_status nca__samples_create(nca__samples **out_samples, size_t width, size_t height,
                               const char *name, nca_error *error);
nca_status nca__samples_from_image(nca__samples **out_samples, const nca_image *image,
                                   nca_error *error);
void nca__samples_destroy(nca__samples *samples); /* accepts NULL */

/* NCA_FORMAT if visible pixels have values that are NaN or infinite. Decoders call it before
 * computing with the values; without has_alpha the fourth channel is ignored. */
nca_status nca__samples_check_finite(const nca__samples *samples, bool has_alpha, const char *name,
                                     nca_error *error);

/* The values that become black and white. */
typedef enum nca__window_kind {
    NCA__WINDOW_FULL, /* the range of the type */
    NCA__WINDOW_AUTO, /* from the smallest to the largest value */
    NCA__WINDOW_RANGE /* low to high */
} nca__window_kind;

typedef struct nca__window {
    nca__window_kind kind;
    double low, high;
} nca__window;

/* "" (or NULL), "auto" or "LOW,HIGH"; NCA_INVALID_ARGUMENT for anything else. */
nca_status nca__window_parse(nca__window *out, const char *text, nca_error *error);

/* Sets low and high, and clamps all colours to them. If the type has no natural range,
 * NCA__WINDOW_FULL is 0 to 1 if all values are in it, else NCA__WINDOW_AUTO. `notice` gets a
 * message for the user or "": that a picture with many bits is dark, or which values were
 * chosen. */
void nca__samples_window(nca__samples *samples, const nca__window *window, char *notice,
                         size_t notice_size);

/* Converts to 8 bits, after nca__samples_window: to the nearest of 256 levels; grey samples are
 * coloured by the colormap. */
nca_status nca__samples_to_image(nca_image **out_image, const nca__samples *samples,
                                 nca_colormap map, nca_error *error);

/* Resizes to premultiplied fp32 in [0,1], out (out_height,out_width,4), with rows out_stride
 * floats apart, after nca__samples_window. The weights are those of nca_image_resize_lanczos,
 * without its rounding to 8 bits. If the sides do not change, nothing is resampled. Each value
 * is rounded once. */
nca_status nca__samples_resize(float *out, size_t out_stride, const nca__samples *samples,
                               size_t out_width, size_t out_height, nca_error *error);

#endif
