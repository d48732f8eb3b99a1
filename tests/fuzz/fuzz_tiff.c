/* Fuzzing the TIFF decoder, first or third page. */
#include "fuzz/read_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const nca__slice_choice choice = {.has_slice = size % 4 == 3, .slice = 2};
    return fuzz_picture(bytes, size, &choice);
}
