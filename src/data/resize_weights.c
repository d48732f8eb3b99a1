/* The weights of Lanczos resampling: step 2 of the arithmetic in resize.c. */
#include "data/resize_weights.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum {
    LOBES = 3
};

static double sinc(double x)
{
    if (x == 0.0) {
        return 1.0;
    }
    x *= 3.14159265358979323846;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return -LOBES <= x && x < LOBES ? sinc(x) * sinc(x / LOBES) : 0.0;
}

void nca__weights_destroy(nca__weights *axis)
{
    free(axis->first);
    free(axis->count);
    free(axis->values);
    *axis = (nca__weights){0};
}

/* Computes the weights of one output; `exact` has room for `taps` doubles. */
static void weights_fill(nca__weights *axis, size_t output, double *exact, double scale,
                         size_t inputs)
{
    double stretch = scale < 1.0 ? 1.0 : scale;
    double reach = LOBES * stretch;
    double centre = ((double)output + 0.5) * scale;
    double shrink = 1.0 / stretch;
    ptrdiff_t first = (ptrdiff_t)(centre - reach + 0.5);
    ptrdiff_t end = (ptrdiff_t)(centre + reach + 0.5);
    first = first < 0 ? 0 : first;
    end = end > (ptrdiff_t)inputs ? (ptrdiff_t)inputs : end;
    size_t count = (size_t)(end - first);
    assert(count <= axis->taps);
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        exact[i] = lanczos(((double)i + (double)first - centre + 0.5) * shrink);
        sum += exact[i];
    }
    int32_t *values = axis->values + output * axis->taps;
    int64_t magnitude = 0;
    for (size_t i = 0; i < count; i++) {
        double value = sum != 0.0 ? exact[i] / sum : exact[i];
        value *= 1 << NCA__WEIGHT_BITS;
        values[i] = (int32_t)(value < 0.0 ? value - 0.5 : value + 0.5);
        magnitude += llabs(values[i]);
    }
    /* Ensures that no partial sum of weight * byte exceeds 32 bits. In practice the magnitude is
     * below 1.6. */
    assert(magnitude < (int64_t)2 << NCA__WEIGHT_BITS);
    (void)magnitude;
    axis->first[output] = (size_t)first;
    axis->count[output] = count;
}

nca_status nca__weights_create(nca__weights *axis, size_t inputs, size_t outputs, nca_error *error)
{
    double scale = (double)inputs / (double)outputs;
    double reach = LOBES * (scale < 1.0 ? 1.0 : scale);
    *axis = (nca__weights){.outputs = outputs, .taps = (size_t)ceil(reach) * 2 + 1};
    /* At most 6 * max(inputs, outputs) + 3 * outputs values, and both are image sides. */
    axis->first = calloc(outputs, sizeof *axis->first);
    axis->count = calloc(outputs, sizeof *axis->count);
    axis->values = calloc(outputs * axis->taps, sizeof *axis->values);
    double *exact = calloc(axis->taps, sizeof *exact);
    if (axis->first == NULL || axis->count == NULL || axis->values == NULL || exact == NULL) {
        size_t wanted = outputs * axis->taps * sizeof *axis->values;
        nca__weights_destroy(axis);
        free(exact);
        return nca__fail_memory(error, "resizing an image", wanted);
    }
    for (size_t i = 0; i < outputs; i++) {
        weights_fill(axis, i, exact, scale, inputs);
    }
    free(exact);
    return NCA_OK;
}
