/* Shared by the render tests: a temporary folder, and test pictures. */
#ifndef NCA_TESTS_SCENE_H
#define NCA_TESTS_SCENE_H

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assert_ok.h"
#include "base/file.h"
#include "nca/image.h"
#include "nca/picture.h"

static char folder[256];
static char path_buffer[512];

__attribute__((unused)) static const char *in_folder(const char *name)
{
    snprintf(path_buffer, sizeof path_buffer, "%s/%s", folder, name);
    return path_buffer;
}

static int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/nca-render-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

/* The number of files in the folder, including temporary ones. */
__attribute__((unused)) static size_t count_files(void)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(listing);
    return count;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        unlinkat(dirfd(listing), entry->d_name, 0);
    }
    if (listing != NULL) {
        closedir(listing);
    }
    return rmdir(folder);
}

/* A soft coloured blob of the given radius with some noise, like a grid during growth.
 * Premultiplied (side, side, 4). */
__attribute__((unused)) static void grow(float *cells, size_t side, double radius, unsigned seed)
{
    uint64_t random = seed;
    for (size_t y = 0; y < side; y++) {
        for (size_t x = 0; x < side; x++) {
            double u = 2.0 * ((double)x + 0.5) / (double)side - 1.0;
            double v = 2.0 * ((double)y + 0.5) / (double)side - 1.0;
            double alpha = fmin(fmax((radius - hypot(1.3 * u, v)) * 8.0, 0.0), 1.0);
            random = random * 6364136223846793005u + 1442695040888963407u;
            double noise = 0.04 * ((double)(random >> 40) / 16777216.0 - 0.5);
            float *cell = cells + 4 * (y * side + x);
            cell[0] = (float)(alpha * (0.5 + 0.4 * sin(5.0 * u + 1.0) + noise));
            cell[1] = (float)(alpha * (0.5 + 0.4 * cos(4.0 * u * v) + noise));
            cell[2] = (float)(alpha * (0.4 + 0.4 * sin(6.0 * v) + noise));
            cell[3] = (float)alpha;
        }
    }
}

/* The same as an opaque image on white, enlarged. */
__attribute__((unused)) static nca_image *grow_image(size_t side, double radius, unsigned seed,
                                                     size_t scale)
{
    float *cells = calloc(side * side, 4 * sizeof *cells);
    assert_non_null(cells);
    grow(cells, side, radius, seed);
    nca_image *small = NULL;
    nca_image *large = NULL;
    assert_ok(nca_picture_rgba(&small, cells, side, side, (nca_colour){255, 255, 255}, &failure));
    assert_ok(nca_image_scale_nearest(&large, small, scale, &failure));
    nca_image_destroy(small);
    free(cells);
    return large;
}

/* The number of pixels of the image with this colour, 0xRRGGBB. */
__attribute__((unused)) static size_t count_colour(const nca_image *image, uint32_t rgb)
{
    size_t count = 0;
    for (size_t i = 0; i < image->width * image->height; i++) {
        const uint8_t *pixel = image->pixels + 4 * i;
        count += ((uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2]) == rgb;
    }
    return count;
}

/* The number of pixels in a rectangle that are darker than `level` in red, green and blue. */
__attribute__((unused)) static size_t count_dark(const nca_image *image, size_t left, size_t top,
                                                 size_t right, size_t bottom, uint8_t level)
{
    size_t count = 0;
    for (size_t y = top; y < bottom; y++) {
        for (size_t x = left; x < right; x++) {
            const uint8_t *pixel = image->pixels + 4 * (y * image->width + x);
            count += pixel[0] < level && pixel[1] < level && pixel[2] < level;
        }
    }
    return count;
}

/* Fails unless both files contain the same bytes. */
__attribute__((unused)) static void assert_same_file(const char *first, const char *second)
{
    uint8_t *bytes[2] = {NULL, NULL};
    size_t size[2] = {0, 0};
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, first);
    assert_ok(nca__file_read(&bytes[0], &size[0], path, (size_t)1 << 30, &failure));
    snprintf(path, sizeof path, "%s/%s", folder, second);
    assert_ok(nca__file_read(&bytes[1], &size[1], path, (size_t)1 << 30, &failure));
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

#endif
