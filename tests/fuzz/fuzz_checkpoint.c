/* Fuzzing nca_session_resume: an accepted file gives a session that can continue, and that is the
 * same after it is saved and resumed again. */
#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/safetensors.h"
#include "nca/train.h"

enum {
    MOST_BYTES = 16 << 20, /* of a session, by its settings; large ones are only slow */
    MOST_WORK = 1 << 20    /* cell updates of an iteration */
};

/* Whether a session with these settings is small enough. The sides of the target are only in the
 * file. */
static bool is_small(const nca_settings *settings, const char *path)
{
    nca_safetensors *file = NULL;
    size_t height = 1, width = 1;
    if (nca_safetensors_open(&file, path, (size_t)1 << 30, NULL) != NCA_OK) {
        return true;
    }
    const nca_tensor_view *target = nca_safetensors_find(file, "target");
    if (target != NULL && target->rank == 3) {
        height = target->shape[0];
        width = target->shape[1];
    }
    nca_safetensors_close(file);
    const nca_session_memory needed = nca_session_memory_needed(settings, height, width);
    const bool refused = needed.other == SIZE_MAX;
    return refused ||
           (needed.pool < MOST_BYTES && needed.states < MOST_BYTES && needed.other < MOST_BYTES &&
            (double)settings->batch_size * settings->steps_max * (double)height * (double)width *
                    settings->hidden * settings->n_channels <
                MOST_WORK);
}

static nca_session *resumed(unsigned scratch, const nca_settings *settings)
{
    nca_session *session = NULL;
    nca_error error = {0};
    nca_status status = nca_session_resume(&session, fuzz_scratch(scratch), settings, &error);
    if (status != NCA_OK) {
        fuzz_broken_promise(__FILE__, __LINE__, error.message);
    }
    return session;
}

/* Saving, resuming and saving gives the same bytes; and one iteration of it ends. */
static void go_on(nca_session *session, const nca_settings *settings)
{
    size_t first_size = 0, second_size = 0;
    nca_iteration iteration;
    FUZZ_CHECK(nca_session_save(session, fuzz_scratch(0), NULL) == NCA_OK);
    nca_session *again = resumed(0, settings);
    FUZZ_CHECK(nca_session_save(again, fuzz_scratch(1), NULL) == NCA_OK);
    uint8_t *first = fuzz_read_scratch(0, &first_size);
    uint8_t *second = fuzz_read_scratch(1, &second_size);
    FUZZ_CHECK(first_size == second_size && memcmp(first, second, first_size) == 0);
    free(first);
    free(second);
    if (nca_session_iteration(again) < settings->iterations) {
        (void)nca_session_step(again, &iteration, NULL); /* may diverge */
    }
    nca_session_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file(bytes, size);
    nca_error error = {0};
    nca_settings settings;
    uint64_t done = 0;
    nca_session *session = NULL;
    nca_status status = nca_checkpoint_settings(&settings, &done, path, &error);
    fuzz_accepted = false;
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, path);
        return 0;
    }
    settings.threads = 1;
    if (!is_small(&settings, path)) {
        return 0;
    }
    status = nca_session_resume(&session, path, &settings, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        FUZZ_CHECK(session == NULL);
        fuzz_check_refusal(status, &error, path);
        return 0;
    }
    go_on(session, &settings);
    nca_session_destroy(session);
    return 0;
}
