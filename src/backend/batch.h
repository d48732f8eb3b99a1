/* Internal: a batch of grids on a backend (backend/backend.h); forward for running, forward and
 * backward for training. nca_rollout and nca_session are users of it. Knows nothing of pools,
 * files, settings.
 *
 * Results are the same bits for any number of threads, any kernel set and any memory limit.
 *
 * A pass (nca__batch_run, nca__batch_train) fails where the device or a machine of the backend
 * does: NCA_DEVICE_LOST, NCA_OUT_OF_MEMORY (the device has too little); the CPU's never fails. What
 * it would have written is undefined then, the states of a forward batch too; parameters and fire
 * rate are still those that were set. The caller may set the states anew and try another pass,
 * which repeats the work to the bit or fails again; or destroy the batch. */
#ifndef NCA_BACKEND_BATCH_H
#define NCA_BACKEND_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/objective.h"
#include "nca/automaton.h"
#include "nca/kernels.h"
#include "nca/profile.h"
#include "nca/status.h"

typedef struct nca__batch nca__batch;

struct nca__backend;

typedef struct nca__batch_options {
    const struct nca__backend *backend; /* NULL: the CPU's */
    nca_automaton automaton;
    size_t batch, height, width;
    unsigned threads;           /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the best */
    nca_precision precision;    /* of the dense layers; bf16: training, int8: forward only */
    uint32_t first_sample;      /* whose fire masks sample 0 has */
    size_t batch_total;         /* training: samples of the whole batch, of which these are a part:
                                   each has the weight 1/batch_total in the gradient; 0: these are
                                   all */
    size_t max_steps;           /* training: the largest T; 0: forward only */
    size_t memory_limit;        /* training: bytes for kept states; 0: no limit */
    size_t kept_hidden;         /* training: bytes for hidden layers, of each sample under way */
    const nca__objective *objective; /* training: what its passes ask */
} nca__batch_options;

/* Bytes of this machine's memory that a batch for training takes (kept states under the limit, and
 * the rest), or forward only when max_steps is 0. *out_least is the smallest memory_limit that
 * would be accepted. Whether the memory of another device suffices is found out by
 * nca__batch_create. */
void nca__batch_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                       const nca__batch_options *options);

/* NCA_LIMIT when memory_limit is too small (the message says what is needed); NCA_OUT_OF_MEMORY;
 * NCA_DEVICE_LOST. */
nca_status nca__batch_create(nca__batch **out_batch, const nca__batch_options *options,
                             nca_error *error);
void nca__batch_destroy(nca__batch *batch);
unsigned nca__batch_threads(const nca__batch *batch);
/* The name of the kernel set in use. */
const char *nca__batch_kernels(const nca__batch *batch);

/* Takes the time of every pass from now on, from zero; a clock of NULL ends that. */
void nca__batch_watch(nca__batch *batch, double (*now)(void));
/* Adds the seconds of all threads. */
void nca__batch_add_profile(nca_profile *profile, const nca__batch *batch);

/* Copies the flat parameters in (packed for the kernels), for the passes to come. */
void nca__batch_set_parameters(nca__batch *batch, const float *parameters);

/* Sets the fire rate from the next pass on. */
void nca__batch_set_fire_rate(nca__batch *batch, float fire_rate);

/* ---- Forward only: the batch holds a state (H,W,C) per sample. */
void nca__batch_get(float *out_state, const nca__batch *batch, size_t sample);
/* One row of that state where it lies: W cells, `*out_stride` floats apart. Several threads may ask
 * for rows at once: a backend whose states lie elsewhere copies them here when they change. */
const float *nca__batch_row(size_t *out_stride, const nca__batch *batch, size_t sample, size_t row);
void nca__batch_set(nca__batch *batch, size_t sample, const float *state);
/* Steps first_step .. first_step + steps - 1; fire masks are those of (seed,
 * first_sample + sample, iteration, step). */
nca_status nca__batch_run(nca__batch *batch, uint64_t first_step, size_t steps, uint64_t seed,
                          uint32_t iteration, nca_error *error);
/* Cells of a sample whose neighbourhood is alive; all cells when masking is off. */
size_t nca__batch_alive(const nca__batch *batch, size_t sample);

/* ---- Training: one forward and backward pass through T steps for every sample.
 * The rollout's steps count from 0. With an unmasked automaton every cell counts as alive. */
typedef struct nca__batch_pass {
    size_t steps; /* T <= max_steps */
    uint64_t seed;
    uint32_t iteration;
    const void *const *asked;    /* (B) data of the objective for each sample */
    const float *const *initial; /* (B) pointers to states (H,W,C) */
    float *const *final;         /* (B) where the states after T steps go; final[b] may be
                                    initial[b]; NULL array: not wanted */
    double *losses;              /* (B) loss of each sample after the rollout */
    size_t *alive;               /* (B) alive cells after the rollout; may be NULL */
    float *gradient;             /* flat, of the mean loss over the batch: the sum of the samples'
                                    parts, added in their order to 0; overwritten; may be NULL */
    float *sample_gradients;     /* (B, parameters) the samples' parts; may be NULL. Those of
                                    several batches, added in the order of samples, give the
                                    bits of one batch */
    float *const *initial_gradient; /* (B) pointers to (H,W,C): gradient of the initial states; NULL
                                       array: not wanted */
} nca__batch_pass;

nca_status nca__batch_train(nca__batch *batch, const nca__batch_pass *pass, nca_error *error);

#endif
