/* The healing pass of an evaluation: every rollout is grown to the cut, then goes on once undamaged
 * (the twin) and once for each shape of damage, always with the same fire masks. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/saturate.h"
#include "measure/evaluate_pass.h"
#include "nca/loss.h"

enum {
    MOMENTS = NCA_HEALING_STEPS + 1 /* the cut itself and the steps after it */
};

const size_t nca_healing_after[NCA_HEALING_AFTER] = {50, 100, NCA_HEALING_STEPS};

static const double tolerance = 1.1;    /* of the twin's loss */
static const double good_enough = 1e-4; /* an L2 that no eye sees, 40 dB */

/* What each rollout gave. */
typedef struct healing_values {
    double *twin;                     /* (MOMENTS,rollouts) loss without damage */
    double *loss[NCA_DAMAGE_COUNT];   /* (MOMENTS,rollouts) */
    double *healed[NCA_DAMAGE_COUNT]; /* (rollouts) step from the cut, NaN while not healed */
    double *cells[NCA_DAMAGE_COUNT];  /* (rollouts) cells that the cut took */
    float *states;                    /* (at once,H,W,C) as they are at the cut */
    float *after;                     /* (H,W,C) one state behind its cut */
    size_t state;                     /* H*W*C */
} healing_values;

double nca__healing_work(const nca_evaluation_options *options)
{
    double steps = (double)options->damage_at + (1 + NCA_DAMAGE_COUNT) * NCA_HEALING_STEPS;
    return steps * (double)options->rollouts;
}

static void healing_values_free(healing_values *values)
{
    free(values->twin);
    free(values->states);
    free(values->after);
    for (size_t shape = 0; shape < NCA_DAMAGE_COUNT; shape++) {
        free(values->loss[shape]);
        free(values->healed[shape]);
        free(values->cells[shape]);
    }
}

static bool healing_values_create(healing_values *values, const nca__evaluator *evaluator)
{
    const nca_evaluation *evaluation = evaluator->evaluation;
    size_t rollouts = evaluation->rollouts;
    size_t row = nca__saturating_multiply(rollouts, sizeof(double));
    *values = (healing_values){.twin = calloc(MOMENTS, row),
                               .state = evaluation->height * evaluation->width *
                                        evaluator->model->automaton.channels};
    values->states = calloc(evaluator->at_once, values->state * sizeof *values->states);
    values->after = calloc(values->state, sizeof *values->after);
    bool good = values->twin != NULL && values->states != NULL && values->after != NULL;
    for (size_t shape = 0; shape < NCA_DAMAGE_COUNT; shape++) {
        values->loss[shape] = calloc(MOMENTS, row);
        values->healed[shape] = calloc(rollouts, sizeof(double));
        values->cells[shape] = calloc(rollouts, sizeof(double));
        good &= values->loss[shape] != NULL && values->healed[shape] != NULL &&
                values->cells[shape] != NULL;
    }
    for (size_t i = 0; good && i < NCA_DAMAGE_COUNT * rollouts; i++) {
        values->healed[i / rollouts][i % rollouts] = NAN;
    }
    return good;
}

/* ---- One chunk -------------------------------------------------------------------------------*/

/* A chunk of rollouts under way. */
typedef struct chunk {
    nca__evaluator *evaluator;
    healing_values *values;
    nca_rollout *rollout;
    size_t first, count;
} chunk;

/* Watches the loss from the cut on, into losses (MOMENTS,rollouts). */
static nca_status watch(const chunk *c, double *losses, double *healed, nca_error *error)
{
    size_t rollouts = c->evaluator->evaluation->rollouts;
    for (size_t moment = 0;; moment++) {
        for (size_t sample = 0; sample < c->count; sample++) {
            size_t at = moment * rollouts + c->first + sample;
            losses[at] =
                nca_rollout_loss(c->rollout, sample, NCA_LOSS_L2, c->evaluator->model->target);
            double limit = fmax(tolerance * c->values->twin[at], good_enough);
            if (healed != NULL && isnan(healed[c->first + sample]) && isfinite(losses[at]) &&
                losses[at] <= limit && nca_rollout_alive(c->rollout, sample) > 0) {
                healed[c->first + sample] = (double)moment;
            }
        }
        if (moment == NCA_HEALING_STEPS) {
            return NCA_OK;
        }
        nca_status status = nca__evaluator_run(c->evaluator, c->rollout, c->count, 1, error);
        if (status != NCA_OK) {
            return status;
        }
    }
}

/* Cells (C values each) that held anything in `before` and hold nothing in `after`. */
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

/* Back to the states at the cut, and the shape cut out of each. */
static void cut(const chunk *c, nca_damage_shape shape)
{
    const nca_evaluation_options *options = c->evaluator->options;
    nca_rollout_set_steps(c->rollout, options->damage_at);
    for (size_t sample = 0; sample < c->count; sample++) {
        nca_damage damage = nca_damage_draw(shape, options->seed, (uint32_t)(c->first + sample), 0);
        const float *before = c->values->states + sample * c->values->state;
        nca_rollout_set(c->rollout, sample, before);
        nca_rollout_damage(c->rollout, sample, &damage);
        nca_rollout_get(c->values->after, c->rollout, sample);
        const size_t channels = c->evaluator->model->automaton.channels;
        c->values->cells[shape][c->first + sample] =
            (double)count_taken(before, c->values->after, c->values->state / channels, channels);
    }
}

static nca_status heal_chunk(const chunk *c, nca_error *error)
{
    nca_status status = nca__evaluator_run(c->evaluator, c->rollout, c->count,
                                           c->evaluator->options->damage_at, error);
    for (size_t sample = 0; sample < c->count; sample++) {
        nca_rollout_get(c->values->states + sample * c->values->state, c->rollout, sample);
    }
    if (status == NCA_OK) {
        status = watch(c, c->values->twin, NULL, error);
    }
    for (size_t shape = 0; shape < NCA_DAMAGE_COUNT && status == NCA_OK; shape++) {
        cut(c, (nca_damage_shape)shape);
        status = watch(c, c->values->loss[shape], c->values->healed[shape], error);
    }
    return status;
}

/* ---- Spreads ---------------------------------------------------------------------------------*/

/* The spread over the rollouts at every moment; NULL without memory. */
static nca_spread *make_curve(const double *losses, size_t rollouts)
{
    nca_spread *curve = calloc(MOMENTS, sizeof *curve);
    for (size_t moment = 0; curve != NULL && moment < MOMENTS; moment++) {
        curve[moment] = nca__spread_of(losses + moment * rollouts, rollouts);
    }
    return curve;
}

/* Moves the steps of those that healed to the front; returns how many there are. */
static size_t gather_healed(double *healed, size_t rollouts)
{
    size_t count = 0;
    for (size_t i = 0; i < rollouts; i++) {
        if (!isnan(healed[i])) {
            healed[count++] = healed[i];
        }
    }
    return count;
}

/* Moves the steps of those that healed and lost a cell to the front of `steps`; returns how many
 * there are. */
static size_t gather_trials(double *steps, const double *healed, const double *cells,
                            size_t rollouts)
{
    size_t count = 0;
    for (size_t i = 0; i < rollouts; i++) {
        if (!isnan(healed[i]) && cells[i] > 0.0) {
            steps[count++] = healed[i];
        }
    }
    return count;
}

/* What tells cuts that missed from trials of healing; uses up the shape's losses as memory. */
static void keep_trials(nca_healing *healing, const double *healed, const double *cells,
                        double *spare, size_t rollouts)
{
    healing->cells = nca__spread_of(cells, rollouts);
    for (size_t i = 0; i < rollouts; i++) {
        healing->missed += cells[i] == 0.0;
    }
    healing->trials_healed = gather_trials(spare, healed, cells, rollouts);
    healing->trial_step = nca__spread_of(spare, healing->trials_healed);
}

static bool keep_healing(nca_evaluation *evaluation, healing_values *values)
{
    size_t rollouts = evaluation->rollouts;
    evaluation->undamaged = make_curve(values->twin, rollouts);
    if (evaluation->undamaged == NULL) {
        return false;
    }
    for (size_t shape = 0; shape < NCA_DAMAGE_COUNT; shape++) {
        nca_healing *healing = &evaluation->healing[shape];
        healing->shape = (nca_damage_shape)shape;
        healing->curve = make_curve(values->loss[shape], rollouts);
        if (healing->curve == NULL) {
            return false;
        }
        healing->before = evaluation->undamaged[0];
        healing->cut = healing->curve[0];
        for (size_t i = 0; i < NCA_HEALING_AFTER; i++) {
            healing->after[i] = healing->curve[nca_healing_after[i]];
        }
        keep_trials(healing, values->healed[shape], values->cells[shape], values->loss[shape],
                    rollouts);
        size_t healed = gather_healed(values->healed[shape], rollouts);
        healing->healed_share = (double)healed / (double)rollouts;
        healing->healed_step = nca__spread_of(values->healed[shape], healed);
    }
    evaluation->healing_count = NCA_DAMAGE_COUNT;
    return true;
}

nca_status nca__evaluate_healing(nca__evaluator *evaluator, nca_error *error)
{
    size_t rollouts = evaluator->options->rollouts, count = 0;
    healing_values values;
    nca_status status = NCA_OK;
    bool memory = healing_values_create(&values, evaluator);
    for (size_t first = 0; memory && first < rollouts && status == NCA_OK; first += count) {
        chunk c = {.evaluator = evaluator, .values = &values, .first = first};
        status = nca__evaluator_open(&c.rollout, &count, evaluator, first, error);
        c.count = count;
        if (status == NCA_OK) {
            status = heal_chunk(&c, error);
        }
        nca_rollout_destroy(c.rollout);
    }
    if (status == NCA_OK && !(memory && keep_healing(evaluator->evaluation, &values))) {
        status = nca__fail_memory(error, "the losses after damage",
                                  nca__saturating_multiply(rollouts, MOMENTS * sizeof(double)));
    }
    healing_values_free(&values);
    return status;
}
