/* See augment.h. Geometry first, then contrast, brightness and noise; the values are limited to 0
 * to 1 afterwards. Plain float and double arithmetic in a fixed order. */
#include "task/augment.h"

#include <math.h>

#include "core/normal.h"
#include "nca/philox.h"

/* What was drawn for one image. */
typedef struct draw {
    bool flip_x, flip_y, transpose;
    ptrdiff_t shift_y, shift_x;
    float brightness, contrast; /* added, and a factor */
} draw;

/* Word 1 of the counter: 0 and 1 are the image's own draws, the noise follows. */
enum {
    NOISE_WORD = 2
};

static float between(uint32_t word, float most)
{
    return (2.0f * nca_uniform(word) - 1.0f) * most;
}

static ptrdiff_t shift_of(uint32_t word, uint32_t most)
{
    return (ptrdiff_t)nca_below(word, 2 * most + 1) - (ptrdiff_t)most;
}

static draw draw_for(const nca__augmentation *a, uint32_t sample, uint32_t epoch)
{
    uint32_t words[2][4];
    for (uint32_t i = 0; i < 2; i++) {
        nca_draw(words[i], a->seed, NCA_STREAM_AUGMENT, sample, i, 0, epoch);
    }
    /* The eight positions of a square: a transposition and two mirrorings. */
    const uint32_t turn = a->turns ? words[0][2] >> 30 : 0; /* quarter turns */
    draw d = {.flip_x = a->flip_x && words[0][0] >> 31 != 0,
              .flip_y = a->flip_y && words[0][1] >> 31 != 0,
              .transpose = turn % 2 == 1,
              .shift_y = shift_of(words[0][3], a->shift),
              .shift_x = shift_of(words[1][0], a->shift),
              .brightness = between(words[1][1], a->brightness),
              .contrast = 1.0f + between(words[1][2], a->contrast)};
    d.flip_x ^= turn == 1 || turn == 2;
    d.flip_y ^= turn == 2 || turn == 3;
    return d;
}

static size_t limited(ptrdiff_t at, size_t count)
{
    return at < 0 ? 0 : (size_t)at >= count ? count - 1 : (size_t)at;
}

/* The pixel of the image that becomes cell (row, column). */
static const uint8_t *source_of(const draw *d, const uint8_t *image, size_t height, size_t width,
                                size_t channels, size_t row, size_t column)
{
    size_t y = limited((ptrdiff_t)row - d->shift_y, height);
    size_t x = limited((ptrdiff_t)column - d->shift_x, width);
    y = d->flip_y ? height - 1 - y : y;
    x = d->flip_x ? width - 1 - x : x;
    return image + (d->transpose ? x * width + y : y * width + x) * channels;
}

static float value_of(uint8_t byte)
{
    return (float)byte / 255.0f;
}

static float mean_of(const uint8_t *image, size_t values)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < values; i++) {
        sum += image[i];
    }
    return (float)((double)sum / (double)values / 255.0);
}

/* Four normal numbers of one counter. */
static void draw_normal(double out[4], uint64_t seed, uint32_t sample, uint32_t epoch,
                        uint32_t block)
{
    uint32_t words[4];
    nca_draw(words, seed, NCA_STREAM_AUGMENT, sample, NOISE_WORD + block, 0, epoch);
    nca__normals(out, words);
}

void nca__input_standard(nca__input_scale *out, const uint8_t *images, size_t pixels,
                         size_t channels)
{
    for (size_t k = 0; k < channels; k++) {
        uint64_t sum = 0, squares = 0;
        for (size_t i = 0; i < pixels; i++) {
            const uint64_t value = images[i * channels + k];
            sum += value;
            squares += value * value;
        }
        const double mean = (double)sum / (double)pixels;
        const double variance = (double)squares / (double)pixels - mean * mean;
        const double scale = variance > 1e-6 ? 255.0 / sqrt(variance) : 1.0;
        out->scale[k] = (float)scale;
        out->offset[k] = (float)(-mean / 255.0 * scale);
    }
}

void nca__image_to_state(float *state, size_t stride, const uint8_t *image, size_t height,
                         size_t width, size_t channels, const nca__input_scale *range,
                         const nca__augmentation *augmentation, uint32_t sample, uint32_t epoch)
{
    if (augmentation == NULL) {
        nca__plain_image_to_state(state, stride, image, height * width, channels, range);
        return;
    }
    const draw d = draw_for(augmentation, sample, epoch);
    const float mean =
        augmentation->contrast > 0.0f ? mean_of(image, height * width * channels) : 0.0f;
    double normal[4] = {0};
    for (size_t i = 0; i < height * width * channels; i++) {
        const size_t cell = i / channels, k = i % channels;
        const uint8_t *pixel =
            source_of(&d, image, height, width, channels, cell / width, cell % width);
        float value = (value_of(pixel[k]) - mean) * d.contrast + mean + d.brightness;
        if (augmentation->noise > 0.0f) {
            if (i % 4 == 0) {
                draw_normal(normal, augmentation->seed, sample, epoch, (uint32_t)(i / 4));
            }
            value += augmentation->noise * (float)normal[i % 4];
        }
        value = value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
        state[cell * stride + k] = value * range->scale[k] + range->offset[k];
    }
}
