/* Fuzzing the reader of sweep files: an accepted file gives runs whose settings fit together and
 * whose names are unique. */
#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/sweep.h"

enum {
    COMPARED_RUNS = 64 /* compares each name with all others */
};

static void check_run(const nca_sweep *sweep, size_t run)
{
    const char *name = nca_sweep_name(sweep, run);
    FUZZ_CHECK(nca_settings_check(nca_sweep_settings(sweep, run), NULL) == NCA_OK);
    FUZZ_CHECK(name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL);
    FUZZ_CHECK(nca_sweep_group(sweep, run) < nca_sweep_group_count(sweep));
    for (size_t axis = 0; axis < nca_sweep_axis_count(sweep); axis++) {
        const nca_setting *setting = nca_sweep_axis(sweep, axis);
        char value[NCA_SETTING_SIZE];
        nca_settings_get(value, sizeof value, nca_sweep_settings(sweep, run), setting);
        FUZZ_CHECK(strcmp(nca_sweep_value(sweep, run, axis), value) == 0);
        FUZZ_CHECK(nca_sweep_label(sweep, run, axis) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_sweep *sweep = NULL;
    nca_status status =
        nca_sweep_parse(&sweep, (const char *)bytes, size, FUZZ_NAME, NULL, 0, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(sweep == NULL);
        return 0;
    }
    size_t count = nca_sweep_count(sweep);
    FUZZ_CHECK(count >= 1 && count <= NCA_SWEEP_MAX_RUNS);
    for (size_t run = 0; run < count; run++) {
        check_run(sweep, run);
        for (size_t other = 0; other < run && run < COMPARED_RUNS; other++) {
            FUZZ_CHECK(strcmp(nca_sweep_name(sweep, run), nca_sweep_name(sweep, other)) != 0);
        }
    }
    nca_sweep_destroy(sweep);
    return 0;
}
