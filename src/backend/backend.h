/* Internal: who runs a batch of grids, one row a backend.
 *
 * backend/        the interface of a batch (batch.h), the table of backends, and which of them a
 *                 device stands for
 * backend/cpu/    the backend of this machine's processor: a team of threads on tapes
 *
 * Users of a batch include backend/batch.h and know no backend by name. A row gives the functions
 * of that header: what each of them promises stands there. Every backend gives the same bits in
 * fp32. To add one: a folder backend/NAME/ with its row, the row's declaration here, and its place
 * in the table of devices in backend.c. A backend may also stand around another one (one that deals
 * a batch out to machines, or one that counts): its batch holds batches of the inner one.
 *
 * Failures: only `create`, `run` and `train` can fail. A device may also fail while values are
 * copied to it or from it. So the functions `set...` keep the values on this machine, and the next
 * pass sends them; and a forward pass copies the states here before it returns, for `get`, `row`
 * and `alive`, which several threads may call at once. Whatever fails is then reported by a pass,
 * and the many places that set a state or read one have no error to handle. The copies are made
 * once a pass, which runs many steps. */
#ifndef NCA_BACKEND_BACKEND_H
#define NCA_BACKEND_BACKEND_H

#include "backend/batch.h"
#include "nca/device.h"

typedef struct nca__backend {
    const char *name; /* "cpu" */
    void (*memory)(size_t *out_states, size_t *out_other, size_t *out_least,
                   const nca__batch_options *options);
    /* `options->kernels` is never NULL. */
    nca_status (*create)(nca__batch **out_batch, const nca__batch_options *options,
                         nca_error *error);
    void (*destroy)(nca__batch *batch); /* never NULL */
    unsigned (*threads)(const nca__batch *batch);
    const char *(*kernels)(const nca__batch *batch); /* their name */
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

/* What a batch of every backend begins with; nca__batch_create fills it in. */
struct nca__batch {
    const nca__backend *backend;
};

extern const nca__backend nca__backend_cpu;

/* The backend that a device stands for; never NULL. */
const nca__backend *nca__backend_of(nca_device device);
/* Puts a backend in the place of the one that a device stands for, in this process; NULL: as it was
 * before. Batches that exist keep theirs. Any thread may call it. */
void nca__backend_register(nca_device device, const nca__backend *backend);

#endif
