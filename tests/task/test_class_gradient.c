/* The objectives of classification compared with PyTorch's autograd: losses, gradients of all
 * tensors and of the initial states, through the steps of the automaton. The file and its layout
 * are those of fixtures/make_class_gradients.py. Several losses of a rollout are compared with one
 * loss of shorter rollouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "base/file.h"
#include "kernels/table.h"
#include "task/classify_objective.h"

enum {
    SAMPLES = 4 /* at most */
};

typedef struct reader {
    const uint32_t *words;
    size_t at, count;
} reader;

static const void *take(reader *r, size_t words)
{
    assert_true(words <= r->count - r->at);
    r->at += words;
    return r->words + r->at - words;
}

static uint32_t word(reader *r)
{
    return *(const uint32_t *)take(r, 1);
}

static float number(reader *r)
{
    return *(const float *)take(r, 1);
}

typedef struct class_case {
    batch_case c; /* its arrays belong to the file */
    nca_readout readout;
    nca__class_loss loss;
    double weights[NCA_MAX_CLASSES];
    uint8_t answers[SAMPLES][NCA_MAX_CLASSES];
    const float *losses, *gradient, *initial_gradient;
} class_case;

static void take_case(class_case *out, reader *r)
{
    batch_case *c = &out->c;
    nca_automaton *a = &c->automaton;
    *out = (class_case){.losses = NULL};
    nca_automaton_default(a);
    a->alive_channel = -1;
    c->height = word(r);
    c->width = word(r);
    a->channels = word(r);
    a->hidden = word(r);
    c->steps = word(r);
    c->batch = word(r);
    a->filter = (nca_filter)word(r);
    a->filter_count = word(r);
    a->boundary = (nca_boundary)word(r);
    a->output_bias = word(r) != 0;
    a->input_channels = word(r);
    a->head_inputs = word(r);
    a->head_outputs = word(r);
    out->loss.classes = word(r);
    out->readout = (nca_readout)word(r);
    out->loss.kind = (nca_class_loss)word(r);
    out->loss.sigmoid = word(r) != 0;
    out->loss.labels = word(r) != 0;
    c->iteration = word(r);
    c->seed = word(r);
    c->seed |= (uint64_t)word(r) << 32;
    a->fire_rate = number(r);
    a->step_size = number(r);
    out->loss.gamma = (double)number(r);
    out->loss.smoothing = (double)number(r);
    for (size_t k = 0; k < out->loss.classes; k++) {
        out->weights[k] = (double)number(r);
    }
    out->loss.weights = out->weights;
    assert_true(c->batch <= SAMPLES);
    for (size_t b = 0; b < c->batch; b++) {
        for (size_t k = 0; k < (out->loss.labels ? out->loss.classes : 1); k++) {
            out->answers[b][k] = (uint8_t)word(r);
        }
    }
    const size_t parameters = nca_parameter_count(a), states = c->batch * batch_values(c);
    c->parameters = (float *)(uintptr_t)take(r, parameters);
    c->initial = (float *)(uintptr_t)take(r, states);
    out->losses = take(r, c->batch);
    out->gradient = take(r, parameters);
    out->initial_gradient = take(r, states);
}

static void assert_near(const class_case *own, size_t index, const char *what, const float *found,
                        const float *expected, size_t count)
{
    const double distance = batch_distance(found, expected, count);
    if (!(distance <= 2e-5)) {
        fail_msg("case %zu, %s, %s, %s: %s is off by %.3g of its largest value", index,
                 nca_readout_name(own->readout), nca_class_loss_name(own->loss.kind),
                 batch_case_text(&own->c), what, distance);
    }
}

/* What a training pass computes. */
typedef struct class_result {
    double losses[SAMPLES];
    float *gradient;         /* flat */
    float *initial_gradient; /* (B,H,W,C) */
} class_result;

static class_result found_of(const class_case *own, batch_how how)
{
    const batch_case *c = &own->c;
    const size_t values = batch_values(c), parameters = nca_parameter_count(&c->automaton);
    const size_t features =
        c->automaton.head_outputs > 0 ? c->automaton.head_inputs : own->loss.classes;
    nca__batch_options options = batch_options(c, how);
    options.objective = nca__class_objective(own->readout);
    nca__batch *batch = NULL;
    assert_int_equal(nca__batch_create(&batch, &options, NULL), NCA_OK);
    nca__class_asked asked[SAMPLES];
    const void *asked_of[SAMPLES];
    const float *initial[SAMPLES];
    float *back[SAMPLES];
    class_result result = {
        .gradient = batch_allocate(parameters, sizeof(float)),
        .initial_gradient = batch_allocate(c->batch * values, sizeof(float)),
    };
    for (size_t b = 0; b < c->batch; b++) {
        asked[b] =
            (nca__class_asked){&own->loss, c->automaton.input_channels, features, own->answers[b]};
        asked_of[b] = &asked[b];
        initial[b] = c->initial + b * values;
        back[b] = result.initial_gradient + b * values;
    }
    nca__batch_set_parameters(batch, c->parameters);
    const nca__batch_pass pass = {.steps = c->steps,
                                  .seed = c->seed,
                                  .iteration = c->iteration,
                                  .asked = asked_of,
                                  .initial = initial,
                                  .losses = result.losses,
                                  .gradient = result.gradient,
                                  .initial_gradient = back};
    assert_int_equal(nca__batch_train(batch, &pass, NULL), NCA_OK);
    nca__batch_destroy(batch);
    return result;
}

static void free_result(class_result *result)
{
    free(result->gradient);
    free(result->initial_gradient);
}

static void assert_gradients_near(const class_case *own, size_t index, const class_result *found,
                                  const float *gradient, const float *initial_gradient)
{
    const batch_case *c = &own->c;
    for (size_t i = 0; i < nca_tensor_count(&c->automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(&c->automaton, i);
        assert_near(own, index, tensor.name, found->gradient + tensor.offset,
                    gradient + tensor.offset, tensor.rows * tensor.columns);
    }
    assert_near(own, index, "the gradient of the initial states", found->initial_gradient,
                initial_gradient, c->batch * batch_values(c));
}

static void check_case(const class_case *own, size_t index, batch_how how)
{
    class_result found = found_of(own, how);
    float losses[SAMPLES];
    for (size_t b = 0; b < own->c.batch; b++) {
        losses[b] = (float)found.losses[b];
    }
    assert_near(own, index, "the losses", losses, own->losses, own->c.batch);
    assert_gradients_near(own, index, &found, own->gradient, own->initial_gradient);
    free_result(&found);
}

/* The loss of a state on the way is that of a shorter rollout, which has the same fire masks. */
static void check_losses_on_the_way(const class_case *own, size_t index)
{
    static const size_t steps[] = {9, 8, 6}; /* 3 losses of 9 steps */
    class_case whole = *own, part = *own;
    const size_t parameters = nca_parameter_count(&own->c.automaton);
    const size_t states = own->c.batch * batch_values(&own->c);
    float *gradient = batch_allocate(parameters, sizeof *gradient);
    float *initial_gradient = batch_allocate(states, sizeof *initial_gradient);
    double losses[SAMPLES] = {0};
    whole.c.steps = 9;
    whole.c.losses = 3;
    for (size_t j = 0; j < 3; j++) {
        part.c.steps = steps[j];
        class_result found = found_of(&part, (batch_how){.threads = 1});
        for (size_t b = 0; b < own->c.batch; b++) {
            losses[b] += found.losses[b];
        }
        for (size_t i = 0; i < parameters; i++) {
            gradient[i] += found.gradient[i] / 3.0f;
        }
        for (size_t i = 0; i < states; i++) {
            initial_gradient[i] += found.initial_gradient[i] / 3.0f;
        }
        free_result(&found);
    }
    class_result found = found_of(&whole, (batch_how){.threads = 1});
    for (size_t b = 0; b < own->c.batch; b++) {
        assert_true(found.losses[b] == losses[b] / 3.0);
    }
    assert_gradients_near(&whole, index, &found, gradient, initial_gradient);
    free_result(&found);
    free(gradient);
    free(initial_gradient);
}

static void losses_and_gradients_are_those_of_pytorch_at_every_step(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t size;
    nca_error error;
    if (nca__file_read(&bytes, &size, NCA_FIXTURES "/class_gradients.bin", 1 << 24, &error) !=
        NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_memory_equal(bytes, "NCACGRD1", 8);
    reader r = {(const uint32_t *)(const void *)bytes, 2, size / 4};
    const uint32_t count = word(&r);
    assert_int_equal(count, 46);
    for (uint32_t i = 0; i < count; i++) {
        class_case own;
        take_case(&own, &r);
        check_case(&own, i, (batch_how){.threads = 1});
        check_case(&own, i, (batch_how){.threads = 2, .kernels = &nca__kernels_scalar});
        check_losses_on_the_way(&own, i);
    }
    assert_int_equal(r.at, r.count);
    free(bytes);
}

/* A grid of several bands with random weights; batch_case_free releases it. */
static class_case large_case(nca_readout readout)
{
    noise n = {31};
    class_case own = {.c = batch_case_make(3, 40, 33, 11, 10, 16),
                      .readout = readout,
                      .loss = {.kind = NCA_CLASS_LOSS_CROSS_ENTROPY, .classes = SAMPLES},
                      .answers = {{2}, {0}, {3}}};
    nca_automaton *a = &own.c.automaton;
    own.c.losses = 5;
    a->alive_channel = -1;
    a->input_channels = 1;
    a->head_inputs = readout == NCA_READOUT_CELLS ? 0 : 6;
    a->head_outputs = readout == NCA_READOUT_CELLS ? 0 : SAMPLES;
    batch_case_draw(&own.c, &n);
    noise_fill(nca_parameters_view(own.c.parameters, a).head_w, a->head_inputs * a->head_outputs,
               &n, -1.0f, 1.0f);
    return own;
}

static void assert_same_bits(const class_case *own, batch_how how, const class_result *first)
{
    const batch_case *c = &own->c;
    class_result found = found_of(own, how);
    if (memcmp(found.losses, first->losses, c->batch * sizeof *found.losses) != 0 ||
        !batch_same(found.gradient, first->gradient, nca_parameter_count(&c->automaton)) ||
        !batch_same(found.initial_gradient, first->initial_gradient, c->batch * batch_values(c))) {
        fail_msg("%s, %s: other bits with %u threads, kernels %s, %zu bytes for states, %zu for "
                 "hidden layers",
                 nca_readout_name(own->readout), nca_precision_name(how.precision), how.threads,
                 nca_kernels_name(how.kernels), how.memory_limit, how.kept_hidden);
    }
    free_result(&found);
}

static void check_bits(const class_case *own, nca_precision precision)
{
    const batch_how plain = {.threads = 1, .kernels = &nca__kernels_scalar, .precision = precision};
    class_result first = found_of(own, plain);
    nca__batch_options options = batch_options(&own->c, (batch_how){.threads = 4});
    options.objective = nca__class_objective(own->readout);
    size_t states, other, least;
    nca__batch_memory(&states, &other, &least, &options);
    for (size_t k = 0; batch_kernels(k) != NULL; k++) {
        if (nca_kernels_missing_for(batch_kernels(k), precision) != NULL) {
            continue;
        }
        for (unsigned threads = 1; threads <= 4; threads++) {
            const batch_how how = {.threads = threads,
                                   .kernels = batch_kernels(k),
                                   .precision = precision,
                                   .memory_limit = (threads + k) % 2 == 0 ? least : 0,
                                   .kept_hidden = threads > 2 ? 1 << 18 : 0};
            assert_same_bits(own, how, &first);
        }
    }
    free_result(&first);
}

static void threads_kernels_and_memory_never_change_a_bit_of_several_losses(void **state)
{
    (void)state;
    for (int readout = 0; readout < NCA_READOUT_COUNT; readout++) {
        class_case own = large_case((nca_readout)readout);
        check_bits(&own, NCA_PRECISION_FP32);
        check_bits(&own, NCA_PRECISION_BF16);
        batch_case_free(&own.c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_gradients_are_those_of_pytorch_at_every_step),
        cmocka_unit_test(threads_kernels_and_memory_never_change_a_bit_of_several_losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
