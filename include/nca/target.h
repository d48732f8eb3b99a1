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
    char *source;         /* the source, as passed to nca_target_create; owned */
    char *notice; /* information for the user about how the picture was read, in one line, such as
                     "turned as its EXIF orientation 6 says"; NULL: none; owned */
} nca_target;

typedef struct nca_target_options {
    size_t size;    /* longest side in cells, without padding; 0: the image's own size, which the
                       phantom does not have */
    size_t padding; /* cells */
    bool stretch; /* force size x size instead of keeping the aspect ratio; ignored if size is 0 */
    bool root_is_default; /* `root` is where `nca data get` puts files, so messages need not name it
                           */
    const char *root; /* folder of MedMNIST's files, for sets by name; otherwise NULL is allowed */
    nca_colormap colormap; /* for MedMNIST's images and arrays (.npy) of one channel */
    nca_exif exif;         /* for picture files */
    const char *window; /* the values that become black and white: "auto" for the smallest and the
                           largest of the picture, "LOW,HIGH" in the file's unit, or NULL or "": the
                           full range of the file's type (0 to 65535 for 16 bits) */
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_target_options;

/* The image's own size, no padding, grey, the EXIF orientation applied, the full range. */
NCA_API void nca_target_options_default(nca_target_options *out);

/* `source` is "phantom", the path of a picture (nca/image.h; .npy and .tif may be followed by
 * "?axis=y&slice=3"), or an image of MedMNIST:
 *
 *   medmnist:SET/SPLIT/INDEX             a set of the catalogue at 28 pixels, from its file in
 * `root` medmnist:SET_SIZE/SPLIT/INDEX        at 64, 128 or 224 pixels
 *   medmnist:FOLDER/FILE.npz/SPLIT/INDEX any file of this form
 *   ...?axis=z&slice=14                  one slice of a volume; by default the middle one along z
 *
 * SPLIT is train, val or test; INDEX counts from 0. Such a target is opaque; its size is treated as
 * for any image (options->size 0 keeps its own). Each mistake has its own message: NCA_NOT_FOUND
 * for a set that is not in the catalogue (with the nearest name) and for a missing file (with how
 * to get it and where it was searched); NCA_INVALID_ARGUMENT for a size, split, index, axis or
 * slice that does not exist (with those that exist).
 *
 * 16-bit pictures, and all pictures with a window, keep their precision: they are resized in fp32
 * and not rounded to 8 bits. For MedMNIST's images a window requires the colormap grey (else
 * NCA_INVALID_ARGUMENT).
 *
 * The shorter side is rounded to the nearest cell, at least 1; resizing is
 * nca_image_resize_lanczos. Alpha becomes A / 255 and a colour C * A / 65025, rounded once. Release
 * with nca_target_destroy. A fully transparent image (NCA_INVALID_ARGUMENT: nothing could grow) and
 * a grid over NCA_MAX_SIDE (NCA_LIMIT) are refused. Other errors: those of nca_image_load or
 * nca_medmnist_open and nca_medmnist_read, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_target_create(nca_target **out_target, const char *source,
                                     const nca_target_options *options, nca_error *error);
/* Makes a target from an image in memory; `source` is only a description. Errors:
 * NCA_INVALID_ARGUMENT (an image without pixels or a transparent one), NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_target_from_image(nca_target **out_target, const nca_image *image,
                                         const char *source, const nca_target_options *options,
                                         nca_error *error);
NCA_API void nca_target_destroy(nca_target *target); /* accepts NULL */

/* The modified Shepp-Logan head phantom (Toft, "The Radon Transform", 1996, table B.3), size x
 * size, grey on transparent, with the head's outline as alpha, anti-aliased. Errors as for
 * nca_image_create. */
NCA_API nca_status nca_phantom(nca_image **out_image, size_t size, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
