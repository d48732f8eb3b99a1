/* For tests of labelled images: small image files, folders, and opening with the error shown. */
#ifndef NCA_TESTS_DATA_LABELLED_FIXTURE_H
#define NCA_TESTS_DATA_LABELLED_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "nca/files.h"
#include "nca/image.h"
#include "nca/labelled.h"
#include "says.h"

/* Creates the folders of FOLDER/NAME and returns the path, valid until the next call. */
static inline const char *place_in(temporary_folder *folder, const char *name)
{
    path_in(folder, name);
    for (char *at = folder->joined + strlen(folder->path) + 1; *at != 0; at++) {
        if (*at == '/') {
            *at = 0;
            mkdir(folder->joined, 0777);
            *at = '/';
        }
    }
    return folder->joined;
}

static inline void put_text(temporary_folder *folder, const char *name, const char *text)
{
    assert_int_equal(nca__file_write(place_in(folder, name), text, strlen(text), NULL), NCA_OK);
}

/* Writes a PNG whose pixels have red, green and blue `rgb` (0xRRGGBB) plus 16 times their row plus
 * their column, and this alpha. */
static inline void put_rgba(temporary_folder *folder, const char *name, size_t width, size_t height,
                            uint32_t rgb, uint8_t alpha)
{
    nca_image *image = NULL;
    assert_int_equal(nca_image_create(&image, width, height, NULL), NCA_OK);
    for (size_t i = 0; i < width * height; i++) {
        const size_t step = i / width * 16 + i % width;
        image->pixels[4 * i] = (uint8_t)((rgb >> 16) + step);
        image->pixels[4 * i + 1] = (uint8_t)((rgb >> 8) + step);
        image->pixels[4 * i + 2] = (uint8_t)(rgb + step);
        image->pixels[4 * i + 3] = alpha;
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(nca_image_encode_png(&bytes, &size, image, NULL), NCA_OK);
    /* Without waiting for the disk, because there are hundreds. */
    assert_int_equal(nca_file_write_unsynced(place_in(folder, name), bytes, size, NULL), NCA_OK);
    free(bytes);
    nca_image_destroy(image);
}

/* A grey one of 4 x 4 pixels. */
static inline void put_grey(temporary_folder *folder, const char *name, uint8_t value)
{
    put_rgba(folder, name, 4, 4, value * 0x010101u, 255);
}

static inline nca_labelled_options default_options(void)
{
    nca_labelled_options options;
    nca_labelled_options_default(&options);
    return options;
}

static inline nca_labelled *open_data(const char *source, const nca_labelled_options *options)
{
    const nca_labelled_options defaults = default_options();
    nca_labelled *data = NULL;
    nca_error error = {0};
    if (nca_labelled_open(&data, source, options != NULL ? options : &defaults, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return data;
}

/* Opening fails with this status and a message that matches the pattern (says.h). */
static inline void expect_refusal(const char *source, const nca_labelled_options *options,
                                  nca_status status, const char *pattern)
{
    const nca_labelled_options defaults = default_options();
    nca_labelled *data = NULL;
    nca_error error = {0};
    const nca_status found =
        nca_labelled_open(&data, source, options != NULL ? options : &defaults, &error);
    assert_null(data);
    if (found != status) {
        fail_msg("%s: %s instead of %s: %s", source, nca_status_name(found),
                 nca_status_name(status), error.message);
    }
    assert_says(error.message, pattern);
}

static inline void expect_counts(const nca_labelled *data, nca_split split, const size_t *expected)
{
    size_t counts[NCA_MAX_CLASSES];
    nca_labelled_class_counts(counts, data, split);
    for (size_t c = 0; c < data->classes; c++) {
        if (counts[c] != expected[c]) {
            fail_msg("%s: class %zu has %zu images, expected %zu", nca_split_name(split), c,
                     counts[c], expected[c]);
        }
    }
}

#endif
