/* Measuring a model: how well it grows its target, whether it stays, how it heals.
 *
 *     nca_evaluation_options options;
 *     nca_evaluation_options_default(&options);
 *     nca_evaluation *evaluation;
 *     nca_evaluate(&evaluation, model, &options, &error);
 *     printf("%g\n", evaluation->rows[0].metric[NCA_METRIC_L2].mean);
 *     nca_evaluation_destroy(evaluation);
 *
 * Many rollouts from the seed, each with fire masks (and damage) of its own, run a few at a time on
 * threads. The numbers are a function of the model, its target and the options' rollouts, steps,
 * damage_at, damage_area, cuts, seed and precision; threads, kernel set and device change no bit.
 * docs/evaluation.md explains them. */
#ifndef NCA_EVALUATE_H
#define NCA_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/damage.h"
#include "nca/device.h"
#include "nca/export.h"
#include "nca/kernels.h"
#include "nca/model.h"
#include "nca/precision.h"
#include "nca/spread.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_metric {
    NCA_METRIC_L1, /* the four losses of nca/loss.h */
    NCA_METRIC_L2,
    NCA_METRIC_MANHATTAN,
    NCA_METRIC_HINGE,
    NCA_METRIC_PSNR, /* nca/quality.h */
    NCA_METRIC_SSIM,
    NCA_METRIC_COUNT
} nca_metric;

NCA_API const char *nca_metric_name(nca_metric metric); /* "L1", "Manhattan", "PSNR" ... */
NCA_API bool nca_metric_higher_is_better(nca_metric metric);

enum {
    NCA_HEALING_STEPS = 200, /* steps that a cut is watched for */
    NCA_HEALING_AFTER = 3,   /* moments that are reported, see nca_healing_after */
    NCA_HEALING_MAX_CUTS = 100,
    NCA_EVALUATION_MAX_STEPS = 1000000000
};

/* Steps after the cut: 50, 100, 200. */
NCA_API extern const size_t nca_healing_after[NCA_HEALING_AFTER];

typedef struct nca_evaluation_options {
    size_t rollouts;     /* at least 1, below 2^24 */
    const size_t *steps; /* (step_count) rising; borrowed */
    size_t step_count;
    bool healing;                /* also cut every shape of damage and watch it heal */
    size_t damage_at;            /* step of the first cut */
    nca_damage_area damage_area; /* where cuts are drawn: on the living cells or the grid */
    /* 1 to NCA_HEALING_MAX_CUTS, one every NCA_HEALING_STEPS steps, all of the same shape. Cut k of
     * rollout r is drawn with sample r and iteration k (nca/damage.h). */
    size_t cuts;
    /* The points of the loss curve. Linear: step 0, every curve_every steps, the last of the steps.
     * Logarithmic: step 0, about curve_per_doubling points between any step and its double, the
     * last of the steps. Both 0: no curve. At most one of them. */
    size_t curve_every, curve_per_doubling;
    uint64_t seed;              /* of fire masks and damage */
    unsigned threads;           /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the best */
    nca_precision precision;    /* of the rollouts: fp32 or int8 */
    /* Called with the share that is done, 0 to 1; false stops: NCA_INTERRUPTED. May be NULL. */
    bool (*progress)(double share, void *user);
    void *user;
    union {
        nca_device device; /* of the rollouts; CPU by default */
        uint64_t device_place;
    };
    uint64_t reserved[NCA_RESERVED - 1]; /* 0: room for later options (nca/export.h) */
} nca_evaluation_options;

/* 64 rollouts, steps 80, 500, 2000, healing from one cut of the living cells at step 80, no curve,
 * seed 0, on the CPU. */
NCA_API void nca_evaluation_options_default(nca_evaluation_options *out);

typedef struct nca_evaluation_row {
    size_t steps;
    nca_spread metric[NCA_METRIC_COUNT];
    double surviving; /* share of rollouts with a living cell and finite values */
} nca_evaluation_row;

/* One cut of a shape, over all rollouts; every loss is L2.
 *
 * A rollout counts as healed at the first step after the cut at which it lives and its loss is at
 * most 1.1 times that of its undamaged twin at the same step, or at most 1e-4. The twin has the
 * same fire masks and no cut at all. It counts as restored at the first step at which it lives and
 * its loss is at most 1e-3, whatever the twin does. Both look at steps 0 to NCA_HEALING_STEPS after
 * the cut, that one included although the next cut falls on it: it is measured before. */
typedef struct nca_healing_cut {
    size_t step; /* from the seed */
    nca_spread before, cut, after[NCA_HEALING_AFTER];
    nca_spread healed_step; /* steps from the cut, over the rollouts that healed; NaN without any */
    double healed_share;    /* share of rollouts that healed */
    nca_spread restored_step; /* the same for those that were restored */
    double restored_share;
    nca_spread cells;        /* cells that the cut took: those that held anything but zeros */
    nca_spread living_share; /* share of the living cells (nca/damage.h) inside the cut, over the
                                rollouts that had any; NaN without any */
    /* A cut may miss everything that has grown. Such a rollout heals at step 0, by the definition
     * above, but was no trial of healing; these tell the two apart. */
    size_t missed;         /* rollouts whose cut took no cell */
    size_t trials_healed;  /* of the other rollouts, those that healed */
    nca_spread trial_step; /* steps from the cut, over those; NaN without any */
} nca_healing_cut;

/* How the model takes one shape of damage. */
typedef struct nca_healing {
    nca_damage_shape shape;
    nca_healing_cut *cuts; /* (cut_count) in their order; owned */
    /* (cut_count * NCA_HEALING_STEPS + 1) loss from the first cut on, at the step of a cut that
     * just after it; owned */
    nca_spread *curve;
} nca_healing;

typedef struct nca_evaluation {
    size_t rollouts;
    size_t height, width; /* the grid */
    uint64_t seed;
    size_t row_count;
    nca_evaluation_row *rows;
    size_t damage_at;
    nca_damage_area damage_area;
    size_t cut_count;     /* 0 without healing */
    size_t healing_count; /* 0 or NCA_DAMAGE_SHAPES */
    nca_healing healing[NCA_DAMAGE_SHAPES];
    nca_spread *undamaged; /* (as the curves of healing) the twins' loss; NULL without healing */
    size_t curve_count;
    size_t curve_per_doubling; /* as in the options; 0: the curve is linear */
    size_t *curve_steps;       /* (curve_count) rising, from 0 to the last of the steps */
    nca_spread *curve;         /* (curve_count) L2 */
} nca_evaluation;

/* Grows on a grid of the target's size and compares with model->target. NCA_INVALID_ARGUMENT when
 * the model has no target or an option is out of range; NCA_INTERRUPTED when progress said so.
 * Release with nca_evaluation_destroy.
 * Other errors: as of nca_rollout_create and nca_rollout_run. */
NCA_API nca_status nca_evaluate(nca_evaluation **out_evaluation, const nca_model *model,
                                const nca_evaluation_options *options, nca_error *error);
NCA_API void nca_evaluation_destroy(nca_evaluation *evaluation); /* accepts NULL */

/* Turns a model's perception filters by `degrees` further, and its target (if it has one) by the
 * same angle, counterclockwise as seen, about the seed cell (H/2, W/2): a pattern grows from there.
 * The target is sampled with Lanczos (a = 3), premultiplied, transparent beyond its border, values
 * kept in range; quarter turns move whole cells. NCA_UNSUPPORTED when the filters cannot be
 * steered: only sobel and scharr can. NCA_INVALID_ARGUMENT beyond -360 to 360; NCA_OUT_OF_MEMORY.
 */
NCA_API nca_status nca_model_turn(nca_model *model, double degrees, nca_error *error);

/* Gives a model a larger grid: its target gets empty cells around it so that its cell (H/2, W/2),
 * where the seed lies, is that cell of the larger grid too. NCA_INVALID_ARGUMENT when the model has
 * no target, or a side is smaller than the target's or larger than a grid may be; NCA_LIMIT when
 * the target would be too large for a model file; NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_enlarge(nca_model *model, uint32_t height, uint32_t width,
                                     nca_error *error);

/* ---- As files --------------------------------------------------------------------------------*/

/* What an evaluation does not know itself; a text may be NULL and is then left out. */
typedef struct nca_evaluation_about {
    const char *model, *target;
    double angle_degrees; /* that the model was turned by */
} nca_evaluation_about;

/* Comma-separated, one number to a line: part,shape,step,measure,mean,deviation
 * (docs/evaluation.md). Numbers come back with the same bits; "nan" and "inf" where there is
 * none. free() the text.
 * Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_evaluation_csv(char **out_text, const nca_evaluation *evaluation,
                                      nca_error *error);
/* One JSON object; what is not finite is null. free() the text. Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_evaluation_json(char **out_text, const nca_evaluation *evaluation,
                                       const nca_evaluation_about *about, nca_error *error);
/* The same as files, written whole or not at all. Errors: NCA_NOT_FOUND and NCA_IO (the file cannot
 * be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_evaluation_save_csv(const nca_evaluation *evaluation, const char *path,
                                           nca_error *error);
/* Errors as above. */
NCA_API nca_status nca_evaluation_save_json(const nca_evaluation *evaluation,
                                            const nca_evaluation_about *about, const char *path,
                                            nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
