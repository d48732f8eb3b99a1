/* The table of corruptions, and their application to images. */
#include "nca/corruption.h"

#include <stdbool.h>

#include "base/error.h"
#include "measure/corrupt_image.h"

enum {
    MOST_CHANNELS = 3
};

static const nca_corruption_about table[NCA_CORRUPTION_COUNT] = {
    [NCA_CORRUPTION_ROTATION] = {"rotation", "degrees", -360, 360, {0, 5, 10, 20, 30, 45}},
    [NCA_CORRUPTION_NOISE] =
        {"noise", "standard deviation, white is 1", 0, 10, {0, 0.05, 0.1, 0.15, 0.2, 0.3}},
    [NCA_CORRUPTION_BLUR] =
        {"blur", "standard deviation, shorter side is 1", 0, 1, {0, 0.02, 0.03, 0.04, 0.06, 0.08}},
    [NCA_CORRUPTION_CONTRAST] = {"contrast", "factor", 0, 10, {1, 0.75, 0.5, 0.35, 0.2, 0.1}},
    [NCA_CORRUPTION_LOST] =
        {"lost-cells", "probability that a pixel is lost", 0, 1, {0, 0.05, 0.1, 0.2, 0.3, 0.5}},
};

const nca_corruption_about *nca_corruption_describe(nca_corruption kind)
{
    return (unsigned)kind < NCA_CORRUPTION_COUNT ? &table[kind] : NULL;
}

void nca_corruption_options_default(nca_corruption_options *out)
{
    *out = (nca_corruption_options){.kind = NCA_CORRUPTION_ROTATION};
}

static nca_status check(nca__image_shape shape, size_t count, const nca_corruption_options *options,
                        nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_corruption_options", error);
    if (room != NCA_OK) {
        return room;
    }
    const nca_corruption_about *about = nca_corruption_describe(options->kind);
    if (about == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "kind: expected a corruption from 0 to %d, found %d",
                         NCA_CORRUPTION_COUNT - 1, (int)options->kind);
    }
    if (!(options->amount >= about->least && options->amount <= about->most)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "amount: expected %g to %g for %s (%s), found %g", about->least,
                         about->most, about->name, about->parameter, options->amount);
    }
    if (shape.height == 0 || shape.width == 0 || shape.channels < 1 ||
        shape.channels > MOST_CHANNELS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected images with pixels of 1 to %d channels, found %zux%zu pixels of "
                         "%zu",
                         MOST_CHANNELS, shape.height, shape.width, shape.channels);
    }
    if (shape.height > NCA_IMAGE_MAX_SIDE || shape.width > NCA_IMAGE_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT, "expected sides of at most %d pixels, found %zux%zu",
                         NCA_IMAGE_MAX_SIDE, shape.height, shape.width);
    }
    if (count > (uint64_t)UINT32_MAX + 1 - options->first) {
        return nca__fail(error, NCA_LIMIT, "%zu images from index %lu on: expected at most 2^32",
                         count, (unsigned long)options->first);
    }
    return NCA_OK;
}

static void corrupt_one(uint8_t *out, const uint8_t *image, nca__image_shape shape,
                        const nca_corruption_options *options, uint32_t index, nca__blur *blur)
{
    const nca__image_draws draws = {options->seed, (uint32_t)options->kind, index};
    switch (options->kind) {
    case NCA_CORRUPTION_ROTATION:
        nca__rotate_image(out, image, shape, options->amount);
        break;
    case NCA_CORRUPTION_NOISE:
        nca__add_noise(out, image, shape, options->amount, draws);
        break;
    case NCA_CORRUPTION_BLUR:
        nca__blur_image(out, image, blur);
        break;
    case NCA_CORRUPTION_CONTRAST:
        nca__scale_contrast(out, image, shape, options->amount);
        break;
    case NCA_CORRUPTION_LOST:
        nca__lose_pixels(out, image, shape, options->amount, draws);
        break;
    case NCA_CORRUPTION_COUNT:
        break; /* refused by check */
    }
}

nca_status nca_corrupt(uint8_t *out, const uint8_t *images, size_t count, size_t height,
                       size_t width, size_t channels, const nca_corruption_options *options,
                       nca_error *error)
{
    const nca__image_shape shape = {height, width, channels};
    const size_t bytes = height * width * channels;
    nca__blur blur = {0};
    nca_status status = check(shape, count, options, error);
    if (status == NCA_OK && options->kind == NCA_CORRUPTION_BLUR) {
        const size_t side = height < width ? height : width;
        status = nca__blur_create(&blur, shape, options->amount * (double)side, error);
    }
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        corrupt_one(out + i * bytes, images + i * bytes, shape, options,
                    options->first + (uint32_t)i, &blur);
    }
    nca__blur_destroy(&blur);
    return status;
}
