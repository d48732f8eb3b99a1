/* Turning a model: its filters and its target by the same angle.
 *
 * Steered by theta, the filters report x' = c fx - s fy and y' = s fx + c fy (c, s of theta). A
 * pattern turned counterclockwise as seen (y points down) has its derivatives turned the other way,
 * so these are the values that the untouched model saw in the untouched pattern: the whole growth
 * turns with theta, about the cell that it starts from. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "nca/evaluate.h"

enum {
    RGBA = 4
};

static const double radians_per_degree = 3.14159265358979323846 / 180.0;

/* Exact for quarter turns. */
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
    *out_cos = cos(degrees * radians_per_degree);
    *out_sin = sin(degrees * radians_per_degree);
}

/* Adds one cell's share to a sample; cells outside are transparent. */
static void add_cell(float out[RGBA], const nca_model *model, double row, double column,
                     double weight)
{
    if (row < 0.0 || column < 0.0 || row >= model->info.height || column >= model->info.width) {
        return;
    }
    const float *cell = model->target + ((size_t)row * model->info.width + (size_t)column) * RGBA;
    for (size_t c = 0; c < RGBA; c++) {
        out[c] += (float)weight * cell[c];
    }
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
            double column = middle_column + cosine * dx - sine * dy;
            double row = middle_row + sine * dx + cosine * dy;
            double left = floor(column), top = floor(row);
            double right_share = column - left, low_share = row - top;
            add_cell(out, model, top, left, (1.0 - low_share) * (1.0 - right_share));
            add_cell(out, model, top, left + 1.0, (1.0 - low_share) * right_share);
            add_cell(out, model, top + 1.0, left, low_share * (1.0 - right_share));
            add_cell(out, model, top + 1.0, left + 1.0, low_share * right_share);
        }
    }
}

nca_status nca_model_turn(nca_model *model, double degrees, nca_error *error)
{
    nca_automaton *automaton = &model->automaton;
    if (automaton->filter != NCA_FILTER_SOBEL && automaton->filter != NCA_FILTER_SCHARR) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "angle: expected a model with filter sobel or scharr, which can be "
                         "steered, found %s; leave the angle out",
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
            return nca__fail_memory(error, "a turned target", cells * RGBA * sizeof *turned);
        }
        turn_target(turned, model, degrees);
        free(model->target);
        model->target = turned;
    }
    automaton->angle += (float)(degrees * radians_per_degree);
    return NCA_OK;
}
