/* The healing pass of an evaluation: each rollout runs to the first cut, then continues once
 * undamaged (the twin) and once for each shape of damage, always with the same fire masks. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/saturate.h"
#include "measure/healing_values.h"
#include "nca/loss.h"

const size_t nca_healing_after[NCA_HEALING_AFTER] = {50, 100, NCA_HEALING_STEPS};

static const double tolerance = 1.1;      /* factor of the twin's loss */
static const double good_enough = 1e-4;   /* an L2 that is not visible, 40 dB */
static const double restored_loss = 1e-3; /* 30 dB */

double nca__healing_work(const nca_evaluation_options *options)
{
    const double watched = (double)options->cuts * NCA_HEALING_STEPS;
    return ((double)options->damage_at + (1 + NCA_DAMAGE_SHAPES) * watched) *
           (double)options->rollouts;
}

/* The chunk of rollouts that is running. */
typedef struct chunk {
    nca__evaluator *evaluator;
    nca__healing_values *values;
    nca_rollout *rollout;
    size_t first, count;
    float *states; /* (at once,H,W,C) the states at the first cut */
    float *before; /* (H,W,C) one state before its cut, */
    float *after;  /* and after it */
    size_t state;  /* H*W*C */
} chunk;

/* Writes the loss of every sample to losses (rollouts). */
static void measure(const chunk *c, double *losses)
{
    for (size_t sample = 0; sample < c->count; sample++) {
        losses[c->first + sample] =
            nca_rollout_loss(c->rollout, sample, NCA_LOSS_L2, c->evaluator->model->target);
    }
}

/* Records the rollouts that are healed or restored for the first time, `moment` steps after a
 * cut. */
static void note(const chunk *c, nca__cut_values *cut, const double *losses, const double *twin,
                 size_t moment)
{
    for (size_t sample = 0; sample < c->count; sample++) {
        const size_t at = c->first + sample;
        const double loss = losses[at];
        const bool heals =
            isnan(cut->healed[at]) && loss <= fmax(tolerance * twin[at], good_enough);
        const bool is_restored = isnan(cut->restored[at]) && loss <= restored_loss;
        if (!(heals || is_restored) || !isfinite(loss) ||
            nca_rollout_alive(c->rollout, sample) == 0) {
            continue;
        }
        cut->healed[at] = heals ? (double)moment : cut->healed[at];
        cut->restored[at] = is_restored ? (double)moment : cut->restored[at];
    }
}

/* Measures the twins during the time of all cuts. */
static nca_status watch_twins(const chunk *c, nca_error *error)
{
    const size_t rollouts = c->values->rollouts, last = c->values->cuts * NCA_HEALING_STEPS;
    nca_status status = NCA_OK;
    for (size_t moment = 0; status == NCA_OK; moment++) {
        measure(c, c->values->twin + moment * rollouts);
        if (moment == last) {
            break;
        }
        status = nca__evaluator_run(c->evaluator, c->rollout, c->count, 1, error);
    }
    return status;
}

/* Measures the rollouts after cut `index` of a shape. */
static nca_status watch_cut(const chunk *c, nca__cut_values *cut, size_t index, nca_error *error)
{
    const size_t rollouts = c->values->rollouts;
    const double *twin = c->values->twin + index * NCA_HEALING_STEPS * rollouts;
    nca_status status = NCA_OK;
    for (size_t moment = 0; status == NCA_OK; moment++) {
        double *losses = cut->loss + moment * rollouts;
        measure(c, losses);
        note(c, cut, losses, twin + moment * rollouts, moment);
        if (moment == NCA_HEALING_STEPS) {
            break;
        }
        status = nca__evaluator_run(c->evaluator, c->rollout, c->count, 1, error);
    }
    return status;
}

/* The number of cells (C values each) that were not all zeros in `before` and are in `after`. */
static size_t count_taken(const float *before, const float *after, size_t cells, size_t channels)
{
    size_t taken = 0;
    for (size_t cell = 0; cell < cells; cell++) {
        bool held = false, holds = false;
        for (size_t i = cell * channels; i < (cell + 1) * channels; i++) {
            held |= before[i] != 0.0f;
            holds |= after[i] != 0.0f;
        }
        taken += held && !holds;
    }
    return taken;
}

/* Applies a cut of the shape to the current state of every sample. */
static void cut_all(const chunk *c, nca_damage_shape shape, size_t index, nca__cut_values *cut)
{
    const nca_evaluation_options *options = c->evaluator->options;
    const nca_automaton *automaton = &c->evaluator->model->automaton;
    const nca_living living = {.grid = c->before,
                               .height = c->evaluator->evaluation->height,
                               .width = c->evaluator->evaluation->width,
                               .channels = automaton->channels,
                               .alive_channel = automaton->alive_channel,
                               .alive_threshold = automaton->alive_threshold};
    measure(c, cut->before);
    for (size_t sample = 0; sample < c->count; sample++) {
        const size_t at = c->first + sample;
        nca_rollout_get(c->before, c->rollout, sample);
        const nca_damage damage = nca_damage_draw_in(options->damage_area, shape, options->seed,
                                                     (uint32_t)at, (uint32_t)index, &living);
        nca_rollout_damage(c->rollout, sample, &damage);
        nca_rollout_get(c->after, c->rollout, sample);
        cut->cells[at] =
            (double)count_taken(c->before, c->after, living.height * living.width, living.channels);
        const size_t all = nca_damage_living(&living, NULL);
        cut->living[at] = all > 0 ? (double)nca_damage_living(&living, &damage) / (double)all : NAN;
    }
}

/* Restores the states at the first cut, then makes all cuts of a shape. */
static nca_status heal_shape(const chunk *c, nca_damage_shape shape, nca_error *error)
{
    const size_t cuts = c->values->cuts;
    nca_status status = NCA_OK;
    nca_rollout_set_steps(c->rollout, c->evaluator->options->damage_at);
    for (size_t sample = 0; sample < c->count; sample++) {
        nca_rollout_set(c->rollout, sample, c->states + sample * c->state);
    }
    for (size_t index = 0; index < cuts && status == NCA_OK; index++) {
        nca__cut_values *cut = &c->values->cut[(size_t)shape * cuts + index];
        cut_all(c, shape, index, cut);
        status = watch_cut(c, cut, index, error);
    }
    return status;
}

static nca_status heal_chunk(const chunk *c, nca_error *error)
{
    nca_status status = nca__evaluator_run(c->evaluator, c->rollout, c->count,
                                           c->evaluator->options->damage_at, error);
    for (size_t sample = 0; sample < c->count; sample++) {
        nca_rollout_get(c->states + sample * c->state, c->rollout, sample);
    }
    if (status == NCA_OK) {
        status = watch_twins(c, error);
    }
    for (size_t shape = 0; shape < NCA_DAMAGE_SHAPES && status == NCA_OK; shape++) {
        status = heal_shape(c, (nca_damage_shape)shape, error);
    }
    return status;
}

nca_status nca__evaluate_healing(nca__evaluator *evaluator, nca_error *error)
{
    const nca_evaluation *evaluation = evaluator->evaluation;
    const size_t rollouts = evaluator->options->rollouts, cuts = evaluator->options->cuts;
    const size_t state =
        evaluation->height * evaluation->width * evaluator->model->automaton.channels;
    nca__healing_values values;
    nca_status status = NCA_OK;
    float *states = calloc(evaluator->at_once + 2, state * sizeof *states);
    bool memory = nca__healing_values_create(&values, rollouts, cuts) && states != NULL;
    size_t count = 0;
    for (size_t first = 0; memory && first < rollouts && status == NCA_OK; first += count) {
        chunk c = {.evaluator = evaluator, .values = &values, .first = first, .state = state};
        c.states = states;
        c.before = states + evaluator->at_once * state;
        c.after = c.before + state;
        status = nca__evaluator_open(&c.rollout, &count, evaluator, first, error);
        c.count = count;
        if (status == NCA_OK) {
            status = heal_chunk(&c, error);
        }
        nca_rollout_destroy(c.rollout);
    }
    if (status == NCA_OK && !(memory && nca__healing_values_keep(evaluator->evaluation, &values))) {
        const size_t moments = cuts * (NCA_HEALING_STEPS + 1) * (1 + NCA_DAMAGE_SHAPES);
        status = nca__fail_memory(
            error, "the losses after damage",
            nca__saturating_multiply(nca__saturating_multiply(rollouts, moments), sizeof(double)));
    }
    nca__healing_values_free(&values);
    free(states);
    return status;
}
