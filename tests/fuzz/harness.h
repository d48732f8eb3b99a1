/* For the fuzz harnesses: one function per reader, and what they share. A harness says what must
 * hold for whatever bytes the reader is given; who calls it with which bytes, libFuzzer or the
 * replay of the corpus, it does not know. */
#ifndef NCA_TESTS_FUZZ_HARNESS_H
#define NCA_TESTS_FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "nca/status.h"

/* The harness. Returns 0 always, as libFuzzer asks; a broken promise ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Whether the reader took the last input: set by the harness, asked by the replay. */
extern bool fuzz_accepted;

/* Like assert, in every kind of build: prints what was promised, then aborts. */
#define FUZZ_CHECK(promise)                                    \
    do {                                                       \
        if (!(promise)) {                                      \
            fuzz_broken_promise(__FILE__, __LINE__, #promise); \
        }                                                      \
    } while (0)
_Noreturn void fuzz_broken_promise(const char *file, int line, const char *promise);

/* The name that harnesses give to bytes in memory. */
#define FUZZ_NAME "fuzzed"

/* What is promised of a refusal: bytes are to blame, not the machine, and the message is one line
 * of clean text that begins with the file's name. */
void fuzz_check_refusal(nca_status status, const nca_error *error, const char *name);

/* For readers that want a path: a file in memory that holds these bytes until the next call. */
const char *fuzz_file(const uint8_t *bytes, size_t size);

/* A path in a fresh folder that is removed when the process ends well; `index` tells several
 * apart. */
enum {
    FUZZ_SCRATCH_FILES = 2
};
const char *fuzz_scratch(unsigned index);

/* All of a scratch file, in a new buffer (free() it). */
uint8_t *fuzz_read_scratch(unsigned index, size_t *out_size);

#endif
