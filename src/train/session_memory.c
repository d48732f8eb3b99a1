/* How much memory a session takes, and whether it can be had. */
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "train/session.h"

static size_t add(size_t a, size_t b)
{
    size_t sum;
    return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

static size_t multiply(size_t a, size_t b)
{
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

nca__batch_options nca__session_batch_options(const nca_settings *settings, size_t height,
                                              size_t width, const nca_kernels *kernels)
{
    return (nca__batch_options){
        .automaton = nca_settings_automaton(settings),
        .batch = settings->batch_size,
        .height = height,
        .width = width,
        .threads = settings->threads,
        .kernels = kernels,
        .max_steps = settings->steps_max,
        .memory_limit =
            settings->memory_limit < SIZE_MAX ? (size_t)settings->memory_limit : SIZE_MAX,
    };
}

nca_session_memory nca_session_memory_needed(const nca_settings *settings, size_t height,
                                             size_t width)
{
    nca_session_memory needed = {0, 0, 0};
    if (settings->experiment != NCA_EXPERIMENT_GROWING) {
        needed.pool = nca__pool_memory(settings->pool_size, height, width, settings->n_channels);
    }
    const nca__batch_options options = nca__session_batch_options(settings, height, width, NULL);
    size_t least;
    nca__batch_memory(&needed.states, &needed.other, &least, &options);
    /* Parameters, gradient, two moments, and the copy of three of them before an update. */
    const size_t parameters = nca_parameter_count(&options.automaton);
    needed.other = add(needed.other, multiply(parameters, 7 * sizeof(float)));
    /* The batch itself, and the target here and in the model. */
    const size_t cells = multiply(height, width);
    const size_t values = multiply(multiply(cells, settings->n_channels), settings->batch_size);
    needed.other = add(needed.other, multiply(values, sizeof(float)));
    needed.other = add(needed.other, multiply(cells, 2 * 4 * sizeof(float)));
    const size_t per_sample = sizeof(float *) + sizeof(double) + sizeof(size_t) +
                              2 * sizeof(uint32_t) + sizeof(nca__rank) + 1;
    needed.other = add(needed.other, multiply(settings->batch_size, per_sample));
    needed.other = add(needed.other, sizeof(nca_session));
    return needed;
}

enum {
    SIZE_TEXT = 32
};

static const char *size_text(char out[SIZE_TEXT], size_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024.0 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024.0;
        unit++;
    }
    snprintf(out, SIZE_TEXT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return out;
}

nca_status nca__session_memory_check(const nca_session_memory *needed, size_t available,
                                     nca_error *error)
{
    const size_t total = add(add(needed->pool, needed->states), needed->other);
    if (total <= available) {
        return NCA_OK;
    }
    char text[5][SIZE_TEXT];
    /* The advice follows the largest part. */
    const char *advice = "batch_size, the target's size or hidden";
    if (needed->pool >= needed->states && needed->pool >= needed->other) {
        advice = "pool_size or the target's size";
    } else if (needed->states >= needed->other) {
        advice = "memory_limit";
    }
    return nca__fail(error, NCA_LIMIT,
                     "training needs %s of memory (pool %s, states %s, other %s) and this machine "
                     "has %s; lower %s",
                     size_text(text[0], total), size_text(text[1], needed->pool),
                     size_text(text[2], needed->states), size_text(text[3], needed->other),
                     size_text(text[4], available), advice);
}
