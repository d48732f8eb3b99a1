/* The engine compared with the dense oracle and with PyTorch's autograd: final states have the same
 * bits, losses and gradients are close (tolerances in batch_case.c), for each kernel set that this
 * CPU can run. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "core/autograd_cases.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const size_t sides[] = {1, 2, 3, 5, 8, 17, 33};
static const uint32_t channel_counts[] = {4, 5, 8, 15, 16, 17, 31, 33};
static const uint32_t hidden_counts[] = {1, 3, 15, 16, 17, 31, 128};
static const float fire_rates[] = {0.01f, 0.25f, 0.5f, 0.9f, 1.0f};
static const size_t step_counts[] = {0, 1, 2, 17};

/* Number of multiply-adds of a forward pass of the oracle, for keeping the tests fast. */
static double work(const batch_case *c)
{
    return (double)(c->batch * c->steps * c->height * c->width) * c->automaton.channels * 4.0 *
           c->automaton.hidden * (double)c->automaton.fire_rate;
}

/* A case with random settings, chosen from the unusual ones. */
static batch_case draw_case(noise *n)
{
    static const float thresholds[] = {0.1f, 0.1f, 0.0f, -0.3f}, sizes[] = {1.0f, 0.5f, -1.25f};
    static const float angles[] = {0.0f, 0.0f, 0.7f, -2.0f};
    batch_case c = {0};
    nca_automaton_default(&c.automaton);
    nca_automaton *a = &c.automaton;

    c.height = sides[noise_below(n, COUNT(sides))];
    c.width = sides[noise_below(n, COUNT(sides))];
    c.batch = 1 + noise_below(n, 4);
    c.steps = step_counts[noise_below(n, COUNT(step_counts))];
    c.seed = noise_word(n);
    c.iteration = (uint32_t)noise_word(n);
    c.loss = (nca_loss)noise_below(n, NCA_LOSS_COUNT);
    a->channels = channel_counts[noise_below(n, COUNT(channel_counts))];
    a->hidden = hidden_counts[noise_below(n, COUNT(hidden_counts))];
    a->filter = (nca_filter)noise_below(n, NCA_FILTER_COUNT);
    a->boundary = (nca_boundary)noise_below(n, NCA_BOUNDARY_COUNT);
    a->filter_count = 1 + noise_below(n, NCA_MAX_FILTERS);
    a->angle_radians =
        a->filter == NCA_FILTER_LEARNED ? 0.0f : angles[noise_below(n, COUNT(angles))];
    a->fire_rate = fire_rates[noise_below(n, COUNT(fire_rates))];
    a->step_size = sizes[noise_below(n, COUNT(sizes))];
    a->alive_channel = noise_below(n, 3) ? 3 : (int32_t)noise_below(n, a->channels + 1) - 1;
    a->alive_threshold = thresholds[noise_below(n, COUNT(thresholds))];
    a->output_bias = noise_below(n, 2) != 0;
    a->input_channels = noise_below(n, 3) ? 0 : noise_below(n, a->channels);
    return c;
}

/* Compares each kernel set with the oracle; fills the case and releases it. */
static void check(batch_case *c, noise *n, bool states_only)
{
    const nca_kernels *kernels;

    /* The caller may have reduced the number of channels. */
    c->automaton.input_channels %= c->automaton.channels;
    batch_case_draw(c, n);
    batch_result expected = batch_expected(c);
    for (size_t i = 0; (kernels = batch_kernels(i)); i++) {
        batch_result found = batch_found(c, (batch_how){.threads = 1, .kernels = kernels});
        batch_assert_near(c, nca_kernels_name(kernels), &found, &expected, states_only);
        batch_result_free(&found);
    }
    batch_result_free(&expected);
    batch_case_free(c);
}

static void awkward_sizes_and_settings_give_what_the_oracle_gives(void **context)
{
    noise n = {1};

    (void)context;
    for (int i = 0; i < 400;) {
        batch_case c = draw_case(&n);
        if (work(&c) > 4e6) {
            continue;
        }
        check(&c, &n, false);
        i++;
    }
}

static void every_pair_of_sides_gives_what_the_oracle_gives(void **context)
{
    noise n = {2};

    (void)context;
    for (size_t i = 0; i < COUNT(sides) * COUNT(sides) * NCA_BOUNDARY_COUNT; i++) {
        batch_case c = draw_case(&n);
        c.height = sides[i / NCA_BOUNDARY_COUNT % COUNT(sides)];
        c.width = sides[i / NCA_BOUNDARY_COUNT / COUNT(sides)];
        c.batch = 1;
        c.steps = 2;
        c.automaton.channels = 5;
        c.automaton.hidden = 7;
        c.automaton.alive_channel = (int32_t)(i % 6) - 1;
        c.automaton.boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        check(&c, &n, false);
    }
}

/* Dead cells next to living ones, an alive channel that is an input, thresholds below 0, several
 * segments: the conditions in which input channels differ from others. */
static void input_channels_give_what_the_oracle_gives(void **context)
{
    static const float thresholds[] = {0.1f, -0.3f};
    noise n = {15};

    (void)context;
    for (uint32_t i = 0; i < 24; i++) {
        batch_case c = batch_case_make(2, 9 + i % 3, 11, 5, i % 2 ? 6 : 17, 12);
        c.automaton.input_channels = 1 + i % 5;
        c.automaton.alive_channel = (int32_t)(i % 6) - 1;
        c.automaton.alive_threshold = thresholds[i / 6 % 2];
        c.automaton.boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        c.automaton.filter = i % 7 == 0 ? NCA_FILTER_LEARNED : NCA_FILTER_SOBEL;
        c.start = i % 4 == 3 ? BATCH_START_INFINITE : BATCH_START_SPARSE;
        check(&c, &n, c.start == BATCH_START_INFINITE);
    }
}

static void every_pair_of_widths_gives_what_the_oracle_gives(void **context)
{
    noise n = {3};

    (void)context;
    for (size_t i = 0; i < COUNT(channel_counts) * COUNT(hidden_counts); i++) {
        batch_case c = draw_case(&n);
        c.height = 5;
        c.width = 3;
        c.batch = 1;
        c.steps = 3;
        c.automaton.channels = channel_counts[i % COUNT(channel_counts)];
        c.automaton.hidden = hidden_counts[i / COUNT(channel_counts)];
        c.automaton.alive_channel = (int32_t)noise_below(&n, c.automaton.channels);
        c.automaton.fire_rate = 0.9f;
        check(&c, &n, false);
    }
}

/* Losses on the way: of states with dead and with living cells, in every segment of the steps. */
static void several_losses_give_what_the_oracle_gives(void **context)
{
    static const size_t steps[] = {4, 5, 9, 17};
    noise n = {21};

    (void)context;
    for (int i = 0; i < 60;) {
        batch_case c = draw_case(&n);
        c.steps = steps[i % COUNT(steps)];
        c.losses = 2 + noise_below(&n, (uint32_t)c.steps / 2 - 1);
        if (work(&c) > 4e6) {
            continue;
        }
        check(&c, &n, false);
        i++;
    }
}

/* Learned filters with the taps of a fixed filter are equivalent to it, bit for bit: forward, and
 * in the gradients of everything that both have. */
static void learned_taps_of_sobel_give_the_bits_of_sobel(void **context)
{
    const nca_kernels *kernels;
    noise n = {9};

    (void)context;
    for (int boundary = 0; boundary < NCA_BOUNDARY_COUNT; boundary++) {
        batch_case c = batch_case_make(2, 17, 13, 6, 17, 20);
        c.automaton.boundary = (nca_boundary)boundary;
        batch_case_draw(&c, &n);
        batch_case l = c;
        l.automaton.filter = NCA_FILTER_LEARNED;
        const size_t shared = nca_parameter_count(&c.automaton);
        l.parameters = batch_allocate(nca_parameter_count(&l.automaton), sizeof(float));
        nca_parameters_init(l.parameters, &l.automaton, NCA_INITIALISATION_GLOROT, 1);
        memcpy(l.parameters, c.parameters, shared * sizeof(float));
        for (size_t i = 0; (kernels = batch_kernels(i)); i++) {
            const batch_how how = {.threads = 2, .kernels = kernels};
            batch_result fixed = batch_found(&c, how), learned = batch_found(&l, how);
            batch_assert_same(&c, nca_kernels_name(kernels), &learned, &fixed);
            batch_result_free(&fixed);
            batch_result_free(&learned);
        }
        free(l.parameters);
        batch_case_free(&c);
    }
}

static void large_grids_of_many_blocks_give_what_the_oracle_gives(void **context)
{
    static const struct {
        size_t height, width, batch, steps;
        uint32_t channels, hidden;
        float fire_rate;
        batch_start start;
    } large[] = {
        {33, 33, 1, 2, 33, 128, 1.0f, BATCH_START_SPARSE},
        {40, 72, 1, 2, 16, 128, 0.5f, BATCH_START_SPARSE},
        {72, 40, 1, 17, 16, 64, 0.5f, BATCH_START_SEED},
        {1, 700, 2, 3, 8, 31, 0.9f, BATCH_START_SPARSE},
        {700, 1, 2, 3, 8, 31, 0.9f, BATCH_START_SPARSE},
        {28, 28, 3, 4, 16, 128, 0.5f, BATCH_START_SEED},
    };
    noise n = {4};

    (void)context;
    for (size_t i = 0; i < COUNT(large); i++) {
        batch_case c = {0};
        nca_automaton_default(&c.automaton);
        c.height = large[i].height;
        c.width = large[i].width;
        c.batch = large[i].batch;
        c.steps = large[i].steps;
        c.start = large[i].start;
        c.seed = 99;
        c.iteration = 123456;
        c.automaton.channels = large[i].channels;
        c.automaton.hidden = large[i].hidden;
        c.automaton.fire_rate = large[i].fire_rate;
        check(&c, &n, false);
    }
}

static void every_batch_size_gives_what_the_oracle_gives(void **context)
{
    noise n = {5};

    (void)context;
    for (size_t batch = 1; batch <= 9; batch++) {
        batch_case c = {0};
        nca_automaton_default(&c.automaton);
        c.height = 6;
        c.width = 7;
        c.batch = batch;
        c.steps = 5;
        c.seed = batch;
        c.automaton.hidden = 24;
        check(&c, &n, false);
    }
}

static void an_angle_steers_the_filters_like_the_oracle(void **context)
{
    noise n = {6};

    (void)context;
    for (int i = 0; i < 12; i++) {
        batch_case c = {.batch = 1, .steps = 6};
        nca_automaton_default(&c.automaton);
        c.height = c.width = 7;
        c.automaton.hidden = 11;
        c.automaton.angle_radians = (float)i * 0.6f - 3.0f;
        c.automaton.filter = i % 2 ? NCA_FILTER_SOBEL : NCA_FILTER_SCHARR;
        check(&c, &n, false);
    }
}

static void dead_grids_stay_dead_and_have_no_gradient(void **context)
{
    noise n = {7};

    (void)context;
    for (int i = 0; i < 4; i++) {
        batch_case c = {.batch = 2, .steps = 5};
        nca_automaton_default(&c.automaton);
        c.height = 9;
        c.width = 4;
        c.loss = (nca_loss)i;
        c.start = BATCH_START_DEAD;
        c.automaton.hidden = 16;
        batch_case_draw(&c, &n);
        batch_result found = batch_found(&c, (batch_how){0});
        for (size_t j = 0; j < c.batch * batch_values(&c); j++) {
            assert_true(found.final[j] == 0.0f && found.initial_gradient[j] == 0.0f);
        }
        for (size_t j = 0; j < nca_parameter_count(&c.automaton); j++) {
            assert_true(found.gradient[j] == 0.0f);
        }
        assert_int_equal(found.alive[0] + found.alive[1], 0);
        batch_result_free(&found);
        batch_case_free(&c);
        check(&c, &n, false);
    }
}

static void denormal_states_give_what_the_oracle_gives(void **context)
{
    noise n = {8};

    (void)context;
    for (int i = 0; i < 40; i++) {
        batch_case c = draw_case(&n);
        c.start = BATCH_START_TINY;
        if (work(&c) < 3e6) {
            check(&c, &n, false);
        }
    }
}

static void huge_infinite_and_nan_states_give_what_the_oracle_gives(void **context)
{
    noise n = {9};

    (void)context;
    for (int i = 0; i < 120; i++) {
        batch_case c = draw_case(&n);
        c.start = i % 2 ? BATCH_START_HUGE : BATCH_START_INFINITE;
        if (work(&c) < 3e6) {
            check(&c, &n, true);
        }
    }
}

/* Parameters near the ends of the range, so that sums overflow, cancel and underflow. */
static void extreme_parameters_give_what_the_oracle_gives(void **context)
{
    static const float extremes[] = {1e30f, -1e30f, 1e-30f, -1e-40f, 3e38f, -0.0f};
    noise n = {10};

    (void)context;
    for (int i = 0; i < 60; i++) {
        const nca_kernels *kernels;
        batch_case c = draw_case(&n);
        if (work(&c) > 3e6) {
            continue;
        }
        batch_case_draw(&c, &n);
        size_t count = nca_parameter_count(&c.automaton);
        for (size_t j = 0; j < 1 + count / 20; j++) {
            c.parameters[noise_below(&n, count)] = extremes[noise_below(&n, COUNT(extremes))];
        }
        batch_result expected = batch_expected(&c);
        for (size_t j = 0; (kernels = batch_kernels(j)); j++) {
            batch_result found = batch_found(&c, (batch_how){.kernels = kernels});
            batch_assert_near(&c, nca_kernels_name(kernels), &found, &expected, true);
            batch_result_free(&found);
        }
        batch_result_free(&expected);
        batch_case_free(&c);
    }
}

/* A hidden unit that overflows, times the weight 0 of a padding channel, is NaN: this must not
 * return through the perception of the next step. The mean filter has no tap of 0, so the real
 * channels are infinite with one sign and every hidden unit has a value again. */
static void overflowing_hidden_units_give_what_the_oracle_gives(void **context)
{
    static const uint32_t channels[] = {4, 5, 15, 16, 17, 31};
    noise n = {12};

    (void)context;
    for (size_t i = 0; i < COUNT(channels); i++) {
        batch_case c = {.batch = 1, .steps = 5};
        nca_automaton_default(&c.automaton);
        const nca_kernels *kernels;
        c.height = c.width = 9;
        c.automaton.channels = channels[i];
        c.automaton.hidden = 3;
        c.automaton.filter = NCA_FILTER_MEAN;
        c.start = BATCH_START_SEED;
        batch_case_draw(&c, &n);
        nca_parameters p = nca_parameters_view(c.parameters, &c.automaton);
        noise_fill(p.w1, 3 * 3 * channels[i], &n, 1e38f, 3e38f);
        noise_fill(p.w2, 3 * channels[i], &n, 0.5f, 1.0f);
        batch_result expected = batch_expected(&c);
        for (size_t k = 0; (kernels = batch_kernels(k)); k++) {
            batch_result found = batch_found(&c, (batch_how){.threads = 1, .kernels = kernels});
            batch_assert_near(&c, nca_kernels_name(kernels), &found, &expected, true);
            batch_result_free(&found);
        }
        batch_result_free(&expected);
        batch_case_free(&c);
    }
}

/* A sample that is not finite must not affect other samples of the batch. */
static void a_sample_that_is_not_finite_leaves_the_others_alone(void **context)
{
    noise n = {11};
    batch_case c = {.batch = 3, .steps = 4};
    nca_automaton_default(&c.automaton);

    (void)context;
    c.height = 8;
    c.width = 9;
    c.automaton.hidden = 16;
    batch_case_draw(&c, &n);
    size_t values = batch_values(&c);
    for (size_t i = 0; i < values; i++) {
        c.initial[values + i] = i % 2 ? NAN : INFINITY;
    }
    batch_result expected = batch_expected(&c), found = batch_found(&c, (batch_how){0});
    batch_assert_near(&c, "best", &found, &expected, true);
    for (size_t b = 0; b < 3; b += 2) {
        assert_true(batch_distance(found.initial_gradient + b * values,
                                   expected.initial_gradient + b * values, values) < 2e-5);
        assert_true(isfinite(found.losses[b]));
    }
    batch_result_free(&found);
    batch_result_free(&expected);
    batch_case_free(&c);
}

/* PyTorch ran in double precision: states within 2e-6, gradients within 2e-5 of the largest. */
static void the_engine_agrees_with_pytorch(void **context)
{
    autograd_cases cases = autograd_cases_read(NCA_FIXTURES "/gradients.bin");
    const nca_kernels *kernels;

    (void)context;
    for (size_t i = 0; i < cases.count * 8; i++) {
        const autograd_case *a = &cases.cases[i / 8];
        batch_case c = {
            .automaton = a->automaton,
            .batch = a->batch,
            .height = a->height,
            .width = a->width,
            .steps = a->steps,
            .seed = a->seed,
            .iteration = a->iteration,
            .loss = a->loss,
            .parameters = (float *)a->parameters,
            .target = (float *)a->target,
            .initial = (float *)a->initial,
        };
        if (!(kernels = batch_kernels(i % 8))) {
            continue;
        }
        size_t values = batch_values(&c);
        batch_result found = batch_found(&c, (batch_how){.kernels = kernels});
        assert_true(batch_distance(found.final, a->final, c.batch * values) < 2e-6);
        assert_true(batch_distance(found.initial_gradient, a->initial_gradient, c.batch * values) <
                    2e-5);
        for (size_t b = 0; b < c.batch; b++) {
            double expected = (double)a->losses[b];
            assert_true(fabs(found.losses[b] - expected) <= 2e-6 * expected);
        }
        for (size_t tensor = 0; tensor < nca_tensor_count(&c.automaton); tensor++) {
            const nca_tensor own = nca_tensor_at(&c.automaton, tensor);
            const size_t rows = own.rows, columns = own.columns, at = own.offset;
            assert_true(batch_distance(found.gradient + at, a->gradient + at, rows * columns) <
                        2e-5);
        }
        batch_result_free(&found);
    }
    autograd_cases_free(&cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(awkward_sizes_and_settings_give_what_the_oracle_gives),
        cmocka_unit_test(every_pair_of_sides_gives_what_the_oracle_gives),
        cmocka_unit_test(input_channels_give_what_the_oracle_gives),
        cmocka_unit_test(every_pair_of_widths_gives_what_the_oracle_gives),
        cmocka_unit_test(several_losses_give_what_the_oracle_gives),
        cmocka_unit_test(learned_taps_of_sobel_give_the_bits_of_sobel),
        cmocka_unit_test(large_grids_of_many_blocks_give_what_the_oracle_gives),
        cmocka_unit_test(every_batch_size_gives_what_the_oracle_gives),
        cmocka_unit_test(an_angle_steers_the_filters_like_the_oracle),
        cmocka_unit_test(dead_grids_stay_dead_and_have_no_gradient),
        cmocka_unit_test(denormal_states_give_what_the_oracle_gives),
        cmocka_unit_test(huge_infinite_and_nan_states_give_what_the_oracle_gives),
        cmocka_unit_test(extreme_parameters_give_what_the_oracle_gives),
        cmocka_unit_test(overflowing_hidden_units_give_what_the_oracle_gives),
        cmocka_unit_test(a_sample_that_is_not_finite_leaves_the_others_alone),
        cmocka_unit_test(the_engine_agrees_with_pytorch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
