/* The objectives of classification compared with PyTorch's autograd: losses, gradients of all
 * tensors and of the initial states, through the steps of the automaton. The file and its layout
 * are those of fixtures/make_class_gradients.py. */
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

static void check_case(const class_case *own, size_t index, batch_how how)
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
    float *back[SAMPLES], *states = batch_allocate(c->batch * values, sizeof *states);
    float *gradient = batch_allocate(parameters, sizeof *gradient), losses[SAMPLES];
    double exact[SAMPLES];
    for (size_t b = 0; b < c->batch; b++) {
        asked[b] =
            (nca__class_asked){&own->loss, c->automaton.input_channels, features, own->answers[b]};
        asked_of[b] = &asked[b];
        initial[b] = c->initial + b * values;
        back[b] = states + b * values;
    }
    nca__batch_set_parameters(batch, c->parameters);
    const nca__batch_pass pass = {.steps = c->steps,
                                  .seed = c->seed,
                                  .iteration = c->iteration,
                                  .asked = asked_of,
                                  .initial = initial,
                                  .losses = exact,
                                  .gradient = gradient,
                                  .initial_gradient = back};
    assert_int_equal(nca__batch_train(batch, &pass, NULL), NCA_OK);
    for (size_t b = 0; b < c->batch; b++) {
        losses[b] = (float)exact[b];
    }
    assert_near(own, index, "the losses", losses, own->losses, c->batch);
    for (size_t i = 0; i < nca_tensor_count(&c->automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(&c->automaton, i);
        assert_near(own, index, tensor.name, gradient + tensor.offset,
                    own->gradient + tensor.offset, tensor.rows * tensor.columns);
    }
    assert_near(own, index, "the gradient of the initial states", states, own->initial_gradient,
                c->batch * values);
    nca__batch_destroy(batch);
    free(gradient);
    free(states);
}

static void losses_and_gradients_are_those_of_pytorch(void **state)
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
    }
    assert_int_equal(r.at, r.count);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_gradients_are_those_of_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
