/* The pixels of labelled images, and one image in the form of a data set. */
#include "data/labelled_pixels.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/labelled.h"

bool nca__pixels_composite(uint8_t *out, const uint8_t *in, size_t pixels)
{
    bool transparent = false;
    for (size_t i = 0; i < pixels; i++, in += 4, out += 3) {
        for (size_t c = 0; c < 3; c++) {
            out[c] = (uint8_t)((in[c] * in[3] + 127) / 255);
        }
        transparent = transparent || in[3] != 255;
    }
    return transparent;
}

bool nca__pixels_are_grey(const uint8_t *rgb, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++, rgb += 3) {
        if (rgb[0] != rgb[1] || rgb[0] != rgb[2]) {
            return false;
        }
    }
    return true;
}

void nca__pixels_take(uint8_t *out, size_t channels, const uint8_t *in, size_t in_channels,
                      size_t pixels)
{
    for (size_t i = 0; i < pixels; i++, in += in_channels, out += channels) {
        memmove(out, in, channels);
    }
}

nca_status nca__pixels_image(nca_image **out, const uint8_t *pixels, size_t height, size_t width,
                             size_t channels, nca_error *error)
{
    const nca_status status = nca_image_create(out, width, height, error);
    for (size_t i = 0; status == NCA_OK && i < height * width; i++) {
        uint8_t *rgba = (*out)->pixels + 4 * i;
        for (size_t k = 0; k < 3; k++) {
            rgba[k] = pixels[i * channels + (channels == 3 ? k : 0)];
        }
        rgba[3] = 255;
    }
    return status;
}

nca_status nca__pixels_resize(uint8_t *out, size_t to_height, size_t to_width,
                              const uint8_t *pixels, size_t height, size_t width, size_t channels,
                              nca_error *error)
{
    nca_image *image = NULL, *resized = NULL;
    nca_status status = nca__pixels_image(&image, pixels, height, width, channels, error);
    if (status == NCA_OK) {
        status = nca_image_resize_lanczos(&resized, image, to_width, to_height, error);
    }
    if (status == NCA_OK) {
        nca__pixels_take(out, channels, resized->pixels, 4, to_height * to_width);
    }
    nca_image_destroy(image);
    nca_image_destroy(resized);
    return status;
}

static nca_status check(const nca_image *image, size_t channels, size_t height, size_t width,
                        nca_error *error)
{
    if (channels != 1 && channels != 3) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "expected 1 or 3 channels, found %zu",
                         channels);
    }
    if (height < 1 || width < 1 || image->width < 1 || image->height < 1) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "expected images with at least one pixel");
    }
    return NCA_OK;
}

nca_status nca_labelled_pixels(uint8_t *out, const nca_image *image, size_t channels, size_t height,
                               size_t width, nca_error *error)
{
    nca_status status = check(image, channels, height, width, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t pixels = image->width * image->height;
    uint8_t *opaque = malloc(pixels * 3);
    if (opaque == NULL) {
        return nca__fail_memory(error, "an image", pixels * 3);
    }
    nca__pixels_composite(opaque, image->pixels, pixels);
    if (channels == 1) {
        if (nca__pixels_are_grey(opaque, pixels)) {
            nca__pixels_take(opaque, 1, opaque, 3, pixels);
        } else {
            status = nca__fail(error, NCA_MISMATCH,
                               "expected a grey image (1 channel: red, green and blue equal in "
                               "every pixel), found one in colour (3 channels); convert it to "
                               "grey");
        }
    }
    if (status == NCA_OK && image->height == height && image->width == width) {
        memcpy(out, opaque, pixels * channels);
    } else if (status == NCA_OK) {
        status = nca__pixels_resize(out, height, width, opaque, image->height, image->width,
                                    channels, error);
    }
    free(opaque);
    return status;
}
