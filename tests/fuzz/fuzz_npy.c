/* Fuzzing the reader of .npy arrays: the bytes are the only member of a valid archive, so that no
 * checksum protects them. */
#include "fuzz/read_array.h"
#include "fuzz/stored_zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const fuzz_member member = {"array.npy", bytes, size};
    size_t zip_size = 0;
    uint8_t *zip = fuzz_stored_zip(&zip_size, &member, 1);
    nca_npz *npz = NULL;
    FUZZ_CHECK(nca_npz_parse(&npz, zip, zip_size, FUZZ_NAME, NULL) == NCA_OK);
    FUZZ_CHECK(nca_npz_count(npz) == 1);
    fuzz_accepted = read_array(npz, "array");
    nca_npz_close(npz);
    free(zip);
    return 0;
}
