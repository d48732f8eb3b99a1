/* Evaluation: many rollouts from the seed, measured at the given steps. healing.c contains the
 * second pass. */
#include "nca/evaluate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "backend/mpi/ranks.h"
#include "base/error.h"
#include "base/saturate.h"
#include "measure/evaluate_pass.h"
#include "nca/loss.h"
#include "nca/quality.h"

enum {
    RGBA = 4,
    MOST_AT_ONCE = 16, /* maximum number of rollouts in memory together; it affects no result */
    CELLS_AT_ONCE = 256 * 1024, /* fewer rollouts run together on large grids */
    STEPS_BETWEEN_REPORTS = 32
};

static const size_t default_steps[] = {80, 500, 2000};

void nca_evaluation_options_default(nca_evaluation_options *out)
{
    *out = (nca_evaluation_options){
        .rollouts = 64,
        .steps = default_steps,
        .step_count = sizeof default_steps / sizeof *default_steps,
        .healing = true,
        .damage_at = 80,
        .damage_area = NCA_DAMAGE_AREA_LIVING,
        .cuts = 1,
    };
}

const char *nca_metric_name(nca_metric metric)
{
    static const char *const names[] = {"L1", "L2", "Manhattan", "Hinge", "PSNR", "SSIM"};
    return (unsigned)metric < NCA_METRIC_COUNT ? names[metric] : NULL;
}

bool nca_metric_higher_is_better(nca_metric metric)
{
    return metric == NCA_METRIC_PSNR || metric == NCA_METRIC_SSIM;
}

bool nca_loss_diverged(double loss)
{
    return loss > 1.0;
}

nca_spread nca__spread_of(const double *values, size_t count)
{
    if (count == 0) {
        return (nca_spread){NAN, NAN};
    }
    double sum = 0.0;
    bool equal = true;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        equal &= values[i] == values[0];
    }
    nca_spread spread = {.mean = equal ? values[0] : sum / (double)count, .deviation = 0.0};
    if (count == 1) {
        spread.deviation = NAN;
    } else if (!equal) {
        double squares = 0.0;
        for (size_t i = 0; i < count; i++) {
            squares += (values[i] - spread.mean) * (values[i] - spread.mean);
        }
        spread.deviation = sqrt(squares / (double)(count - 1));
    }
    return spread;
}

/* ---- Chunks of rollouts ----------------------------------------------------------------------*/

nca_status nca__evaluator_open(nca_rollout **out_rollout, size_t *out_count,
                               const nca__evaluator *evaluator, size_t first, nca_error *error)
{
    const nca_evaluation_options *options = evaluator->options;
    size_t left = options->rollouts - first;
    nca_rollout_options chosen;
    nca_rollout_options_default(&chosen, evaluator->model);
    chosen.batch = left < evaluator->at_once ? left : evaluator->at_once;
    chosen.seed = options->seed;
    chosen.first_sample = first;
    chosen.threads = options->threads;
    chosen.kernels = options->kernels;
    chosen.precision = options->precision;
    chosen.device = options->device;
    *out_count = chosen.batch;
    return nca_rollout_create(out_rollout, evaluator->model, &chosen, error);
}

nca_status nca__evaluator_run(nca__evaluator *evaluator, nca_rollout *rollout, size_t count,
                              size_t steps, nca_error *error)
{
    const nca_evaluation_options *options = evaluator->options;
    while (steps > 0) {
        size_t piece = steps < STEPS_BETWEEN_REPORTS ? steps : STEPS_BETWEEN_REPORTS;
        const nca_status status = nca_rollout_run(rollout, piece, error);
        if (status != NCA_OK) {
            return status;
        }
        steps -= piece;
        evaluator->done += (double)piece * (double)count;
        if (options->progress != NULL &&
            !options->progress(evaluator->done / evaluator->work, options->user)) {
            return nca__fail(error, NCA_INTERRUPTED, "evaluation: stopped on request");
        }
    }
    return NCA_OK;
}

/* ---- The growth pass -------------------------------------------------------------------------*/

/* The results of each rollout; the spreads are computed from them after all have run. */
typedef struct growth_values {
    double *metrics; /* (rows,METRICS,rollouts) */
    double *curve;   /* (curve points,rollouts) */
    size_t *alive;   /* (rows) number of rollouts that are alive */
    float *rgba;     /* (H,W,4) buffer for one sample */
} growth_values;

static bool growth_values_create(growth_values *values, const nca__evaluator *evaluator)
{
    const nca_evaluation *evaluation = evaluator->evaluation;
    size_t row = nca__saturating_multiply(evaluation->rollouts, sizeof *values->metrics);
    *values = (growth_values){
        .metrics = calloc(evaluation->row_count, nca__saturating_multiply(NCA_METRIC_COUNT, row)),
        /* One more, so that an empty curve is not mistaken for out of memory. */
        .curve = calloc(evaluation->curve_count + 1, row),
        .alive = calloc(evaluation->row_count, sizeof *values->alive),
        .rgba = calloc(evaluation->height * evaluation->width, RGBA * sizeof *values->rgba),
    };
    return values->metrics != NULL && values->curve != NULL && values->alive != NULL &&
           values->rgba != NULL;
}

static void growth_values_free(growth_values *values)
{
    free(values->metrics);
    free(values->curve);
    free(values->alive);
    free(values->rgba);
}

/* Computes all metrics of one rollout; `values` are `stride` apart. */
static nca_status measure(double *values, size_t stride, const float *rgba, const float *target,
                          size_t height, size_t width, nca_error *error)
{
    static const nca_loss losses[] = {[NCA_METRIC_L1] = NCA_LOSS_L1,
                                      [NCA_METRIC_L2] = NCA_LOSS_L2,
                                      [NCA_METRIC_MANHATTAN] = NCA_LOSS_MANHATTAN,
                                      [NCA_METRIC_HINGE] = NCA_LOSS_HINGE};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        values[i * stride] = nca_loss_value(losses[i], rgba, target, height, width, RGBA);
    }
    values[NCA_METRIC_PSNR * stride] = nca_psnr(rgba, target, height, width);
    return nca_ssim(&values[NCA_METRIC_SSIM * stride], rgba, target, height, width, error);
}

static nca_status measure_row(growth_values *values, const nca__evaluator *evaluator,
                              const nca_rollout *rollout, size_t row, size_t first, size_t count,
                              nca_error *error)
{
    const nca_evaluation *evaluation = evaluator->evaluation;
    size_t stride = evaluation->rollouts;
    nca_status status = NCA_OK;
    for (size_t sample = 0; sample < count && status == NCA_OK; sample++) {
        double *own = values->metrics + row * NCA_METRIC_COUNT * stride + first + sample;
        nca_rollout_rgba(values->rgba, rollout, sample);
        status = measure(own, stride, values->rgba, evaluator->model->target, evaluation->height,
                         evaluation->width, error);
        bool finite = isfinite(own[NCA_METRIC_L1 * stride]);
        values->alive[row] += finite && nca_rollout_alive(rollout, sample) > 0;
    }
    return status;
}

static void measure_point(growth_values *values, const nca__evaluator *evaluator,
                          const nca_rollout *rollout, size_t point, size_t first, size_t count)
{
    double *own = values->curve + point * evaluator->evaluation->rollouts + first;
    for (size_t sample = 0; sample < count; sample++) {
        own[sample] = nca_rollout_loss(rollout, sample, NCA_LOSS_L2, evaluator->model->target);
    }
}

/* Runs one chunk from the seed to the last step, and stops at every step that is measured. */
static nca_status grow_chunk(growth_values *values, nca__evaluator *evaluator, nca_rollout *rollout,
                             size_t first, size_t count, nca_error *error)
{
    const nca_evaluation *evaluation = evaluator->evaluation;
    size_t row = 0, point = 0;
    nca_status status = NCA_OK;
    for (size_t step = 0; status == NCA_OK; step = (size_t)nca_rollout_steps(rollout)) {
        if (point < evaluation->curve_count && evaluation->curve_steps[point] == step) {
            measure_point(values, evaluator, rollout, point++, first, count);
        }
        if (evaluation->rows[row].steps == step) {
            status = measure_row(values, evaluator, rollout, row++, first, count, error);
        }
        if (row == evaluation->row_count || status != NCA_OK) {
            break;
        }
        size_t next = evaluation->rows[row].steps;
        if (point < evaluation->curve_count && evaluation->curve_steps[point] < next) {
            next = evaluation->curve_steps[point];
        }
        status = nca__evaluator_run(evaluator, rollout, count, next - step, error);
    }
    return status;
}

static void keep_spreads(nca_evaluation *evaluation, const growth_values *values)
{
    size_t rollouts = evaluation->rollouts;
    for (size_t row = 0; row < evaluation->row_count; row++) {
        const double *own = values->metrics + row * NCA_METRIC_COUNT * rollouts;
        for (size_t m = 0; m < NCA_METRIC_COUNT; m++) {
            evaluation->rows[row].metric[m] = nca__spread_of(own + m * rollouts, rollouts);
        }
        evaluation->rows[row].surviving = (double)values->alive[row] / (double)rollouts;
    }
    for (size_t point = 0; point < evaluation->curve_count; point++) {
        evaluation->curve[point] = nca__spread_of(values->curve + point * rollouts, rollouts);
    }
}

static nca_status evaluate_growth(nca__evaluator *evaluator, nca_error *error)
{
    growth_values values;
    nca_status status = NCA_OK;
    if (!growth_values_create(&values, evaluator)) {
        status = nca__fail_memory(error, "the values of the rollouts",
                                  nca__saturating_multiply(evaluator->options->rollouts,
                                                           NCA_METRIC_COUNT * sizeof(double)));
    }
    size_t count = 0;
    for (size_t first = 0; first < evaluator->options->rollouts && status == NCA_OK;
         first += count) {
        nca_rollout *rollout = NULL;
        status = nca__evaluator_open(&rollout, &count, evaluator, first, error);
        if (status == NCA_OK) {
            status = grow_chunk(&values, evaluator, rollout, first, count, error);
        }
        nca_rollout_destroy(rollout);
    }
    if (status == NCA_OK) {
        keep_spreads(evaluator->evaluation, &values);
    }
    growth_values_free(&values);
    return status;
}

/* ---- The evaluation --------------------------------------------------------------------------*/

static nca_status check_healing(const nca_evaluation_options *options, nca_error *error)
{
    if (options->damage_at > NCA_EVALUATION_MAX_STEPS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "damage_at: expected a step of at most %d, found %zu",
                         NCA_EVALUATION_MAX_STEPS, options->damage_at);
    }
    if ((unsigned)options->damage_area >= NCA_DAMAGE_AREA_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "damage_area: expected an area of nca_damage_area, found %d",
                         (int)options->damage_area);
    }
    if (options->cuts < 1 || options->cuts > NCA_HEALING_MAX_CUTS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "cuts: expected 1 to %d, found %zu",
                         NCA_HEALING_MAX_CUTS, options->cuts);
    }
    return NCA_OK;
}

static nca_status check(const nca_model *model, const nca_evaluation_options *options,
                        nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED - 1, "nca_evaluation_options", error);
    if (room != NCA_OK) {
        return room;
    }
    if (model->target == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "evaluation: the model contains no target to compare with; give one");
    }
    if (options->rollouts < 1 || options->rollouts >= 1u << 24) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "rollouts: expected 1 to 16777215, found %zu",
                         options->rollouts);
    }
    if (options->step_count < 1) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "steps: expected at least one number of steps, found none");
    }
    for (size_t i = 0; i < options->step_count; i++) {
        if (options->steps[i] > NCA_EVALUATION_MAX_STEPS ||
            (i > 0 && options->steps[i] <= options->steps[i - 1])) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "steps: expected increasing numbers of at most %d, found %zu",
                             NCA_EVALUATION_MAX_STEPS, options->steps[i]);
        }
    }
    if (options->curve_every > 0 && options->curve_per_doubling > 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "curve_every and curve_per_doubling: expected at most one of them, found "
                         "%zu and %zu",
                         options->curve_every, options->curve_per_doubling);
    }
    return options->healing ? check_healing(options, error) : NCA_OK;
}

/* The step of the curve after `step`. */
static size_t next_point(size_t step, const nca_evaluation_options *options, size_t last)
{
    size_t ahead = options->curve_every;
    if (ahead == 0) {
        size_t doubling = 1; /* the largest power of two that is at most `step` */
        while (doubling <= step / 2) {
            doubling *= 2;
        }
        ahead = doubling / options->curve_per_doubling;
        ahead = ahead > 0 ? ahead : 1;
    }
    return ahead < last - step ? step + ahead : last;
}

/* Counts the steps of the curve, and lists them unless `out` is NULL. */
static size_t list_points(size_t *out, const nca_evaluation_options *options)
{
    const size_t last = options->steps[options->step_count - 1];
    size_t count = 0;
    if (options->curve_every == 0 && options->curve_per_doubling == 0) {
        return 0;
    }
    for (size_t step = 0;; step = next_point(step, options, last)) {
        if (out != NULL) {
            out[count] = step;
        }
        count++;
        if (step == last) {
            return count;
        }
    }
}

/* The evaluation without its numbers; NULL if out of memory. */
static nca_evaluation *create(const nca_model *model, const nca_evaluation_options *options)
{
    nca_evaluation *evaluation = calloc(1, sizeof *evaluation);
    if (evaluation == NULL) {
        return NULL;
    }
    *evaluation = (nca_evaluation){.rollouts = options->rollouts,
                                   .height = model->info.height,
                                   .width = model->info.width,
                                   .seed = options->seed,
                                   .row_count = options->step_count,
                                   .damage_at = options->damage_at,
                                   .damage_area = options->damage_area,
                                   .curve_count = list_points(NULL, options),
                                   .curve_per_doubling = options->curve_per_doubling};
    evaluation->rows = calloc(options->step_count, sizeof *evaluation->rows);
    if (evaluation->curve_count > 0) {
        evaluation->curve_steps = calloc(evaluation->curve_count, sizeof *evaluation->curve_steps);
        evaluation->curve = calloc(evaluation->curve_count, sizeof *evaluation->curve);
    }
    if (evaluation->rows == NULL ||
        (evaluation->curve_count > 0 &&
         (evaluation->curve_steps == NULL || evaluation->curve == NULL))) {
        nca_evaluation_destroy(evaluation);
        return NULL;
    }
    for (size_t i = 0; i < options->step_count; i++) {
        evaluation->rows[i].steps = options->steps[i];
    }
    list_points(evaluation->curve_steps, options);
    return evaluation;
}

nca_status nca_evaluate(nca_evaluation **out_evaluation, const nca_model *model,
                        const nca_evaluation_options *options, nca_error *error)
{
    nca_status status = check(model, options, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_evaluation *evaluation = create(model, options);
    if (evaluation == NULL) {
        return nca__fail_memory(error, "an evaluation", sizeof *evaluation);
    }
    size_t at_once = CELLS_AT_ONCE / (evaluation->height * evaluation->width);
    at_once = at_once < 1 ? 1 : at_once > MOST_AT_ONCE ? MOST_AT_ONCE : at_once;
    nca__evaluator evaluator = {
        .model = model,
        .options = options,
        .evaluation = evaluation,
        .at_once = at_once * nca__cluster_processes(),
        .work = (double)options->steps[options->step_count - 1] * (double)options->rollouts,
    };
    if (options->healing) {
        evaluator.work += nca__healing_work(options);
    }
    status = evaluate_growth(&evaluator, error);
    if (status == NCA_OK && options->healing) {
        status = nca__evaluate_healing(&evaluator, error);
    }
    if (status != NCA_OK) {
        nca_evaluation_destroy(evaluation);
        return status;
    }
    *out_evaluation = evaluation;
    return NCA_OK;
}

void nca_evaluation_destroy(nca_evaluation *evaluation)
{
    if (evaluation == NULL) {
        return;
    }
    for (size_t i = 0; i < NCA_DAMAGE_SHAPES; i++) {
        free(evaluation->healing[i].cuts);
        free(evaluation->healing[i].curve);
    }
    free(evaluation->undamaged);
    free(evaluation->curve_steps);
    free(evaluation->curve);
    free(evaluation->rows);
    free(evaluation);
}
