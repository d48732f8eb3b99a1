/* Internal: the picture decoders and the encoder behind nca_image_decode, nca_target_create and
 * nca_image_save_png. */
#ifndef NCA_DATA_CODEC_H
#define NCA_DATA_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "data/samples.h"
#include "data/slice_choice.h"
#include "nca/image.h"
#include "nca/status.h"

enum {
    NCA__NOTICE_SIZE = 256
};

/* A picture as stored in its file, with 8 bits or more. */
typedef struct nca__picture {
    nca_image *image;              /* 8 bits; otherwise NULL, and */
    nca__samples *samples;         /* more than 8 bits */
    unsigned orientation;          /* of EXIF, 1 to 8; 0: none */
    char notice[NCA__NOTICE_SIZE]; /* anything unusual that the decoder found; or "" */
} nca__picture;

void nca__picture_clear(nca__picture *picture);

/* Refuses a size that is zero (NCA_FORMAT) or over the limits of nca/image.h (NCA_LIMIT). Decoders
 * call it with the size in the header, before they allocate memory. */
nca_status nca__image_check_size(const char *name, size_t width, size_t height, nca_error *error);

/* Each fills an empty picture; `name` is used in messages. nca__picture_decode determines the
 * format from the first bytes; the choice selects a slice of an array or a page of a TIFF. On
 * failure *out stays empty. */
nca_status nca__picture_decode(nca__picture *out, const uint8_t *bytes, size_t size,
                               const char *name, const nca__slice_choice *choice, nca_error *error);
nca_status nca__png_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                           nca_error *error);
nca_status nca__jpeg_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                            nca_error *error);

nca_status nca__webp_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                            nca_error *error);
nca_status nca__tiff_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                            const nca__slice_choice *choice, nca_error *error);
nca_status nca__npy_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                           const nca__slice_choice *choice, nca_error *error);

/* The same from a file. A path that ends in .npy, .tif or .tiff may be followed by
 * "?axis=y&slice=3". */
nca_status nca__picture_load(nca__picture *out, const char *path, nca_error *error);
/* How 8 bits were made of the values of a picture. */
typedef struct nca__reduction {
    bool dark;   /* the values use less than half of the range of their type */
    bool scaled; /* the values have no natural range: they were scaled to their extremes */
} nca__reduction;

/* nca_image_load; *out_how says what happened to the values. */
nca_status nca__image_load(nca_image **out_image, nca__reduction *out_how, const char *path,
                           nca_error *error);

/* Turns the pixels according to the orientation. */
nca_status nca__picture_turn(nca__picture *picture, nca_error *error);

/* Encodes the image to a new buffer (free() it). The bytes depend only on the pixels. */
nca_status nca__png_encode(uint8_t **out_bytes, size_t *out_size, const nca_image *image,
                           const char *name, nca_error *error);

#endif
