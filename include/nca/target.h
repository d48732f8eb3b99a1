/* Targets: the RGBA image that an automaton is to grow. */
#ifndef NCA_TARGET_H
#define NCA_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/colormap.h"
#include "nca/exif.h"
#include "nca/export.h"
#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plain struct: any number of threads may read it at once, or one may change it. */
typedef struct nca_target {
    size_t height, width; /* with padding */
    size_t padding;       /* empty cells on each side */
    float *rgba;          /* (H,W,4) premultiplied, [0,1]; owned */
    char *source;         /* what it was made from, as nca_target_create was told; owned */
    char *notice;         /* what a user should know about how the picture was read, one line such
                           * as "turned as its EXIF orientation 6 says"; NULL: nothing; owned */
} nca_target;

typedef struct nca_target_options {
    size_t size;    /* longest side in cells, padding excluded; 0: the image's own size, which the
                     * phantom does not have */
    size_t padding; /* cells */
    bool stretch;   /* force size x size instead of keeping the aspect; nothing when size is 0 */
    bool root_is_default;  /* `root` is where `nca data get` puts files: advice need not name it */
    const char *root;      /* folder of MedMNIST's files, for sets by name; else NULL will do */
    nca_colormap colormap; /* of MedMNIST's images and of arrays (.npy) of one channel */
    nca_exif exif;         /* of picture files */
    const char *window; /* which values are black and white: "auto" for the smallest and the largest
                         * of the picture, "LOW,HIGH" for these in the file's unit; NULL or "": the
                         * full range of the file's type (0 to 65535 of 16 bits) */
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_target_options;

/* The image's own size, no padding, grey, the EXIF orientation applied, the full range. */
NCA_API void nca_target_options_default(nca_target_options *out);

/* `source` is "phantom", the path of a picture (nca/image.h; behind .npy and .tif also
 * "?axis=y&slice=3"), or an image of MedMNIST:
 *
 *   medmnist:SET/SPLIT/INDEX             a set of the catalogue at 28 pixels, from its file in
 * `root` medmnist:SET_SIZE/SPLIT/INDEX        at 64, 128 or 224 pixels
 *   medmnist:FOLDER/FILE.npz/SPLIT/INDEX any file of this form
 *   ...?axis=z&slice=14                  one slice of a volume; by default the middle one along z
 *
 * SPLIT is train, val or test; INDEX counts from 0. Such a target is opaque; its size is treated as
 * any image's (options->size 0 keeps its own). Each mistake has its own message: a set that is not
 * in the catalogue (NCA_NOT_FOUND, with the nearest name), a file that is not there (NCA_NOT_FOUND,
 * with how to get it and where it was looked for), a size, split, index, axis or slice that there
 * is not (NCA_INVALID_ARGUMENT, with those that there are).
 *
 * 16-bit pictures, and all to which a window applies, keep their precision: they are resized in
 * fp32, not rounded to 8 bits. A window applies to MedMNIST's images with the colour map grey only
 * (else NCA_INVALID_ARGUMENT).
 *
 * The shorter side is rounded to the nearest cell, at least 1; resizing is
 * nca_image_resize_lanczos. Alpha becomes A / 255 and a colour C * A / 65025, rounded once. A fully
 * transparent image is refused (NCA_INVALID_ARGUMENT: nothing could grow), a grid over NCA_MAX_SIDE
 * too (NCA_LIMIT). Release with nca_target_destroy.
 * Other errors: as of nca_image_load or nca_medmnist_open and nca_medmnist_read, NCA_OUT_OF_MEMORY.
 */
NCA_API nca_status nca_target_create(nca_target **out_target, const char *source,
                                     const nca_target_options *options, nca_error *error);
/* From an image in memory; `source` is only a description. Errors: NCA_INVALID_ARGUMENT (a
 * transparent image, a window that is none), NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_target_from_image(nca_target **out_target, const nca_image *image,
                                         const char *source, const nca_target_options *options,
                                         nca_error *error);
NCA_API void nca_target_destroy(nca_target *target); /* accepts NULL */

/* The modified Shepp-Logan head phantom (Toft, "The Radon Transform", 1996, table B.3), size x
 * size, grey on transparent, the head's outline as alpha, anti-aliased.
 * Errors as of nca_image_create. */
NCA_API nca_status nca_phantom(nca_image **out_image, size_t size, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
