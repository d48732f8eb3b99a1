/* Classification through the usual session: it learns with every read-out, loss and kind of labels,
 * has the same bits for any threads, kernels and memory, resumes inside an epoch, and refuses data
 * that does not fit. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include "nca/classify.h"
#include "nca/predict.h"
#include "task/classify_objective.h"

static nca_session *session_of(const nca_settings *settings, const made_images *made)
{
    nca_session *session = NULL;
    assert_ok(nca_session_create_classify(&session, settings, &made->data, &failure));
    return session;
}

/* A way to train. */
typedef struct way {
    const char *what;
    nca_label_kind kind;
    size_t channels;
    nca_readout readout;
    uint32_t features;
    nca_class_loss loss;
} way;

static const way ways[] = {
    {"mean", NCA_LABELS_MULTI_CLASS, 1, NCA_READOUT_MEAN, 0, NCA_CLASS_LOSS_CROSS_ENTROPY},
    {"mean, dense, colour", NCA_LABELS_MULTI_CLASS, 3, NCA_READOUT_MEAN, 6,
     NCA_CLASS_LOSS_CROSS_ENTROPY},
    {"max", NCA_LABELS_MULTI_CLASS, 1, NCA_READOUT_MAX, 0, NCA_CLASS_LOSS_FOCAL},
    {"max, dense", NCA_LABELS_ORDINAL, 1, NCA_READOUT_MAX, 5, NCA_CLASS_LOSS_CROSS_ENTROPY},
    {"per-cell", NCA_LABELS_BINARY, 1, NCA_READOUT_CELLS, 0, NCA_CLASS_LOSS_CROSS_ENTROPY},
    {"sigmoids", NCA_LABELS_MULTI_CLASS, 1, NCA_READOUT_MEAN, 4,
     NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY},
    {"labels", NCA_LABELS_MULTI_LABEL, 1, NCA_READOUT_MEAN, 4, NCA_CLASS_LOSS_CROSS_ENTROPY},
    {"distance", NCA_LABELS_BINARY, 1, NCA_READOUT_CELLS, 0, NCA_CLASS_LOSS_L2},
};

enum {
    WAYS = sizeof ways / sizeof *ways
};

static nca_settings settings_for(const way *w, made_images *made)
{
    nca_settings settings = made_settings();
    settings.readout = w->readout;
    settings.features = w->features;
    settings.class_loss = w->loss;
    make_images(made, w->kind, w->channels);
    return settings;
}

/* The fraction of right answers on the training images. */
static double accuracy(const nca_model *model, const made_images *made)
{
    const size_t classes = made->data.classes;
    double p[MADE_COUNT * MADE_CLASSES];
    nca_prediction_options options;
    size_t right = 0, asked = 0;
    nca_prediction_options_default(&options);
    options.threads = 1;
    assert_ok(nca_predict(p, NULL, NULL, model, made->images, MADE_COUNT, MADE_SIDE, MADE_SIDE,
                          &options, &failure));
    for (size_t i = 0; i < MADE_COUNT; i++) {
        size_t best = 0;
        for (size_t k = 0; k < classes; k++) {
            best = p[i * classes + k] > p[i * classes + best] ? k : best;
            if (made->data.kind == NCA_LABELS_MULTI_LABEL) {
                right += (p[i * classes + k] > 0.5) == (made->labels[i * classes + k] != 0);
                asked++;
            }
        }
        if (made->data.kind != NCA_LABELS_MULTI_LABEL) {
            right += best == made->labels[i];
            asked++;
        }
    }
    return (double)right / (double)asked;
}

static void it_learns_with_every_readout_loss_and_kind_of_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        made_images made;
        nca_settings settings = settings_for(&ways[i], &made);
        settings.iterations = 200;
        nca_session *session = session_of(&settings, &made);
        run_session(session, settings.iterations);
        const double right = accuracy(nca_session_model(session), &made);
        if (!(right >= 0.9)) {
            fail_msg("%s: %g of the answers are right", ways[i].what, right);
        }
        nca_session_destroy(session);
    }
}

static void threads_kernels_and_memory_never_change_a_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        made_images made;
        nca_settings settings = settings_for(&ways[i], &made);
        settings.flip_x = settings.turns = true;
        settings.noise = 0.1f;
        settings.carry = i % 2 == 0 ? 0.5f : 0.0f;
        settings.damage = i % 2 == 0 ? 3 : 0;
        settings.loss_steps = (uint32_t)i % 3 + 1;
        nca_session *one = session_of(&settings, &made);
        run_session(one, 4);
        for (size_t set = 0; nca_kernels_at(set) != NULL; set++) {
            snprintf(settings.kernels, sizeof settings.kernels, "%s",
                     nca_kernels_name(nca_kernels_at(set)));
            if (nca_kernels_missing(nca_kernels_at(set)) != NULL) {
                continue;
            }
            settings.threads = (uint32_t)set % 3 + 1;
            settings.memory_limit = set % 2 == 0 ? 1 << 30 : 150000;
            nca_session *other = session_of(&settings, &made);
            run_session(other, 4);
            assert_sessions_equal(one, other);
            nca_session_destroy(other);
        }
        nca_session_destroy(one);
    }
}

static void a_run_resumed_inside_an_epoch_has_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    made_images made;
    nca_settings settings = settings_for(&ways[1], &made);
    settings.sampling = NCA_SAMPLING_BALANCED;
    settings.flip_y = true;
    settings.shift = 2;
    settings.average_decay = 0.9f;
    settings.weight_decay = 0.1f;
    settings.gradient_clip = 0.5f;
    settings.carry = 0.6f;
    settings.damage = 2;
    settings.loss_steps = 3;
    nca_session *whole = session_of(&settings, &made), *resumed = NULL;
    run_session(whole, 5); /* 40 of 36 samples: inside the second epoch */
    assert_ok(nca_session_save(whole, folder->file, &failure));
    run_session(whole, 13);
    assert_ok(nca_session_resume_classify(&resumed, folder->file, NULL, &made.data, &failure));
    run_session(resumed, 13);
    assert_sessions_equal(whole, resumed);
    nca_session_destroy(resumed);
    nca_session_destroy(whole);
}

static void a_run_is_resumed_only_with_its_own_images(void **state)
{
    const test_folder *folder = *state;
    made_images made;
    const nca_settings settings = settings_for(&ways[0], &made);
    nca_session *session = session_of(&settings, &made), *resumed = NULL;
    nca_error error;
    assert_ok(nca_session_save(session, folder->file, &failure));
    assert_int_equal(nca_session_resume(&resumed, folder->file, NULL, &error),
                     NCA_INVALID_ARGUMENT);
    made.images[7] ^= 1;
    assert_int_equal(nca_session_resume_classify(&resumed, folder->file, NULL, &made.data, &error),
                     NCA_MISMATCH);
    assert_non_null(strstr(error.message, "not the same"));
    made.images[7] ^= 1;
    made.data.split[NCA_SPLIT_TRAIN].count--;
    assert_int_equal(nca_session_resume_classify(&resumed, folder->file, NULL, &made.data, &error),
                     NCA_MISMATCH);
    assert_null(resumed);
    nca_session_destroy(session);
}

static void balanced_sampling_draws_every_class_equally_often(void **state)
{
    (void)state;
    made_images made;
    nca_settings settings = settings_for(&ways[0], &made);
    settings.sampling = NCA_SAMPLING_BALANCED;
    settings.batch_size = 9; /* an epoch is four times the 9 images of the largest class */
    nca_session *session = session_of(&settings, &made);
    size_t drawn[MADE_CLASSES] = {0};
    for (uint64_t i = 1; i <= 4; i++) {
        run_session(session, i);
        for (size_t b = 0; b < settings.batch_size; b++) {
            const nca__problem *problem = &session->problem;
            const nca__class_asked *asked =
                problem->task->asked(problem->data, session->samples[b]);
            drawn[*asked->answer]++;
        }
    }
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        assert_int_equal(drawn[k], 9);
    }
    nca_session_destroy(session);
}

/* With setting carry, a sample that is drawn again begins where it ended, and the others begin with
 * the next image of the epoch at their position. */
static void carried_rollouts_continue_with_their_image(void **state)
{
    (void)state;
    made_images made;
    nca_settings settings = settings_for(&ways[0], &made), fresh = settings;
    const size_t cells = MADE_SIDE * MADE_SIDE, shown = NCA__SHOWN_CHANNELS;
    const size_t values = cells * settings.n_channels;
    size_t carried = 0, begun = 0;
    settings.carry = 0.5f;
    nca_session *session = session_of(&settings, &made), *other = session_of(&fresh, &made);
    assert_int_equal(session->pool.slots, settings.batch_size);
    assert_int_equal(nca_session_pool_size(session), 0);
    assert_ok(nca_session_keep_before(session, true, &failure));
    float *last = malloc(settings.batch_size * values * sizeof *last);
    uint32_t *images = malloc(settings.batch_size * sizeof *images);
    assert_true(last != NULL && images != NULL);
    for (uint64_t i = 1; i <= 12; i++) {
        memcpy(last, session->states, settings.batch_size * values * sizeof *last);
        memcpy(images, session->samples, settings.batch_size * sizeof *images);
        run_session(session, i);
        run_session(other, i);
        for (size_t b = 0; b < settings.batch_size; b++) {
            bool continues = i > 1;
            for (size_t k = 0; continues && k < cells * shown; k++) {
                continues = session->before[b * cells * shown + k] ==
                            last[b * values + k / shown * settings.n_channels + k % shown];
            }
            carried += continues;
            begun += !continues;
            assert_int_equal(session->samples[b], continues ? images[b] : other->samples[b]);
        }
    }
    assert_true(carried > 24 && begun > 24); /* of 96 */
    free(images);
    free(last);
    nca_session_destroy(other);
    nca_session_destroy(session);
}

/* Compares the batch before iteration `iteration` (from 0) with the states of the iteration before,
 * `last` (B,H,W,C): of those that continue, the first two are damaged, but not in their image. A
 * new sample has nothing but its image. Returns the number of cells that were damaged. */
static size_t check_damage(const nca_session *session, float *last, uint32_t iteration)
{
    const nca_settings *settings = &session->settings;
    const size_t channels = settings->n_channels, shown = NCA__SHOWN_CHANNELS;
    size_t damaged = 0, carried = 0;
    for (uint32_t b = 0; b < settings->batch_size; b++) {
        const float *before = session->before + b * MADE_PIXELS * shown;
        float *state = last + b * MADE_PIXELS * channels;
        bool is_new = true;
        for (size_t k = 0; k < MADE_PIXELS * shown; k++) {
            is_new = is_new && (k % shown == 0 || before[k] == 0.0f);
        }
        if (is_new) {
            continue;
        }
        if (carried++ < settings->damage) {
            nca_damage damage =
                nca_damage_draw(settings->damage_shape, settings->seed, b, iteration);
            damage.input_channels = 1;
            damaged += nca_damage_apply(state, MADE_SIDE, MADE_SIDE, channels, &damage);
        }
        for (size_t k = 0; k < MADE_PIXELS * shown; k++) {
            assert_true(before[k] == state[k / shown * channels + k % shown]);
        }
    }
    assert_true(carried > 0);
    return damaged;
}

static void the_first_samples_that_continue_are_damaged_beside_their_image(void **state)
{
    (void)state;
    made_images made;
    nca_settings settings = settings_for(&ways[0], &made);
    size_t damaged = 0;
    settings.carry = 0.8f;
    settings.damage = 2;
    settings.damage_rate = 1.0f;
    nca_session *session = session_of(&settings, &made);
    const size_t bytes = settings.batch_size * MADE_PIXELS * settings.n_channels * sizeof(float);
    float *last = malloc(bytes);
    assert_non_null(last);
    assert_ok(nca_session_keep_before(session, true, &failure));
    run_session(session, 3); /* the first states are 0 beside their images */
    for (uint32_t i = 3; i < 15; i++) {
        memcpy(last, session->states, bytes);
        run_session(session, i + 1);
        damaged += check_damage(session, last, i);
    }
    assert_true(damaged > 50);
    free(last);
    nca_session_destroy(session);
}

/* With a rate of 0 nothing is damaged; a change of the setting has the bits of a list of changes.
 */
static void the_rate_and_changes_of_the_damage_take_effect(void **state)
{
    (void)state;
    made_images made;
    nca_settings settings = settings_for(&ways[0], &made);
    settings.carry = 0.8f;
    nca_session *plain = session_of(&settings, &made);
    snprintf(settings.changes, sizeof settings.changes, "5 damage 8, 9 damage_shape cells");
    nca_session *listed = session_of(&settings, &made);
    settings.changes[0] = 0;
    nca_session *changed = session_of(&settings, &made);
    settings.damage = 8;
    settings.damage_rate = 0.0f;
    nca_session *spared = session_of(&settings, &made);
    run_session(plain, 12);
    run_session(spared, 12);
    run_session(listed, 12);
    run_session(changed, 4);
    assert_ok(nca_session_change(changed, "damage", "8", &failure));
    run_session(changed, 8);
    assert_ok(nca_session_change(changed, "damage_shape", "cells", &failure));
    run_session(changed, 12);
    assert_sessions_equal(listed, changed);
    const size_t values = plain->parameter_count;
    assert_memory_equal(spared->model->parameters, plain->model->parameters,
                        values * sizeof *plain->model->parameters);
    assert_memory_not_equal(listed->model->parameters, plain->model->parameters,
                            values * sizeof *plain->model->parameters);
    nca_session_destroy(plain);
    nca_session_destroy(listed);
    nca_session_destroy(changed);
    nca_session_destroy(spared);
}

/* Not with read-out max, whose loss has a kink where another cell becomes the largest. */
static void gradients_of_several_losses_are_those_of_finite_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        made_images made;
        nca_settings settings = settings_for(&ways[i], &made);
        if (settings.readout == NCA_READOUT_MAX) {
            continue;
        }
        settings.loss_steps = 3;
        nca_session *session = session_of(&settings, &made);
        run_session(session, 6); /* away from W2 = 0 */
        assert_gradient_by_differences(session, 7, ways[i].what);
        nca_session_destroy(session);
    }
}

/* Every state of the batch has the image of its sample; without augmentations. */
static void assert_own_images(const nca_session *session)
{
    const size_t channels = session->settings.n_channels, shown = NCA__SHOWN_CHANNELS;
    float *begun = malloc(MADE_PIXELS * channels * sizeof *begun);
    assert_non_null(begun);
    for (size_t b = 0; b < session->settings.batch_size; b++) {
        session->problem.task->begin(begun, &session->problem, session->samples[b], channels, 0);
        for (size_t pixel = 0; pixel < MADE_PIXELS; pixel++) {
            assert_true(session->before[(b * MADE_PIXELS + pixel) * shown] ==
                        begun[pixel * channels]);
        }
    }
    free(begun);
}

/* The iteration changes no weights, and afterwards every sample still has its own image. */
static void an_iteration_whose_values_are_not_finite_is_dropped(void **state)
{
    (void)state;
    made_images made;
    nca_settings settings = settings_for(&ways[0], &made);
    settings.shift = 0;
    settings.brightness = settings.contrast = settings.noise = 0.0f;
    settings.loss_steps = 3;
    settings.carry = 0.5f;
    settings.damage = 2;
    nca_session *session = session_of(&settings, &made);
    assert_ok(nca_session_keep_before(session, true, &failure));
    run_session(session, 3);
    float *kept = malloc(session->parameter_count * sizeof *kept);
    assert_non_null(kept);
    memcpy(kept, session->model->parameters, session->parameter_count * sizeof *kept);
    for (size_t slot = 0; slot < settings.batch_size; slot++) {
        nca__pool_at(&session->pool, slot)[5] = INFINITY;
    }
    run_session(session, 4);
    assert_int_equal(session->counters.dropped, 1);
    assert_memory_equal(kept, session->model->parameters, session->parameter_count * sizeof *kept);
    run_session(session, 12);
    assert_int_equal(session->counters.dropped, 1);
    for (uint64_t i = 12; i < 40; i += 2) {
        nca__pool_at(&session->pool, i % settings.batch_size)[5] = INFINITY;
        run_session(session, i + 1);
        assert_own_images(session);
        run_session(session, i + 2);
        assert_own_images(session);
    }
    assert_true(session->counters.dropped > 3);
    free(kept);
    nca_session_destroy(session);
}

/* Wrong settings, each with a word of its message. */
static void settings_that_do_not_fit_are_refused_by_name(void **state)
{
    (void)state;
    made_images made;
    const struct {
        const char *key, *value, *says;
        nca_label_kind kind;
    } cases[] = {
        {"n_channels", "4", "n_channels: expected at least 5", NCA_LABELS_MULTI_CLASS},
        {"features", "12", "n_channels: expected at least 13", NCA_LABELS_MULTI_CLASS},
        {"alive_channel", "3", "alive_channel", NCA_LABELS_MULTI_CLASS},
        {"seed_survival", "0.5", "seed_survival", NCA_LABELS_MULTI_CLASS},
        {"damage", "2", "set carry", NCA_LABELS_MULTI_CLASS},
        {"changes", "7 damage 1", "found 1 at iteration 7, as only", NCA_LABELS_MULTI_CLASS},
        {"loss_steps", "4", "loss_steps: expected 1, or at most half of steps_min (6), found 4",
         NCA_LABELS_MULTI_CLASS},
        {"sampling", "balanced", "sampling", NCA_LABELS_MULTI_LABEL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_settings settings = made_settings();
        nca_session *session = NULL;
        nca_error error;
        make_images(&made, cases[i].kind, 1);
        assert_ok(nca_settings_set(&settings, cases[i].key, cases[i].value, &failure));
        assert_int_equal(nca_session_create_classify(&session, &settings, &made.data, &error),
                         NCA_INVALID_ARGUMENT);
        if (strstr(error.message, cases[i].says) == NULL) {
            fail_msg("%s", error.message);
        }
        assert_null(session);
    }
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_error error;
    make_images(&made, NCA_LABELS_MULTI_CLASS, 1);
    const size_t own_width = made.data.width, wrong[] = {0, NCA_MAX_SIDE + 1};
    for (size_t i = 0; i < 2; i++) {
        made.data.width = wrong[i];
        assert_int_equal(nca_session_create_classify(&session, &settings, &made.data, &error),
                         NCA_INVALID_ARGUMENT);
        assert_non_null(strstr(error.message, "data: expected images of 1 to"));
    }
    made.data.width = own_width;
    settings.readout = NCA_READOUT_CELLS;
    settings.features = 5;
    assert_int_equal(nca_session_create_classify(&session, &settings, &made.data, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "features: expected 0 with readout per-cell"));
    nca_settings_default(&settings);
    assert_int_equal(nca_session_create_classify(&session, &settings, &made.data, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "task: expected classify, found grow"));
    nca_model model = {.classifier = NULL};
    assert_int_equal(
        nca_session_create_classify_from(&session, &settings, &made.data, &model, &error),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "task: expected classify"));
    settings = made_settings();
    const nca_target target = {.height = 4, .width = 4};
    assert_int_equal(nca_session_create(&session, &settings, &target, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "task: expected grow, found classify"));
    assert_int_equal(nca_session_create_from(&session, &settings, &target, &model, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "task: expected grow"));
    settings = made_settings();
    assert_ok(nca_session_create_classify(&session, &settings, &made.data, &error));
    assert_int_equal(nca_session_change(session, "damage", "2", &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "set carry"));
    assert_string_equal(nca_session_settings(session)->changes, "");
    assert_ok(nca_session_change(session, "fire_rate", "0.25", &error));
    nca_session_destroy(session);
    session = NULL;
    /* Class 0 has the first 3 images. */
    settings = made_settings();
    settings.sampling = NCA_SAMPLING_BALANCED;
    for (size_t i = 0; i < 3; i++) {
        made.labels[i] = 1;
    }
    assert_int_equal(nca_session_create_classify(&session, &settings, &made.data, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "sampling: balanced"));
    assert_non_null(strstr(error.message, "line 0"));
    made.data.split[NCA_SPLIT_TRAIN].count = 0;
    settings.features = 0;
    assert_int_equal(nca_session_create_classify(&session, &settings, &made.data, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "no images to train on"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns_with_every_readout_loss_and_kind_of_labels),
        cmocka_unit_test(threads_kernels_and_memory_never_change_a_bit),
        cmocka_unit_test_setup_teardown(a_run_resumed_inside_an_epoch_has_the_same_bits,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_run_is_resumed_only_with_its_own_images, make_folder,
                                        remove_folder),
        cmocka_unit_test(balanced_sampling_draws_every_class_equally_often),
        cmocka_unit_test(carried_rollouts_continue_with_their_image),
        cmocka_unit_test(the_first_samples_that_continue_are_damaged_beside_their_image),
        cmocka_unit_test(the_rate_and_changes_of_the_damage_take_effect),
        cmocka_unit_test(gradients_of_several_losses_are_those_of_finite_differences),
        cmocka_unit_test(an_iteration_whose_values_are_not_finite_is_dropped),
        cmocka_unit_test(settings_that_do_not_fit_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
