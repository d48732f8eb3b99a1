/* See votes_picture.h. */
#include "render/votes_picture.h"

#include <math.h>
#include <stdlib.h>

#include "render/cell_colour.h"
#include "render/class_colour.h"

static const double strongest = 0.8; /* of a colour over the image */

static void set_pixel(nca_image *picture, size_t cell, double red, double green, double blue)
{
    uint8_t *pixel = picture->pixels + 4 * cell;
    pixel[0] = (uint8_t)(red + 0.5);
    pixel[1] = (uint8_t)(green + 0.5);
    pixel[2] = (uint8_t)(blue + 0.5);
    pixel[3] = 255;
}

/* ---- Votes -----------------------------------------------------------------------------------*/

/* The class with the highest score and how sure the cell is of it, 0 to 1; NaN if a score is not
 * finite. */
static size_t winner(double *out_sure, const double *scores, size_t classes, bool sigmoid)
{
    size_t best = 0;
    double sum = 0.0;
    *out_sure = NAN;
    for (size_t k = 0; k < classes; k++) {
        if (!isfinite(scores[k])) {
            return 0;
        }
        best = scores[k] > scores[best] ? k : best;
    }
    if (sigmoid || classes < 2) {
        *out_sure = fmax(2.0 / (1.0 + exp(-scores[best])) - 1.0, 0.0);
        return best;
    }
    for (size_t k = 0; k < classes; k++) {
        sum += exp(scores[k] - scores[best]);
    }
    const double least = 1.0 / (double)classes;
    *out_sure = fmax((1.0 / sum - least) / (1.0 - least), 0.0);
    return best;
}

nca_status nca__votes_picture(nca_image **out, const double *scores, const uint8_t *image,
                              size_t height, size_t width, size_t channels, size_t classes,
                              bool sigmoid, nca_error *error)
{
    nca_status status = nca_image_create(out, width, height, error);
    for (size_t cell = 0; cell < height * width && status == NCA_OK; cell++) {
        const uint8_t *v = image + cell * channels;
        const double grey = channels == 3 ? 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2] : v[0];
        double sure;
        const size_t best = winner(&sure, scores + cell * classes, classes, sigmoid);
        if (!isfinite(sure)) {
            set_pixel(*out, cell, 128, 128, 128);
            continue;
        }
        const unsigned rgb = nca__class_colour(best);
        const double share = strongest * sure, rest = (1.0 - share) * grey;
        set_pixel(*out, cell, share * (rgb >> 16 & 255) + rest, share * (rgb >> 8 & 255) + rest,
                  share * (rgb & 255) + rest);
    }
    return status;
}

/* ---- Evidence --------------------------------------------------------------------------------*/

nca_status nca__evidence_picture(nca_image **out, const double *values, size_t height, size_t width,
                                 double end, nca_error *error)
{
    nca_status status = nca_image_create(out, width, height, error);
    for (size_t cell = 0; cell < height * width && status == NCA_OK; cell++) {
        const nca_colour colour = nca__cell_colour(values[cell], end, true);
        set_pixel(*out, cell, colour.r, colour.g, colour.b);
    }
    return status;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double nca__evidence_end(double *values, size_t count)
{
    static const double rounds[] = {1.0, 2.0, 5.0, 10.0};
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i]) && values[i] != 0.0) {
            values[used++] = fabs(values[i]);
        }
    }
    if (used == 0) {
        return 1.0;
    }
    qsort(values, used, sizeof *values, by_value);
    const double least = values[(used - 1) * 98 / 100];
    const double unit = pow(10.0, floor(log10(least)));
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        if (least <= rounds[i] * unit * (1.0 + 1e-9)) {
            return rounds[i] * unit;
        }
    }
    return least;
}
