/* Rollouts: runs a model on a batch of grids, step by step, on several threads.
 *
 *     nca_rollout *rollout;
 *     nca_rollout_options options;
 *     nca_rollout_options_default(&options, model);
 *     nca_rollout_create(&rollout, model, &options, &error);
 *     nca_rollout_run(rollout, 80, &error);
 *     nca_rollout_rgba(rgba, rollout, 0);
 *     nca_rollout_destroy(rollout);
 *
 * The result of a sample depends on the model, the grid size, the seed, the sample's index, the
 * number of steps and the precision. It does not depend on the other samples, the number of
 * threads, the kernel set, or how the steps are split over calls.
 *
 * Thread safety: functions that take a const rollout only read it; any number of threads may
 * call them at once while no other function runs on the same rollout. Different rollouts are
 * independent of each other. */
#ifndef NCA_ROLLOUT_H
#define NCA_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/damage.h"
#include "nca/device.h"
#include "nca/export.h"
#include "nca/kernels.h"
#include "nca/loss.h"
#include "nca/model.h"
#include "nca/precision.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time; different rollouts are independent of each other. Its worker
 * threads run only during calls. */
typedef struct nca_rollout nca_rollout;

typedef struct nca_rollout_options {
    size_t batch, height, width;
    uint64_t seed;       /* random seed for the fire masks */
    size_t first_sample; /* sample k of the batch has the fire masks of sample first_sample + k, so
                            that many samples can be run in several small batches */
    unsigned threads;    /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the fastest */
    nca_precision
        precision; /* fp32 or int8. With int8 weights the dense layers are faster and less accurate;
                      the results are bit-identical on all machines too (docs/precision.md) */
    union {
        nca_device device; /* CPU by default */
        uint64_t device_place;
    };
    /* Above 0: sample k has the fire masks of sample (first_sample + k) % mask_sets. With 1, all
     * samples have the same masks, so the result of a state does not depend on its place in the
     * batch. 0: each sample has its own. */
    uint64_t mask_sets;
    uint64_t reserved[NCA_RESERVED - 2]; /* 0: reserved for later options (nca/export.h) */
} nca_rollout_options;

/* Batch 1, the grid size that the model was trained on (64x64 if unknown), seed 0, first sample
 * 0, all cores, fp32, the CPU. */
NCA_API void nca_rollout_options_default(nca_rollout_options *out, const nca_model *model);

/* Copies the model. All samples start as the seed. Errors: NCA_INVALID_ARGUMENT (an option is
 * out of range, or rollouts do not support the precision), NCA_UNSUPPORTED (this CPU cannot run
 * the kernel set), NCA_LIMIT (the states do not fit into the machine's memory, or threads cannot
 * be started), NCA_OUT_OF_MEMORY, NCA_DEVICE_LOST (the device fails). int8 runs on every CPU; it
 * is fast with AVX512-VNNI. */
NCA_API nca_status nca_rollout_create(nca_rollout **out_rollout, const nca_model *model,
                                      const nca_rollout_options *options, nca_error *error);
NCA_API void nca_rollout_destroy(nca_rollout *rollout); /* accepts NULL */

/* Resets all samples to the seed and the step counter to 0. */
NCA_API void nca_rollout_reset(nca_rollout *rollout);
/* Advances all samples by `steps` steps. Never fails on the CPU. Errors: NCA_DEVICE_LOST and
 * NCA_OUT_OF_MEMORY (another device fails); the states are then undefined. The rollout can be
 * reset, or set to saved states and a saved step counter, and run again; or destroyed. */
NCA_API nca_status nca_rollout_run(nca_rollout *rollout, size_t steps, nca_error *error);
/* The number of steps since the last reset. */
NCA_API uint64_t nca_rollout_steps(const nca_rollout *rollout);
/* Sets the step counter, which determines the fire masks of the following steps; no state
 * changes. Together with nca_rollout_set it returns to an earlier step whose states were saved. */
NCA_API void nca_rollout_set_steps(nca_rollout *rollout, uint64_t steps);

/* Samples are counted from 0. For a sample beyond the batch, the functions below copy and change
 * nothing and return false, 0, or NaN for the loss. */

/* Copies the state (H,W,C) of one sample out or in. */
NCA_API bool nca_rollout_get(float *out_state, const nca_rollout *rollout, size_t sample);
NCA_API bool nca_rollout_set(nca_rollout *rollout, size_t sample, const float *state);
/* Copies the RGBA channels (H,W,4) of one sample, premultiplied, not clamped. */
NCA_API bool nca_rollout_rgba(float *out_rgba, const nca_rollout *rollout, size_t sample);
/* Applies damage of a shape to one sample; returns the number of cells erased. */
NCA_API size_t nca_rollout_damage(nca_rollout *rollout, size_t sample, const nca_damage *damage);
/* The number of cells whose neighbourhood is alive (all cells if masking is off). */
NCA_API size_t nca_rollout_alive(const nca_rollout *rollout, size_t sample);
/* The loss of one sample's RGBA against a target (H,W,4); also NaN if the loss is not a valid
 * value. */
NCA_API double nca_rollout_loss(const nca_rollout *rollout, size_t sample, nca_loss loss,
                                const float *target);

#ifdef __cplusplus
}
#endif
#endif
