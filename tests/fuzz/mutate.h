/* The names of libFuzzer's functions, for mutators of specific formats, which are linked only into
 * fuzzers. */
#ifndef NCA_TESTS_FUZZ_MUTATE_H
#define NCA_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's function: changes the bytes in place; returns the new size, at most `limit`. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

/* Our function: the same for one format. The same seed gives the same change. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);

#endif
