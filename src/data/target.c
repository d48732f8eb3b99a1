/* Targets: an image brought to its size in cells, premultiplied, with empty cells around. Knows how
 * to get an image by name, nothing of automata but the limit of a grid.
 *
 * Sizes: the longest side becomes `size`, the other side * size / longest, rounded to the nearest
 * (halves up), at least 1.
 * Values: alpha is A / 255 and a colour is (C * A) / 65025, each one correctly rounded fp32
 * division of whole numbers, so that an opaque colour is exactly C / 255. */
#include "nca/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/medmnist_target.h"
#include "nca/automaton.h"

typedef struct extent {
    size_t width, height;
} extent;

static size_t scaled_side(size_t side, size_t longest, size_t size)
{
    size_t scaled = (side * size + longest / 2) / longest;
    return scaled > 0 ? scaled : 1;
}

static extent wanted_extent(const nca_image *image, const nca_target_options *options)
{
    if (options->size == 0) {
        return (extent){image->width, image->height};
    }
    if (options->stretch) {
        return (extent){options->size, options->size};
    }
    size_t longest = image->width > image->height ? image->width : image->height;
    return (extent){scaled_side(image->width, longest, options->size),
                    scaled_side(image->height, longest, options->size)};
}

/* Before anything is drawn, read or allocated for them. */
static nca_status check_options(const nca_target_options *options, nca_error *error)
{
    if (options->size > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT,
                         "target size (img_size): expected at most %d cells, found %zu",
                         NCA_MAX_SIDE, options->size);
    }
    if (options->padding > NCA_MAX_SIDE / 2 ||
        options->size + 2 * options->padding > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT,
                         "target padding: expected a grid of at most %d cells a side, found %zu "
                         "cells with %zu more on each side; lower img_size or padding",
                         NCA_MAX_SIDE, options->size, options->padding);
    }
    return NCA_OK;
}

static nca_status check_extent(extent inner, size_t padding, const char *source, nca_error *error)
{
    size_t longest = inner.width > inner.height ? inner.width : inner.height;
    if (longest + 2 * padding > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected a grid of at most %d cells a side, found %zu x %zu pixels "
                         "and a padding of %zu; set img_size to shrink the image",
                         source, NCA_MAX_SIDE, inner.width, inner.height, padding);
    }
    return NCA_OK;
}

static nca_status check_visible(const nca_image *image, const char *source, nca_error *error)
{
    for (size_t i = 0; i < image->width * image->height; i++) {
        if (image->pixels[i * 4 + 3] != 0) {
            return NCA_OK;
        }
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: expected an image with something to grow, found %zu x %zu pixels that "
                     "are all fully transparent (alpha 0)",
                     source, image->width, image->height);
}

/* (H,W,4) floats inside a grid of zeros. */
static void premultiply(nca_target *target, const nca_image *image)
{
    for (size_t y = 0; y < image->height; y++) {
        const uint8_t *in = image->pixels + y * image->width * 4;
        float *out = target->rgba + ((y + target->padding) * target->width + target->padding) * 4;
        for (size_t x = 0; x < image->width; x++, in += 4, out += 4) {
            for (size_t c = 0; c < 3; c++) {
                out[c] = (float)(in[c] * in[3]) / 65025.0f;
            }
            out[3] = (float)in[3] / 255.0f;
        }
    }
}

/* Takes the image as it is. */
static nca_status create_from_cells(nca_target **out_target, const nca_image *image,
                                    const char *source, size_t padding, nca_error *error)
{
    size_t width = image->width + 2 * padding, height = image->height + 2 * padding;
    nca_target *target = calloc(1, sizeof *target);
    if (target != NULL) {
        *target = (nca_target){.height = height,
                               .width = width,
                               .padding = padding,
                               .rgba = calloc(height * width, 4 * sizeof *target->rgba),
                               .source = strdup(source)};
    }
    if (target == NULL || target->rgba == NULL || target->source == NULL) {
        nca_target_destroy(target);
        return nca__fail_memory(error, "a target", height * width * 4 * sizeof *target->rgba);
    }
    premultiply(target, image);
    *out_target = target;
    return NCA_OK;
}

nca_status nca_target_from_image(nca_target **out_target, const nca_image *image,
                                 const char *source, const nca_target_options *options,
                                 nca_error *error)
{
    nca_status status = check_options(options, error);
    if (status != NCA_OK) {
        return status;
    }
    extent inner = wanted_extent(image, options);
    status = check_extent(inner, options->padding, source, error);
    if (status == NCA_OK) {
        status = check_visible(image, source, error);
    }
    nca_image *resized = NULL;
    if (status == NCA_OK) {
        status = nca_image_resize_lanczos(&resized, image, inner.width, inner.height, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    /* A few faint pixels of a large image can vanish when it shrinks. */
    status = check_visible(resized, source, error);
    if (status == NCA_OK) {
        status = create_from_cells(out_target, resized, source, options->padding, error);
    }
    nca_image_destroy(resized);
    return status;
}

static nca_status get_phantom(nca_image **out_image, size_t size, nca_error *error)
{
    if (size == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "phantom: expected a size of at least 1 cell, found 0; the phantom has "
                         "no size of its own, set img_size");
    }
    return nca_phantom(out_image, size, error);
}

nca_status nca_target_create(nca_target **out_target, const char *source,
                             const nca_target_options *options, nca_error *error)
{
    nca_status status = check_options(options, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_image *image = NULL;
    if (strcmp(source, "phantom") == 0) {
        status = get_phantom(&image, options->size, error);
    } else if (nca__medmnist_is_target(source)) {
        status = nca__medmnist_target(&image, source, options, error);
    } else {
        status = nca_image_load(&image, source, error);
    }
    if (status == NCA_OK) {
        status = nca_target_from_image(out_target, image, source, options, error);
    }
    nca_image_destroy(image);
    return status;
}

void nca_target_destroy(nca_target *target)
{
    if (target != NULL) {
        free(target->rgba);
        free(target->source);
        free(target);
    }
}
