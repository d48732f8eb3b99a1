/* Training in bf16: the same bits for all sets and after any interruption, refused if it is not
 * available, and finally as good as training in fp32. */
#include "train/session_fixture.h"

#include "kernels/with_precision.h"

static const nca_precision both[] = {NCA_PRECISION_BF16, NCA_PRECISION_BF16_AMX};

static nca_settings settings_in(nca_precision precision)
{
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING);
    settings.precision = precision;
    return settings;
}

static void choose(nca_settings *settings, const nca_kernels *kernels)
{
    snprintf(settings->kernels, sizeof settings->kernels, "%s", nca_kernels_name(kernels));
}

static void assert_same_bits(nca_precision precision)
{
    nca_settings settings = settings_in(precision);
    snprintf(settings.kernels, sizeof settings.kernels, "scalar");
    nca_session *scalar = small_session(&settings);
    run_session(scalar, settings.iterations);
    const nca_kernels *kernels;
    for (size_t i = 0; (kernels = nca_kernels_at(i)) != NULL; i++) {
        if (nca_kernels_missing_for(kernels, precision) != NULL) {
            continue;
        }
        choose(&settings, kernels);
        settings.threads = 1 + (uint32_t)i;
        nca_session *other = small_session(&settings);
        run_session(other, settings.iterations);
        assert_sessions_equal(scalar, other);
        nca_session_destroy(other);
    }
    /* It is really another arithmetic than fp32. */
    settings.precision = NCA_PRECISION_FP32;
    nca_session *fp32 = small_session(&settings);
    run_session(fp32, settings.iterations);
    assert_memory_not_equal(scalar->model->parameters, fp32->model->parameters,
                            scalar->parameter_count * sizeof(float));
    nca_session_destroy(fp32);
    nca_session_destroy(scalar);
}

static void threads_and_kernel_sets_never_change_a_bit_of_bf16(void **state)
{
    (void)state;
    assert_same_bits(NCA_PRECISION_BF16);
    skip_without_instructions(NCA_PRECISION_BF16);
}

static void nor_of_bf16_amx(void **state)
{
    (void)state;
    assert_same_bits(NCA_PRECISION_BF16_AMX);
    skip_without_instructions(NCA_PRECISION_BF16_AMX);
}

static void assert_resumes(const test_folder *folder, nca_precision precision, nca_filter filter)
{
    nca_settings settings = settings_in(precision);
    settings.filter = filter;
    choose(&settings, kernels_with(precision));
    nca_session *whole = small_session(&settings);
    run_session(whole, settings.iterations);
    nca_session *part = small_session(&settings);
    run_session(part, 7);
    assert_ok(nca_session_save(part, folder->file, &failure));
    nca_session_destroy(part);
    assert_ok(nca_session_resume(&part, folder->file, NULL, &failure));
    assert_int_equal(nca_session_settings(part)->precision, precision);
    run_session(part, settings.iterations);
    assert_sessions_equal(whole, part);
    nca_session_destroy(part);
    nca_session_destroy(whole);
    /* Continuing in fp32 would be another run. */
    settings.precision = NCA_PRECISION_FP32;
    nca_session *other = NULL;
    nca_error error;
    assert_int_equal(nca_session_resume(&other, folder->file, &settings, &error), NCA_MISMATCH);
    assert_non_null(strstr(error.message, "precision"));
    assert_null(other);
}

static void a_run_in_bf16_resumes_to_the_bits_of_one_never_stopped(void **state)
{
    assert_resumes(*state, NCA_PRECISION_BF16, NCA_FILTER_SOBEL);
    assert_resumes(*state, NCA_PRECISION_BF16, NCA_FILTER_LEARNED);
    assert_resumes(*state, NCA_PRECISION_BF16_AMX, NCA_FILTER_LEARNED);
    assert_resumes(*state, NCA_PRECISION_BF16_AMX, NCA_FILTER_SOBEL);
}

static void assert_refused(nca_precision precision)
{
    float rgba[SMALL_CELLS * 4];
    const nca_target target = small_target(rgba);
    const nca_kernels *kernels;
    assert_null(nca_kernels_missing_for(nca_kernels_named("scalar"), precision));
    for (size_t i = 0; (kernels = nca_kernels_at(i)) != NULL; i++) {
        if (nca_kernels_missing(kernels) != NULL ||
            nca_kernels_missing_for(kernels, precision) == NULL) {
            continue;
        }
        nca_settings settings = settings_in(precision);
        choose(&settings, kernels);
        nca_session *session = NULL;
        nca_error error;
        assert_int_equal(nca_session_create(&session, &settings, &target, &error), NCA_UNSUPPORTED);
        assert_null(session);
        assert_non_null(strstr(error.message, nca_precision_name(precision)));
        assert_non_null(strstr(error.message, nca_kernels_name(kernels)));
        assert_non_null(strstr(error.message, nca_kernels_missing_for(kernels, precision)));
        /* The best set does not have it: silently choosing another set would be slow. */
        if (kernels == nca_kernels_best()) {
            snprintf(settings.kernels, sizeof settings.kernels, "auto");
            assert_int_equal(nca_session_create(&session, &settings, &target, &error),
                             NCA_UNSUPPORTED);
        }
    }
}

static void bf16_is_refused_where_it_cannot_be_had(void **state)
{
    (void)state;
    assert_refused(NCA_PRECISION_BF16);
    assert_refused(NCA_PRECISION_BF16_AMX);
}

/* Without a pool and at a small learning rate, two runs that differ only in rounding stay close, so
 * few random seeds are sufficient. (With a pool they diverge like two random seeds:
 * docs/precision.md.) */
static double learnt_loss(nca_precision precision, uint64_t seed)
{
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    choose(&settings, kernels_with(precision));
    settings.precision = precision;
    settings.seed = seed;
    settings.steps_min = 24;
    settings.steps_max = 28;
    settings.hidden = 32;
    settings.batch_size = 4;
    settings.iterations = 600;
    settings.decay_at = 500;
    settings.learning_rate = 2e-3f;
    settings.threads = 2;
    nca_session *session = small_session(&settings);
    assert_ok(nca_session_run(session, NULL, NULL, &failure));
    const double loss = nca_session_model(session)->info.loss;
    nca_session_destroy(session);
    return loss;
}

static void bf16_learns_as_well_as_fp32(void **state)
{
    (void)state;
    enum {
        SEEDS = 4
    };
    double fp32[SEEDS];
    size_t learnt = 0;
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        const char *name = nca_precision_name(both[i]);
        if (kernels_with(both[i]) == nca_kernels_named("scalar")) {
            print_message("%s: left out, too slow without %s\n", name,
                          nca_kernels_missing_for(nca_kernels_best(), both[i]));
            continue;
        }
        double means[2] = {0, 0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            fp32[seed] = learnt == 0 ? learnt_loss(NCA_PRECISION_FP32, seed) : fp32[seed];
            const double loss = learnt_loss(both[i], seed);
            print_message("seed %d: fp32 %.6f, %s %.6f\n", (int)seed, fp32[seed], name, loss);
            means[0] += fp32[seed] / SEEDS;
            means[1] += loss / SEEDS;
        }
        print_message("mean: fp32 %.6f, %s %.6f: %+.1f %%\n", means[0], name, means[1],
                      100 * (means[1] / means[0] - 1));
        assert_true(means[0] < 0.05); /* the seed alone has about 0.4 */
        assert_true(means[1] < 1.05 * means[0]);
        learnt++;
    }
    if (learnt == 0) {
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_kernel_sets_never_change_a_bit_of_bf16),
        cmocka_unit_test(nor_of_bf16_amx),
        cmocka_unit_test_setup_teardown(a_run_in_bf16_resumes_to_the_bits_of_one_never_stopped,
                                        make_folder, remove_folder),
        cmocka_unit_test(bf16_is_refused_where_it_cannot_be_had),
        cmocka_unit_test(bf16_learns_as_well_as_fp32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
