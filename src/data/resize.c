/* Lanczos resampling, bit-identical to Pillow's Image.resize(LANCZOS) on RGBA images.
 *
 * The exact arithmetic:
 *   1. An image that keeps its size is copied untouched. Else colours are multiplied by alpha:
 *      t = colour * alpha + 128, (t + (t >> 8)) >> 8.
 *   2. Weights, in double: scale = in / out, stretch = max(scale, 1), reach = 3 * stretch. Output i
 *      has its centre at (i + 0.5) * scale and takes the inputs from (int)(centre - reach + 0.5) up
 *      to but without (int)(centre + reach + 0.5), cut to the image. Input j weighs
 *      lanczos((j - centre + 0.5) * (1 / stretch)); the weights of an output are divided by their
 *      sum, multiplied by 2^22 and rounded half away from zero.
 *   3. A pass along the rows, then one along the columns, each skipped where the size stays. An
 *      output is (2^21 + sum of weight * byte) >> 22, clipped to a byte, so there are eight bits
 *      between the passes.
 *   4. Colours are divided by alpha again: min(255 * colour / alpha, 255), rounded down; alpha 0
 *      and 255 leave them as they are.
 * The weights need sin(), whose last bit differs between libraries; rounding to 22 bits removes the
 * difference. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/resize_weights.h"
#include "nca/image.h"

/* ---- Pixels ----------------------------------------------------------------------------------*/

static uint8_t clip_sum(int32_t sum)
{
    int32_t value = sum >> NCA__WEIGHT_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void premultiply_row(uint8_t *out, const uint8_t *in, size_t width)
{
    for (size_t i = 0; i < width * 4; i += 4) {
        unsigned alpha = in[i + 3];
        for (size_t c = 0; c < 3; c++) {
            unsigned product = in[i + c] * alpha + 128;
            out[i + c] = (uint8_t)((product + (product >> 8)) >> 8);
        }
        out[i + 3] = (uint8_t)alpha;
    }
}

static void unpremultiply_row(uint8_t *row, size_t width)
{
    for (size_t i = 0; i < width * 4; i += 4) {
        unsigned alpha = row[i + 3];
        if (alpha == 0 || alpha == 255) {
            continue;
        }
        for (size_t c = 0; c < 3; c++) {
            unsigned value = 255u * row[i + c] / alpha;
            row[i + c] = (uint8_t)(value > 255 ? 255 : value);
        }
    }
}

static void resample_row(uint8_t *out, const uint8_t *in, const nca__weights *axis)
{
    for (size_t x = 0; x < axis->outputs; x++) {
        const int32_t *values = axis->values + x * axis->taps;
        const uint8_t *pixel = in + axis->first[x] * 4;
        int32_t sums[4];
        for (size_t c = 0; c < 4; c++) {
            sums[c] = 1 << (NCA__WEIGHT_BITS - 1);
        }
        for (size_t i = 0; i < axis->count[x]; i++) {
            for (size_t c = 0; c < 4; c++) {
                sums[c] += values[i] * pixel[i * 4 + c];
            }
        }
        for (size_t c = 0; c < 4; c++) {
            out[x * 4 + c] = clip_sum(sums[c]);
        }
    }
}

/* ---- Both passes -----------------------------------------------------------------------------*/

/* The rows between the passes are in a ring buffer with as many rows as one output row needs.
 * The vertical pass moves down monotonically, so a row that has left its window is never needed
 * again. */
typedef struct resizer {
    const nca_image *image;
    nca__weights horizontal, vertical; /* without values if the pass is skipped */
    uint8_t *premultiplied;            /* (image->width,4) */
    uint8_t *ring;                     /* (vertical.taps,width,4) */
    int32_t *sums;                     /* (width,4) */
    size_t width;                      /* of the result */
    size_t next;                       /* the first row that has not been computed yet */
} resizer;

/* Row `y` after the horizontal pass. */
static void make_row(resizer *state, uint8_t *out, size_t y)
{
    const uint8_t *source = state->image->pixels + y * state->image->width * 4;
    if (state->horizontal.values == NULL) {
        premultiply_row(out, source, state->image->width);
    } else {
        premultiply_row(state->premultiplied, source, state->image->width);
        resample_row(out, state->premultiplied, &state->horizontal);
    }
}

static void resample_column_row(resizer *state, uint8_t *out, size_t y)
{
    const nca__weights *axis = &state->vertical;
    size_t length = state->width * 4;
    size_t first = axis->first[y], end = first + axis->count[y];
    state->next = state->next < first ? first : state->next;
    for (; state->next < end; state->next++) {
        make_row(state, state->ring + state->next % axis->taps * length, state->next);
    }
    for (size_t x = 0; x < length; x++) {
        state->sums[x] = 1 << (NCA__WEIGHT_BITS - 1);
    }
    for (size_t i = first; i < end; i++) {
        const uint8_t *row = state->ring + i % axis->taps * length;
        int32_t weight = axis->values[y * axis->taps + (i - first)];
        for (size_t x = 0; x < length; x++) {
            state->sums[x] += weight * row[x];
        }
    }
    for (size_t x = 0; x < length; x++) {
        out[x] = clip_sum(state->sums[x]);
    }
}

static nca_status resizer_prepare(resizer *state, const nca_image *image, size_t width,
                                  size_t height, nca_error *error)
{
    *state = (resizer){.image = image, .width = width};
    nca_status status = NCA_OK;
    if (width != image->width) {
        status = nca__weights_create(&state->horizontal, image->width, width, error);
    }
    if (status == NCA_OK && height != image->height) {
        status = nca__weights_create(&state->vertical, image->height, height, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    size_t rows = state->vertical.values != NULL ? state->vertical.taps : 1;
    state->premultiplied = calloc(image->width, 4);
    state->ring = calloc(rows * width, 4);
    state->sums = calloc(width * 4, sizeof *state->sums);
    if (state->premultiplied == NULL || state->ring == NULL || state->sums == NULL) {
        return nca__fail_memory(error, "resizing an image", rows * width * 4);
    }
    return NCA_OK;
}

nca_status nca_image_resize_lanczos(nca_image **out_image, const nca_image *image, size_t width,
                                    size_t height, nca_error *error)
{
    nca_image *resized = NULL;
    nca_status status = nca_image_create(&resized, width, height, error);
    if (status != NCA_OK) {
        return status;
    }
    if (width == image->width && height == image->height) {
        memcpy(resized->pixels, image->pixels, width * height * 4);
        *out_image = resized;
        return NCA_OK;
    }
    resizer state;
    status = resizer_prepare(&state, image, width, height, error);
    if (status == NCA_OK) {
        for (size_t y = 0; y < height; y++) {
            uint8_t *row = resized->pixels + y * width * 4;
            if (state.vertical.values != NULL) {
                resample_column_row(&state, row, y);
            } else {
                make_row(&state, row, y);
            }
            unpremultiply_row(row, width);
        }
        *out_image = resized;
        resized = NULL;
    }
    nca__weights_destroy(&state.horizontal);
    nca__weights_destroy(&state.vertical);
    free(state.premultiplied);
    free(state.ring);
    free(state.sums);
    nca_image_destroy(resized);
    return status;
}
