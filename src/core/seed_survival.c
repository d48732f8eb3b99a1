/* The first two updates of the seed cell. Until its neighbours have grown, the whole grid depends
 * on it: if its alive channel falls below the threshold, the grid is dead, and a dead grid gives no
 * gradient from which the network could learn. The model would then keep a certain probability of
 * dying at the start forever. Therefore the weights get the smallest change that keeps the cell
 * alive, whichever of the nine cells around the seed fire in the first step.
 *
 * Only the row of w2 and the entry of b2 that produce the alive channel are changed. Sums are in
 * double precision in ascending order, so they are the same on every machine. */
#include "core/seed_survival.h"

#include <stddef.h>

enum {
    ZERO_CHANNELS = 3, /* number of channels of the seed cell that are 0: nca_seed */
    CELLS = 9, /* the block around the seed, row-major; all of its cells are alive after one step */
    SEED = 4,  /* index of its middle, the seed cell */
    PATTERNS = 1 << CELLS, /* subsets of these cells that fire in the first step */
    ROUNDS = 4             /* corrections per call */
};

/* If the hidden layer is nearly 0, the required change of the weights would be too large. */
static const double least_square = 1e-3;

typedef struct survival {
    const nca_automaton *automaton;
    nca_parameters view;
    float fixed[3][CELLS]; /* taps of identity, filter x and filter y */
    double step;
    double *first;  /* (CELLS, N) hidden layer of each cell of the block in the first step */
    double *update; /* (CELLS, C) the resulting update of the cell if it fires */
    double *share; /* (CELLS, N) contribution of that update to the seed's hidden sums in the second
                      step */
    double *start; /* (N) the seed's hidden sums from the seed grid alone, including b1 */
    double *hidden; /* (N) hidden layer of the seed cell in the second step */
} survival;

size_t nca__seed_survival_scratch(const nca_automaton *automaton)
{
    const size_t hidden = automaton->hidden, channels = automaton->channels;
    return (2 * CELLS * hidden + CELLS * channels + 2 * hidden) * sizeof(double);
}

static int is_seeded(const nca_automaton *automaton)
{
    return automaton->alive_channel >= ZERO_CHANNELS && automaton->input_channels == 0;
}

static void begin(survival *s, float *parameters, const nca_automaton *automaton, void *scratch)
{
    const size_t hidden = automaton->hidden, channels = automaton->channels;
    *s = (survival){.automaton = automaton,
                    .view = nca_parameters_view(parameters, automaton),
                    .step = (double)automaton->step_size};
    s->first = scratch;
    s->update = s->first + CELLS * hidden;
    s->share = s->update + CELLS * channels;
    s->start = s->share + CELLS * hidden;
    s->hidden = s->start + hidden;
    s->fixed[0][SEED] = 1.0f;
    nca_automaton_filters(s->fixed[1], s->fixed[2], automaton);
}

/* A tap of map k for a channel. */
static double tap_of(const survival *s, size_t k, size_t tap, size_t channel)
{
    if (k == 0 || s->view.taps == NULL) {
        return (double)s->fixed[k][tap];
    }
    return (double)s->view.taps[((k - 1) * CELLS + tap) * s->automaton->channels + channel];
}

/* ---- The first step --------------------------------------------------------------------------*/

/* The contribution to a cell's hidden sum of the seed cell at tap `tap` of its neighbourhood: its
 * value is 1 in the channels that the seed sets. */
static double seed_sum(const survival *s, size_t unit, size_t tap)
{
    const size_t channels = s->automaton->channels;
    const size_t maps = nca_perception_maps(s->automaton);
    const float *row = s->view.w1 + unit * maps * channels;
    double sum = 0.0;
    for (size_t k = 0; k < maps; k++) {
        for (size_t c = ZERO_CHANNELS; c < channels; c++) {
            sum += (double)row[k * channels + c] * tap_of(s, k, tap, c);
        }
    }
    return sum;
}

static double relu(double sum)
{
    return sum > 0.0 ? sum : 0.0;
}

/* Hidden layers of the block; the seed is at tap CELLS - 1 - cell of a cell's neighbourhood. */
static void first_hidden(survival *s)
{
    const size_t hidden = s->automaton->hidden;
    for (size_t cell = 0; cell < CELLS; cell++) {
        for (size_t unit = 0; unit < hidden; unit++) {
            s->first[cell * hidden + unit] =
                relu((double)s->view.b1[unit] + seed_sum(s, unit, CELLS - 1 - cell));
        }
    }
    for (size_t unit = 0; unit < hidden; unit++) {
        s->start[unit] = (double)s->view.b1[unit] + seed_sum(s, unit, SEED);
    }
}

/* The update of one channel of a cell that fires with the given hidden layer: step * (W2 hidden +
 * b2). */
static double output(const survival *s, const double *hidden, size_t channel)
{
    const float *row = s->view.w2 + channel * s->automaton->hidden;
    double sum = s->view.b2 != NULL ? (double)s->view.b2[channel] : 0.0;
    for (size_t unit = 0; unit < s->automaton->hidden; unit++) {
        sum += (double)row[unit] * hidden[unit];
    }
    return s->step * sum;
}

static void first_update(survival *s)
{
    const size_t hidden = s->automaton->hidden, channels = s->automaton->channels;
    for (size_t cell = 0; cell < CELLS; cell++) {
        for (size_t c = 0; c < channels; c++) {
            s->update[cell * channels + c] = output(s, s->first + cell * hidden, c);
        }
    }
}

/* A cell of the block is at tap `cell` of the seed's neighbourhood. */
static void second_shares(survival *s)
{
    const size_t hidden = s->automaton->hidden, channels = s->automaton->channels;
    const size_t maps = nca_perception_maps(s->automaton);
    for (size_t cell = 0; cell < CELLS; cell++) {
        const double *update = s->update + cell * channels;
        for (size_t unit = 0; unit < hidden; unit++) {
            const float *row = s->view.w1 + unit * maps * channels;
            double sum = 0.0;
            for (size_t k = 0; k < maps; k++) {
                for (size_t c = 0; c < channels; c++) {
                    const double tap = tap_of(s, k, cell, c);
                    sum += tap != 0.0 ? (double)row[k * channels + c] * tap * update[c] : 0.0;
                }
            }
            s->share[cell * hidden + unit] = sum;
        }
    }
}

/* ---- What happens to the seed ----------------------------------------------------------------*/

static void second_hidden(survival *s, unsigned pattern)
{
    const size_t hidden = s->automaton->hidden;
    for (size_t unit = 0; unit < hidden; unit++) {
        double sum = s->start[unit];
        for (size_t cell = 0; cell < CELLS; cell++) {
            sum += (pattern >> cell & 1) != 0 ? s->share[cell * hidden + unit] : 0.0;
        }
        s->hidden[unit] = relu(sum);
    }
}

/* Whether a neighbour that fired in the first step is above the threshold; then the grid is
 * alive. */
static int has_grown(const survival *s, unsigned pattern)
{
    const size_t alive = (size_t)s->automaton->alive_channel;
    for (size_t cell = 0; cell < CELLS; cell++) {
        if (cell != SEED && (pattern >> cell & 1) != 0 &&
            s->update[cell * s->automaton->channels + alive] >
                (double)s->automaton->alive_threshold) {
            return 1;
        }
    }
    return 0;
}

static double seed_after_first(const survival *s, unsigned pattern)
{
    const size_t at = SEED * s->automaton->channels + (size_t)s->automaton->alive_channel;
    return 1.0 + ((pattern >> SEED & 1) != 0 ? s->update[at] : 0.0);
}

/* The pattern of the first step for which the seed's alive channel is lowest after the second step,
 * if that is below `least`; PATTERNS if there is none. */
static unsigned find_worst(double *out_value, survival *s, double least)
{
    unsigned worst = PATTERNS;
    *out_value = least;
    for (unsigned pattern = 0; pattern < PATTERNS; pattern++) {
        if (has_grown(s, pattern)) {
            continue;
        }
        second_hidden(s, pattern);
        const double value = seed_after_first(s, pattern) +
                             output(s, s->hidden, (size_t)s->automaton->alive_channel);
        if (value < *out_value) {
            *out_value = value;
            worst = pattern;
        }
    }
    return worst;
}

/* ---- Corrections -----------------------------------------------------------------------------*/

/* Raises the alive channel by `lacking` by changing the weights along `hidden`, the sum of the
 * hidden layers of the `updates` that produced it: the change of least norm. */
static void move_weights(const survival *s, const double *hidden, double updates, double lacking)
{
    const size_t alive = (size_t)s->automaton->alive_channel;
    float *row = s->view.w2 + alive * s->automaton->hidden;
    double square = s->view.b2 != NULL ? updates * updates : 0.0;
    for (size_t unit = 0; unit < s->automaton->hidden; unit++) {
        square += hidden[unit] * hidden[unit];
    }
    if (square < least_square) {
        return;
    }
    const double change = lacking / (square * s->step);
    for (size_t unit = 0; unit < s->automaton->hidden; unit++) {
        row[unit] += (float)(change * hidden[unit]);
    }
    if (s->view.b2 != NULL) {
        s->view.b2[alive] += (float)(change * updates);
    }
}

/* After the first update, of the seed alone. */
static void keep_first(survival *s, double least)
{
    const double *hidden = s->first + SEED * s->automaton->hidden;
    const double value = 1.0 + output(s, hidden, (size_t)s->automaton->alive_channel);
    if (value < least) {
        move_weights(s, hidden, 1.0, least - value);
    }
}

/* After two steps; returns false if no correction is needed. */
static int keep_second(survival *s, double least)
{
    double value;
    const unsigned worst = find_worst(&value, s, least);
    if (worst == PATTERNS) {
        return 0;
    }
    const int twice = (worst >> SEED & 1) != 0;
    second_hidden(s, worst);
    for (size_t unit = 0; twice && unit < s->automaton->hidden; unit++) {
        s->hidden[unit] += s->first[SEED * s->automaton->hidden + unit];
    }
    move_weights(s, s->hidden, twice ? 2.0 : 1.0, least - value);
    return 1;
}

void nca__keep_seed_alive(float *parameters, const nca_automaton *automaton, float least,
                          void *scratch)
{
    if (!is_seeded(automaton)) {
        return;
    }
    survival s;
    begin(&s, parameters, automaton, scratch);
    first_hidden(&s);
    for (int round = 0; round < ROUNDS; round++) {
        keep_first(&s, (double)least);
        first_update(&s);
        second_shares(&s);
        if (!keep_second(&s, (double)least)) {
            return;
        }
    }
    keep_first(&s, (double)least);
}
