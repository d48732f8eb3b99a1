/* Fuzzing the reader of PyTorch files, including the zip layer. */
#include "fuzz/read_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_accepted = read_state(bytes, size);
    return 0;
}
