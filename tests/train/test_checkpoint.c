/* Checkpoints: resuming gives the same bits as an uninterrupted run, hostile files give errors, and
 * a failed save leaves the old file. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "train/session_fixture.h"

#include "base/file.h"
#include "nca/safetensors.h"
#include "train/checkpoint.h"

static nca_session *resumed(const char *path, const nca_settings *changed)
{
    nca_session *session = NULL;
    assert_ok(nca_session_resume(&session, path, changed, &failure));
    return session;
}

/* ---- The same bits ---------------------------------------------------------------------------*/

static void a_saved_session_comes_back_whole(void **state)
{
    const test_folder *folder = *state;
    static const uint64_t moments[] = {0, 1, 5, 60};
    for (int experiment = 0; experiment < NCA_EXPERIMENT_COUNT; experiment++) {
        nca_settings settings = small_settings(NCA_RECIPE_DISTILL, (nca_experiment)experiment);
        snprintf(settings.output, sizeof settings.output, "runs/with \"quotes\" and: colons # ü");
        settings.learning_rate = 0x1.2345p-9f;
        nca_session *session = small_session(&settings);
        for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
            run_session(session, moments[i]);
            assert_ok(nca_session_save(session, folder->file, &failure));
            nca_session *back = resumed(folder->file, NULL);
            assert_sessions_equal(session, back);
            assert_memory_equal(nca_session_target(session)->rgba, nca_session_target(back)->rgba,
                                SMALL_CELLS * 4 * sizeof(float));
            assert_string_equal(nca_session_target(session)->source,
                                nca_session_target(back)->source);
            assert_int_equal(nca_session_target(session)->padding,
                             nca_session_target(back)->padding);
            for (size_t k = 0; k < nca_setting_count(); k++) {
                char a[NCA_SETTING_SIZE], b[NCA_SETTING_SIZE];
                nca_settings_get(a, sizeof a, &session->settings, nca_setting_at(k));
                nca_settings_get(b, sizeof b, &back->settings, nca_setting_at(k));
                assert_string_equal(a, b);
            }
            nca_session_destroy(back);
        }
        nca_session_destroy(session);
    }
    assert_int_equal(count_files(folder->path), 1);
}

static void stop_and_resume_give_the_bits_of_a_run_never_stopped(void **state)
{
    const test_folder *folder = *state;
    static const uint32_t threads[] = {2, 1, 3, 7};
    for (int i = 0; i < 2 * NCA_RECIPE_COUNT;
         i++) { /* each recipe with sobel and learned filters */
        const nca_recipe recipe = (nca_recipe)(i / 2);
        nca_settings settings = small_settings(recipe, NCA_EXPERIMENT_REGENERATING);
        settings.filter = i % 2 == 0 ? settings.filter : NCA_FILTER_LEARNED;
        settings.filter_count = i % 2 == 0 ? settings.filter_count : 1 + (uint32_t)recipe;
        nca_session *straight = small_session(&settings);
        run_session(straight, settings.iterations);
        nca_session *stopped = small_session(&settings);
        /* Stopped repeatedly, each time with another number of threads. */
        for (uint64_t at = 0; at < settings.iterations; at += 3) {
            run_session(stopped, at);
            assert_ok(nca_session_save(stopped, folder->file, &failure));
            nca_session_destroy(stopped);
            settings.threads = threads[at / 3 % 4];
            stopped = resumed(folder->file, &settings);
            assert_int_equal(nca_session_threads(stopped), settings.threads);
        }
        run_session(stopped, settings.iterations);
        assert_sessions_equal(straight, stopped);
        nca_session_destroy(stopped);
        nca_session_destroy(straight);
    }
}

static void dropped_iterations_survive_a_stop(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 10.0f;
    settings.step_size = 1000.0f;
    settings.steps_min = settings.steps_max = 40;
    nca_session *straight = small_session(&settings);
    nca_session *stopped = small_session(&settings);
    nca_status status = NCA_OK;
    while (status == NCA_OK) {
        nca_iteration a, b;
        nca_error error;
        status = nca_session_step(straight, &a, &error);
        assert_int_equal(nca_session_step(stopped, &b, &error), status);
        assert_sessions_equal(straight, stopped);
        assert_ok(nca_session_save(stopped, folder->file, &failure));
        nca_session_destroy(stopped);
        stopped = resumed(folder->file, NULL);
        assert_true(straight->counters.iteration < 1000);
    }
    assert_int_equal(status, NCA_DIVERGED);
    assert_int_equal(stopped->counters.dropped_in_a_row, 10);
    nca_session_destroy(straight);
    nca_session_destroy(stopped);
}

/* A training that cannot succeed ends at the same iteration wherever it was stopped. */
static void dead_iterations_are_counted_across_a_resume(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 1e-9f;
    settings.fire_rate = 1.0f;
    settings.iterations = 1000;
    nca_session *session = small_session(&settings);
    session->model
        ->parameters[nca_tensor_named(&session->model->automaton, "update.b2").offset + 3] = -10.0f;
    nca__session_refresh(session);
    run_session(session, 30);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    session = resumed(folder->file, NULL);
    assert_int_equal(session->counters.dead_in_a_row, 30);
    nca_error error;
    assert_int_equal(nca_session_run(session, NULL, NULL, &error), NCA_DIVERGED);
    assert_int_equal(nca_session_iteration(session), 50);
    nca_session_destroy(session);
}

static void settings_can_be_read_without_the_rest(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_settings back;
    uint64_t iteration = 0;
    assert_ok(nca_checkpoint_settings(&back, &iteration, folder->file, &failure));
    assert_int_equal(iteration, 3);
    assert_int_equal(back.recipe, NCA_RECIPE_MEDMNIST);
    assert_int_equal(back.n_channels, 8);
    assert_true(back.seed == settings.seed);
    nca_session_destroy(session);
}

/* A path may contain any bytes, but JSON, and so checkpoints and models, contain only UTF-8. */
static void a_source_that_is_not_text_can_be_saved_and_resumed(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    float rgba[SMALL_CELLS * 4];
    nca_target target = small_target(rgba);
    target.source = (char *)(uintptr_t) "caf\xe9/\xc3\xa9\n.png";
    nca_session *session = NULL, *resumed = NULL;
    assert_ok(nca_session_create(&session, &settings, &target, &failure));
    assert_string_equal(nca_session_target(session)->source, "caf?/\xc3\xa9?.png");
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    assert_ok(nca_session_resume(&resumed, folder->file, NULL, &failure));
    assert_string_equal(nca_session_target(resumed)->source, nca_session_target(session)->source);
    assert_sessions_equal(session, resumed);
    assert_ok(nca_model_save(nca_session_model(resumed), folder->file, &failure));
    nca_session_destroy(resumed);
    nca_session_destroy(session);
}

/* ---- Changed settings ------------------------------------------------------------------------*/

static void a_change_that_would_break_the_bits_is_refused_by_name(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    static const char *const changes[][3] = {
        {"learning_rate", "0.125", "0.002"},
        {"seed", "5", "81985529216486895"},
        {"batch_size", "6", "5"},
        {"fire_rate", "0.75", "0.5"},
        {"hidden", "17", "16"},
        {"loss", "L1", "L2"},
        {"damage", "1", "2"},
        {"output_bias", "false", "true"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        nca_settings changed = settings;
        nca_session *none = NULL;
        nca_error error;
        assert_ok(nca_settings_set(&changed, changes[i][0], changes[i][1], &failure));
        assert_int_equal(nca_session_resume(&none, folder->file, &changed, &error), NCA_MISMATCH);
        assert_null(none);
        for (int word = 0; word < 3; word++) {
            assert_non_null(strstr(error.message, changes[i][word]));
        }
    }
    nca_session_destroy(session);
}

static void what_does_not_touch_the_bits_may_change(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    settings.threads = 2;
    settings.checkpoint_every = 7;
    settings.memory_limit = 100000000;
    settings.iterations = 31;
    snprintf(settings.kernels, sizeof settings.kernels, "scalar");
    snprintf(settings.output, sizeof settings.output, "elsewhere");
    nca_session *back = resumed(folder->file, &settings);
    assert_sessions_equal(session, back);
    assert_int_equal(nca_session_settings(back)->iterations, 31);
    assert_string_equal(nca_session_settings(back)->output, "elsewhere");
    run_session(session, 6);
    run_session(back, 6);
    assert_sessions_equal(session, back);
    nca_session_destroy(back);
    nca_session_destroy(session);
}

static void the_length_of_a_cosine_may_not_change(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.schedule = NCA_SCHEDULE_COSINE;
    nca_session *session = small_session(&settings);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    settings.iterations++;
    nca_error error;
    assert_int_equal(nca_session_resume(&session, folder->file, &settings, &error), NCA_MISMATCH);
    assert_non_null(strstr(error.message, "iterations"));
}

/* The shape of a plateau is determined by decay_at, so its training can continue as if it had
 * always been longer. */
static void a_plateau_may_be_trained_for_longer(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    settings.schedule = NCA_SCHEDULE_PLATEAU;
    settings.iterations = settings.decay_at = 6;
    settings.warmup = 2;
    nca_session *session = small_session(&settings);
    run_session(session, 6);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    nca_settings longer = settings;
    longer.iterations = 11;
    nca_session *resumed_session = resumed(folder->file, &longer);
    nca_session *straight = small_session(&longer);
    run_session(resumed_session, 11);
    run_session(straight, 11);
    assert_sessions_equal(resumed_session, straight);
    nca_session_destroy(resumed_session);
    nca_session_destroy(straight);
    longer.decay_at = 11;
    nca_error error;
    assert_int_equal(nca_session_resume(&session, folder->file, &longer, &error), NCA_MISMATCH);
    assert_non_null(strstr(error.message, "decay_at"));
}

/* ---- Hostile files ---------------------------------------------------------------------------*/

/* The changes of a rewritten checkpoint. */
typedef struct change {
    const char *key, *value; /* metadata to replace; value NULL: to remove */
    const char *tensor;      /* tensor to remove, reshape or patch */
    bool leave_out, transpose;
    size_t patch_at;   /* element of 4 bytes (8 for U64) */
    const void *patch; /* its new bytes, or NULL */
    nca_status expected;
    const char *message; /* part of it */
} change;

static size_t element_size(nca_dtype dtype)
{
    return dtype == NCA_DTYPE_U64 ? 8 : dtype == NCA_DTYPE_U8 ? 1 : 4;
}

static void rewrite_tensors(nca_safetensors_writer *writer, const nca_safetensors *file,
                            const change *c)
{
    const size_t count = nca_safetensors_count(file);
    for (int writing = 0; writing < 2; writing++) {
        for (size_t i = 0; i < count; i++) {
            nca_tensor_view view = *nca_safetensors_at(file, i);
            const bool meant = c->tensor != NULL && strcmp(view.name, c->tensor) == 0;
            if (meant && c->leave_out) {
                continue;
            }
            if (meant && c->transpose) {
                const size_t held = view.shape[0];
                view.shape[0] = view.shape[1];
                view.shape[1] = held;
            }
            if (!writing) {
                assert_ok(nca_safetensors_writer_tensor(writer, &view, &failure));
                continue;
            }
            char *bytes = malloc(view.bytes + 1);
            assert_non_null(bytes);
            memcpy(bytes, view.data, view.bytes);
            if (meant && c->patch != NULL) {
                const size_t size = element_size(view.dtype);
                assert_true((c->patch_at + 1) * size <= view.bytes);
                memcpy(bytes + c->patch_at * size, c->patch, size);
            }
            assert_ok(nca_safetensors_writer_write(writer, bytes, view.bytes, &failure));
            free(bytes);
        }
    }
}

static void rewrite(const char *to, const char *from, const change *c)
{
    nca_safetensors *file = NULL;
    nca_safetensors_writer *writer = NULL;
    assert_ok(nca_safetensors_open(&file, from, SIZE_MAX, &failure));
    assert_ok(nca_safetensors_writer_open(&writer, to, &failure));
    const char *key, *value;
    for (size_t i = 0; nca_safetensors_metadata_at(file, i, &key, &value); i++) {
        const bool meant = c->key != NULL && strcmp(key, c->key) == 0;
        value = meant ? c->value : value;
        if (value != NULL) {
            assert_ok(nca_safetensors_writer_metadata(writer, key, value, &failure));
        }
    }
    rewrite_tensors(writer, file, c);
    assert_ok(nca_safetensors_writer_commit(writer, &failure));
    nca_safetensors_writer_destroy(writer);
    nca_safetensors_close(file);
}

static void checkpoints_that_contradict_themselves_are_refused(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 9);
    assert_true(nca__pool_grown(&session->pool) >= 3);
    assert_ok(nca_session_save(session, folder->file, &failure));
    uint32_t first_slot = 0;
    while (!session->pool.is_grown[first_slot]) {
        first_slot++;
    }
    static const float nan_value = NAN, negative = -1e-9f, infinite = INFINITY;
    static const uint32_t far_slot = 12;
    static const uint8_t two = 2;
    static const double nan_double = NAN;
    static const change changes[] = {
        {.key = "format", .value = "nca-model", .expected = NCA_FORMAT, .message = "nca-model"},
        {.key = "format", .expected = NCA_FORMAT, .message = "not a checkpoint"},
        {.key = "format_version",
         .value = "3",
         .expected = NCA_UNSUPPORTED,
         .message = "version 3"},
        {.key = "format_version",
         .value = "0",
         .expected = NCA_UNSUPPORTED,
         .message = "version 0"},
        {.key = "iteration", .value = "8", .expected = NCA_FORMAT, .message = "counters"},
        {.key = "iteration", .value = "-1", .expected = NCA_FORMAT, .message = "iteration"},
        {.key = "iteration",
         .value = "99999999999999999999",
         .expected = NCA_FORMAT,
         .message = "iteration"},
        {.key = "updates", .value = "", .expected = NCA_FORMAT, .message = "updates"},
        {.key = "updates", .value = "10", .expected = NCA_FORMAT, .message = "counters"},
        {.key = "dropped", .expected = NCA_FORMAT, .message = "dropped"},
        {.key = "dropped", .value = "1", .expected = NCA_FORMAT, .message = "counters"},
        {.key = "dropped_in_a_row", .value = "1", .expected = NCA_FORMAT, .message = "counters"},
        {.key = "target_padding", .value = "5", .expected = NCA_FORMAT, .message = "padding"},
        {.key = "target_padding", .value = "x", .expected = NCA_FORMAT, .message = "padding"},
        {.key = "target_source", .expected = NCA_FORMAT, .message = "target_source"},
        {.key = "settings", .expected = NCA_FORMAT, .message = "settings"},
        {.key = "settings",
         .value = "[",
         .expected = NCA_FORMAT,
         .message = "(metadata \"settings\"):1"},
        {.key = "settings", .value = "", .expected = NCA_FORMAT, .message = "update.w1"},
        {.tensor = "update.w1", .leave_out = true, .expected = NCA_FORMAT, .message = "update.w1"},
        {.tensor = "adam.m.update.w2",
         .leave_out = true,
         .expected = NCA_FORMAT,
         .message = "adam.m.update.w2"},
        {.tensor = "adam.v.update.b2",
         .leave_out = true,
         .expected = NCA_FORMAT,
         .message = "adam.v.update.b2"},
        {.tensor = "update.w2", .transpose = true, .expected = NCA_FORMAT, .message = "(8, 16)"},
        {.tensor = "update.w2",
         .patch = &nan_value,
         .patch_at = 3,
         .expected = NCA_FORMAT,
         .message = "finite"},
        {.tensor = "adam.m.update.w1",
         .patch = &infinite,
         .expected = NCA_FORMAT,
         .message = "finite"},
        {.tensor = "adam.v.update.w1",
         .patch = &negative,
         .expected = NCA_FORMAT,
         .message = "non-negative"},
        {.tensor = "target", .leave_out = true, .expected = NCA_FORMAT, .message = "target"},
        {.tensor = "target",
         .patch = &nan_value,
         .expected = NCA_INVALID_ARGUMENT,
         .message = "target"},
        {.tensor = "target", .transpose = true, .expected = NCA_FORMAT, .message = "pool.marks"},
        {.tensor = "recent_losses",
         .leave_out = true,
         .expected = NCA_FORMAT,
         .message = "recent_losses"},
        {.tensor = "recent_losses",
         .patch = &nan_double,
         .expected = NCA_FORMAT,
         .message = "recent_losses"},
        {.tensor = "pool.slots",
         .leave_out = true,
         .expected = NCA_FORMAT,
         .message = "pool.slots"},
        {.tensor = "pool.marks",
         .leave_out = true,
         .expected = NCA_FORMAT,
         .message = "pool.marks"},
        {.tensor = "pool.cells",
         .leave_out = true,
         .expected = NCA_FORMAT,
         .message = "pool.cells"},
        {.tensor = "pool.cells",
         .patch = &nan_value,
         .patch_at = 8 + 5,
         .expected = NCA_FORMAT,
         .message = "finite"},
        /* The corner of a grid is dead, so this marks a cell that does not exist. */
        {.tensor = "pool.marks", .patch = &two, .expected = NCA_FORMAT, .message = "pool.cells"},
        {.tensor = "pool.slots",
         .patch = &far_slot,
         .expected = NCA_FORMAT,
         .message = "slots below 12, found 12"},
    };
    char path[320];
    snprintf(path, sizeof path, "%s/changed", folder->path);
    for (size_t i = 0; i <= sizeof changes / sizeof *changes; i++) {
        const change twice = {.tensor = "pool.slots",
                              .patch = &first_slot,
                              .patch_at = 2,
                              .expected = NCA_FORMAT,
                              .message = "twice"};
        const change *c = i < sizeof changes / sizeof *changes ? &changes[i] : &twice;
        rewrite(path, folder->file, c);
        nca_session *none = NULL;
        nca_error error = {.message = ""};
        nca_status status = nca_session_resume(&none, path, NULL, &error);
        if (status != c->expected || strstr(error.message, c->message) == NULL || none != NULL) {
            fail_msg("change %zu (%s): %s: %s", i, c->key != NULL ? c->key : c->tensor,
                     nca_status_name(status), error.message);
        }
    }
    const change nothing = {.key = NULL};
    rewrite(path, folder->file, &nothing);
    nca_session *back = resumed(path, NULL);
    assert_sessions_equal(session, back);
    nca_session_destroy(back);
    nca_session_destroy(session);
}

static void what_is_no_checkpoint_is_refused(void **state)
{
    const test_folder *folder = *state;
    nca_session *none = NULL;
    nca_error error;
    assert_int_equal(nca_session_resume(&none, folder->file, NULL, &error), NCA_NOT_FOUND);
    assert_int_not_equal(nca_session_resume(&none, folder->path, NULL, &error), NCA_OK);
    assert_ok(nca__file_write(folder->file, "", 0, &failure));
    assert_int_equal(nca_session_resume(&none, folder->file, NULL, &error), NCA_FORMAT);
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    nca_session *session = small_session(&settings);
    assert_ok(nca_model_save(nca_session_model(session), folder->file, &failure));
    assert_int_equal(nca_session_resume(&none, folder->file, NULL, &error), NCA_FORMAT);
    assert_int_equal(nca_session_resume(&none, folder->file, NULL, NULL), NCA_FORMAT);
    assert_non_null(strstr(error.message, "not a checkpoint"));
    assert_null(none);
    nca_session_destroy(session);
}

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void mutated_bytes_never_crash(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING);
    settings.hidden = 8;
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    uint8_t *bytes;
    size_t size;
    assert_ok(nca__file_read(&bytes, &size, folder->file, SIZE_MAX, &failure));
    uint8_t *mutated = malloc(size);
    assert_non_null(mutated);
    uint64_t header = 0;
    memcpy(&header, bytes, sizeof header);
    uint64_t random = 20260101;
    unsigned accepted = 0, refused = 0;
    for (int round = 0; round < 1500; round++) {
        memcpy(mutated, bytes, size);
        size_t length = size;
        /* Half of the mutations change the header, where they do most harm. */
        const size_t span = round % 2 ? size : 8 + (size_t)header;
        const unsigned count = 1 + (unsigned)(next_random(&random) % 3);
        for (unsigned i = 0; i < count; i++) {
            const size_t at = (size_t)(next_random(&random) % span);
            mutated[at] =
                next_random(&random) % 2
                    ? (uint8_t)(mutated[at] ^ (1u << next_random(&random) % 8))
                    : (uint8_t)("0123456789-.[]{},:\" aeNn\n\\"[next_random(&random) % 26]);
        }
        if (round % 16 == 0) {
            length = (size_t)(next_random(&random) % size);
        }
        FILE *stream = fopen(folder->file, "wb");
        assert_non_null(stream);
        assert_int_equal(fwrite(mutated, 1, length, stream), length);
        fclose(stream);
        nca_session *back = NULL;
        nca_error error = {.message = ""};
        if (nca_session_resume(&back, folder->file, NULL, &error) == NCA_OK) {
            accepted++;
            nca_iteration report;
            nca_status status = nca_session_step(back, &report, &error);
            assert_true(status == NCA_OK || status == NCA_DIVERGED || status == NCA_LIMIT);
            nca_session_destroy(back);
        } else {
            refused++;
            assert_true(error.message[0] != 0);
            assert_null(strchr(error.message, '\n'));
            assert_null(back);
        }
    }
    print_message("%u mutated files accepted, %u refused\n", accepted, refused);
    assert_true(accepted > 0 && refused > 0);
    free(mutated);
    free(bytes);
}

/* ---- Failing disks ---------------------------------------------------------------------------*/

static void a_full_disk_leaves_the_old_checkpoint(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    run_session(session, 4);
    /* A limit on the size of files is used instead of a full disk: writes fail in the same way. */
    struct rlimit kept, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    static const rlim_t limits[] = {0, 100, 5000, 9000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        tight = kept;
        tight.rlim_cur = limits[i];
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        nca_error error = {.message = ""};
        const nca_status status = nca_session_save(session, folder->file, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
        assert_int_equal(status, NCA_IO);
        assert_non_null(strstr(error.message, "checkpoint.safetensors"));
        assert_int_equal(count_files(folder->path), 1);
        nca_session *old = resumed(folder->file, NULL);
        assert_int_equal(nca_session_iteration(old), 2);
        nca_session_destroy(old);
    }
    signal(SIGXFSZ, handler);
    nca_error error;
    char missing[400];
    snprintf(missing, sizeof missing, "%s/none/checkpoint.safetensors", folder->path);
    assert_int_equal(nca_session_save(session, missing, &error), NCA_NOT_FOUND);
    nca_session_destroy(session);
}

int main(void)
{
#define with_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        with_folder(a_saved_session_comes_back_whole),
        with_folder(stop_and_resume_give_the_bits_of_a_run_never_stopped),
        with_folder(dropped_iterations_survive_a_stop),
        with_folder(dead_iterations_are_counted_across_a_resume),
        with_folder(settings_can_be_read_without_the_rest),
        with_folder(a_source_that_is_not_text_can_be_saved_and_resumed),
        with_folder(a_change_that_would_break_the_bits_is_refused_by_name),
        with_folder(what_does_not_touch_the_bits_may_change),
        with_folder(the_length_of_a_cosine_may_not_change),
        with_folder(a_plateau_may_be_trained_for_longer),
        with_folder(checkpoints_that_contradict_themselves_are_refused),
        with_folder(what_is_no_checkpoint_is_refused),
        with_folder(mutated_bytes_never_crash),
        with_folder(a_full_disk_leaves_the_old_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
