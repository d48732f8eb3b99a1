/* The public rollout: a batch that grows from seeds, with its step counter. */
#include "nca/rollout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/device_choice.h"
#include "base/error.h"
#include "base/machine_memory.h"
#include "base/saturate.h"
#include "base/size_text.h"
#include "core/loss_terms.h"

struct nca_rollout {
    nca_rollout_options options;
    size_t channels;
    uint32_t input_channels;
    nca__batch *batch;
    float *scratch; /* (H,W,C) a state being read or set */
    uint64_t steps;
};

enum {
    UNKNOWN_SIDE = 64
};

void nca_rollout_options_default(nca_rollout_options *out, const nca_model *model)
{
    *out = (nca_rollout_options){
        .batch = 1,
        .height = model->info.height != 0 ? model->info.height : UNKNOWN_SIDE,
        .width = model->info.width != 0 ? model->info.width : UNKNOWN_SIDE,
    };
}

static nca_status check_options(const nca_rollout_options *options, const nca_model *model,
                                nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED - 2, "nca_rollout_options", error);
    if (room != NCA_OK) {
        return room;
    }
    const char *problem = nca_automaton_problem(&model->automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "model: %s", problem);
    }
    if (options->batch < 1 || options->batch >= 1u << 24) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "batch: expected 1 to 16777215 samples, found %zu", options->batch);
    }
    if (options->first_sample > (1u << 24) - options->batch) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "batch: expected sample numbers up to %u, found %zu samples starting at %zu", 1u << 24,
            options->batch, options->first_sample);
    }
    if (options->mask_sets >= 1u << 24) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "mask_sets: expected 0 to 16777215, found %llu",
                         (unsigned long long)options->mask_sets);
    }
    if (options->height < 1 || options->height > NCA_MAX_SIDE || options->width < 1 ||
        options->width > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "grid: expected 1 to %d cells a side, found %zux%zu", NCA_MAX_SIDE,
                         options->height, options->width);
    }
    const nca_kernels *kernels = options->kernels;
    if (kernels != NULL && nca_kernels_missing(kernels) != NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "kernels: this CPU cannot run the kernel set %s, which needs %s",
                         nca_kernels_name(kernels), nca_kernels_missing(kernels));
    }
    if (options->precision != NCA_PRECISION_FP32 && options->precision != NCA_PRECISION_INT8) {
        const char *name = nca_precision_name(options->precision);
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "precision: expected fp32 or int8 for a rollout, found %s",
                         name != NULL ? name : "an unknown precision");
    }
    return nca_device_choose(NULL, options->device, options->precision, error);
}

/* The operating system may promise more memory than it has, and kill the process that uses it. */
static nca_status check_memory(const nca__batch_options *batch, nca_error *error)
{
    size_t states;
    size_t other;
    size_t least;
    nca__batch_memory(&states, &other, &least, batch);
    const size_t needed = nca__saturating_add(states, other);
    const size_t available = nca__machine_memory();
    if (needed <= available) {
        return NCA_OK;
    }
    char texts[2][NCA__SIZE_TEXT];
    return nca__fail(error, NCA_LIMIT,
                     "%zu samples on a grid of %zux%zu need %s of memory, but this machine has %s; "
                     "run fewer samples at a time or use a smaller grid",
                     batch->batch, batch->height, batch->width, nca__size_text(texts[0], needed),
                     nca__size_text(texts[1], available));
}

nca_status nca_rollout_create(nca_rollout **out_rollout, const nca_model *model,
                              const nca_rollout_options *options, nca_error *error)
{
    nca_status status = check_options(options, model, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_rollout *rollout = calloc(1, sizeof *rollout);
    if (rollout == NULL) {
        return nca__fail_memory(error, "a rollout", sizeof *rollout);
    }
    rollout->options = *options;
    rollout->channels = model->automaton.channels;
    rollout->input_channels = model->automaton.input_channels;
    size_t state_bytes =
        options->height * options->width * rollout->channels * sizeof *rollout->scratch;
    rollout->scratch = malloc(state_bytes);
    if (rollout->scratch == NULL) {
        status = nca__fail_memory(error, "a state", state_bytes);
        goto failed;
    }
    nca__batch_options batch = {
        .automaton = model->automaton,
        .batch = options->batch,
        .height = options->height,
        .width = options->width,
        .threads = options->threads,
        .kernels = options->kernels,
        .precision = options->precision,
        .first_sample = (uint32_t)options->first_sample,
        .mask_sets = (uint32_t)options->mask_sets,
    };
    nca__backend_choose(&batch, options->device);
    status = check_memory(&batch, error);
    if (status == NCA_OK) {
        status = nca__batch_create(&rollout->batch, &batch, error);
    }
    if (status != NCA_OK) {
        goto failed;
    }
    nca__batch_set_parameters(rollout->batch, model->parameters);
    nca_rollout_reset(rollout);
    *out_rollout = rollout;
    return NCA_OK;
failed:
    nca_rollout_destroy(rollout);
    return status;
}

void nca_rollout_destroy(nca_rollout *rollout)
{
    if (rollout == NULL) {
        return;
    }
    nca__batch_destroy(rollout->batch);
    free(rollout->scratch);
    free(rollout);
}

void nca_rollout_reset(nca_rollout *rollout)
{
    nca_seed(rollout->scratch, rollout->options.height, rollout->options.width, rollout->channels);
    for (size_t sample = 0; sample < rollout->options.batch; sample++) {
        nca__batch_set(rollout->batch, sample, rollout->scratch);
    }
    rollout->steps = 0;
}

nca_status nca_rollout_run(nca_rollout *rollout, size_t steps, nca_error *error)
{
    nca_status status = NCA_OK;
    /* Beyond 2^32 steps the iteration word of the counter goes on counting. */
    while (status == NCA_OK && steps > 0) {
        uint64_t left = (UINT64_C(1) << 32) - (rollout->steps & 0xFFFFFFFFu);
        size_t piece = steps < left ? steps : (size_t)left;
        status = nca__batch_run(rollout->batch, rollout->steps, piece, rollout->options.seed,
                                (uint32_t)(rollout->steps >> 32), error);
        rollout->steps += status == NCA_OK ? piece : 0;
        steps -= piece;
    }
    return status;
}

uint64_t nca_rollout_steps(const nca_rollout *rollout)
{
    return rollout->steps;
}

void nca_rollout_set_steps(nca_rollout *rollout, uint64_t steps)
{
    rollout->steps = steps;
}

bool nca_rollout_get(float *out_state, const nca_rollout *rollout, size_t sample)
{
    if (sample >= rollout->options.batch) {
        return false;
    }
    nca__batch_get(out_state, rollout->batch, sample);
    return true;
}

bool nca_rollout_set(nca_rollout *rollout, size_t sample, const float *state)
{
    if (sample >= rollout->options.batch) {
        return false;
    }
    nca__batch_set(rollout->batch, sample, state);
    return true;
}

bool nca_rollout_rgba(float *out_rgba, const nca_rollout *rollout, size_t sample)
{
    enum {
        RGBA = 4
    };
    if (sample >= rollout->options.batch) {
        return false;
    }
    for (size_t row = 0; row < rollout->options.height; row++) {
        size_t stride;
        const float *cells = nca__batch_row(&stride, rollout->batch, sample, row);
        for (size_t column = 0; column < rollout->options.width; column++) {
            memcpy(out_rgba, cells + column * stride, RGBA * sizeof *out_rgba);
            out_rgba += RGBA;
        }
    }
    return true;
}

size_t nca_rollout_damage(nca_rollout *rollout, size_t sample, const nca_damage *damage)
{
    if (!nca_rollout_get(rollout->scratch, rollout, sample)) {
        return 0;
    }
    nca_damage kept = *damage;
    kept.input_channels = rollout->input_channels;
    size_t cut = nca_damage_apply(rollout->scratch, rollout->options.height, rollout->options.width,
                                  rollout->channels, &kept);
    nca_rollout_set(rollout, sample, rollout->scratch);
    return cut;
}

size_t nca_rollout_alive(const nca_rollout *rollout, size_t sample)
{
    return sample < rollout->options.batch ? nca__batch_alive(rollout->batch, sample) : 0;
}

double nca_rollout_loss(const nca_rollout *rollout, size_t sample, nca_loss loss,
                        const float *target)
{
    if (sample >= rollout->options.batch || (unsigned)loss >= NCA_LOSS_COUNT) {
        return NAN;
    }
    const size_t height = rollout->options.height;
    const size_t width = rollout->options.width;
    double sum = 0.0;
    for (size_t row = 0; row < height; row++) {
        size_t stride;
        const float *cells = nca__batch_row(&stride, rollout->batch, sample, row);
        sum = nca__loss_sum(sum, loss, cells, stride, target + row * width * 4, width);
    }
    return sum * nca__loss_scale(loss, height * width);
}
