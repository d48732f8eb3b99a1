/* Internal: what runs a batch of grids, with one table row per backend.
 *
 * backend/        the interface of a batch (batch.h), the table of backends, and the choice of one
 *                 for a device
 * backend/cpu/    the backend for this machine's CPU: a team of threads on tapes
 * backend/opencl/ the backend for graphics processors, and what else has an OpenCL driver
 *
 * Users of a batch include only backend/batch.h. A row implements the functions of that header,
 * which documents them. All backends give the same bits in fp32. To add one: a folder backend/NAME/
 * with its row, the row's declaration here, and its devices in device_choice.c. A backend may also
 * wrap another one (to distribute a batch over several machines, or to count calls): its batch then
 * contains batches of the inner backend.
 *
 * Failures: only `create`, `run` and `train` can fail. A device can also fail while values are
 * copied to it or from it. Therefore the functions `set...` store the values on this machine, and
 * the next pass sends them; a forward pass copies the states to this machine before it returns, for
 * `get`, `row` and `alive`, which several threads may call at once. Every failure is then reported
 * by a pass, and code that sets or reads a state has no error to handle. The copies are made once
 * per pass, which runs many steps. */
#ifndef NCA_BACKEND_BACKEND_H
#define NCA_BACKEND_BACKEND_H

#include "backend/batch.h"
#include "nca/devices.h"

typedef struct nca__backend {
    const char *name; /* "cpu" */
    void (*memory)(size_t *out_states, size_t *out_other, size_t *out_least,
                   const nca__batch_options *options);
    /* `options->kernels` is never NULL. */
    nca_status (*create)(nca__batch **out_batch, const nca__batch_options *options,
                         nca_error *error);
    void (*destroy)(nca__batch *batch); /* never NULL */
    unsigned (*threads)(const nca__batch *batch);
    const char *(*kernels)(const nca__batch *batch); /* name of the kernel set */
    void (*watch)(nca__batch *batch, double (*now)(void));
    void (*add_profile)(nca_profile *profile, const nca__batch *batch);
    void (*set_parameters)(nca__batch *batch, const float *parameters);
    void (*set_fire_rate)(nca__batch *batch, float fire_rate);
    void (*get)(float *out_state, const nca__batch *batch, size_t sample);
    const float *(*row)(size_t *out_stride, const nca__batch *batch, size_t sample, size_t row);
    void (*set)(nca__batch *batch, size_t sample, const float *state);
    nca_status (*run)(nca__batch *batch, uint64_t first_step, size_t steps, uint64_t seed,
                      uint32_t iteration, nca_error *error);
    size_t (*alive)(const nca__batch *batch, size_t sample);
    nca_status (*train)(nca__batch *batch, const nca__batch_pass *pass, nca_error *error);
} nca__backend;

/* The first member of the batch of every backend; nca__batch_create sets it. */
struct nca__batch {
    const nca__backend *backend;
};

extern const nca__backend nca__backend_cpu;
extern const nca__backend nca__backend_opencl;

/* The devices of the OpenCL backend, graphics processors first: at most `most`, of which the index
 * is the `device` of a batch. `device` and `name` of the rows are not set. NCA_UNSUPPORTED if there
 * is no OpenCL. Looks for devices in the first call only; any thread may call this. */
nca_status nca__opencl_list(nca_device_info *out, size_t *out_count, size_t most, nca_error *error);

#endif
