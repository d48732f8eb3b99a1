/* Fuzzing NumPy arrays as pictures; even sizes of the file choose a slice. */
#include "fuzz/read_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const nca__slice_choice choice = {
        .has_slice = size % 2 == 0, .has_axis = size % 2 == 0, .axis = size / 2 % 3, .slice = 1};
    return fuzz_picture(bytes, size, &choice);
}
