/* Internal: the pixels of all images of a data set, in memory or in an unnamed file that is mapped
 * into memory. Images are appended; the first one with colour turns grey ones into RGB. */
#ifndef NCA_DATA_IMAGE_STORE_H
#define NCA_DATA_IMAGE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

typedef struct nca__image_store {
    size_t pixels;   /* H * W of an image */
    size_t channels; /* 1 or 3 */
    size_t capacity, count;
    uint64_t memory_limit; /* a store that needs more bytes goes into a file */
    const char *beside;    /* the file is created in the folder of this path */
    uint8_t *bytes;        /* (count,H,W,channels); a file: NULL before nca__image_store_finish */
    size_t mapped;         /* bytes of the mapping; 0: `bytes` is on the heap */
    int file;              /* the unnamed file; -1: none */
    uint8_t *buffer;       /* (room,H,W,channels): images that are not in the file yet */
    size_t room, buffered;
} nca__image_store;

/* Of `capacity` images. Errors: NCA_OUT_OF_MEMORY, NCA_IO. On failure the store is empty. Release
 * with nca__image_store_clear. */
nca_status nca__image_store_create(nca__image_store *out, size_t pixels, size_t channels,
                                   size_t capacity, uint64_t memory_limit, const char *beside,
                                   nca_error *error);
void nca__image_store_clear(nca__image_store *store); /* allowed for a zeroed store */

/* Appends an image (H,W,channels) with 1 or 3 channels. Grey is repeated in a store with colour; a
 * grey store is copied to one with 3 channels when an image needs them. Errors: NCA_IO (the file
 * cannot be written, for example because the disk is full), NCA_OUT_OF_MEMORY. */
nca_status nca__image_store_append(nca__image_store *store, const uint8_t *image, size_t channels,
                                   nca_error *error);

/* After the last image: maps the file, read-only. Errors as above. */
nca_status nca__image_store_finish(nca__image_store *store, nca_error *error);

#endif
