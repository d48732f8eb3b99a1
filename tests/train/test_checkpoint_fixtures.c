/* Checkpoints of earlier versions (fixtures/make_checkpoint.sh): everything that they contain is
 * read, and training continues to the weights of fixtures/checkpoints.txt. */
#include "train/session_fixture.h"

#include <inttypes.h>

#include "backend/digests.h"
#include "nca/safetensors.h"

enum {
    CHECKPOINTS = 3,
    LINE = 256
};

typedef struct kept {
    char hash[20], path[512];
    uint64_t until;
} kept;

static kept all[CHECKPOINTS];

static int read_list(void **state)
{
    (void)state;
    char line[LINE], name[100];
    size_t count = 0;
    FILE *file = fopen(NCA_FIXTURES "/checkpoints.txt", "r");
    if (file == NULL) {
        return -1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        if (count == CHECKPOINTS ||
            sscanf(line, "%19s %" SCNu64 " %99s", all[count].hash, &all[count].until, name) != 3) {
            count = 0;
            break;
        }
        snprintf(all[count].path, sizeof all[count].path, NCA_FIXTURES "/%s", name);
        count++;
    }
    fclose(file);
    return count == CHECKPOINTS ? 0 : -1;
}

static nca_settings settings_of(const char *path)
{
    nca_settings settings;
    uint64_t iteration;
    assert_ok(nca_checkpoint_settings(&settings, &iteration, path, &failure));
    assert_int_equal(iteration, 20);
    return settings;
}

static void checkpoints_lead_to_the_weights_of_the_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        nca_settings longer = settings_of(all[i].path);
        longer.iterations = all[i].until;
        nca_session *session = resumed_session(all[i].path, &longer);
        run_session(session, all[i].until);
        char hash[20];
        snprintf(hash, sizeof hash, "%016" PRIx64,
                 digest_bytes(session->model->parameters,
                              session->parameter_count * sizeof *session->model->parameters));
        if (strcmp(hash, all[i].hash) != 0) {
            fail_msg("%s: %s after %" PRIu64 " iterations, the list has %s", all[i].path, hash,
                     all[i].until, all[i].hash);
        }
        nca_session_destroy(session);
    }
}

/* Version 1 contains whole states (slots,H,W,C), which the current version saves in another
 * form. */
static void assert_states_kept(const nca_session *session, const nca_safetensors *old)
{
    const nca_tensor_view *slots = nca_safetensors_find(old, "pool.slots");
    const nca_tensor_view *states = nca_safetensors_find(old, "pool.states");
    const size_t bytes = states->bytes / states->shape[0];
    float *state = malloc(bytes);
    assert_non_null(state);
    for (size_t i = 0; i < states->shape[0]; i++) {
        uint32_t slot;
        memcpy(&slot, (const char *)slots->data + i * sizeof slot, sizeof slot);
        assert_true(nca__pool_get(state, &session->pool, slot));
        assert_memory_equal(state, (const char *)states->data + i * bytes, bytes);
    }
    free(state);
}

static void assert_tensors_kept(const nca_session *session, const nca_safetensors *old,
                                const nca_safetensors *again)
{
    for (size_t i = 0; i < nca_safetensors_count(old); i++) {
        const nca_tensor_view *a = nca_safetensors_at(old, i);
        if (strcmp(a->name, "pool.states") == 0) {
            assert_states_kept(session, old);
            continue;
        }
        const nca_tensor_view *b = nca_safetensors_find(again, a->name);
        if (b == NULL || b->bytes != a->bytes || memcmp(a->data, b->data, a->bytes) != 0) {
            fail_msg("tensor %s is not kept", a->name);
        }
    }
}

/* Reading and saving a checkpoint again keeps its contents. */
static void everything_in_a_checkpoint_is_read(void **state)
{
    const test_folder *folder = *state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        nca_session *session = resumed_session(all[i].path, NULL);
        assert_ok(nca_session_save(session, folder->file, &failure));
        const nca_settings old_settings = settings_of(all[i].path);
        const nca_settings new_settings = settings_of(folder->file);
        assert_memory_equal(&old_settings, &new_settings, sizeof old_settings);
        nca_safetensors *old = NULL, *again = NULL;
        assert_ok(nca_safetensors_open(&old, all[i].path, SIZE_MAX, &failure));
        assert_ok(nca_safetensors_open(&again, folder->file, SIZE_MAX, &failure));
        assert_tensors_kept(session, old, again);
        const char *key, *value;
        for (size_t k = 0; nca_safetensors_metadata_at(old, k, &key, &value); k++) {
            const char *found = nca_safetensors_metadata(again, key);
            if (strcmp(key, "settings") != 0 && strcmp(key, "format_version") != 0 &&
                (found == NULL || strcmp(found, value) != 0)) {
                fail_msg("%s: %s was %s, is %s", all[i].path, key, value,
                         found != NULL ? found : "missing");
            }
        }
        nca_safetensors_close(again);
        nca_safetensors_close(old);
        nca_session_destroy(session);
    }
}

/* The fixtures are useful tests: their pools contain states, and their moments are not 0. */
static void the_fixtures_have_what_a_training_keeps(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        nca_session *session = resumed_session(all[i].path, NULL);
        float moments[2] = {0.0f, 0.0f};
        for (size_t k = 0; k < session->parameter_count; k++) {
            moments[0] += fabsf(session->m[k]);
            moments[1] += session->v[k];
        }
        assert_true(moments[0] > 0.0f);
        assert_true(moments[1] > 0.0f || session->settings.optimiser == NCA_OPTIMISER_MUON);
        assert_true(nca__pool_grown(&session->pool) > 0);
        assert_int_equal(session->pool.slots, 4);
        assert_int_equal(nca__session_recent_count(session), 20);
        assert_int_equal(nca_session_target(session)->height, 8);
        nca_session_destroy(session);
    }
    const nca_settings robust = settings_of(all[0].path), learned = settings_of(all[1].path);
    assert_int_equal(robust.recipe, NCA_RECIPE_ROBUST);
    assert_int_equal(robust.experiment, NCA_EXPERIMENT_REGENERATING);
    assert_int_equal(robust.schedule, NCA_SCHEDULE_PLATEAU);
    assert_non_null(strstr(robust.changes, "25 learning_rate 0.001"));
    assert_int_equal(learned.filter, NCA_FILTER_LEARNED);
    assert_int_equal(learned.filter_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpoints_lead_to_the_weights_of_the_list),
        cmocka_unit_test_setup_teardown(everything_in_a_checkpoint_is_read, make_folder,
                                        remove_folder),
        cmocka_unit_test(the_fixtures_have_what_a_training_keeps),
    };
    return cmocka_run_group_tests(tests, read_list, NULL);
}
