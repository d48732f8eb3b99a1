/* 8-bit RGBA images: PNG, JPEG, TIFF, WebP and NumPy arrays in, PNG out, and Pillow-exact Lanczos
 * resizing. */
#ifndef NCA_IMAGE_H
#define NCA_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_IMAGE_MAX_SIDE = 32768
};

/* A plain struct: any number of threads may read it at once, or one may change it. */
typedef struct nca_image {
    size_t width, height;
    uint8_t *pixels; /* (H,W,4) straight (not premultiplied) sRGB and alpha, 0..255; owned */
} nca_image;

/* A transparent black image. Release with nca_image_destroy. Errors: NCA_INVALID_ARGUMENT (a side
 * of 0), NCA_LIMIT (a side over NCA_IMAGE_MAX_SIDE, or 2^28 pixels), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_create(nca_image **out_image, size_t width, size_t height,
                                    nca_error *error);
NCA_API void nca_image_destroy(nca_image *image); /* accepts NULL */

/* Reads a PNG, JPEG, TIFF, WebP or .npy, told apart by their first bytes (docs/targets.md says
 * which kinds, and how a path chooses a slice). Everything becomes 8-bit RGBA: 16 bits by their
 * high byte, values of no natural range from the smallest to the largest (nca_target_create keeps
 * all bits); a file without alpha is opaque; CMYK JPEGs become RGB as Pillow converts them. The
 * picture is turned as its EXIF orientation says. Ignored: gamma, colour profiles. A file that is
 * cut, or whose decoder notices damage to pixels, is refused (NCA_FORMAT), a kind that is not read
 * too (NCA_UNSUPPORTED: JPEGs of 12 bits, Apple's CgBI PNGs); NCA_LIMIT is the answer beyond
 * NCA_IMAGE_MAX_SIDE, 2^28 pixels or 2^26 of more than 8 bits, before memory is taken for them.
 * Other errors: NCA_NOT_FOUND, NCA_IO; NCA_INVALID_ARGUMENT (a slice that there is not);
 * NCA_UNSUPPORTED also where the decoder's library is not installed; NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_load(nca_image **out_image, const char *path, nca_error *error);
/* The same from bytes in memory; `name` stands in messages. Errors as above, but for NCA_NOT_FOUND
 * and NCA_IO. */
NCA_API nca_status nca_image_decode(nca_image **out_image, const void *bytes, size_t size,
                                    const char *name, nca_error *error);
/* Writes an 8-bit PNG, whole or not at all: grey, RGB or RGBA, the least that holds the pixels. The
 * same pixels give the same bytes.
 * Errors: NCA_INVALID_ARGUMENT (sides that no PNG has), NCA_NOT_FOUND and NCA_IO (the file cannot
 * be written), NCA_UNSUPPORTED (libspng is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_save_png(const nca_image *image, const char *path, nca_error *error);

/* The same PNG as bytes in memory; free() them.
 * Errors: NCA_INVALID_ARGUMENT, NCA_UNSUPPORTED and NCA_OUT_OF_MEMORY as above. */
NCA_API nca_status nca_image_encode_png(uint8_t **out_bytes, size_t *out_size,
                                        const nca_image *image, nca_error *error);

/* Lanczos (a = 3) resampling with the same bits as Pillow's Image.resize(LANCZOS) on an RGBA
 * image: alpha premultiplied, horizontal pass, 8 bits, vertical pass, 22-bit weights, divided by
 * alpha again. `image` may be larger or smaller than the result in each direction.
 * Errors as of nca_image_create. */
NCA_API nca_status nca_image_resize_lanczos(nca_image **out_image, const nca_image *image,
                                            size_t width, size_t height, nca_error *error);

/* Every pixel becomes a square of factor x factor pixels. Errors as of nca_image_create. */
NCA_API nca_status nca_image_scale_nearest(nca_image **out_image, const nca_image *image,
                                           size_t factor, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
