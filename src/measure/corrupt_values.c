/* Corruptions that change each value of an image on its own: noise, contrast, lost pixels. */
#include <string.h>

#include "core/normal.h"
#include "measure/corrupt_image.h"
#include "nca/philox.h"

static size_t values_of(nca__image_shape shape)
{
    return shape.height * shape.width * shape.channels;
}

static void draw(uint32_t words[4], nca__image_draws draws, size_t block)
{
    nca_draw(words, draws.seed, NCA_STREAM_CORRUPT, draws.index, (uint32_t)block, draws.kind, 0);
}

void nca__add_noise(uint8_t *out, const uint8_t *image, nca__image_shape shape, double deviation,
                    nca__image_draws draws)
{
    double normal[4];
    for (size_t i = 0; i < values_of(shape); i++) {
        if (i % 4 == 0) {
            uint32_t words[4];
            draw(words, draws, i / 4);
            nca__normals(normal, words);
        }
        out[i] = nca__to_byte((double)image[i] + 255.0 * deviation * normal[i % 4]);
    }
}

void nca__scale_contrast(uint8_t *out, const uint8_t *image, nca__image_shape shape, double factor)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < values_of(shape); i++) {
        sum += image[i];
    }
    const double mean = (double)sum / (double)values_of(shape);
    for (size_t i = 0; i < values_of(shape); i++) {
        out[i] = nca__to_byte(mean + ((double)image[i] - mean) * factor);
    }
}

/* A larger share is a higher threshold for the same numbers, so it takes the same pixels and
 * more. */
void nca__lose_pixels(uint8_t *out, const uint8_t *image, nca__image_shape shape, double share,
                      nca__image_draws draws)
{
    const uint32_t threshold = nca_fire_threshold((float)share);
    uint32_t words[4];
    memcpy(out, image, values_of(shape));
    for (size_t i = 0; i < shape.height * shape.width; i++) {
        if (i % 4 == 0) {
            draw(words, draws, i / 4);
        }
        if (words[i % 4] >> 8 < threshold) {
            memset(out + i * shape.channels, 0, shape.channels);
        }
    }
}
