/* Shared by the tests of src/data: the records of the fixtures, and a temporary folder. */
#ifndef TESTS_DATA_RECORDS_H
#define TESTS_DATA_RECORDS_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "data/png_surgery.h"
#include "nca/image.h"

/* ---- Fixtures --------------------------------------------------------------------------------*/

typedef struct bytes {
    uint8_t *data;
    size_t size, at; /* at: position of the reader */
} bytes;

static inline bytes read_bytes(const char *path)
{
    bytes file = {0};
    nca_error error = {0};
    if (nca__file_read(&file.data, &file.size, path, (size_t)1 << 30, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return file;
}

static inline const uint8_t *take(bytes *file, size_t size)
{
    assert_true(size <= file->size - file->at);
    file->at += size;
    return file->data + file->at - size;
}

static inline size_t take_u32(bytes *file)
{
    const uint8_t *b = take(file, 4);
    return b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

/* One record of images.bin (tests/fixtures/make_images.py). */
typedef struct image_record {
    char name[25];
    size_t size, width, height;
    const uint8_t *file, *rgba;
} image_record;

static inline image_record take_image(bytes *file)
{
    image_record record = {0};
    memcpy(record.name, take(file, 24), 24);
    record.size = take_u32(file);
    record.width = take_u32(file);
    record.height = take_u32(file);
    record.file = take(file, record.size);
    record.rgba = take(file, record.width * record.height * 4);
    return record;
}

static inline image_record find_image(bytes *file, const char *name)
{
    for (file->at = 0; file->at < file->size;) {
        image_record record = take_image(file);
        if (strcmp(record.name, name) == 0) {
            return record;
        }
    }
    fail_msg("no record %s in images.bin", name);
    return (image_record){0};
}

/* ---- Images ----------------------------------------------------------------------------------*/

/* The only source of noise in these tests: xorshift, the same on every machine. */
static inline uint32_t noise(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline nca_image *noisy_image(size_t width, size_t height, uint32_t seed)
{
    nca_image *image = NULL;
    assert_int_equal(nca_image_create(&image, width, height, NULL), NCA_OK);
    for (size_t i = 0; i < width * height * 4; i++) {
        image->pixels[i] = (uint8_t)(noise(&seed) >> 11);
    }
    return image;
}

static inline void assert_pixels(const nca_image *image, const void *rgba, size_t width,
                                 size_t height, const char *what)
{
    if (image->width != width || image->height != height) {
        fail_msg("%s: expected %zu x %zu, found %zu x %zu", what, width, height, image->width,
                 image->height);
    }
    for (size_t i = 0; i < width * height * 4; i++) {
        uint8_t expected = ((const uint8_t *)rgba)[i];
        if (image->pixels[i] != expected) {
            fail_msg("%s: pixel (%zu, %zu) channel %zu: expected %d, found %d", what, i / 4 % width,
                     i / 4 / width, i % 4, expected, image->pixels[i]);
        }
    }
}

/* ---- Files -----------------------------------------------------------------------------------*/

typedef struct scratch {
    char folder[PATH_MAX - 64];
    char path[PATH_MAX]; /* of the last scratch_path */
} scratch;

static inline scratch scratch_create(void)
{
    scratch made = {0};
    const char *parent = getenv("TMPDIR");
    snprintf(made.folder, sizeof made.folder, "%s/nca-data-XXXXXX",
             parent != NULL && *parent != '\0' ? parent : "/tmp");
    assert_non_null(mkdtemp(made.folder));
    return made;
}

static inline const char *scratch_path(scratch *in, const char *name)
{
    snprintf(in->path, sizeof in->path, "%s/%s", in->folder, name);
    return in->path;
}

/* Fails if a test has left anything in the folder. */
static inline void scratch_remove(scratch *in)
{
    if (rmdir(in->folder) != 0) {
        fail_msg("%s is not empty", in->folder);
    }
}

#endif
