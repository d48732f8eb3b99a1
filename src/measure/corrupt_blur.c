/* A Gaussian filter in two passes, with doubles between them. The image is mirrored at its border
 * (the pixel at the border twice), so that every pixel has the same total weight in the result and
 * the mean of the image stays. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/exponential.h"
#include "measure/corrupt_image.h"

enum {
    REACH = 3 /* standard deviations on either side */
};

static void fill_weights(nca__blur *blur, double deviation)
{
    double sum = 0.0;
    for (size_t i = 0; i <= blur->radius; i++) {
        const double at = i > 0 ? (double)i / deviation : 0.0;
        blur->weights[i] = nca__exp(-0.5 * at * at);
        sum += (i > 0 ? 2.0 : 1.0) * blur->weights[i];
    }
    for (size_t i = 0; i <= blur->radius; i++) {
        blur->weights[i] /= sum;
    }
}

nca_status nca__blur_create(nca__blur *out, nca__image_shape shape, double deviation,
                            nca_error *error)
{
    nca__blur blur = {.shape = shape, .radius = (size_t)ceil(REACH * deviation)};
    const size_t values = shape.height * shape.width * shape.channels;
    blur.weights = malloc((blur.radius + 1) * sizeof *blur.weights);
    blur.rows = malloc(values * sizeof *blur.rows);
    if (blur.weights == NULL || blur.rows == NULL) {
        nca__blur_destroy(&blur);
        return nca__fail_memory(error, "blurring an image", values * sizeof *blur.rows);
    }
    fill_weights(&blur, deviation);
    *out = blur;
    return NCA_OK;
}

void nca__blur_destroy(nca__blur *blur)
{
    free(blur->weights);
    free(blur->rows);
}

static size_t mirrored(ptrdiff_t at, size_t count)
{
    const ptrdiff_t period = 2 * (ptrdiff_t)count, rest = at % period;
    const size_t inside = (size_t)(rest < 0 ? rest + period : rest);
    return inside < count ? inside : (size_t)period - 1 - inside;
}

void nca__blur_image(uint8_t *out, const uint8_t *image, nca__blur *blur)
{
    const size_t height = blur->shape.height, width = blur->shape.width, n = blur->shape.channels;
    const size_t line = width * n;
    for (size_t i = 0; i < height * line; i++) {
        const uint8_t *row = image + i / line * line;
        const ptrdiff_t x = (ptrdiff_t)(i % line / n);
        double sum = blur->weights[0] * row[i % line];
        for (size_t r = 1; r <= blur->radius; r++) {
            const size_t left = mirrored(x - (ptrdiff_t)r, width) * n + i % n;
            const size_t right = mirrored(x + (ptrdiff_t)r, width) * n + i % n;
            sum += blur->weights[r] * ((double)row[left] + (double)row[right]);
        }
        blur->rows[i] = sum;
    }
    for (size_t i = 0; i < height * line; i++) {
        const double *column = blur->rows + i % line;
        const ptrdiff_t y = (ptrdiff_t)(i / line);
        double sum = blur->weights[0] * blur->rows[i];
        for (size_t r = 1; r <= blur->radius; r++) {
            sum += blur->weights[r] * (column[mirrored(y - (ptrdiff_t)r, height) * line] +
                                       column[mirrored(y + (ptrdiff_t)r, height) * line]);
        }
        out[i] = nca__to_byte(sum);
    }
}
