/* See pixels_image.h. */
#include "measure/pixels_image.h"

enum {
    RGBA = 4
};

/* The channel that is drawn as red, green or blue. */
static size_t shown_channel(size_t colour, size_t channels)
{
    return channels == 3 ? colour : 0;
}

nca_status nca__pixels_image(nca_image **out, const uint8_t *pixels, size_t height, size_t width,
                             size_t channels, nca_error *error)
{
    const nca_status status = nca_image_create(out, width, height, error);
    for (size_t i = 0; status == NCA_OK && i < height * width; i++) {
        uint8_t *rgba = (*out)->pixels + RGBA * i;
        for (size_t k = 0; k < 3; k++) {
            rgba[k] = pixels[i * channels + shown_channel(k, channels)];
        }
        rgba[3] = 255;
    }
    return status;
}

/* Up to three channels travel as the colours of an opaque picture; each is resampled on its own. */
nca_status nca__pixels_resize(uint8_t *out, size_t to_height, size_t to_width,
                              const uint8_t *pixels, size_t height, size_t width, size_t channels,
                              nca_error *error)
{
    nca_image *image = NULL, *resized = NULL;
    nca_status status = nca_image_create(&image, width, height, error);
    if (status == NCA_OK) {
        for (size_t i = 0; i < height * width; i++) {
            for (size_t k = 0; k < channels; k++) {
                image->pixels[RGBA * i + k] = pixels[i * channels + k];
            }
            image->pixels[RGBA * i + 3] = 255;
        }
        status = nca_image_resize_lanczos(&resized, image, to_width, to_height, error);
    }
    for (size_t i = 0; status == NCA_OK && i < to_height * to_width * channels; i++) {
        out[i] = resized->pixels[i / channels * RGBA + i % channels];
    }
    nca_image_destroy(image);
    nca_image_destroy(resized);
    return status;
}
