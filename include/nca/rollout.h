/* Running a model: a batch of grids that grow step by step, on threads.
 *
 *     nca_rollout *rollout;
 *     nca_rollout_options options;
 *     nca_rollout_options_default(&options, model);
 *     nca_rollout_create(&rollout, model, &options, &error);
 *     nca_rollout_run(rollout, 80, &error);
 *     nca_rollout_rgba(rgba, rollout, 0);
 *     nca_rollout_destroy(rollout);
 *
 * A sample depends on the model, the grid's size, the seed, its index, the number of steps and the
 * precision; never on the samples beside it, on threads or kernel set, nor on how the steps are
 * split over calls.
 *
 * Thread safety: functions that take a const rollout only read it; any number of threads may call
 * them at once while no other function runs on the same rollout. Different rollouts are independent
 * of each other. */
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

/* Used by one thread at a time; different rollouts are independent of each other. It runs its own
 * threads during a call only. */
typedef struct nca_rollout nca_rollout;

typedef struct nca_rollout_options {
    size_t batch, height, width;
    uint64_t seed;       /* of the fire masks */
    size_t first_sample; /* sample k of the batch has the fire masks of sample first_sample + k,
                            so that many samples can be run a few at a time */
    unsigned threads;    /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the best */
    nca_precision precision;    /* fp32 or int8: the dense layers on bytes, faster and less exact,
                                   and the same bits everywhere too (docs/precision.md) */
    union {
        nca_device device; /* CPU by default */
        uint64_t device_place;
    };
    uint64_t reserved[NCA_RESERVED - 1]; /* 0: room for later options (nca/export.h) */
} nca_rollout_options;

/* Batch 1, the size the model was trained on (64x64 when unknown), seed 0, first sample 0, all
 * cores, fp32, the CPU. */
NCA_API void nca_rollout_options_default(nca_rollout_options *out, const nca_model *model);

/* The model is copied. All samples start as the seed. NCA_INVALID_ARGUMENT where an option is out
 * of range or the precision is none that a rollout has; NCA_UNSUPPORTED where this processor cannot
 * run the kernel set. int8 runs on every processor; it is fast with AVX512-VNNI. NCA_LIMIT where
 * the states would not fit into the machine's memory or threads cannot be started;
 * NCA_OUT_OF_MEMORY; NCA_DEVICE_LOST where the device fails. */
NCA_API nca_status nca_rollout_create(nca_rollout **out_rollout, const nca_model *model,
                                      const nca_rollout_options *options, nca_error *error);
NCA_API void nca_rollout_destroy(nca_rollout *rollout); /* accepts NULL */

/* Every sample becomes the seed again and the step counter 0. */
NCA_API void nca_rollout_reset(nca_rollout *rollout);
/* Advances every sample by `steps` steps. Never fails on the CPU. NCA_DEVICE_LOST and
 * NCA_OUT_OF_MEMORY where another device fails: the states are then undefined. The rollout may be
 * reset, or set to states and steps that were kept, and run again; or destroyed. */
NCA_API nca_status nca_rollout_run(nca_rollout *rollout, size_t steps, nca_error *error);
/* Steps since the last reset. */
NCA_API uint64_t nca_rollout_steps(const nca_rollout *rollout);
/* Sets that counter, and so the fire masks to come; no state changes. With nca_rollout_set it goes
 * back to a moment whose states were kept. */
NCA_API void nca_rollout_set_steps(nca_rollout *rollout, uint64_t steps);

/* Samples are counted from 0. For one beyond the batch the functions below copy and change nothing,
 * and return false, 0, or NaN for the loss. */

/* Copies one sample's state (H,W,C) out or in. */
NCA_API bool nca_rollout_get(float *out_state, const nca_rollout *rollout, size_t sample);
NCA_API bool nca_rollout_set(nca_rollout *rollout, size_t sample, const float *state);
/* Copies the RGBA channels (H,W,4) of one sample, premultiplied, not clamped. */
NCA_API bool nca_rollout_rgba(float *out_rgba, const nca_rollout *rollout, size_t sample);
/* Cuts a shape out of one sample; returns the number of cells cut. */
NCA_API size_t nca_rollout_damage(nca_rollout *rollout, size_t sample, const nca_damage *damage);
/* Cells whose neighbourhood is alive (all cells when masking is off). */
NCA_API size_t nca_rollout_alive(const nca_rollout *rollout, size_t sample);
/* Loss of one sample's RGBA against a target (H,W,4); NaN too for a value that is no loss. */
NCA_API double nca_rollout_loss(const nca_rollout *rollout, size_t sample, nca_loss loss,
                                const float *target);

#ifdef __cplusplus
}
#endif
#endif
