/* What an update does beyond the optimiser: clipping the gradient, weight decay, and the average of
 * the weights. */
#include "train/session_fixture.h"

static nca_settings plain_settings(void)
{
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    settings.normalise_gradient = false;
    settings.learning_rate = 0.01f;
    settings.schedule = NCA_SCHEDULE_CONSTANT;
    return settings;
}

static double norm_of(const float *values, size_t count)
{
    double square = 0;
    for (size_t i = 0; i < count; i++) {
        square += (double)values[i] * (double)values[i];
    }
    return sqrt(square);
}

static void a_long_gradient_is_scaled_to_the_limit_and_a_short_one_is_kept(void **state)
{
    (void)state;
    nca_settings settings = plain_settings();
    nca_session *free_one = small_session(&settings);
    run_session(free_one, 3);
    const double norm = norm_of(free_one->gradient, free_one->parameter_count);
    for (int half = 0; half < 2; half++) {
        settings.gradient_clip = 0; /* the same first iterations */
        nca_session *clipped = small_session(&settings);
        run_session(clipped, 2);
        clipped->settings.gradient_clip = (float)(half ? norm / 2 : norm * 2);
        run_session(clipped, 3);
        const double found = norm_of(clipped->gradient, clipped->parameter_count);
        assert_true(fabs(found - (half ? norm / 2 : norm)) < 1e-5 * norm);
        nca_session_destroy(clipped);
    }
    nca_session_destroy(free_one);
}

/* A gradient of 1 for each tensor is longer than the limit, whatever it was before. */
static void a_normalised_gradient_is_scaled_to_the_limit(void **state)
{
    (void)state;
    nca_settings settings = plain_settings();
    settings.normalise_gradient = true;
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    const double norm = norm_of(session->gradient, session->parameter_count);
    nca_session_destroy(session);
    assert_true(norm > 1.0);
    for (int half = 0; half < 2; half++) {
        settings.gradient_clip = 0;
        session = small_session(&settings);
        run_session(session, 2);
        session->settings.gradient_clip = (float)(half ? norm / 2 : norm * 2);
        run_session(session, 3);
        const double found = norm_of(session->gradient, session->parameter_count);
        assert_true(fabs(found - (half ? norm / 2 : norm)) < 1e-5 * norm);
        nca_session_destroy(session);
    }
}

static void weights_decay_and_biases_do_not(void **state)
{
    (void)state;
    nca_settings settings = plain_settings();
    nca_session *without = small_session(&settings);
    settings.weight_decay = 0.3f;
    nca_session *with = small_session(&settings);
    const nca_automaton *a = &with->model->automaton;
    const size_t count = with->parameter_count;
    float *before = malloc(count * sizeof *before);
    assert_non_null(before);
    memcpy(before, with->model->parameters, count * sizeof *before);
    run_session(without, 1);
    run_session(with, 1);
    for (size_t k = 0; k < nca_tensor_count(a); k++) {
        const nca_tensor tensor = nca_tensor_at(a, k);
        for (size_t i = 0; i < tensor.rows * tensor.columns; i++) {
            const size_t at = tensor.offset + i;
            const float off = with->model->parameters[at] - without->model->parameters[at];
            const float wanted = tensor.rank > 1 ? -0.01f * 0.3f * before[at] : 0.0f;
            assert_true(fabsf(off - wanted) <= (tensor.rank > 1 ? 1e-7f : 0.0f));
        }
    }
    free(before);
    nca_session_destroy(with);
    nca_session_destroy(without);
}

static void the_average_follows_its_formula_and_is_the_result(void **state)
{
    (void)state;
    nca_settings settings = plain_settings();
    nca_session *session = small_session(&settings);
    assert_ptr_equal(nca_session_result(session), nca_session_model(session));
    nca_session_destroy(session);
    settings.average_decay = 0.4f;
    session = small_session(&settings);
    const size_t count = session->parameter_count;
    float *average = malloc(count * sizeof *average);
    assert_non_null(average);
    memcpy(average, session->model->parameters, count * sizeof *average);
    for (uint64_t t = 0; t < 12; t++) {
        const double decay = fmin((double)0.4f, (1.0 + (double)t) / (10.0 + (double)t));
        run_session(session, t + 1);
        for (size_t i = 0; i < count; i++) {
            average[i] += (float)(1.0 - decay) * (session->model->parameters[i] - average[i]);
        }
        assert_memory_equal(nca_session_result(session)->parameters, average,
                            count * sizeof *average);
        assert_int_equal(nca_session_result(session)->info.iterations, t + 1);
    }
    free(average);
    nca_session_destroy(session);
}

/* The average is part of a checkpoint. */
static void a_resumed_average_has_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = plain_settings();
    settings.average_decay = 0.9f;
    nca_session *whole = small_session(&settings);
    run_session(whole, 5);
    assert_ok(nca_session_save(whole, folder->file, &failure));
    run_session(whole, 9);
    nca_session *resumed = resumed_session(folder->file, NULL);
    run_session(resumed, 9);
    assert_sessions_equal(whole, resumed);
    nca_session_destroy(resumed);
    nca_session_destroy(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_gradient_is_scaled_to_the_limit_and_a_short_one_is_kept),
        cmocka_unit_test(a_normalised_gradient_is_scaled_to_the_limit),
        cmocka_unit_test(weights_decay_and_biases_do_not),
        cmocka_unit_test(the_average_follows_its_formula_and_is_the_result),
        cmocka_unit_test_setup_teardown(a_resumed_average_has_the_same_bits, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
