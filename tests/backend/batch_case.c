/* See batch_case.h. */
#include "backend/batch_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/oracle.h"
#include "task/grow_batch.h"

/* Relative to the largest value of the tensor. The engine sums single-precision products over
 * cells, steps and samples; the oracle sums in double precision. */
static const double gradient_tolerance = 2e-5, loss_tolerance = 1e-6;

enum {
    SENTINELS = 32 /* bytes on either side of an output */
};

size_t batch_values(const batch_case *c)
{
    return c->height * c->width * c->automaton.channels;
}

void *batch_allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) {
        abort();
    }
    return memory;
}

static float start_value(batch_start start, noise *n)
{
    static const float odd[] = {INFINITY, -INFINITY, NAN};

    switch (start) {
    case BATCH_START_TINY:
        return noise_between(n, -0x1p-126f, 0x1p-126f) * noise_between(n, 0.0f, 1.0f);
    case BATCH_START_HUGE:
        return noise_below(n, 5) ? noise_between(n, -1.0f, 1.0f) : noise_between(n, -3e30f, 3e30f);
    case BATCH_START_INFINITE:
        return noise_below(n, 40) ? noise_between(n, -1.0f, 1.0f) : odd[noise_below(n, 3)];
    case BATCH_START_SPARSE:
    case BATCH_START_SEED:
    case BATCH_START_DEAD:
        break;
    }
    /* Includes zeros of both signs. */
    return noise_below(n, 12) ? noise_between(n, -0.8f, 0.8f)
                              : copysignf(0.0f, noise_between(n, -1.0f, 1.0f));
}

static void draw_states(batch_case *c, noise *n)
{
    const nca_automaton *a = &c->automaton;

    for (size_t b = 0; b < c->batch; b++) {
        float *state = c->initial + b * batch_values(c);
        if (c->start == BATCH_START_SEED) {
            nca_seed(state, c->height, c->width, a->channels);
        }
        if (c->start == BATCH_START_SEED || c->start == BATCH_START_DEAD) {
            continue;
        }
        for (size_t i = 0; i < batch_values(c); i++) {
            state[i] = start_value(c->start, n);
        }
        for (size_t i = 0; i < c->height * c->width && a->alive_channel >= 0; i++) {
            float *alpha = state + i * a->channels + a->alive_channel;
            if (c->start == BATCH_START_INFINITE && noise_below(n, 8) == 0) {
                continue;
            }
            *alpha = a->alive_threshold + (noise_below(n, 8) ? noise_between(n, -1.0f, -0.01f)
                                                             : noise_between(n, 0.01f, 1.0f));
        }
    }
}

batch_case batch_case_make(size_t batch, size_t height, size_t width, size_t steps,
                           uint32_t channels, uint32_t hidden)
{
    batch_case c = {.batch = batch,
                    .height = height,
                    .width = width,
                    .steps = steps,
                    .seed = 0xfeedbeefcafe,
                    .iteration = 3};
    nca_automaton_default(&c.automaton);

    c.automaton.channels = channels;
    c.automaton.hidden = hidden;
    return c;
}

void batch_case_draw(batch_case *c, noise *n)
{
    const nca_automaton *a = &c->automaton;
    size_t channels = a->channels, hidden = a->hidden;
    /* Small enough that the values neither vanish nor explode in seventeen steps. */
    size_t inputs = nca_perception_maps(a) * channels;
    float spread1 = 1.2f / sqrtf((float)inputs), spread2 = 0.6f / sqrtf((float)hidden);

    c->parameters = batch_allocate(nca_parameter_count(a), sizeof(float));
    c->target = batch_allocate(c->height * c->width * 4, sizeof(float));
    c->initial = batch_allocate(c->batch * batch_values(c), sizeof(float));
    nca_parameters p = nca_parameters_view(c->parameters, a);
    noise_fill(p.w1, hidden * inputs, n, -spread1, spread1);
    noise_fill(p.b1, hidden, n, -0.1f, 0.1f);
    noise_fill(p.w2, (channels - a->input_channels) * hidden, n, -spread2, spread2);
    if (p.b2) {
        noise_fill(p.b2, channels - a->input_channels, n, -0.02f, 0.05f);
    }
    if (p.taps) {
        noise_fill(p.taps, a->filter_count * 9 * channels, n, -0.25f, 0.25f);
    }
    noise_fill(c->target, c->height * c->width * 4, n, 0.0f, 1.0f);
    draw_states(c, n);
}

void batch_case_free(batch_case *c)
{
    free(c->parameters);
    free(c->target);
    free(c->initial);
    c->parameters = c->target = c->initial = NULL;
}

const char *batch_case_text(const batch_case *c)
{
    static char text[256];
    const nca_automaton *a = &c->automaton;

    snprintf(text, sizeof text,
             "%zux%zu C %u N %u T %zu B %zu %s %u %s angle %g fire %g step %g alive %d > %g b2 %d "
             "inputs %u %s losses %zu "
             "start %d",
             c->height, c->width, a->channels, a->hidden, c->steps, c->batch,
             nca_filter_name(a->filter), a->filter_count, nca_boundary_name(a->boundary),
             (double)a->angle_radians, (double)a->fire_rate, (double)a->step_size, a->alive_channel,
             (double)a->alive_threshold, a->output_bias, a->input_channels, nca_loss_name(c->loss),
             c->losses, (int)c->start);
    return text;
}

/* ---- Results of the oracle ---- */

/* Adds `factor` times the gradient of the loss of one state, and returns that loss. */
static double add_loss(double *gradient, const batch_case *c, const float *state, double factor)
{
    const size_t channels = c->automaton.channels;
    double *own = batch_allocate(batch_values(c), sizeof *own);

    oracle_loss_backward(own, c->loss, state, c->target, c->height, c->width, channels, factor);
    for (size_t i = 0; i < batch_values(c); i++) {
        gradient[i] += own[i];
    }
    free(own);
    return oracle_loss(c->loss, state, c->target, c->height, c->width, channels);
}

/* The mean loss of the sample over the states of nca__loss_step, and its gradient; `state` becomes
 * that of the initial state. */
static double backward_sample(double *state, double *gradient, const batch_case *c, const oracle *o,
                              const float *states)
{
    const size_t values = batch_values(c), losses = c->losses > 0 ? c->losses : 1;
    size_t at = c->steps;
    double sum = 0.0;

    memset(state, 0, values * sizeof *state);
    for (size_t j = 0; j < losses; j++) {
        const size_t step = c->steps - (size_t)((double)(j * c->steps) / (2.0 * (double)losses));
        oracle_backward(state, gradient, o, states + step * values, (uint32_t)step, at - step);
        sum += add_loss(state, c, states + step * values, 1.0 / (double)(c->batch * losses));
        at = step;
    }
    oracle_backward(state, gradient, o, states, 0, at);
    return sum / (double)losses;
}

batch_result batch_expected(const batch_case *c)
{
    const nca_automaton *a = &c->automaton;
    size_t values = batch_values(c), parameters = nca_parameter_count(a);
    float *states = batch_allocate((c->steps + 1) * values, sizeof *states);
    double *state = batch_allocate(values, sizeof *state);
    double *gradient = batch_allocate(parameters, sizeof *gradient);
    batch_result r = {
        .final = batch_allocate(c->batch * values, sizeof(float)),
        .losses = batch_allocate(c->batch, sizeof(double)),
        .alive = batch_allocate(c->batch, sizeof(size_t)),
        .gradient = batch_allocate(parameters, sizeof(float)),
        .initial_gradient = batch_allocate(c->batch * values, sizeof(float)),
    };

    for (size_t b = 0; b < c->batch; b++) {
        oracle o = {a, c->parameters, c->height, c->width, c->seed, (uint32_t)b, c->iteration};
        const float *last = states + c->steps * values;

        memcpy(states, c->initial + b * values, values * sizeof *states);
        oracle_rollout(states, &o, 0, c->steps);
        memcpy(r.final + b * values, last, values * sizeof *last);
        r.losses[b] = backward_sample(state, gradient, c, &o, states);
        r.alive[b] = oracle_alive_count(&o, last);
        for (size_t i = 0; i < values; i++) {
            r.initial_gradient[b * values + i] = (float)state[i];
        }
    }
    for (size_t i = 0; i < parameters; i++) {
        r.gradient[i] = (float)gradient[i];
    }
    free(gradient);
    free(state);
    free(states);
    return r;
}

/* ---- Results of the engine ---- */

/* An output of `bytes` bytes of 0xa5 with sentinels before and after it. */
static void *guarded(size_t bytes)
{
    unsigned char *memory = batch_allocate(bytes + 2 * SENTINELS, 1);

    memset(memory, 0x5a, bytes + 2 * SENTINELS);
    memset(memory + SENTINELS, 0xa5, bytes);
    return memory + SENTINELS;
}

/* Checks the sentinels and returns a copy without them. */
static void *unguard(void *output, size_t bytes)
{
    unsigned char *memory = (unsigned char *)output - SENTINELS;
    void *copy = batch_allocate(bytes, 1);

    for (size_t i = 0; i < SENTINELS; i++) {
        if (memory[i] != 0x5a || memory[SENTINELS + bytes + i] != 0x5a) {
            fail_msg("an output of %zu bytes was overrun", bytes);
        }
    }
    memcpy(copy, output, bytes);
    free(memory);
    return copy;
}

nca__batch_options batch_options(const batch_case *c, batch_how how)
{
    return (nca__batch_options){
        .backend = how.backend,
        .device = how.device,
        .automaton = c->automaton,
        .batch = c->batch,
        .height = c->height,
        .width = c->width,
        .threads = how.threads,
        .kernels = how.kernels,
        .max_steps = how.max_steps ? how.max_steps
                     : c->steps    ? c->steps
                                   : 1,
        .memory_limit = how.memory_limit,
        .kept_hidden = how.kept_hidden,
        .precision = how.precision,
        .objective = &nca__grow_objective,
        .losses = c->losses,
    };
}

nca__batch *batch_make(const batch_case *c, batch_how how)
{
    const nca__batch_options options = batch_options(c, how);
    nca__batch *batch = NULL;
    nca_error error = {0};

    if (nca__batch_create(&batch, &options, &error) != NCA_OK) {
        fail_msg("%s: %s", batch_case_text(c), error.message);
    }
    return batch;
}

batch_result batch_found_parts(nca__batch *batch, const batch_case *c, float *sample_gradients)
{
    size_t values = batch_values(c), parameters = nca_parameter_count(&c->automaton);
    size_t state_bytes = values * sizeof(float);
    const float **initial = batch_allocate(c->batch, sizeof *initial);
    float **final = batch_allocate(c->batch, sizeof *final);
    float **initial_gradient = batch_allocate(c->batch, sizeof *initial_gradient);
    batch_result r = {
        .final = batch_allocate(c->batch, state_bytes),
        .losses = guarded(c->batch * sizeof(double)),
        .alive = guarded(c->batch * sizeof(size_t)),
        .gradient = guarded(parameters * sizeof(float)),
        .initial_gradient = batch_allocate(c->batch, state_bytes),
    };

    for (size_t b = 0; b < c->batch; b++) {
        initial[b] = c->initial + b * values;
        final[b] = guarded(state_bytes);
        initial_gradient[b] = guarded(state_bytes);
    }
    grow_batch asked;
    assert_true(c->batch <= GROW_MOST_SAMPLES);
    nca__batch_set_parameters(batch, c->parameters);
    const nca__batch_pass pass = {
        .steps = c->steps,
        .seed = c->seed,
        .iteration = c->iteration,
        .asked = grow_batch_fill(&asked, c->loss, c->target),
        .initial = initial,
        .final = final,
        .losses = r.losses,
        .alive = r.alive,
        .gradient = r.gradient,
        .sample_gradients = sample_gradients,
        .initial_gradient = initial_gradient,
    };
    assert_int_equal(nca__batch_train(batch, &pass, NULL), NCA_OK);
    for (size_t b = 0; b < c->batch; b++) {
        final[b] = unguard(final[b], state_bytes);
        initial_gradient[b] = unguard(initial_gradient[b], state_bytes);
        memcpy(r.final + b * values, final[b], state_bytes);
        memcpy(r.initial_gradient + b * values, initial_gradient[b], state_bytes);
        free(final[b]);
        free(initial_gradient[b]);
    }
    r.losses = unguard(r.losses, c->batch * sizeof(double));
    r.alive = unguard(r.alive, c->batch * sizeof(size_t));
    r.gradient = unguard(r.gradient, parameters * sizeof(float));
    free(initial_gradient);
    free(final);
    free(initial);
    return r;
}

batch_result batch_found_in(nca__batch *batch, const batch_case *c)
{
    return batch_found_parts(batch, c, NULL);
}

batch_result batch_found(const batch_case *c, batch_how how)
{
    nca__batch *batch = batch_make(c, how);
    batch_result r = batch_found_in(batch, c);

    nca__batch_destroy(batch);
    return r;
}

void batch_result_free(batch_result *r)
{
    free(r->final);
    free(r->losses);
    free(r->alive);
    free(r->gradient);
    free(r->initial_gradient);
    *r = (batch_result){0};
}

/* ---- Comparing ---- */

bool batch_same(const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) {
            return false;
        }
    }
    return true;
}

static void assert_same(const batch_case *c, const char *what, const char *tensor, const float *a,
                        const float *b, size_t count)
{
    size_t differ = 0, first = count;

    for (size_t i = 0; i < count; i++) {
        if (!batch_same(a + i, b + i, 1)) {
            first = differ++ ? first : i;
        }
    }
    if (differ) {
        fail_msg("%s: %s: %s: %zu of %zu values differ, the first at %zu: %.9g (%a) and %.9g (%a)",
                 batch_case_text(c), what, tensor, differ, count, first, (double)a[first],
                 (double)a[first], (double)b[first], (double)b[first]);
    }
}

static void assert_states(const batch_case *c, const char *what, const batch_result *a,
                          const batch_result *b)
{
    assert_same(c, what, "final states", a->final, b->final, c->batch * batch_values(c));
    for (size_t i = 0; i < c->batch; i++) {
        if (a->alive[i] != b->alive[i]) {
            fail_msg("%s: %s: sample %zu has %zu alive cells and %zu", batch_case_text(c), what, i,
                     a->alive[i], b->alive[i]);
        }
    }
}

void batch_assert_same(const batch_case *c, const char *what, const batch_result *a,
                       const batch_result *b)
{
    assert_states(c, what, a, b);
    for (size_t i = 0; i < c->batch; i++) {
        bool nan = isnan(a->losses[i]) && isnan(b->losses[i]);
        if (!nan && memcmp(a->losses + i, b->losses + i, sizeof *a->losses) != 0) {
            fail_msg("%s: %s: sample %zu has loss %.17g and %.17g", batch_case_text(c), what, i,
                     a->losses[i], b->losses[i]);
        }
    }
    assert_same(c, what, "gradient", a->gradient, b->gradient, nca_parameter_count(&c->automaton));
    assert_same(c, what, "gradient of the initial states", a->initial_gradient, b->initial_gradient,
                c->batch * batch_values(c));
}

double batch_distance(const float *found, const float *expected, size_t count)
{
    double largest = 0.0, worst = 0.0;

    for (size_t i = 0; i < count; i++) {
        if (!isfinite(found[i])) {
            return INFINITY;
        }
        largest = fmax(largest, fabs((double)expected[i]));
        worst = fmax(worst, fabs((double)found[i] - (double)expected[i]));
    }
    return worst == 0.0 ? 0.0 : worst / largest;
}

static void assert_near(const batch_case *c, const char *what, const char *tensor,
                        const float *found, const float *expected, size_t count)
{
    double distance = batch_distance(found, expected, count);

    if (!(distance <= gradient_tolerance)) {
        fail_msg("%s: %s: %s is off by %.3g of its largest value", batch_case_text(c), what, tensor,
                 distance);
    }
}

void batch_assert_near(const batch_case *c, const char *what, const batch_result *found,
                       const batch_result *expected, bool states_only)
{
    size_t values = batch_values(c);

    assert_states(c, what, found, expected);
    for (size_t i = 0; i < c->batch; i++) {
        double x = found->losses[i], y = expected->losses[i];
        bool same = x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= loss_tolerance * fabs(y);
        if (!same) {
            fail_msg("%s: %s: sample %zu has loss %.12g, expected %.12g", batch_case_text(c), what,
                     i, x, y);
        }
    }
    for (size_t tensor = 0; tensor < nca_tensor_count(&c->automaton) && !states_only; tensor++) {
        const nca_tensor own = nca_tensor_at(&c->automaton, tensor);
        const size_t rows = own.rows, columns = own.columns, at = own.offset;
        assert_near(c, what, own.name, found->gradient + at, expected->gradient + at,
                    rows * columns);
    }
    for (size_t b = 0; b < c->batch && !states_only; b++) {
        assert_near(c, what, "gradient of an initial state", found->initial_gradient + b * values,
                    expected->initial_gradient + b * values, values);
    }
}

const nca_kernels *batch_kernels(size_t index)
{
    for (size_t i = 0;; i++) {
        const nca_kernels *kernels = nca_kernels_at(i);
        if (!kernels || (!nca_kernels_missing(kernels) && index-- == 0)) {
            return kernels;
        }
    }
}
