/* Internal: a batch on an OpenCL device: its memory and its launches.
 *
 * Samples are processed in groups of `slots`: all of them when forward only, as many as the memory
 * limit allows in training. A launch is for all samples of a group. Commands are queued in order
 * and nothing waits for the device until a pass needs a result.
 *
 * The first failure of OpenCL is kept and turns everything that follows into nothing; the pass
 * reports it at its end. */
#ifndef NCA_BACKEND_OPENCL_GPU_BATCH_H
#define NCA_BACKEND_OPENCL_GPU_BATCH_H

#include "backend/backend.h"
#include "backend/opencl/opencl_program.h"
#include "core/layout.h"
#include "core/stopwatch.h"

/* The weights in the forms that the kernels read (step.cl, backward.cl). */
typedef enum gpu_weights {
    GPU_TAPS,    /* of the filters */
    GPU_W1,      /* (N_LANES, K*C, LANES) */
    GPU_B1,      /* (N_LANES * LANES) */
    GPU_W2,      /* (N, C_LANES * LANES) */
    GPU_B2,      /* (C_LANES * LANES) */
    GPU_W1_BACK, /* (N, INPUT_LANES * LANES) */
    GPU_W2_BACK, /* (C, N_LANES * LANES) */
    GPU_WEIGHTS
} gpu_weights;

typedef enum gpu_kernels {
    GPU_ZERO,
    GPU_MARK,
    GPU_UPDATE,
    GPU_MASK,
    GPU_COLLECT,
    GPU_BACKWARD,
    GPU_SUM_W1_W2,
    GPU_SUM_REST,
    GPU_SPREAD,
    GPU_REDUCE,
    GPU_KERNELS
} gpu_kernels;

/* Sizes in values, as the macros of common.cl and backward.cl. */
typedef struct gpu_shape {
    size_t channels, hidden, maps, inputs, filtered;
    size_t input_channels;
    size_t channel_floats, hidden_floats, input_floats; /* C, N and K*C, rounded up to vectors */
    size_t tap_count; /* taps of learned filters: FILTERED * 9 * C; 0: they are fixed */
    size_t sum_rows, sum_floats;
    size_t parameters; /* without the head */
} gpu_shape;

/* How a batch is divided, and what it needs on the device. */
typedef struct gpu_plan {
    size_t slots;    /* samples of a group */
    size_t scratch;  /* samples whose network runs backward at once */
    size_t interval; /* every interval-th state is kept; 0: forward only */
    size_t planes;   /* number of states of a group on the device */
    size_t state_bytes, other_bytes, least_limit;
} gpu_plan;

typedef struct gpu_batch {
    nca__batch base; /* must be first */
    nca__batch_options options;
    nca__cl_device *device;
    nca__layout layout; /* for its bands */
    gpu_shape shape;
    gpu_plan plan;
    size_t cells, values; /* of a grid: H*W and H*W*C */
    size_t largest;       /* bytes of the largest buffer that was asked for */
    uint32_t fire_threshold;

    cl_command_queue queue;
    cl_kernel kernels[GPU_KERNELS];
    cl_mem weights[GPU_WEIGHTS];
    cl_mem *planes;                    /* (plan.planes) states (slots, H, W, C) */
    cl_mem over, over_y, begun;        /* (slots, H, W) marks */
    cl_mem live;                       /* (T, slots, H, W); one step when forward only */
    cl_mem d, dp;                      /* gradients (slots, H, W, C) and (..., FILTERED * C) */
    cl_mem list, counts, begins, ends; /* of the active cells: backward.cl */
    cl_mem p, dx, h, dh;               /* rows of the active cells of `scratch` samples */
    cl_mem sums, gradients;            /* (slots, bands, sums), (slots, parameters) */

    float *packed; /* the weights in their forms, one after the other */
    size_t packed_at[GPU_WEIGHTS + 1];
    bool packed_changed;
    nca__head head;          /* a copy */
    float *states;           /* (B,H,W,C) forward: the states; training: states of the losses */
    bool *changed;           /* (B) states that the device does not have yet */
    float *d_host;           /* (slots,H,W,C) */
    float *sample_gradients; /* (B, parameters) */
    double *objective_sums;  /* (slots, losses, objective's sums), and those of a band */
    size_t held;             /* forward only: which of the two planes has the states */

    double (*now)(void);
    nca_profile profile;
    cl_int failure;     /* CL_SUCCESS, or the first error... */
    const char *failed; /* ...of this */
} gpu_batch;

/* ---- gpu_memory.c -----------------------------------------------------------------------------*/

gpu_shape nca__gpu_shape_make(const nca_automaton *automaton);
gpu_plan nca__gpu_plan_make(const nca__batch_options *options, const gpu_shape *shape,
                            const nca__layout *layout);
/* All buffers, zeroed where the kernels need it. NCA_OUT_OF_MEMORY with what is needed and what
 * would fit. */
nca_status nca__gpu_allocate(gpu_batch *batch, nca_error *error);
void nca__gpu_release(gpu_batch *batch);
/* Writes the packed forms of flat parameters. */
void nca__gpu_pack(gpu_batch *batch, const float *parameters);

/* ---- gpu_launch.c -----------------------------------------------------------------------------*/

/* The fire masks of a pass. */
typedef struct gpu_firing {
    uint64_t seed;
    uint32_t iteration;
    size_t first_sample; /* of the group, in the batch */
    size_t samples;      /* of the group */
} gpu_firing;

/* Copies from or to this machine, without waiting. `first` and `count` are floats. */
void nca__gpu_write(gpu_batch *batch, cl_mem to, size_t first, const float *from, size_t count);
void nca__gpu_read(float *to, gpu_batch *batch, cl_mem from, size_t first, size_t count);
/* Zeroes a buffer of floats. */
void nca__gpu_zero(gpu_batch *batch, cl_mem buffer, size_t count);
/* Waits until the device has done everything. */
void nca__gpu_finish(gpu_batch *batch);
/* Sends weights that have changed. */
void nca__gpu_send_weights(gpu_batch *batch);

/* The marks of a state that no step has just written. */
void nca__gpu_mark(gpu_batch *batch, cl_mem state, size_t samples);
/* One step: y from x; `time` selects the fire masks, `live_step` where the marks of cells are kept.
 */
void nca__gpu_step(gpu_batch *batch, cl_mem y, cl_mem x, const gpu_firing *firing, uint32_t time,
                   size_t live_step);
/* One step back, from the gradient in batch->d; x is the state before the step. */
void nca__gpu_step_back(gpu_batch *batch, cl_mem x, size_t samples, size_t live_step);
/* The gradient of each sample, from the sums of its bands. */
void nca__gpu_reduce(gpu_batch *batch, size_t samples);

/* ---- gpu_train.c ------------------------------------------------------------------------------*/

nca_status nca__gpu_train(nca__batch *base, const nca__batch_pass *pass, nca_error *error);
/* The number of cells of a state whose neighbourhood is alive. */
size_t nca__gpu_alive(const gpu_batch *batch, const float *state);
/* Reports the failure of a pass and forgets it. */
nca_status nca__gpu_report(gpu_batch *batch, nca_error *error);

static inline gpu_batch *nca__gpu_own(nca__batch *batch)
{
    return (gpu_batch *)batch;
}

#endif
