/* Checkpoints with contradictory contents, other files, and mutated bytes give errors. */
#include "train/session_fixture.h"

#include "base/file.h"
#include "nca/safetensors.h"

/* The difference between a rewritten checkpoint and the original. */
typedef struct change {
    const char *key, *value; /* metadata to replace; value NULL: to omit */
    const char *tensor;      /* to omit, reshape or patch */
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

/* A change makes the checkpoint in the folder refused. */
static void assert_refused(const test_folder *folder, const change *c)
{
    char path[320];
    snprintf(path, sizeof path, "%s/changed", folder->path);
    rewrite(path, folder->file, c);
    nca_session *none = NULL;
    nca_error error = {.message = ""};
    const nca_status status = nca_session_resume(&none, path, NULL, &error);
    if (status != c->expected || strstr(error.message, c->message) == NULL || none != NULL) {
        fail_msg("%s: %s: %s", c->key != NULL ? c->key : c->tensor, nca_status_name(status),
                 error.message);
    }
}

/* Writes the checkpoint that the tests change, after nine iterations. */
static nca_session *save_checkpoint(const test_folder *folder)
{
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 9);
    assert_true(nca__pool_grown(&session->pool) >= 3);
    assert_ok(nca_session_save(session, folder->file, &failure));
    return session;
}

static void a_checkpoint_without_changes_is_accepted_when_it_is_rewritten(void **state)
{
    const test_folder *folder = *state;
    nca_session *session = save_checkpoint(folder);
    char path[320];
    snprintf(path, sizeof path, "%s/changed", folder->path);
    const change nothing = {.key = NULL};
    rewrite(path, folder->file, &nothing);
    nca_session *back = resumed_session(path, NULL);
    assert_sessions_equal(session, back);
    nca_session_destroy(back);
    nca_session_destroy(session);
}

static void metadata_that_contradict_the_rest_are_refused(void **state)
{
    static const struct {
        const char *key, *value; /* NULL: left out */
        nca_status expected;
        const char *message;
    } rows[] = {
        {"format", "nca-model", NCA_FORMAT, "nca-model"},
        {"format", NULL, NCA_FORMAT, "not a checkpoint"},
        {"format_version", "3", NCA_UNSUPPORTED, "version 3"},
        {"format_version", "0", NCA_UNSUPPORTED, "version 0"},
        {"iteration", "8", NCA_FORMAT, "counters"},
        {"iteration", "-1", NCA_FORMAT, "iteration"},
        {"iteration", "99999999999999999999", NCA_FORMAT, "iteration"},
        {"updates", "", NCA_FORMAT, "updates"},
        {"updates", "10", NCA_FORMAT, "counters"},
        {"dropped", NULL, NCA_FORMAT, "dropped"},
        {"dropped", "1", NCA_FORMAT, "counters"},
        {"dropped_in_a_row", "1", NCA_FORMAT, "counters"},
        {"target_padding", "5", NCA_FORMAT, "padding"},
        {"target_padding", "x", NCA_FORMAT, "padding"},
        {"target_source", NULL, NCA_FORMAT, "target_source"},
        {"settings", NULL, NCA_FORMAT, "settings"},
        {"settings", "[", NCA_FORMAT, "(metadata \"settings\"):1"},
        {"settings", "", NCA_FORMAT, "update.w1"},
    };
    nca_session_destroy(save_checkpoint(*state));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const change c = {.key = rows[i].key,
                          .value = rows[i].value,
                          .expected = rows[i].expected,
                          .message = rows[i].message};
        assert_refused(*state, &c);
    }
}

static void a_missing_tensor_is_refused_by_its_name(void **state)
{
    static const char *const names[] = {
        "update.w1",     "adam.m.update.w2", "adam.v.update.b2", "target",
        "recent_losses", "pool.slots",       "pool.marks",       "pool.cells",
    };
    nca_session_destroy(save_checkpoint(*state));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const change c = {
            .tensor = names[i], .leave_out = true, .expected = NCA_FORMAT, .message = names[i]};
        assert_refused(*state, &c);
    }
}

static void tensors_of_another_shape_are_refused(void **state)
{
    static const char *const rows[][2] = {{"update.w2", "(8, 16)"}, {"target", "pool.marks"}};
    nca_session_destroy(save_checkpoint(*state));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const change c = {
            .tensor = rows[i][0], .transpose = true, .expected = NCA_FORMAT, .message = rows[i][1]};
        assert_refused(*state, &c);
    }
}

static void values_that_cannot_be_are_refused(void **state)
{
    static const float nan_value = NAN, negative = -1e-9f, infinite = INFINITY;
    static const uint32_t far_slot = 12;
    static const uint8_t two = 2;
    static const double nan_double = NAN;
    nca_session *session = save_checkpoint(*state);
    uint32_t first_slot = 0;
    while (!session->pool.is_grown[first_slot]) {
        first_slot++;
    }
    const struct {
        const char *tensor;
        const void *patch;
        size_t patch_at;
        nca_status expected;
        const char *message;
    } rows[] = {
        {"update.w2", &nan_value, 3, NCA_FORMAT, "finite"},
        {"adam.m.update.w1", &infinite, 0, NCA_FORMAT, "finite"},
        {"adam.v.update.w1", &negative, 0, NCA_FORMAT, "non-negative"},
        {"target", &nan_value, 0, NCA_INVALID_ARGUMENT, "target"},
        {"recent_losses", &nan_double, 0, NCA_FORMAT, "recent_losses"},
        {"pool.cells", &nan_value, 8 + 5, NCA_FORMAT, "finite"},
        /* The corner of a grid is dead, so this marks a cell that is not stored. */
        {"pool.marks", &two, 0, NCA_FORMAT, "pool.cells"},
        {"pool.slots", &far_slot, 0, NCA_FORMAT, "slots below 12, found 12"},
        {"pool.slots", &first_slot, 2, NCA_FORMAT, "twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const change c = {.tensor = rows[i].tensor,
                          .patch = rows[i].patch,
                          .patch_at = rows[i].patch_at,
                          .expected = rows[i].expected,
                          .message = rows[i].message};
        assert_refused(*state, &c);
    }
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
        /* Half of the mutations change the header, where they have the largest effect. */
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

int main(void)
{
#define with_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        with_folder(a_checkpoint_without_changes_is_accepted_when_it_is_rewritten),
        with_folder(metadata_that_contradict_the_rest_are_refused),
        with_folder(a_missing_tensor_is_refused_by_its_name),
        with_folder(tensors_of_another_shape_are_refused),
        with_folder(values_that_cannot_be_are_refused),
        with_folder(what_is_no_checkpoint_is_refused),
        with_folder(mutated_bytes_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
