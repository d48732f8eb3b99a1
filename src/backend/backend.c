/* The functions of batch.h, which call the batch's backend. */
#include "backend/backend.h"

/* ---- Batches ---------------------------------------------------------------------------------*/

static const nca__backend *chosen(const nca__batch_options *options)
{
    return options->backend != NULL ? options->backend : &nca__backend_cpu;
}

void nca__batch_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                       const nca__batch_options *options)
{
    chosen(options)->memory(out_states, out_other, out_least, options);
}

nca_status nca__batch_create(nca__batch **out_batch, const nca__batch_options *options,
                             nca_error *error)
{
    nca__batch_options complete = *options;
    complete.backend = chosen(options);
    complete.kernels = options->kernels != NULL ? options->kernels : nca_kernels_best();
    nca__batch *batch;
    const nca_status status = complete.backend->create(&batch, &complete, error);
    if (status == NCA_OK) {
        batch->backend = complete.backend;
        *out_batch = batch;
    }
    return status;
}

void nca__batch_destroy(nca__batch *batch)
{
    if (batch != NULL) {
        batch->backend->destroy(batch);
    }
}

unsigned nca__batch_threads(const nca__batch *batch)
{
    return batch->backend->threads(batch);
}

const char *nca__batch_kernels(const nca__batch *batch)
{
    return batch->backend->kernels(batch);
}

void nca__batch_watch(nca__batch *batch, double (*now)(void))
{
    batch->backend->watch(batch, now);
}

void nca__batch_add_profile(nca_profile *profile, const nca__batch *batch)
{
    batch->backend->add_profile(profile, batch);
}

void nca__batch_set_parameters(nca__batch *batch, const float *parameters)
{
    batch->backend->set_parameters(batch, parameters);
}

void nca__batch_set_fire_rate(nca__batch *batch, float fire_rate)
{
    batch->backend->set_fire_rate(batch, fire_rate);
}

void nca__batch_get(float *out_state, const nca__batch *batch, size_t sample)
{
    batch->backend->get(out_state, batch, sample);
}

const float *nca__batch_row(size_t *out_stride, const nca__batch *batch, size_t sample, size_t row)
{
    return batch->backend->row(out_stride, batch, sample, row);
}

void nca__batch_set(nca__batch *batch, size_t sample, const float *state)
{
    batch->backend->set(batch, sample, state);
}

nca_status nca__batch_run(nca__batch *batch, uint64_t first_step, size_t steps, uint64_t seed,
                          uint32_t iteration, nca_error *error)
{
    return batch->backend->run(batch, first_step, steps, seed, iteration, error);
}

size_t nca__batch_alive(const nca__batch *batch, size_t sample)
{
    return batch->backend->alive(batch, sample);
}

nca_status nca__batch_train(nca__batch *batch, const nca__batch_pass *pass, nca_error *error)
{
    return batch->backend->train(batch, pass, error);
}
