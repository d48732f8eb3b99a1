/* The memory that a session needs, and the check whether it is available. */
#include <stdint.h>

#include "backend/device_choice.h"
#include "base/error.h"
#include "base/machine_memory.h"
#include "base/saturate.h"
#include "base/size_text.h"
#include "core/optimisers.h"
#include "core/seed_survival.h"
#include "train/session.h"

enum {
    /* Bytes for the hidden layers of a sample: enough for four fifths of those of 80 steps on
     * 28x28, and small enough for two threads to train in 60 MB. */
    KEPT_HIDDEN = 14 << 20
};

nca_automaton nca__session_automaton(const nca_settings *settings, const nca__problem *problem)
{
    nca_automaton automaton = nca_settings_automaton(settings);
    automaton.input_channels = problem->input_channels;
    automaton.head_inputs = problem->head_inputs;
    automaton.head_outputs = problem->head_outputs;
    return automaton;
}

nca__batch_options nca__session_batch_options(const nca_settings *settings,
                                              const nca__problem *problem,
                                              const nca_kernels *kernels)
{
    nca__batch_options options = {
        .automaton = nca__session_automaton(settings, problem),
        .batch = settings->batch_size,
        .height = problem->height,
        .width = problem->width,
        .threads = settings->threads,
        .kernels = kernels,
        .precision = settings->precision,
        .max_steps = settings->steps_max,
        .kept_hidden = KEPT_HIDDEN,
        .objective = problem->objective,
        .losses = settings->loss_steps,
        .memory_limit =
            settings->memory_limit < SIZE_MAX ? (size_t)settings->memory_limit : SIZE_MAX,
    };
    nca__backend_choose(&options, settings->device);
    return options;
}

size_t nca__session_scratch(const nca_settings *settings, const nca__problem *problem)
{
    const nca_automaton automaton = nca__session_automaton(settings, problem);
    const size_t update = nca__optimiser_scratch(settings->optimiser, &automaton);
    const size_t survival =
        settings->seed_survival > 0.0f ? nca__seed_survival_scratch(&automaton) : 0;
    return update > survival ? update : survival;
}

size_t nca__session_slots(const nca_settings *settings, const nca__problem *problem)
{
    return problem->pool ? settings->pool_size : settings->carry > 0.0f ? settings->batch_size : 0;
}

/* The session's own arrays: everything except the pool and the batch. */
static size_t session_bytes(const nca_settings *settings, const nca__problem *problem,
                            size_t parameters)
{
    /* Gradient, two moments, a copy of parameters and moments before an update, the model's own,
     * and their average. */
    const size_t copies = settings->average_decay > 0.0f ? 8 : 7;
    size_t bytes = parameters * copies * sizeof(float);
    bytes = nca__saturating_add(bytes, nca__session_scratch(settings, problem));
    /* The batch itself, and the task's data. */
    const size_t cells = problem->height * problem->width;
    const size_t state = cells * settings->n_channels * sizeof(float);
    bytes = nca__saturating_add(bytes, nca__saturating_multiply(state, settings->batch_size));
    const nca__task *task = problem->task;
    bytes = nca__saturating_add(bytes, task->bytes != NULL ? task->bytes(problem) : 0);
    const size_t per_sample = 2 * sizeof(float *) + sizeof(double) + sizeof(size_t) +
                              3 * sizeof(uint32_t) + sizeof(nca__rank) + 1;
    bytes = nca__saturating_add(bytes, settings->batch_size * per_sample);
    bytes = nca__saturating_add(bytes, problem->pool ? 0 : nca__epochs_memory(problem->samples));
    return nca__saturating_add(bytes, sizeof(nca_session));
}

nca_session_memory nca__session_memory_needed(const nca_settings *settings,
                                              const nca__problem *problem)
{
    const size_t height = problem->height, width = problem->width;
    if (nca_settings_check(settings, NULL) != NCA_OK || height < 1 || height > NCA_MAX_SIDE ||
        width < 1 || width > NCA_MAX_SIDE) {
        return (nca_session_memory){SIZE_MAX, SIZE_MAX, SIZE_MAX};
    }
    nca_session_memory needed = {0, 0, 0};
    const size_t slots = nca__session_slots(settings, problem);
    if (slots > 0) {
        needed.pool = nca__pool_memory(slots, height, width, settings->n_channels);
    }
    const nca__batch_options options = nca__session_batch_options(settings, problem, NULL);
    size_t least;
    nca__batch_memory(&needed.states, &needed.other, &least, &options);
    needed.other = nca__saturating_add(
        needed.other, session_bytes(settings, problem, nca_parameter_count(&options.automaton)));
    return needed;
}

static size_t total_of(const nca_session_memory *needed)
{
    return nca__saturating_add(nca__saturating_add(needed->pool, needed->states), needed->other);
}

nca_status nca__session_memory_check(const nca_session_memory *needed, size_t least,
                                     size_t available, nca_error *error)
{
    const size_t total = total_of(needed);
    if (total <= available) {
        return NCA_OK;
    }
    char text[5][NCA__SIZE_TEXT];
    /* The advice depends on the largest part. */
    const char *advice = "batch_size, the size of the grid or hidden";
    if (needed->pool >= needed->states && needed->pool >= needed->other) {
        advice = "pool_size or the size of the grid";
    } else if (needed->states >= needed->other) {
        advice = least <= available ? "memory_limit" : "the size of the grid or steps_max";
    }
    return nca__fail(error, NCA_LIMIT,
                     "training needs %s of memory (pool %s, states %s, other %s), but this machine "
                     "has %s; lower %s",
                     nca__size_text(text[0], total), nca__size_text(text[1], needed->pool),
                     nca__size_text(text[2], needed->states),
                     nca__size_text(text[3], needed->other), nca__size_text(text[4], available),
                     advice);
}

nca_status nca__session_fits(const nca_settings *settings, const nca__problem *problem,
                             nca_error *error)
{
    const nca_session_memory needed = nca__session_memory_needed(settings, problem);
    nca_settings smallest = *settings;
    smallest.memory_limit = 1;
    const nca_session_memory least = nca__session_memory_needed(&smallest, problem);
    return nca__session_memory_check(&needed, total_of(&least), nca__machine_memory(), error);
}
