/* Fuzzing the reader of .npz archives, including the zip layer: every readable array gives the same
 * values as a whole and in pieces. */
#include "fuzz/read_array.h"

enum {
    MOST_ARRAYS = 16
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_npz *npz = NULL;
    nca_status status = nca_npz_parse(&npz, bytes, size, FUZZ_NAME, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(npz == NULL);
        return 0;
    }
    size_t count = nca_npz_count(npz);
    FUZZ_CHECK(nca_npz_name(npz, count) == NULL);
    for (size_t i = 0; i < count && i < MOST_ARRAYS; i++) {
        fuzz_accepted &= read_array(npz, nca_npz_name(npz, i));
    }
    nca_array array;
    FUZZ_CHECK(nca_npz_describe(&array, npz, "no such/array", NULL) == NCA_NOT_FOUND);
    nca_npz_close(npz);
    return 0;
}
