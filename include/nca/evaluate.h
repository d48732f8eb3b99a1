/* Evaluation of a model: how well it grows its target, how stable it is, and how well it
 * regenerates after damage.
 *
 *     nca_evaluation_options options;
 *     nca_evaluation_options_default(&options);
 *     nca_evaluation *evaluation;
 *     nca_evaluate(&evaluation, model, &options, &error);
 *     printf("%g\n", evaluation->rows[0].metric[NCA_METRIC_L2].mean);
 *     nca_evaluation_destroy(evaluation);
 *
 * An evaluation consists of many rollouts from the seed, each with its own fire masks (and
 * damage). They run on several threads, a few rollouts at a time. The numbers depend only on the
 * model, its target, and the options rollouts, steps, damage_at, damage_area, cuts, seed and
 * precision. They are bit-identical for all threads, kernel sets and devices. docs/evaluation.md
 * explains them. */
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
/* Whether an L1, L2 or Hinge loss is above 1. No picture with values from 0 to 1 has such a loss:
 * the values of the model grow without limit, it has diverged. Tables never mark it as the best. */
NCA_API bool nca_loss_diverged(double loss);

enum {
    NCA_HEALING_STEPS = 200, /* number of steps that are measured after a cut */
    NCA_HEALING_AFTER = 3,   /* number of steps that are reported, see nca_healing_after */
    NCA_HEALING_MAX_CUTS = 100,
    NCA_EVALUATION_MAX_STEPS = 1000000000
};

/* Steps after the cut: 50, 100, 200. */
NCA_API extern const size_t nca_healing_after[NCA_HEALING_AFTER];

typedef struct nca_evaluation_options {
    size_t rollouts;     /* at least 1, below 2^24 */
    const size_t *steps; /* (step_count) ascending; borrowed */
    size_t step_count;
    bool healing;                /* also measure regeneration after a cut of every damage shape */
    size_t damage_at;            /* step of the first cut */
    nca_damage_area damage_area; /* where cuts are placed: on the living cells or on the grid */
    /* Number of cuts, 1 to NCA_HEALING_MAX_CUTS: one every NCA_HEALING_STEPS steps, all of the
     * same shape. Cut k of rollout r is drawn with sample r and iteration k (nca/damage.h). */
    size_t cuts;
    /* The points of the loss curve. Linear: step 0, every curve_every steps, and the last of the
     * steps. Logarithmic: step 0, about curve_per_doubling points between any step and twice
     * that step, and the last of the steps. Both 0: no curve. At most one may be above 0. */
    size_t curve_every, curve_per_doubling;
    uint64_t seed;              /* random seed for fire masks and damage */
    unsigned threads;           /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the fastest */
    nca_precision precision;    /* of the rollouts: fp32 or int8 */
    /* Called with the completed fraction, 0 to 1; if it returns false, the evaluation stops with
     * NCA_INTERRUPTED. May be NULL. */
    bool (*progress)(double share, void *user);
    void *user;
    union {
        nca_device device; /* for the rollouts; CPU by default */
        uint64_t device_place;
    };
    uint64_t reserved[NCA_RESERVED - 1]; /* 0: reserved for later options (nca/export.h) */
} nca_evaluation_options;

/* 64 rollouts, steps 80, 500, 2000, healing after one cut of the living cells at step 80, no
 * curve, seed 0, on the CPU. */
NCA_API void nca_evaluation_options_default(nca_evaluation_options *out);

typedef struct nca_evaluation_row {
    size_t steps;
    nca_spread metric[NCA_METRIC_COUNT];
    double surviving; /* fraction of rollouts with a living cell and finite values */
} nca_evaluation_row;

/* One cut of a shape, over all rollouts; every loss is L2.
 *
 * A rollout counts as healed at the first step after the cut at which it is alive and its loss
 * is at most 1.1 times that of its undamaged twin at the same step, or at most 1e-4. The twin
 * has the same fire masks and no cuts. The rollout counts as restored at the first step at which
 * it is alive and its loss is at most 1e-3, whatever the loss of the twin. Both are tested at
 * steps 0 to NCA_HEALING_STEPS after the cut. The last of these is included although the next
 * cut is made at that step: it is measured before that cut. */
typedef struct nca_healing_cut {
    size_t step; /* counted from the seed */
    nca_spread before, cut, after[NCA_HEALING_AFTER];
    nca_spread
        healed_step; /* steps after the cut, over the rollouts that healed; NaN if there are none */
    double healed_share;      /* fraction of rollouts that healed */
    nca_spread restored_step; /* the same for the rollouts that were restored */
    double restored_share;
    nca_spread cells;        /* number of cells erased by the cut: those that were not all zeros */
    nca_spread living_share; /* fraction of the living cells (nca/damage.h) inside the cut, over the
                                rollouts that had any; NaN if there are none */
    /* A cut may erase no cell that has grown. By the definition above, such a rollout heals at
     * step 0, but it does not test regeneration. These fields tell the two apart. */
    size_t missed;         /* rollouts whose cut erased no cell */
    size_t trials_healed;  /* number of the other rollouts that healed */
    nca_spread trial_step; /* steps after the cut, over those; NaN if there are none */
} nca_healing_cut;

/* How the model regenerates after one shape of damage. */
typedef struct nca_healing {
    nca_damage_shape shape;
    nca_healing_cut *cuts; /* (cut_count) in order; owned */
    /* (cut_count * NCA_HEALING_STEPS + 1) loss from the first cut on; at the step of a cut, the
     * loss just after it; owned */
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
    size_t cut_count;     /* 0 if healing was not measured */
    size_t healing_count; /* 0 or NCA_DAMAGE_SHAPES */
    nca_healing healing[NCA_DAMAGE_SHAPES];
    nca_spread *undamaged; /* (the same size as the curves of healing) loss of the twins; NULL if
                              healing was not measured */
    size_t curve_count;
    size_t curve_per_doubling; /* as in the options; 0: the curve is linear */
    size_t *curve_steps;       /* (curve_count) ascending, from 0 to the last of the steps */
    nca_spread *curve;         /* (curve_count) L2 */
} nca_evaluation;

/* Runs rollouts on a grid of the target's size and compares them with model->target. Release the
 * result with nca_evaluation_destroy. Errors: NCA_INVALID_ARGUMENT (the model has no target, or
 * an option is out of range), NCA_INTERRUPTED (progress returned false), and those of
 * nca_rollout_create and nca_rollout_run. */
NCA_API nca_status nca_evaluate(nca_evaluation **out_evaluation, const nca_model *model,
                                const nca_evaluation_options *options, nca_error *error);
NCA_API void nca_evaluation_destroy(nca_evaluation *evaluation); /* accepts NULL */

/* Rotates a model's perception filters by a further `degrees`, and its target (if it has one) by
 * the same angle, counterclockwise as displayed, about the seed cell (H/2, W/2), because a
 * pattern grows from that cell. The target is sampled with Lanczos (a = 3), premultiplied,
 * transparent beyond its border, with values kept in range; quarter turns move whole cells.
 * Errors: NCA_UNSUPPORTED (the filters cannot be steered: only sobel and scharr can),
 * NCA_INVALID_ARGUMENT (an angle beyond -360 to 360), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_turn(nca_model *model, double degrees, nca_error *error);

/* Enlarges the grid of a model: empty cells are added around its target such that the target's
 * cell (H/2, W/2), which contains the seed, becomes the cell (H/2, W/2) of the larger grid.
 * Errors: NCA_INVALID_ARGUMENT (the model has no target, or a side is smaller than the target's
 * or larger than the maximum of a grid), NCA_LIMIT (the target would be too large for a model
 * file), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_enlarge(nca_model *model, uint32_t height, uint32_t width,
                                     nca_error *error);

/* ---- As files --------------------------------------------------------------------------------*/

/* Information that an evaluation does not contain. A text may be NULL and is then omitted. */
typedef struct nca_evaluation_about {
    const char *model, *target;
    double angle_degrees; /* the angle that the model was rotated by */
} nca_evaluation_about;

/* Comma-separated values, one number per line: part,shape,step,measure,mean,deviation
 * (docs/evaluation.md). Reading a number back gives the same bits; values that are not finite
 * are "nan" and "inf". free() the text. Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_evaluation_csv(char **out_text, const nca_evaluation *evaluation,
                                      nca_error *error);
/* One JSON object; values that are not finite are null. free() the text. Errors:
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_evaluation_json(char **out_text, const nca_evaluation *evaluation,
                                       const nca_evaluation_about *about, nca_error *error);
/* Write the same texts to files, whole or not at all. Errors: NCA_NOT_FOUND and NCA_IO (the file
 * cannot be written), NCA_OUT_OF_MEMORY. */
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
