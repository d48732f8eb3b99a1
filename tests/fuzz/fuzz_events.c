/* Fuzzing the reader of events.csv: its result is always a list that the setting accepts. */
#include <stdlib.h>

#include "fuzz/harness.h"
#include "runs/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static nca_settings settings; /* static, because it is large */
    static char changes[NCA_CHANGES_SIZE];
    static const uint64_t done[] = {0, 50, UINT64_MAX};
    const char *path = fuzz_file(bytes, size);
    for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
        nca_error error = {0};
        memset(changes, 'x', sizeof changes);
        const nca_status status = nca__events_read_file(changes, path, done[i], &error);
        fuzz_accepted = status == NCA_OK;
        if (status != NCA_OK) {
            fuzz_check_refusal(status, &error, path);
        }
        FUZZ_CHECK(memchr(changes, 0, sizeof changes) != NULL);
        nca_settings_default(&settings);
        FUZZ_CHECK(nca_settings_set(&settings, "changes", changes, NULL) == NCA_OK);
    }
    return 0;
}
