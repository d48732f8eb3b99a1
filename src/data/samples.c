/* Images with more than 8 bits per sample: creation, windows, conversion to 8 bits. */
#include "data/samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* ---- The object ------------------------------------------------------------------------------*/

nca_status nca__samples_create(nca__samples **out_samples, size_t width, size_t height,
                               const char *name, nca_error *error)
{
    if (width > NCA__SAMPLES_MAX_PIXELS / height) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected at most %d pixels of more than 8 bits, found %zu x %zu; "
                         "make the image smaller or save it with 8 bits",
                         name, NCA__SAMPLES_MAX_PIXELS, width, height);
    }
    nca__samples *samples = malloc(sizeof *samples);
    float *rgba = calloc(width * height, 4 * sizeof *rgba);
    if (samples == NULL || rgba == NULL) {
        free(samples);
        free(rgba);
        return nca__fail_memory(error, name, width * height * 4 * sizeof *rgba);
    }
    *samples = (nca__samples){
        .width = width, .height = height, .rgba = rgba, .opaque = 255, .low = 0, .high = 255};
    *out_samples = samples;
    return NCA_OK;
}

nca_status nca__samples_from_image(nca__samples **out_samples, const nca_image *image,
                                   nca_error *error)
{
    nca__samples *samples = NULL;
    nca_status status =
        nca__samples_create(&samples, image->width, image->height, "an image", error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t k = 0; k < image->width * image->height * 4; k++) {
        samples->rgba[k] = image->pixels[k];
    }
    *out_samples = samples;
    return NCA_OK;
}

void nca__samples_destroy(nca__samples *samples)
{
    if (samples != NULL) {
        free(samples->rgba);
        free(samples);
    }
}

static bool is_finite_pixel(const float *pixel, bool has_alpha)
{
    if (has_alpha && !(pixel[3] > 0)) {
        return isfinite(pixel[3]); /* the colours are invisible */
    }
    return isfinite(pixel[0]) && isfinite(pixel[1]) && isfinite(pixel[2]) &&
           (!has_alpha || isfinite(pixel[3]));
}

nca_status nca__samples_check_finite(const nca__samples *samples, bool has_alpha, const char *name,
                                     nca_error *error)
{
    const size_t pixels = samples->width * samples->height;
    size_t bad = 0, first = 0;
    for (size_t i = 0; i < pixels; i++) {
        if (!is_finite_pixel(samples->rgba + 4 * i, has_alpha)) {
            first = bad == 0 ? i : first;
            bad++;
        }
    }
    if (bad == 0) {
        return NCA_OK;
    }
    return nca__fail(error, NCA_FORMAT,
                     "%s: expected finite numbers, found %zu of %zu pixels with NaN, infinite or "
                     "too large values (over 3.4e38), the first in row %zu, column %zu (from 0); "
                     "replace them, for example with numpy.nan_to_num",
                     name, bad, pixels, first / samples->width, first % samples->width);
}

/* ---- The window ------------------------------------------------------------------------------*/

nca_status nca__window_parse(nca__window *out, const char *text, nca_error *error)
{
    nca__window window = {NCA__WINDOW_FULL, 0, 0};
    char low[NCA__NUMBER_SIZE * 2];
    const char *comma = text != NULL ? strchr(text, ',') : NULL;
    const size_t length = comma != NULL ? (size_t)(comma - text) : 0;
    if (text == NULL || *text == 0) {
        *out = window;
        return NCA_OK;
    }
    if (strcmp(text, "auto") == 0) {
        window.kind = NCA__WINDOW_AUTO;
        *out = window;
        return NCA_OK;
    }
    if (comma != NULL && length < sizeof low) {
        memcpy(low, text, length);
        low[length] = 0;
        if (nca__parse_double(low, &window.low) && nca__parse_double(comma + 1, &window.high) &&
            (float)window.low < (float)window.high && isfinite((float)window.low) &&
            isfinite((float)window.high)) {
            window.kind = NCA__WINDOW_RANGE;
            *out = window;
            return NCA_OK;
        }
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "window: expected auto, or LOW,HIGH with LOW below HIGH, such as 0,4095; "
                     "found \"%.60s\"",
                     text);
}

/* The smallest and the largest colour value of visible pixels; values that are not finite are
 * ignored. False if there is none. */
static bool find_range(float *low, float *high, const nca__samples *samples)
{
    bool found = false;
    const float *pixel = samples->rgba;
    for (size_t i = 0; i < samples->width * samples->height; i++, pixel += 4) {
        for (size_t c = 0; c < 3 && pixel[3] > 0; c++) {
            if (isfinite(pixel[c])) {
                *low = !found || pixel[c] < *low ? pixel[c] : *low;
                *high = !found || pixel[c] > *high ? pixel[c] : *high;
                found = true;
            }
        }
    }
    return found;
}

void nca__samples_window(nca__samples *samples, const nca__window *window, char *notice,
                         size_t notice_size)
{
    float low = 0, high = 0;
    const bool natural = samples->low < samples->high;
    const bool any = find_range(&low, &high, samples);
    nca__window_kind kind = window->kind;
    *notice = 0;
    if (kind == NCA__WINDOW_FULL && !natural && any && (low < 0 || high > 1)) {
        kind = NCA__WINDOW_AUTO;
        snprintf(
            notice, notice_size,
            "black is %g and white is %g, the smallest and the largest value; --window LOW,HIGH "
            "sets other values",
            (double)low, (double)high);
    } else if (kind == NCA__WINDOW_FULL && natural && samples->high > 255 && any &&
               high < samples->high / 2) {
        snprintf(notice, notice_size,
                 "the image is dark: its values are %g to %g of a possible %g to %g; --window auto "
                 "maps the smallest to black and the largest to white",
                 (double)low, (double)high, (double)samples->low, (double)samples->high);
    }
    if (kind == NCA__WINDOW_RANGE) {
        low = (float)window->low;
        high = (float)window->high;
    } else if (kind == NCA__WINDOW_FULL) {
        low = natural ? samples->low : 0;
        high = natural ? samples->high : 1;
    }
    if (!(low < high)) { /* only one value: it becomes black, or as dark as before if the range is
                            known */
        high = natural && samples->high > low ? samples->high : low + 1;
    }
    if (!(low < high)) { /* so large that low + 1 is the same number */
        high = INFINITY;
    }
    samples->low = low;
    samples->high = high;
    for (size_t k = 0; k < samples->width * samples->height * 4; k++) {
        if (k % 4 != 3) {
            float value = samples->rgba[k];
            value = value > low ? value : low; /* also NaN */
            samples->rgba[k] = value < high ? value : high;
        }
    }
}

/* ---- 8 bits ----------------------------------------------------------------------------------*/

static uint8_t to_byte(double share)
{
    const double value = floor(share * 255 + 0.5);
    return (uint8_t)(value > 0 ? value < 255 ? value : 255 : 0);
}

nca_status nca__samples_to_image(nca_image **out_image, const nca__samples *samples,
                                 nca_colormap map, nca_error *error)
{
    nca_image *image = NULL;
    nca_status status = nca_image_create(&image, samples->width, samples->height, error);
    if (status != NCA_OK) {
        return status;
    }
    const double low = samples->low, span = (double)samples->high - low;
    const float *in = samples->rgba;
    uint8_t *out = image->pixels;
    for (size_t i = 0; i < image->width * image->height; i++, in += 4, out += 4) {
        for (size_t c = 0; c < 3; c++) {
            out[c] = to_byte(((double)in[c] - low) / span);
        }
        if (samples->grey) {
            nca_colormap_rgb(out, map, out[0]);
        }
        out[3] = to_byte((double)in[3] / (double)samples->opaque);
    }
    *out_image = image;
    return NCA_OK;
}
