/* Turning a model: its filters and its target by the same angle.
 *
 * If steered by theta, the filters return x' = c fx - s fy and y' = s fx + c fy (c, s of theta). In
 * a pattern that is turned counterclockwise as seen (y points down), the derivatives turn the other
 * way, so these are the values that the original model perceives in the original pattern. The whole
 * growth therefore turns with theta, about the cell that it starts from. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"
#include "nca/evaluate.h"

enum {
    RGBA = 4,
    LOBES = 3,
    TAPS = 2 * LOBES
};

static const double pi = 3.14159265358979323846;

/* Exact for multiples of 90 degrees. */
static void cos_sin(double *out_cos, double *out_sin, double degrees)
{
    static const double quarter[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    double turned = degrees < 0.0 ? degrees + 360.0 : degrees; /* -360 .. 360 becomes 0 .. 360 */
    double quarters = turned / 90.0;
    if (quarters == floor(quarters)) {
        *out_cos = quarter[(int)quarters % 4][0];
        *out_sin = quarter[(int)quarters % 4][1];
        return;
    }
    *out_cos = cos(degrees * pi / 180.0);
    *out_sin = sin(degrees * pi / 180.0);
}

/* Lanczos with three lobes, the kernel used for resizing targets; exact at integers. */
static double lanczos(double x)
{
    if (x == floor(x)) {
        return x == 0.0;
    }
    if (fabs(x) >= LOBES) {
        return 0.0;
    }
    x *= pi;
    return LOBES * sin(x) * sin(x / LOBES) / (x * x);
}

/* The weights of the TAPS cells around a coordinate, with sum 1; returns the first of them. */
static ptrdiff_t weigh(double weights[TAPS], double coordinate)
{
    ptrdiff_t first = (ptrdiff_t)floor(coordinate) - (LOBES - 1);
    double sum = 0.0;
    for (int i = 0; i < TAPS; i++) {
        weights[i] = lanczos((double)(first + i) - coordinate);
        sum += weights[i];
    }
    for (int i = 0; i < TAPS; i++) {
        weights[i] /= sum;
    }
    return first;
}

/* The kernel overshoots at edges: alpha is kept in [0,1] and premultiplied colours in [0,alpha]. */
static void keep_colour(float out[RGBA], const double sums[RGBA])
{
    double alpha = fmin(fmax(sums[RGBA - 1], 0.0), 1.0);
    for (size_t c = 0; c + 1 < RGBA; c++) {
        out[c] = (float)fmin(fmax(sums[c], 0.0), alpha);
    }
    out[RGBA - 1] = (float)alpha;
}

/* Interpolates the target between its cells; everything beyond its border is transparent. */
static void sample(float out[RGBA], const nca_model *model, double row, double column)
{
    double across[TAPS], down[TAPS], sums[RGBA] = {0};
    ptrdiff_t left = weigh(across, column), top = weigh(down, row);
    ptrdiff_t height = model->info.height, width = model->info.width;
    for (int i = 0; i < TAPS; i++) {
        for (int k = 0; k < TAPS; k++) {
            ptrdiff_t y = top + i, x = left + k;
            if (y < 0 || x < 0 || y >= height || x >= width) {
                continue;
            }
            const float *cell = model->target + (y * width + x) * RGBA;
            for (size_t c = 0; c < RGBA; c++) {
                sums[c] += down[i] * across[k] * cell[c];
            }
        }
    }
    keep_colour(out, sums);
}

static void turn_target(float *out, const nca_model *model, double degrees)
{
    double cosine, sine;
    cos_sin(&cosine, &sine, degrees);
    size_t height = model->info.height, width = model->info.width;
    double middle_row = (double)(height / 2), middle_column = (double)(width / 2);
    for (size_t y = 0; y < height; y++) {
        for (size_t x = 0; x < width; x++, out += RGBA) {
            double dx = (double)x - middle_column, dy = (double)y - middle_row;
            sample(out, model, middle_row + sine * dx + cosine * dy,
                   middle_column + cosine * dx - sine * dy);
        }
    }
}

nca_status nca_model_turn(nca_model *model, double degrees, nca_error *error)
{
    nca_automaton *automaton = &model->automaton;
    if (automaton->filter != NCA_FILTER_SOBEL && automaton->filter != NCA_FILTER_SCHARR) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "angle: expected a model with filter sobel or scharr, which can be "
                         "steered, found %s; leave out the angle",
                         nca_filter_name(automaton->filter));
    }
    if (!(degrees >= -360.0 && degrees <= 360.0)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "angle: expected -360 to 360 degrees, found %g", degrees);
    }
    if (model->target != NULL) {
        size_t cells = (size_t)model->info.height * model->info.width;
        float *turned = calloc(cells, RGBA * sizeof *turned);
        if (turned == NULL) {
            return nca__fail_memory(error, "a rotated target", cells * RGBA * sizeof *turned);
        }
        turn_target(turned, model, degrees);
        free(model->target);
        model->target = turned;
    }
    automaton->angle_radians += (float)(degrees * pi / 180.0);
    return NCA_OK;
}
