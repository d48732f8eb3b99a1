/* Fuzzing the reader of a sweep's evaluation.csv: either all numbers are read or none. */
#include <math.h>

#include "fuzz/harness.h"
#include "nca/spread.h"
#include "runs/sweep_results.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file(bytes, size);
    nca_sweep_result result, before;
    double surviving = -1;
    nca_error error = {0};
    memset(&before, 0x5a, sizeof before);
    before.known = before.dead = false;
    result = before;
    const nca_status status = nca__sweep_evaluation_read(&result, &surviving, path, &error);
    fuzz_accepted = status == NCA_OK;
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, path);
        FUZZ_CHECK(memcmp(&result.number, &before.number, sizeof result.number) == 0);
        FUZZ_CHECK(surviving == -1);
        return 0;
    }
    FUZZ_CHECK(surviving >= 0 && surviving <= 1);
    FUZZ_CHECK(result.number[NCA_SWEEP_SURVIVING] >= 0 && result.number[NCA_SWEEP_SURVIVING] <= 1);
    for (int i = NCA_SWEEP_L1; i <= NCA_SWEEP_SURVIVING; i++) {
        char text[NCA_NUMBER_TEXT_SIZE];
        FUZZ_CHECK(memcmp(&result.number[i], &before.number[i], sizeof(double)) != 0);
        nca_number_text(text, result.number[i]);
        FUZZ_CHECK(text[0] != 0);
        nca_spread_text(text, (nca_spread){result.number[i], result.number[NCA_SWEEP_L1]});
        FUZZ_CHECK(memchr(text, 0, sizeof text) != NULL);
    }
    return 0;
}
