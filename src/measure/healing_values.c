/* The results of the rollouts of the healing pass, and their means and deviations. */
#include "measure/healing_values.h"

#include <math.h>
#include <stdlib.h>

#include "base/saturate.h"

enum {
    MOMENTS = NCA__HEALING_MOMENTS,
    OF_ROLLOUTS = 5 /* number of values per rollout of a cut, in addition to the loss */
};

bool nca__healing_values_create(nca__healing_values *values, size_t rollouts, size_t cuts)
{
    const size_t row = nca__saturating_multiply(rollouts, sizeof(double));
    const size_t cut_count = NCA_DAMAGE_SHAPES * cuts;
    *values = (nca__healing_values){.rollouts = rollouts, .cuts = cuts};
    values->twin = calloc(cuts * NCA_HEALING_STEPS + 1, row);
    values->cut = calloc(cut_count, sizeof *values->cut);
    values->memory = calloc(cut_count * (MOMENTS + OF_ROLLOUTS), row);
    if (values->twin == NULL || values->cut == NULL || values->memory == NULL) {
        return false;
    }
    double *at = values->memory;
    for (size_t i = 0; i < cut_count; i++) {
        nca__cut_values *cut = &values->cut[i];
        double **const parts[OF_ROLLOUTS] = {&cut->before, &cut->healed, &cut->restored,
                                             &cut->cells, &cut->living};
        cut->loss = at;
        at += MOMENTS * rollouts;
        for (size_t part = 0; part < OF_ROLLOUTS; part++) {
            *parts[part] = at;
            at += rollouts;
        }
        for (size_t sample = 0; sample < rollouts; sample++) {
            cut->healed[sample] = cut->restored[sample] = NAN;
        }
    }
    return true;
}

void nca__healing_values_free(nca__healing_values *values)
{
    free(values->twin);
    free(values->cut);
    free(values->memory);
}

/* ---- Means and deviations -------------------------------------------------------------------- */

static void spread_rows(nca_spread *out, const double *losses, size_t count, size_t rollouts)
{
    for (size_t row = 0; row < count; row++) {
        out[row] = nca__spread_of(losses + row * rollouts, rollouts);
    }
}

/* Moves the values that are not NaN to the front; returns their number. */
static size_t gather(double *values, size_t rollouts)
{
    size_t count = 0;
    for (size_t i = 0; i < rollouts; i++) {
        if (!isnan(values[i])) {
            values[count++] = values[i];
        }
    }
    return count;
}

/* The steps of the rollouts that have healed and lost at least one cell; returns their number. */
static size_t gather_trials(double *steps, const nca__cut_values *cut, size_t rollouts)
{
    size_t count = 0;
    for (size_t i = 0; i < rollouts; i++) {
        if (!isnan(cut->healed[i]) && cut->cells[i] > 0.0) {
            steps[count++] = cut->healed[i];
        }
    }
    return count;
}

/* `at` has the mean and deviation of the loss (MOMENTS) from the cut on. Overwrites the values of
 * the cut. */
static void keep_cut(nca_healing_cut *out, const nca_spread *at, nca__cut_values *cut,
                     size_t rollouts)
{
    out->before = nca__spread_of(cut->before, rollouts);
    out->cut = at[0];
    for (size_t i = 0; i < NCA_HEALING_AFTER; i++) {
        out->after[i] = at[nca_healing_after[i]];
    }
    out->cells = nca__spread_of(cut->cells, rollouts);
    out->missed = 0;
    for (size_t i = 0; i < rollouts; i++) {
        out->missed += cut->cells[i] == 0.0;
    }
    out->trials_healed = gather_trials(cut->before, cut, rollouts);
    out->trial_step = nca__spread_of(cut->before, out->trials_healed);
    const size_t healed = gather(cut->healed, rollouts);
    out->healed_share = (double)healed / (double)rollouts;
    out->healed_step = nca__spread_of(cut->healed, healed);
    const size_t restored = gather(cut->restored, rollouts);
    out->restored_share = (double)restored / (double)rollouts;
    out->restored_step = nca__spread_of(cut->restored, restored);
    out->living_share = nca__spread_of(cut->living, gather(cut->living, rollouts));
}

bool nca__healing_values_keep(nca_evaluation *evaluation, nca__healing_values *values)
{
    const size_t rollouts = values->rollouts, cuts = values->cuts;
    const size_t moments = cuts * NCA_HEALING_STEPS + 1;
    evaluation->undamaged = calloc(moments, sizeof *evaluation->undamaged);
    bool memory = evaluation->undamaged != NULL;
    for (size_t shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        nca_healing *healing = &evaluation->healing[shape];
        healing->shape = (nca_damage_shape)shape;
        healing->cuts = calloc(cuts, sizeof *healing->cuts);
        healing->curve = calloc(moments, sizeof *healing->curve);
        memory = memory && healing->cuts != NULL && healing->curve != NULL;
    }
    if (!memory) {
        return false; /* what exists is freed with the evaluation */
    }
    spread_rows(evaluation->undamaged, values->twin, moments, rollouts);
    for (size_t i = 0; i < NCA_DAMAGE_SHAPES * cuts; i++) {
        nca_healing *healing = &evaluation->healing[i / cuts];
        const size_t index = i % cuts, first = index * NCA_HEALING_STEPS;
        /* The last moment is overwritten by the first of the next cut. */
        spread_rows(healing->curve + first, values->cut[i].loss, MOMENTS, rollouts);
        healing->cuts[index].step = evaluation->damage_at + first;
        keep_cut(&healing->cuts[index], healing->curve + first, &values->cut[i], rollouts);
    }
    evaluation->cut_count = cuts;
    evaluation->healing_count = NCA_DAMAGE_SHAPES;
    return true;
}
