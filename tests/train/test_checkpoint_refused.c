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
        /* The corner of a grid is dead, so this marks a cell that is not stored. */
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
    nca_session *back = resumed_session(path, NULL);
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
        with_folder(checkpoints_that_contradict_themselves_are_refused),
        with_folder(what_is_no_checkpoint_is_refused),
        with_folder(mutated_bytes_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
