/* The dense definition; see oracle.h. It must stay obvious: a line that is hard to understand does
 * not belong here. */
#include "core/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nca/philox.h"

enum {
    TAPS = 9
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) {
        abort();
    }
    return memory;
}

static ptrdiff_t clamped(ptrdiff_t at, ptrdiff_t size)
{
    return at < 0 ? 0 : at >= size ? size - 1 : at;
}

/* -1 is 1, `size` is size - 2; the only cell of a line is its own neighbour. */
static ptrdiff_t reflected(ptrdiff_t at, ptrdiff_t size)
{
    return clamped(at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at, size);
}

/* The index of a cell's neighbour at a tap (row-major in the 3x3 window), or false outside. */
static bool neighbour(size_t *out_cell, const oracle *o, size_t cell, int tap)
{
    ptrdiff_t height = (ptrdiff_t)o->height, width = (ptrdiff_t)o->width;
    ptrdiff_t row = (ptrdiff_t)(cell / o->width) + tap / 3 - 1;
    ptrdiff_t column = (ptrdiff_t)(cell % o->width) + tap % 3 - 1;

    if (o->automaton->boundary == NCA_BOUNDARY_CIRCULAR) {
        row = (row + height) % height;
        column = (column + width) % width;
    } else if (o->automaton->boundary == NCA_BOUNDARY_REFLECT) {
        row = reflected(row, height);
        column = reflected(column, width);
    } else if (o->automaton->boundary == NCA_BOUNDARY_REPLICATE) {
        row = clamped(row, height);
        column = clamped(column, width);
    }
    if (row < 0 || row >= height || column < 0 || column >= width) {
        return false;
    }
    *out_cell = (size_t)(row * width + column);
    return true;
}

bool oracle_fires(const oracle *o, size_t cell, uint32_t step)
{
    uint32_t words[4];

    nca_draw(words, o->seed, NCA_STREAM_FIRE, (uint32_t)(cell / 4), step, o->sample, o->iteration);
    return (words[cell % 4] >> 8) < nca_fire_threshold(o->automaton->fire_rate);
}

bool oracle_alive(const oracle *o, const float *x, size_t cell)
{
    size_t channels = o->automaton->channels, other;

    if (o->automaton->alive_channel < 0) {
        return true;
    }
    for (int tap = 0; tap < TAPS; tap++) {
        float value = 0.0f;
        if (neighbour(&other, o, cell, tap)) {
            value = x[other * channels + (size_t)o->automaton->alive_channel];
        }
        if (value > o->automaton->alive_threshold) {
            return true;
        }
    }
    return false;
}

size_t oracle_alive_count(const oracle *o, const float *x)
{
    size_t count = 0;

    for (size_t cell = 0; cell < o->height * o->width; cell++) {
        count += oracle_alive(o, x, cell);
    }
    return count;
}

/* The tap of a channel in a filter, 0..K-2. */
static float tap_of(const oracle *o, size_t filter, int tap, size_t channel)
{
    size_t at = (filter * TAPS + (size_t)tap) * o->automaton->channels + channel;
    float filters[2][TAPS];

    if (o->automaton->filter == NCA_FILTER_LEARNED) {
        return o->parameters[nca_tensor_named(o->automaton, "perception.taps").offset + at];
    }
    nca_automaton_filters(filters[0], filters[1], o->automaton);
    return filters[filter][tap];
}

/* p (K*C): identity, then the filters. */
static void perceive(float *p, const oracle *o, const float *x, size_t cell)
{
    size_t channels = o->automaton->channels, other;

    for (size_t c = 0; c < channels; c++) {
        p[c] = x[cell * channels + c];
        for (size_t k = 0; k + 1 < nca_perception_maps(o->automaton); k++) {
            float sum = 0.0f;
            for (int tap = 0; tap < TAPS; tap++) {
                float value = 0.0f;
                if (neighbour(&other, o, cell, tap)) {
                    value = x[other * channels + c];
                }
                sum = fmaf(tap_of(o, k, tap, c), value, sum);
            }
            p[(k + 1) * channels + c] = sum;
        }
    }
}

/* h (N) = relu(W1 p + b1). NaN becomes 0, like negative sums. */
static void hidden_forward(float *h, const oracle *o, const float *p)
{
    size_t inputs = nca_perception_maps(o->automaton) * o->automaton->channels;
    const float *w1 = o->parameters + nca_tensor_named(o->automaton, "update.w1").offset;
    const float *b1 = o->parameters + nca_tensor_named(o->automaton, "update.b1").offset;

    for (size_t n = 0; n < o->automaton->hidden; n++) {
        float sum = b1[n];
        for (size_t i = 0; i < inputs; i++) {
            sum = fmaf(p[i], w1[n * inputs + i], sum);
        }
        h[n] = sum > 0.0f ? sum : 0.0f;
    }
}

/* dx (C) = W2 h + b2; 0 in input channels, for which W2 and b2 have no rows. */
static void output_forward(float *dx, const oracle *o, const float *h)
{
    size_t hidden = o->automaton->hidden;
    const float *w2 = o->parameters + nca_tensor_named(o->automaton, "update.w2").offset;
    const float *b2 = o->parameters + nca_tensor_named(o->automaton, "update.b2").offset;

    size_t inputs = o->automaton->input_channels;
    for (size_t c = 0; c < o->automaton->channels; c++) {
        float sum = 0.0f;
        if (c >= inputs) {
            sum = o->automaton->output_bias ? b2[c - inputs] : 0.0f;
            for (size_t n = 0; n < hidden; n++) {
                sum = fmaf(h[n], w2[(c - inputs) * hidden + n], sum);
            }
        }
        dx[c] = sum;
    }
}

/* y (H,W,C): the state after the update and before the alive mask. */
static void update(float *y, const oracle *o, const float *x, uint32_t step)
{
    size_t channels = o->automaton->channels;
    float *p = allocate(nca_perception_maps(o->automaton) * channels, sizeof *p);
    float *h = allocate(o->automaton->hidden, sizeof *h);
    float *dx = allocate(channels, sizeof *dx);

    memcpy(y, x, o->height * o->width * channels * sizeof *y);
    for (size_t cell = 0; cell < o->height * o->width; cell++) {
        if (!oracle_fires(o, cell, step)) {
            continue;
        }
        perceive(p, o, x, cell);
        hidden_forward(h, o, p);
        output_forward(dx, o, h);
        for (size_t c = o->automaton->input_channels; c < channels; c++) {
            y[cell * channels + c] = fmaf(o->automaton->step_size, dx[c], x[cell * channels + c]);
        }
    }
    free(dx);
    free(h);
    free(p);
}

void oracle_step(float *out, const oracle *o, const float *x, uint32_t step)
{
    size_t channels = o->automaton->channels, cells = o->height * o->width;
    float *y = allocate(cells * channels, sizeof *y);

    update(y, o, x, step);
    for (size_t cell = 0; cell < cells; cell++) {
        bool live = oracle_alive(o, x, cell) && oracle_alive(o, y, cell);
        for (size_t c = 0; c < channels; c++) {
            bool kept = live || c < o->automaton->input_channels;
            out[cell * channels + c] = kept ? y[cell * channels + c] : 0.0f;
        }
    }
    free(y);
}

void oracle_rollout(float *states, const oracle *o, uint32_t first_step, size_t steps)
{
    size_t values = o->height * o->width * o->automaton->channels;

    for (size_t t = 0; t < steps; t++) {
        oracle_step(states + (t + 1) * values, o, states + t * values, first_step + (uint32_t)t);
    }
}

double oracle_loss(nca_loss loss, const float *grid, const float *target, size_t height,
                   size_t width, size_t channels)
{
    double sum = 0.0, count = (double)(height * width * 4);

    for (size_t i = 0; i < height * width * 4; i++) {
        double d = (double)target[i] - (double)grid[i / 4 * channels + i % 4];
        if (loss == NCA_LOSS_L2) {
            sum += d * d;
        } else if (loss == NCA_LOSS_L1 || loss == NCA_LOSS_MANHATTAN) {
            sum += fabs(d);
        } else {
            sum += fabs(d) <= 0.5 ? 0.0 : fabs(d) - 0.5; /* NaN stays NaN */
        }
    }
    return loss == NCA_LOSS_MANHATTAN ? sum : sum / count;
}

void oracle_loss_backward(double *out, nca_loss loss, const float *grid, const float *target,
                          size_t height, size_t width, size_t channels, double scale)
{
    double count = (double)(height * width * 4);

    memset(out, 0, height * width * channels * sizeof *out);
    for (size_t i = 0; i < height * width * 4; i++) {
        double d = (double)grid[i / 4 * channels + i % 4] - (double)target[i];
        double sign = (double)(d > 0.0) - (double)(d < 0.0), slope;
        if (loss == NCA_LOSS_L2) {
            slope = 2.0 * d / count;
        } else if (loss == NCA_LOSS_L1) {
            slope = sign / count;
        } else if (loss == NCA_LOSS_MANHATTAN) {
            slope = sign;
        } else {
            slope = fabs(d) > 0.5 ? sign / count : 0.0;
        }
        out[i / 4 * channels + i % 4] = scale * slope;
    }
}

/* For one live, firing cell: computes from the gradient of its dx (C) that of the parameters
 * (added) and that of its perception dp (K*C) (overwritten). */
static void update_backward(double *dp, double *gradient, const oracle *o, const double *ddx,
                            const float *p, const float *h)
{
    const nca_automaton *a = o->automaton;
    size_t channels = a->channels, hidden = a->hidden,
           inputs = nca_perception_maps(o->automaton) * channels;
    const float *w1 = o->parameters + nca_tensor_named(a, "update.w1").offset;
    const float *w2 = o->parameters + nca_tensor_named(a, "update.w2").offset;
    double *dw1 = gradient + nca_tensor_named(a, "update.w1").offset;
    double *db1 = gradient + nca_tensor_named(a, "update.b1").offset;
    double *dw2 = gradient + nca_tensor_named(a, "update.w2").offset;
    double *db2 = gradient + nca_tensor_named(a, "update.b2").offset;

    memset(dp, 0, inputs * sizeof *dp);
    size_t first = a->input_channels;
    for (size_t c = first; a->output_bias && c < channels; c++) {
        db2[c - first] += ddx[c];
    }
    for (size_t n = 0; n < hidden; n++) {
        double dh = 0.0;
        for (size_t c = first; c < channels; c++) {
            dw2[(c - first) * hidden + n] += ddx[c] * (double)h[n];
            dh += ddx[c] * (double)w2[(c - first) * hidden + n];
        }
        if (!(h[n] > 0.0f)) {
            continue;
        }
        db1[n] += dh;
        for (size_t i = 0; i < inputs; i++) {
            dw1[n * inputs + i] += dh * (double)p[i];
            dp[i] += dh * (double)w1[n * inputs + i];
        }
    }
}

/* Adds, from the gradient of a cell's perception, those of the surrounding state and of learned
 * taps. */
static void perceive_backward(double *dx, double *gradient, const oracle *o, const double *dp,
                              const float *x, size_t cell)
{
    const nca_automaton *a = o->automaton;
    size_t channels = a->channels, other;
    double *dtaps = gradient + nca_tensor_named(a, "perception.taps").offset;

    for (size_t c = 0; c < channels; c++) {
        dx[cell * channels + c] += dp[c];
        for (int tap = 0; tap < TAPS; tap++) {
            if (!neighbour(&other, o, cell, tap)) {
                continue;
            }
            for (size_t k = 0; k + 1 < nca_perception_maps(a); k++) {
                double df = dp[(1 + k) * channels + c];
                dx[other * channels + c] += (double)tap_of(o, k, tap, c) * df;
                if (a->filter == NCA_FILTER_LEARNED) {
                    dtaps[(k * TAPS + (size_t)tap) * channels + c] +=
                        df * (double)x[other * channels + c];
                }
            }
        }
    }
}

/* dx (H,W,C) = gradient of x from dout, the gradient of the state after the step. */
static void step_backward(double *dx, double *gradient, const oracle *o, const double *dout,
                          const float *x, uint32_t step)
{
    size_t channels = o->automaton->channels, cells = o->height * o->width;
    size_t inputs = nca_perception_maps(o->automaton) * channels;
    float *y = allocate(cells * channels, sizeof *y);
    float *p = allocate(inputs, sizeof *p);
    float *h = allocate(o->automaton->hidden, sizeof *h);
    double *ddx = allocate(channels, sizeof *ddx);
    double *dp = allocate(inputs, sizeof *dp);

    memset(dx, 0, cells * channels * sizeof *dx);
    update(y, o, x, step);
    for (size_t cell = 0; cell < cells; cell++) {
        bool live = oracle_alive(o, x, cell) && oracle_alive(o, y, cell);
        for (size_t c = 0; c < channels; c++) {
            if (live || c < o->automaton->input_channels) {
                dx[cell * channels + c] += dout[cell * channels + c];
            }
        }
        if (!live || !oracle_fires(o, cell, step)) {
            continue;
        }
        for (size_t c = 0; c < channels; c++) {
            ddx[c] = (double)o->automaton->step_size * dout[cell * channels + c];
        }
        perceive(p, o, x, cell);
        hidden_forward(h, o, p);
        update_backward(dp, gradient, o, ddx, p, h);
        perceive_backward(dx, gradient, o, dp, x, cell);
    }
    free(dp);
    free(ddx);
    free(h);
    free(p);
    free(y);
}

void oracle_backward(double *state_gradient, double *gradient, const oracle *o, const float *states,
                     uint32_t first_step, size_t steps)
{
    size_t values = o->height * o->width * o->automaton->channels;
    double *before = allocate(values, sizeof *before);

    for (size_t t = steps; t-- > 0;) {
        step_backward(before, gradient, o, state_gradient, states + t * values,
                      first_step + (uint32_t)t);
        memcpy(state_gradient, before, values * sizeof *before);
    }
    free(before);
}
