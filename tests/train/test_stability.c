/* The stability test at the end of a training, and the iterations that it adds. */
#include <math.h>

#include "train/session_fixture.h"

static const uint64_t end = 4, most = 700;

/* A training whose rate is so low that the model does not change. It has no average, so that a test
 * can change the weights. */
static nca_settings still_settings(void)
{
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 1e-9f;
    settings.seed_survival = 0.0f;
    settings.average_decay = 0.0f;
    settings.iterations = settings.decay_at = end;
    settings.warmup = 0;
    settings.extension = most;
    settings.steps_min = settings.steps_max = 1;
    return settings;
}

/* Every update adds `amount` to a channel of a cell that fires. */
static nca_session *steady_session(const nca_settings *settings, size_t channel, float amount)
{
    nca_session *session = small_session(settings);
    nca_parameters p = nca_parameters_view(session->model->parameters, &session->model->automaton);
    p.b2[channel] = amount;
    nca__session_refresh(session);
    return session;
}

/* The target becomes the seed, almost: what a model shows that does not change it. */
static void aim_at_the_seed(nca_session *session)
{
    const nca_target *target = nca_session_target(session);
    memset(target->rgba, 0, target->height * target->width * 4 * sizeof *target->rgba);
    target->rgba[4 * (target->height / 2 * target->width + target->width / 2) + 3] = 0.9f;
}

static nca_stability extend(nca_session *session)
{
    nca_stability result;
    assert_ok(nca_session_extend(&result, session, NULL, NULL, &failure));
    return result;
}

static void a_model_that_stays_passes(void **state)
{
    (void)state;
    const nca_settings settings = still_settings();
    nca_session *session = small_session(&settings);
    aim_at_the_seed(session);
    run_session(session, end - 1);
    assert_int_equal(extend(session).rollouts, 0); /* not at the end yet */
    run_session(session, end);
    const nca_stability result = extend(session);
    assert_true(result.stable);
    assert_int_equal(result.rollouts, 8);
    assert_int_equal(result.surviving, 8);
    assert_true(result.late > 0.0 && result.late < 1e-3);
    assert_int_equal(result.added, 0);
    assert_int_equal(nca_session_total(session), end);
    nca_session_destroy(session);
}

static void a_model_that_stays_but_has_not_learned_its_image_fails(void **state)
{
    (void)state;
    const nca_settings settings = still_settings();
    nca_session *session = small_session(&settings);
    run_session(session, end);
    const nca_stability result = extend(session);
    assert_false(result.stable);
    assert_int_equal(result.surviving, 8);
    assert_false(result.drifts);
    assert_true(result.late > NCA_STABILITY_MOST && result.late < 1.01 * result.early);
    assert_int_equal(result.added, 300);
    nca_session_destroy(session);
}

static void a_model_that_drifts_gets_iterations_until_none_are_left(void **state)
{
    (void)state;
    static const uint64_t added[] = {300, 300, 100, 0};
    const nca_settings settings = still_settings();
    nca_session *session = steady_session(&settings, 0, 0.01f);
    uint64_t total = end;
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        run_session(session, total);
        const nca_stability result = extend(session);
        assert_false(result.stable);
        assert_int_equal(result.surviving, 8);
        assert_true(result.drifts && result.late > 2.0 * result.early);
        assert_int_equal(result.added, added[i]);
        total += added[i];
        assert_int_equal(nca_session_total(session), total);
        assert_int_equal(nca_session_settings(session)->iterations, end);
    }
    nca_session_destroy(session);
}

/* Some steps from `iteration` on with this schedule and damage rate; the learning rate is the same
 * for both schedules. */
static nca_session *stepped(nca_schedule_kind schedule, float damage_rate, uint64_t iteration)
{
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    settings.schedule = schedule;
    settings.decay_factor = 1.0f;
    settings.decay_at = 10;
    settings.damage_rate = 0.8f;
    settings.iterations = 1000;
    nca_session *session = small_session(&settings);
    run_session(session, 9);
    session->settings.damage_rate = session->in_effect.damage_rate = damage_rate;
    session->counters.iteration = iteration;
    run_session(session, iteration + 6);
    return session;
}

static void half_as_many_samples_are_damaged_after_the_first_extension(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        const uint64_t iteration = late ? 310 : 300;
        nca_session *plateau = stepped(NCA_SCHEDULE_PLATEAU, 0.8f, iteration);
        for (int half = 0; half < 2; half++) {
            nca_session *constant = stepped(NCA_SCHEDULE_CONSTANT, half ? 0.4f : 0.8f, iteration);
            const bool same = memcmp(plateau->model->parameters, constant->model->parameters,
                                     plateau->parameter_count * sizeof(float)) == 0;
            assert_int_equal(same, half == late);
            nca_session_destroy(constant);
        }
        nca_session_destroy(plateau);
    }
}

static void a_model_that_dies_fails(void **state)
{
    (void)state;
    const nca_settings settings = still_settings();
    nca_session *session = steady_session(&settings, 3, -0.01f);
    nca_stability result;
    assert_ok(nca_session_test_stability(&result, session, NULL, NULL, &failure));
    assert_false(result.stable);
    assert_int_equal(result.surviving, 0);
    nca_session_destroy(session);
}

static void there_is_no_test_where_none_is_wanted(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        nca_settings settings = still_settings();
        settings.extension = i == 0 ? 0 : most;
        settings.experiment = i == 1 ? NCA_EXPERIMENT_GROWING : NCA_EXPERIMENT_PERSISTENT;
        settings.schedule = i == 2 ? NCA_SCHEDULE_COSINE : NCA_SCHEDULE_PLATEAU;
        nca_session *session = steady_session(&settings, 0, 0.01f);
        run_session(session, end);
        assert_int_equal(extend(session).rollouts, 0);
        assert_int_equal(nca_session_total(session), end);
        nca_session_destroy(session);
    }
}

static bool refuse_at_the_third_time(void *user)
{
    return ++*(int *)user < 3;
}

static void a_test_can_be_stopped(void **state)
{
    (void)state;
    const nca_settings settings = still_settings();
    nca_session *session = steady_session(&settings, 0, 0.01f);
    run_session(session, end);
    int asked = 0;
    nca_stability result;
    assert_int_equal(
        nca_session_extend(&result, session, refuse_at_the_third_time, &asked, &failure),
        NCA_INTERRUPTED);
    assert_int_equal(asked, 3);
    assert_int_equal(nca_session_total(session), end);
    assert_int_equal(extend(session).added, 300);
    nca_session_destroy(session);
}

static void a_run_stopped_in_its_extension_has_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = still_settings();
    nca_session *whole = steady_session(&settings, 0, 0.01f);
    assert_ok(nca_session_run(whole, NULL, NULL, &failure));
    assert_int_equal(nca_session_iteration(whole), end + most);

    nca_session *stopped = steady_session(&settings, 0, 0.01f);
    run_session(stopped, end);
    extend(stopped);
    run_session(stopped, end + 17);
    assert_ok(nca_session_save(stopped, folder->file, &failure));
    nca_session_destroy(stopped);
    nca_session *resumed;
    assert_ok(nca_session_resume(&resumed, folder->file, NULL, &failure));
    assert_int_equal(nca_session_total(resumed), end + 300);
    assert_ok(nca_session_run(resumed, NULL, NULL, &failure));
    assert_sessions_equal(whole, resumed);
    nca_session_destroy(resumed);

    /* Another number of iterations has its own end. */
    nca_settings more = settings;
    more.iterations = end + 50;
    assert_ok(nca_session_resume(&resumed, folder->file, &more, &failure));
    assert_int_equal(nca_session_total(resumed), end + 50);
    nca_session_destroy(resumed);
    nca_session_destroy(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_that_stays_passes),
        cmocka_unit_test(a_model_that_stays_but_has_not_learned_its_image_fails),
        cmocka_unit_test(a_model_that_drifts_gets_iterations_until_none_are_left),
        cmocka_unit_test(half_as_many_samples_are_damaged_after_the_first_extension),
        cmocka_unit_test(a_model_that_dies_fails),
        cmocka_unit_test(there_is_no_test_where_none_is_wanted),
        cmocka_unit_test(a_test_can_be_stopped),
        cmocka_unit_test_setup_teardown(a_run_stopped_in_its_extension_has_the_same_bits,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
