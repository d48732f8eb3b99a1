/* Targets: the RGBA image that an automaton is to grow. */
#ifndef NCA_TARGET_H
#define NCA_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_target {
    size_t height, width; /* with padding */
    size_t padding;       /* empty cells on each side */
    float *rgba;          /* (H,W,4) premultiplied, [0,1]; owned */
    char *source;         /* "phantom" or the path it came from; owned */
} nca_target;

typedef struct nca_target_options {
    size_t size;    /* longest side in cells, padding excluded; 0: the image's own size, which the
                     * phantom does not have */
    size_t padding; /* cells */
    bool stretch;   /* force size x size instead of keeping the aspect; nothing when size is 0 */
} nca_target_options;

/* `source` is "phantom" or the path of a PNG or JPEG. The shorter side is rounded to the nearest
 * cell, at least 1; resizing is nca_image_resize_lanczos. Alpha becomes A / 255 and a colour
 * C * A / 65025, rounded once. A fully transparent image is refused (NCA_INVALID_ARGUMENT: nothing
 * could grow), a grid over NCA_MAX_SIDE too (NCA_LIMIT). Release with nca_target_destroy. */
nca_status nca_target_create(nca_target **out_target, const char *source,
                             const nca_target_options *options, nca_error *error);
/* From an image in memory; `source` is only a description. */
nca_status nca_target_from_image(nca_target **out_target, const nca_image *image,
                                 const char *source, const nca_target_options *options,
                                 nca_error *error);
void nca_target_destroy(nca_target *target); /* accepts NULL */

/* The modified Shepp-Logan head phantom (Toft, "The Radon Transform", 1996, table B.3), size x
 * size, grey on transparent, the head's outline as alpha, anti-aliased. */
nca_status nca_phantom(nca_image **out_image, size_t size, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
