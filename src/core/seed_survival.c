/* The first update of the seed cell. Often it fires while none of its neighbours does. If its
 * alive channel falls below the threshold then, the whole grid is dead, and a dead grid gives no
 * gradient from which the network could learn better: the chance of it would stay in the model for
 * ever. So the weights are changed just enough for the cell to survive.
 *
 * Sums are in double precision in ascending order, the same on every machine. */
#include "core/seed_survival.h"

#include <stddef.h>

/* Channels of the seed cell that are 0: nca_seed. */
enum {
    ZERO_CHANNELS = 3
};

/* A hidden layer that is nearly 0 would need weights beyond all measure. */
static const double least_square = 1e-3;

static int is_seeded(const nca_automaton *automaton)
{
    return automaton->alive_channel >= ZERO_CHANNELS;
}

/* A unit of the hidden layer for the seed cell, whose neighbours are 0. */
static double hidden_unit(const nca_parameters *view, const nca_automaton *automaton,
                          const float centre[NCA_MAX_MAPS], size_t unit)
{
    const size_t channels = automaton->channels;
    const size_t maps = nca_perception_maps(automaton);
    const float *row = view->w1 + unit * maps * channels;
    double sum = (double)view->b1[unit];
    for (size_t k = 0; k < maps; k++) {
        for (size_t c = ZERO_CHANNELS; c < channels; c++) {
            sum += (double)row[k * channels + c] * (double)centre[k];
        }
    }
    return sum > 0.0 ? sum : 0.0;
}

/* Taps of the filters at the cell itself. */
static void centre_taps(float out[NCA_MAX_MAPS], const nca_automaton *automaton)
{
    float x[9], y[9];
    nca_automaton_filters(x, y, automaton);
    out[0] = 1.0f;
    out[1] = x[4];
    out[2] = y[4];
}

/* The alive channel after the update; *out_square is the sum of the squares of the hidden layer,
 * and 1 more with an output bias. */
static double after_update(double *out_square, const nca_parameters *view,
                           const nca_automaton *automaton)
{
    const size_t alive = (size_t)automaton->alive_channel;
    const float *row = view->w2 + alive * automaton->hidden;
    float centre[NCA_MAX_MAPS];
    centre_taps(centre, automaton);
    double sum = view->b2 != NULL ? (double)view->b2[alive] : 0.0;
    *out_square = view->b2 != NULL ? 1.0 : 0.0;
    for (size_t unit = 0; unit < automaton->hidden; unit++) {
        const double h = hidden_unit(view, automaton, centre, unit);
        sum += (double)row[unit] * h;
        *out_square += h * h;
    }
    return 1.0 + (double)automaton->step_size * sum;
}

/* Adds `change` times the hidden layer to the row of w2, and `change` to the entry of b2. */
static void move_weights(const nca_parameters *view, const nca_automaton *automaton, double change)
{
    const size_t alive = (size_t)automaton->alive_channel;
    float *row = view->w2 + alive * automaton->hidden;
    float centre[NCA_MAX_MAPS];
    centre_taps(centre, automaton);
    for (size_t unit = 0; unit < automaton->hidden; unit++) {
        row[unit] += (float)(change * hidden_unit(view, automaton, centre, unit));
    }
    if (view->b2 != NULL) {
        view->b2[alive] += (float)change;
    }
}

void nca__keep_seed_alive(float *parameters, const nca_automaton *automaton, float least)
{
    if (!is_seeded(automaton)) {
        return;
    }
    const nca_parameters view = nca_parameters_view(parameters, automaton);
    double square;
    const double lacking = (double)least - after_update(&square, &view, automaton);
    if (lacking > 0.0 && square >= least_square) {
        move_weights(&view, automaton, lacking / (square * (double)automaton->step_size));
    }
}
