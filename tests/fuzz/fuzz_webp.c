/* Fuzzing the WebP decoder. */
#include "fuzz/read_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const nca__slice_choice choice = {0};
    return fuzz_picture(bytes, size, &choice);
}
