/* 8-bit RGBA images: reading of PNG, JPEG, TIFF, WebP and NumPy arrays, writing of PNG, and Lanczos
 * resizing with the bits of Pillow's. */
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

/* A transparent black image. Release with nca_image_destroy. Errors: NCA_INVALID_ARGUMENT (a
 * side of 0), NCA_LIMIT (a side over NCA_IMAGE_MAX_SIDE, or more than 2^28 pixels),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_create(nca_image **out_image, size_t width, size_t height,
                                    nca_error *error);
NCA_API void nca_image_destroy(nca_image *image); /* accepts NULL */

/* Reads a PNG, JPEG, TIFF, WebP or .npy file; the first bytes determine the format. docs/targets.md
 * says which kinds are supported and how a path selects a slice. Everything becomes 8-bit RGBA:
 * 16-bit values keep their high byte; values without a natural range are scaled from the smallest
 * to the largest (nca_target_create keeps all bits); a file without alpha is opaque; CMYK JPEGs
 * become RGB as Pillow converts them. The picture is turned as its EXIF orientation says. Gamma and
 * colour profiles are ignored.
 * Errors: NCA_FORMAT (a truncated file, or pixels that the decoder finds damaged), NCA_UNSUPPORTED
 * (a kind that is not supported, such as 12-bit JPEGs and Apple's CgBI PNGs; the decoder's library
 * is not installed), NCA_LIMIT (a side over NCA_IMAGE_MAX_SIDE, more than 2^28 pixels, or more than
 * 2^26 pixels of more than 8 bits; checked before memory is allocated), NCA_NOT_FOUND, NCA_IO,
 * NCA_INVALID_ARGUMENT (a slice that does not exist), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_load(nca_image **out_image, const char *path, nca_error *error);
/* The same for bytes in memory; `name` is used in messages. Errors as above, except NCA_NOT_FOUND
 * and NCA_IO. */
NCA_API nca_status nca_image_decode(nca_image **out_image, const void *bytes, size_t size,
                                    const char *name, nca_error *error);
/* Writes an 8-bit PNG, whole or not at all: grey, RGB or RGBA, the smallest that can represent the
 * pixels. Equal pixels give equal bytes.
 * Errors: NCA_INVALID_ARGUMENT (sides that a PNG cannot have), NCA_NOT_FOUND and NCA_IO (the file
 * cannot be written), NCA_UNSUPPORTED (libspng is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_save_png(const nca_image *image, const char *path, nca_error *error);

/* The same PNG as bytes in memory; free() them.
 * Errors: NCA_INVALID_ARGUMENT, NCA_UNSUPPORTED and NCA_OUT_OF_MEMORY as above. */
NCA_API nca_status nca_image_encode_png(uint8_t **out_bytes, size_t *out_size,
                                        const nca_image *image, nca_error *error);

/* Lanczos (a = 3) resampling, bit-identical to Pillow's Image.resize(LANCZOS) on an RGBA image:
 * premultiply by alpha, horizontal pass, round to 8 bits, vertical pass, 22-bit weights, divide by
 * alpha. `image` may be larger or smaller than the result in each direction.
 * Errors as for nca_image_create. */
NCA_API nca_status nca_image_resize_lanczos(nca_image **out_image, const nca_image *image,
                                            size_t width, size_t height, nca_error *error);

/* Enlarges every pixel to a square of factor x factor pixels. Errors as for nca_image_create. */
NCA_API nca_status nca_image_scale_nearest(nca_image **out_image, const nca_image *image,
                                           size_t factor, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
