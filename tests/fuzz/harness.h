/* For the fuzz harnesses: one function per reader, and shared code. A harness checks what must hold
 * for all inputs of the reader. It is called by libFuzzer or by the replay of the corpus. */
#ifndef NCA_TESTS_FUZZ_HARNESS_H
#define NCA_TESTS_FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "nca/status.h"

/* The harness. Always returns 0, as libFuzzer requires; a failed check ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Whether the reader accepted the last input: set by the harness, used by the replay. */
extern bool fuzz_accepted;

/* Like assert, but in every kind of build: prints the condition, then aborts. */
#define FUZZ_CHECK(promise)                                    \
    do {                                                       \
        if (!(promise)) {                                      \
            fuzz_broken_promise(__FILE__, __LINE__, #promise); \
        }                                                      \
    } while (0)
_Noreturn void fuzz_broken_promise(const char *file, int line, const char *promise);

/* The name of bytes in memory. */
#define FUZZ_NAME "fuzzed"

/* Checks a refusal: its reason must be the bytes and not the machine, and the message must be one
 * line of clean text that begins with the name of the file. */
void fuzz_check_refusal(nca_status status, const nca_error *error, const char *name);

/* For readers that need a path: a file in memory with these bytes, until the next call. */
const char *fuzz_file(const uint8_t *bytes, size_t size);

/* A path in a new folder that is removed if the process ends normally; `index` distinguishes
 * several paths. */
enum {
    FUZZ_SCRATCH_FILES = 2
};
const char *fuzz_scratch(unsigned index);

/* The contents of a scratch file, in a new buffer (free() it). */
uint8_t *fuzz_read_scratch(unsigned index, size_t *out_size);

#endif
