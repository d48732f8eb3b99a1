/* Corruptions of images: how much does the answer of a classifier change if an image is rotated,
 * noisy, blurred, of low contrast, or has lost pixels? Each kind has five strengths.
 *
 *     const nca_corruption_about *about = nca_corruption_describe(NCA_CORRUPTION_NOISE);
 *     nca_corruption_options options;
 *     nca_corruption_options_default(&options);
 *     options.kind = NCA_CORRUPTION_NOISE;
 *     options.amount = about->amount[3];
 *     nca_corrupt(noisy, images, count, 28, 28, 1, &options, &error);
 *
 * Everything is computed in plain double arithmetic in a fixed order, with random numbers of Philox
 * (stream NCA_STREAM_CORRUPT). The bits of a corrupted image depend only on the image, the options
 * and its index: not on the other images, nor on the machine. Any number of threads may call
 * all functions. docs/classification.md has the formulas. */
#ifndef NCA_CORRUPTION_H
#define NCA_CORRUPTION_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_corruption {
    NCA_CORRUPTION_ROTATION, /* counterclockwise about the middle of the image, bilinear; beyond the
                                border the nearest pixel of the border */
    NCA_CORRUPTION_NOISE,    /* normal noise, added to each value on its own */
    NCA_CORRUPTION_BLUR,     /* a Gaussian filter; the image is mirrored beyond its border, so the
                                mean stays */
    NCA_CORRUPTION_CONTRAST, /* the difference of each value from the mean of the image is scaled */
    NCA_CORRUPTION_LOST,     /* randomly chosen pixels become black, as if their detector cells had
                                failed; a stronger amount takes the same pixels and more */
    NCA_CORRUPTION_COUNT
} nca_corruption;

enum {
    NCA_CORRUPTION_STRENGTHS = 5
};

/* What a kind is called, and its amounts. */
typedef struct nca_corruption_about {
    const char *name;      /* "rotation", "noise", "blur", "contrast", "lost-cells" */
    const char *parameter; /* what the amount is, e.g. "degrees" */
    double least, most;    /* range of the amount */
    double amount[NCA_CORRUPTION_STRENGTHS + 1]; /* of strengths 0 to 5; 0 changes nothing */
} nca_corruption_about;

/* The table; a row stays valid. NULL for any other value.
 *
 *     name        amount                                    0     1     2     3     4     5
 *     rotation    degrees                                   0     5    10    20    30    45
 *     noise       standard deviation, white is 1            0  0.05   0.1  0.15   0.2   0.3
 *     blur        standard deviation, shorter side is 1     0  0.02  0.03  0.04  0.06  0.08
 *     contrast    factor                                    1  0.75   0.5  0.35   0.2   0.1
 *     lost-cells  probability that a pixel is lost          0  0.05   0.1   0.2   0.3   0.5
 */
NCA_API const nca_corruption_about *nca_corruption_describe(nca_corruption kind);

typedef struct nca_corruption_options {
    nca_corruption kind;
    uint32_t first; /* index of the first image of the call: image i has the draws of first + i */
    double amount;  /* of the table, or any other in its range */
    uint64_t seed;  /* random seed; used by noise and lost-cells */
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_corruption_options;

/* Rotation by 0 degrees, seed 0, first image 0. */
NCA_API void nca_corruption_options_default(nca_corruption_options *out);

/* Corrupts images (count,height,width,channels) of 1 to 3 channels; `out` must not overlap them.
 * Values are rounded to the nearest of 0 to 255. Errors: NCA_INVALID_ARGUMENT (an unknown kind, an
 * amount out of range, no pixels, other numbers of channels), NCA_LIMIT (a side above
 * NCA_IMAGE_MAX_SIDE, an index above 2^32 - 1), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_corrupt(uint8_t *out, const uint8_t *images, size_t count, size_t height,
                               size_t width, size_t channels, const nca_corruption_options *options,
                               nca_error *error);

/* Draws an image (height,width,channels), grey or RGB, under every kind (rows) and strength 0 to 5
 * (columns) as a labelled sheet; the path must end in .png. `index` is that of the image for the
 * random draws. `title` may be NULL. Errors: those of nca_corrupt and nca_picture_sheet. */
NCA_API nca_status nca_corruption_sheet(const char *path, const uint8_t *image, size_t height,
                                        size_t width, size_t channels, uint64_t seed,
                                        uint32_t index, const char *title, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
