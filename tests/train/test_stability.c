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
    assert_true(result.stable && result.passed);
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
        assert_int_equal(session->counters.unstable, 1);
        assert_int_equal(result.surviving, 8);
        assert_true(result.drifts && result.late > 2.0 * result.early);
        assert_int_equal(result.added, added[i]);
        total += added[i];
        assert_int_equal(nca_session_total(session), total);
        assert_int_equal(nca_session_settings(session)->iterations, end);
    }
    nca_session_destroy(session);
}

/* ---- Regeneration ----------------------------------------------------------------------------*/

static nca_settings cut_settings(void)
{
    nca_settings settings = still_settings();
    settings.experiment = NCA_EXPERIMENT_REGENERATING;
    return settings;
}

/* Every living cell moves its alpha a quarter of the way to 1, so that the automaton fills the
 * grid; that is its target. */
static nca_session *filling_session(const nca_settings *settings)
{
    nca_session *session = small_session(settings);
    const nca_automaton *automaton = &session->model->automaton;
    nca_parameters p = nca_parameters_view(session->model->parameters, automaton);
    memset(p.w1, 0, (size_t)automaton->hidden * 3 * automaton->channels * sizeof *p.w1);
    p.w1[3] = 1.0f;
    p.w2[3 * automaton->hidden] = -0.25f;
    p.b2[3] = 0.25f;
    nca__session_refresh(session);
    const nca_target *target = nca_session_target(session);
    for (size_t i = 0; i < target->height * target->width * 4; i++) {
        target->rgba[i] = i % 4 == 3 ? 1.0f : 0.0f;
    }
    return session;
}

static void a_model_that_regenerates_passes(void **state)
{
    (void)state;
    nca_settings settings = cut_settings();
    settings.steps_min = settings.steps_max = 40;
    nca_session *session = filling_session(&settings);
    run_session(session, end);
    const nca_stability result = extend(session);
    assert_true(result.stable && result.passed);
    assert_int_equal(result.cuts, NCA_REGENERATION_CUTS);
    assert_int_equal(result.restored, NCA_REGENERATION_CUTS);
    assert_int_equal(result.added, 0);
    nca_session_destroy(session);
}

/* A seed that never changes stays for ever, unless it is cut away. */
static void a_model_that_stays_but_does_not_regenerate_fails(void **state)
{
    (void)state;
    const nca_settings settings = cut_settings();
    nca_session *session = small_session(&settings);
    aim_at_the_seed(session);
    run_session(session, end);
    const nca_stability result = extend(session);
    assert_true(result.stable);
    assert_false(result.passed);
    assert_int_equal(session->counters.unstable, 0);
    assert_int_equal(result.cuts, NCA_REGENERATION_CUTS);
    assert_true(result.restored < NCA_REGENERATION_LEAST);
    assert_int_equal(result.added, 300);
    nca_session_destroy(session);
}

static void only_shapes_of_the_training_are_cut(void **state)
{
    (void)state;
    nca_settings settings = cut_settings();
    for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        settings.damage_shape = (nca_damage_shape)shape;
        nca_session *session = small_session(&settings);
        aim_at_the_seed(session);
        run_session(session, end);
        const nca_stability result = extend(session);
        assert_int_equal(result.cuts, NCA_REGENERATION_CUTS);
        assert_int_equal(result.worst, shape);
        nca_session_destroy(session);
    }
}

/* Persistent, or regenerating without damage. */
static void a_model_that_is_trained_without_damage_is_not_cut(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        nca_settings settings = i == 0 ? still_settings() : cut_settings();
        settings.damage = i == 0 ? settings.damage : 0;
        nca_session *session = small_session(&settings);
        aim_at_the_seed(session);
        run_session(session, end);
        const nca_stability result = extend(session);
        assert_true(result.passed);
        assert_int_equal(result.cuts, 0);
        nca_session_destroy(session);
    }
}

/* Some iterations after a test that was failed as `unstable` says, with this damage rate. */
static nca_session *stepped(uint64_t unstable, float damage_rate)
{
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    settings.damage_rate = damage_rate;
    settings.iterations = 1000;
    nca_session *session = small_session(&settings);
    session->counters.unstable = unstable;
    run_session(session, 12);
    return session;
}

static void an_unstable_model_is_damaged_half_as_often(void **state)
{
    (void)state;
    for (uint64_t unstable = 0; unstable < 2; unstable++) {
        nca_session *extended = stepped(unstable, 0.8f);
        for (int half = 0; half < 2; half++) {
            nca_session *plain = stepped(0, half ? 0.4f : 0.8f);
            const bool same = memcmp(extended->model->parameters, plain->model->parameters,
                                     extended->parameter_count * sizeof(float)) == 0;
            assert_int_equal(same, half == (int)unstable);
            nca_session_destroy(plain);
        }
        nca_session_destroy(extended);
    }
}

/* ---- Where there is no test ------------------------------------------------------------------*/

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
    assert_int_equal(resumed->counters.unstable, 1);
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
        cmocka_unit_test(a_model_that_regenerates_passes),
        cmocka_unit_test(a_model_that_stays_but_does_not_regenerate_fails),
        cmocka_unit_test(only_shapes_of_the_training_are_cut),
        cmocka_unit_test(a_model_that_is_trained_without_damage_is_not_cut),
        cmocka_unit_test(an_unstable_model_is_damaged_half_as_often),
        cmocka_unit_test(a_model_that_dies_fails),
        cmocka_unit_test(there_is_no_test_where_none_is_wanted),
        cmocka_unit_test(a_test_can_be_stopped),
        cmocka_unit_test_setup_teardown(a_run_stopped_in_its_extension_has_the_same_bits,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
