/* Internal: a batch of grids on a backend (backend/backend.h): forward passes for rollouts, forward
 * and backward passes for training. nca_rollout and nca_session use it.
 *
 * Results have the same bits for any number of threads, any kernel set and any memory limit.
 *
 * A pass (nca__batch_run, nca__batch_train) fails if the device or a machine of the backend fails:
 * NCA_DEVICE_LOST, or NCA_OUT_OF_MEMORY if the device has too little memory. A pass of the CPU
 * backend never fails. After a failure the outputs of the pass and the states of a forward batch
 * are undefined; parameters and fire rate keep their values. The caller may set the states again
 * and repeat the pass, which gives the same bits or fails again, or destroy the batch. */
#ifndef NCA_BACKEND_BATCH_H
#define NCA_BACKEND_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/objective.h"
#include "nca/automaton.h"
#include "nca/device.h"
#include "nca/kernels.h"
#include "nca/profile.h"
#include "nca/status.h"

typedef struct nca__batch nca__batch;

struct nca__backend;

typedef struct nca__batch_options {
    const struct nca__backend *backend; /* NULL: the CPU backend */
    size_t device; /* which of the backend's devices (backend/device_choice.h) */
    nca_device
        wanted; /* of which backend and device were chosen, for a backend that wraps another */
    nca_automaton automaton;
    size_t batch, height, width;
    unsigned threads;           /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the best */
    nca_precision precision;    /* of the dense layers; bf16 only for training, int8 only forward */
    uint32_t first_sample;      /* sample i uses the fire masks of sample first_sample + i... */
    uint32_t mask_sets;         /* ...modulo this, if it is not 0 */
    /* Forward: the grid is a strip of a larger one, which has `total_rows` rows: row r of the strip
     * is row (first_row + r) % total_rows of that grid, whose fire masks its cells have. total_rows
     * 0: it is the whole grid. */
    size_t first_row, total_rows;
    size_t batch_total;  /* training: samples of the whole batch, if this is a part of it: each has
                            the weight 1/batch_total in the gradient. 0: this is the whole batch */
    size_t max_steps;    /* training: the largest T; 0: forward only */
    size_t memory_limit; /* training: bytes for kept states; 0: no limit */
    size_t kept_hidden;  /* training: bytes for hidden layers, for each sample being processed */
    const nca__objective *objective; /* training: the objective of its passes */
    size_t losses; /* training: number of states of a rollout that it is applied to; 0: 1 */
} nca__batch_options;

/* Bytes of this machine's memory needed by a batch: kept states under the limit, and the rest.
 * Forward only if max_steps is 0. *out_least is the smallest memory_limit that is accepted.
 * nca__batch_create reports if the memory of another device is too small. */
void nca__batch_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                       const nca__batch_options *options);

/* NCA_LIMIT if memory_limit is too small (the message says how much is needed); NCA_OUT_OF_MEMORY;
 * NCA_DEVICE_LOST. */
nca_status nca__batch_create(nca__batch **out_batch, const nca__batch_options *options,
                             nca_error *error);
void nca__batch_destroy(nca__batch *batch);
unsigned nca__batch_threads(const nca__batch *batch);
/* The name of the kernel set in use. */
const char *nca__batch_kernels(const nca__batch *batch);

/* Starts measuring the time of every pass, from zero; a NULL clock stops it. */
void nca__batch_watch(nca__batch *batch, double (*now)(void));
/* Adds the measured seconds of all threads. */
void nca__batch_add_profile(nca_profile *profile, const nca__batch *batch);

/* Copies the flat parameters for the next passes, packed for the kernels. */
void nca__batch_set_parameters(nca__batch *batch, const float *parameters);

/* Sets the fire rate from the next pass on. */
void nca__batch_set_fire_rate(nca__batch *batch, float fire_rate);

/* ---- Forward only: the batch contains a state (H,W,C) per sample. */
void nca__batch_get(float *out_state, const nca__batch *batch, size_t sample);
/* A pointer to one row of that state: W cells, `*out_stride` floats apart. Several threads may
 * request rows at once: a backend with its own memory copies its states to this machine when they
 * change. */
const float *nca__batch_row(size_t *out_stride, const nca__batch *batch, size_t sample, size_t row);
void nca__batch_set(nca__batch *batch, size_t sample, const float *state);
/* Runs steps first_step .. first_step + steps - 1; fire masks are those of (seed, first_sample +
 * sample, iteration, step). */
nca_status nca__batch_run(nca__batch *batch, uint64_t first_step, size_t steps, uint64_t seed,
                          uint32_t iteration, nca_error *error);
/* The number of cells of a sample whose neighbourhood is alive; all cells if masking is off. */
size_t nca__batch_alive(const nca__batch *batch, size_t sample);

/* ---- Training: one forward and backward pass through T steps for every sample. Steps count from
 * 0. Without alive masking every cell counts as alive. */
typedef struct nca__batch_pass {
    size_t steps; /* T <= max_steps, with nca__most_losses(T) >= losses */
    uint64_t seed;
    uint32_t iteration;
    const void *const *asked;    /* (B) the objective's data for each sample */
    const float *const *initial; /* (B) pointers to states (H,W,C) */
    float *const *final; /* (B) output: states after T steps; final[b] may be equal to initial[b];
                            NULL array: not needed */
    double *losses;      /* (B) loss of each sample: the mean of its losses */
    size_t *alive;       /* (B) number of alive cells after the rollout; may be NULL */
    float *gradient;     /* flat, of the mean loss over the batch: the contributions of the samples,
                            added in order starting from 0; overwritten; may be NULL */
    float *sample_gradients; /* (B, parameters) the contributions of the samples; may be NULL. Those
                                of several batches, added in the order of samples, give the bits of
                                a single batch */
    float *const *initial_gradient; /* (B) pointers to (H,W,C): gradient of the initial states; NULL
                                       array: not needed */
} nca__batch_pass;

nca_status nca__batch_train(nca__batch *batch, const nca__batch_pass *pass, nca_error *error);

#endif
