/* See digests.h. All values stay finite, because the bits of a NaN are not specified. */
#include "backend/digests.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/batch.h"
#include "core/noise.h"
#include "nca/adam.h"
#include "nca/damage.h"
#include "task/grow_batch.h"

enum {
    BATCH = 3,
    STEPS = 14,
    ITERATIONS = 10
};

/* An automaton on a grid, its parameters, and a state for every sample of the batch. */
typedef struct work {
    nca__batch_options options;
    size_t values; /* H*W*C */
    float *parameters, *target, *states;
} work;

/* FNV-1a over the bytes of memory (Fowler, Noll, Vo). */
static void add_bytes(uint64_t *sum, const void *data, size_t bytes)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) {
        *sum = (*sum ^ byte[i]) * 0x100000001b3u;
    }
}

static uint64_t empty_digest(void)
{
    return 0xcbf29ce484222325u;
}

uint64_t digest_bytes(const void *data, size_t bytes)
{
    uint64_t sum = empty_digest();
    add_bytes(&sum, data, bytes);
    return sum;
}

static float *new_floats(size_t count)
{
    float *floats = calloc(count, sizeof *floats);
    if (floats == NULL) {
        abort();
    }
    return floats;
}

/* `scale` is the magnitude of the states; the parameters are chosen so that values neither vanish
 * nor explode. */
static work work_make(nca_automaton automaton, size_t height, size_t width, float scale,
                      const nca_kernels *kernels)
{
    const nca_automaton *a = &automaton;
    noise n = {height * 1000 + width};
    work w = {.options = {.automaton = automaton,
                          .batch = BATCH,
                          .height = height,
                          .width = width,
                          .threads = 2,
                          .kernels = kernels,
                          .objective = &nca__grow_objective},
              .values = height * width * a->channels};

    w.parameters = new_floats(nca_parameter_count(a));
    w.target = new_floats(height * width * 4);
    w.states = new_floats(BATCH * w.values);
    nca_parameters_init(w.parameters, a, NCA_INITIALISATION_UNIFORM, 11);
    nca_parameters view = nca_parameters_view(w.parameters, a);
    noise_fill(view.w2, (size_t)(a->channels - a->input_channels) * a->hidden, &n, -0.08f, 0.08f);
    noise_fill(w.target, height * width * 4, &n, 0.0f, 1.0f);
    noise_fill(w.states, BATCH * w.values, &n, -scale, scale);
    return w;
}

static void work_free(work *w)
{
    free(w->parameters);
    free(w->target);
    free(w->states);
}

static nca_error error;

static void must(nca_status status)
{
    if (status != NCA_OK) {
        fprintf(stderr, "digests: %s\n", error.message);
        abort();
    }
}

static nca__batch *new_batch(const work *w)
{
    nca__batch *batch = NULL;
    must(nca__batch_create(&batch, &w->options, &error));
    nca__batch_set_parameters(batch, w->parameters);
    return batch;
}

/* States that grow forward only, in two calls. */
static uint64_t digest_rollout(const nca_kernels *kernels)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.hidden = 40;
    automaton.filter = NCA_FILTER_SCHARR;
    automaton.angle_radians = 0.7f;
    work w = work_make(automaton, 21, 17, 0.8f, kernels);
    nca__batch *batch = new_batch(&w);
    uint64_t sum = empty_digest();

    for (size_t b = 0; b < BATCH; b++) {
        nca__batch_set(batch, b, w.states + b * w.values);
    }
    must(nca__batch_run(batch, 0, STEPS, 5, 0, &error));
    must(nca__batch_run(batch, STEPS, STEPS, 5, 0, &error));
    for (size_t b = 0; b < BATCH; b++) {
        size_t alive = nca__batch_alive(batch, b);
        nca__batch_get(w.states, batch, b);
        add_bytes(&sum, w.states, w.values * sizeof(float));
        add_bytes(&sum, &alive, sizeof alive);
    }
    nca__batch_destroy(batch);
    work_free(&w);
    return sum;
}

/* All results of one forward and backward pass; the states continue from their current values. */
static uint64_t run_pass(work *w, nca__batch *batch, float *gradient, nca_loss loss,
                         uint32_t iteration)
{
    double losses[BATCH];
    size_t alive[BATCH];
    float *states[BATCH], *initial_gradient[BATCH];
    uint64_t sum = empty_digest();
    grow_batch asked;

    for (size_t b = 0; b < BATCH; b++) {
        states[b] = w->states + b * w->values;
        initial_gradient[b] = new_floats(w->values);
    }
    const nca__batch_pass pass = {.steps = STEPS,
                                  .seed = 0xfeedbeefcafe,
                                  .iteration = iteration,
                                  .asked = grow_batch_fill(&asked, loss, w->target),
                                  .initial = (const float *const *)states,
                                  .final = states,
                                  .losses = losses,
                                  .alive = alive,
                                  .gradient = gradient,
                                  .initial_gradient = initial_gradient};
    must(nca__batch_train(batch, &pass, &error));
    add_bytes(&sum, losses, sizeof losses);
    add_bytes(&sum, alive, sizeof alive);
    add_bytes(&sum, gradient, nca_parameter_count(&w->options.automaton) * sizeof *gradient);
    for (size_t b = 0; b < BATCH; b++) {
        add_bytes(&sum, states[b], w->values * sizeof(float));
        add_bytes(&sum, initial_gradient[b], w->values * sizeof(float));
        free(initial_gradient[b]);
    }
    return sum;
}

static uint64_t digest_pass(nca_automaton automaton, float scale, nca_loss loss,
                            const nca_kernels *kernels)
{
    work w = work_make(automaton, 13, 19, scale, kernels);
    float *gradient = new_floats(nca_parameter_count(&automaton));
    w.options.max_steps = STEPS;
    nca__batch *batch = new_batch(&w);
    const uint64_t sum = run_pass(&w, batch, gradient, loss, 3);

    nca__batch_destroy(batch);
    free(gradient);
    work_free(&w);
    return sum;
}

static uint64_t digest_gradient(const nca_kernels *kernels)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.hidden = 50;
    automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    return digest_pass(automaton, 0.8f, NCA_LOSS_L2, kernels);
}

/* Copies of cells beyond the edges, and their gradient: one pass for each boundary that has any. */
static uint64_t digest_edges(const nca_kernels *kernels)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 9;
    automaton.hidden = 33;
    automaton.boundary = NCA_BOUNDARY_REFLECT;
    uint64_t sums[2] = {digest_pass(automaton, 0.8f, NCA_LOSS_L1, kernels)};
    automaton.boundary = NCA_BOUNDARY_REPLICATE;
    sums[1] = digest_pass(automaton, 0.8f, NCA_LOSS_L1, kernels);
    return digest_bytes(sums, sizeof sums);
}

/* Channels that need padding, no mask, and states so small that most are denormal: a CPU that
 * flushes them to zero is detected here. */
static uint64_t digest_denormals(const nca_kernels *kernels)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 11;
    automaton.hidden = 19;
    automaton.alive_channel = -1;
    automaton.output_bias = false;
    automaton.filter = NCA_FILTER_LAPLACIAN;
    return digest_pass(automaton, 0x1p-128f, NCA_LOSS_HINGE, kernels);
}

/* A small training: states are damaged, run and kept, gradients normalised, parameters updated with
 * a rate that warms up and falls. A single different bit spreads to all of them. */
static uint64_t digest_training(const nca_kernels *kernels)
{
    const nca_schedule schedule = {.kind = NCA_SCHEDULE_COSINE,
                                   .rate = 2e-3f,
                                   .warmup = 3,
                                   .decay_factor = 0.1f,
                                   .iterations = ITERATIONS};
    const nca_adam adam = {.beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f};
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.hidden = 32;
    work w = work_make(automaton, 12, 11, 0.5f, kernels);
    w.options.max_steps = STEPS;
    const size_t count = nca_parameter_count(&automaton);
    float *gradient = new_floats(count), *m = new_floats(count), *v = new_floats(count);
    nca__batch *batch = new_batch(&w);
    uint64_t sum = empty_digest();

    for (uint32_t i = 0; i < ITERATIONS; i++) {
        double norms[NCA_MAX_TENSORS];
        nca_damage damage =
            nca_damage_draw((nca_damage_shape)(i % (NCA_DAMAGE_SQUARE + 1)), 7, 0, i);
        nca_seed(w.states, w.options.height, w.options.width, automaton.channels);
        nca_damage_apply(w.states + w.values, w.options.height, w.options.width, automaton.channels,
                         &damage);
        uint64_t pass = run_pass(&w, batch, gradient, NCA_LOSS_MANHATTAN, i);
        add_bytes(&sum, &pass, sizeof pass);
        nca_gradient_norms(norms, gradient, &automaton);
        nca_gradient_normalise(gradient, norms, &automaton);
        nca_adam_update(w.parameters, m, v, gradient, count, &adam, nca_schedule_rate(&schedule, i),
                        i + 1);
        nca__batch_set_parameters(batch, w.parameters);
    }
    add_bytes(&sum, w.parameters, count * sizeof *w.parameters);
    add_bytes(&sum, m, count * sizeof *m);
    add_bytes(&sum, v, count * sizeof *v);
    nca__batch_destroy(batch);
    free(gradient);
    free(m);
    free(v);
    work_free(&w);
    return sum;
}

/* Input channels, with and without cells that die. */
static uint64_t digest_inputs(const nca_kernels *kernels)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 9;
    automaton.hidden = 33;
    automaton.input_channels = 2;
    uint64_t sums[2] = {digest_pass(automaton, 0.8f, NCA_LOSS_L2, kernels)};
    automaton.alive_channel = -1;
    automaton.input_channels = 5;
    sums[1] = digest_pass(automaton, 0.8f, NCA_LOSS_L2, kernels);
    return digest_bytes(sums, sizeof sums);
}

void digests_compute(digest out[DIGESTS], const nca_kernels *kernels)
{
    out[0] = (digest){"rollout", digest_rollout(kernels)};
    out[1] = (digest){"gradient", digest_gradient(kernels)};
    out[2] = (digest){"denormals", digest_denormals(kernels)};
    out[3] = (digest){"training", digest_training(kernels)};
    out[4] = (digest){"edges", digest_edges(kernels)};
    out[5] = (digest){"inputs", digest_inputs(kernels)};
}
