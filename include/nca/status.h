/* What a fallible function returns, and the error record that says more.
 *
 * Every fallible function of the library returns an nca_status and takes, as its last parameter, a
 * caller-owned nca_error that may be NULL. On failure the outputs are untouched and the error's
 * message says what went wrong, where, what was expected, what was found, and what to do next.
 * The library never prints, never exits and never reads the environment.
 *
 * Threads: the library has no state of its own that a caller could see. Every function may be
 * called from any thread, at the same time as others, as long as they do not share an object. What
 * threads may share stands where the type is declared. A struct whose fields are in a header
 * (settings, options, models, images ...) is plain data: any number of threads may read it at once,
 * or one may change it; a function that takes it const reads it.
 *
 * Errors: the comment of a function names the statuses that it returns, or another function whose
 * errors it has. Reading and writing of files share these reasons: NCA_NOT_FOUND where a file or
 * the folder of a new file does not exist, NCA_IO where the system refuses (permissions, a full
 * disk, no regular file), NCA_UNSUPPORTED where a library that is loaded when it is needed is not
 * installed; the message names the package. A null pointer where an object is expected, and an
 * object that was released, are errors of the program and not detected. */
#ifndef NCA_STATUS_H
#define NCA_STATUS_H

#include <stdbool.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The one list of statuses: name, then what it means. */
#define NCA_STATUS_LIST(X)                                                    \
    X(OK, "success")                                                          \
    X(INVALID_ARGUMENT, "a value is out of range or does not fit the others") \
    X(OUT_OF_MEMORY, "out of memory")                                         \
    X(IO, "the operating system refused to read or write")                    \
    X(NOT_FOUND, "a file or name does not exist")                             \
    X(EXISTS, "the output exists already")                                    \
    X(FORMAT, "a file is damaged, or not of the expected format")             \
    X(UNSUPPORTED, "valid, but not supported by this build or CPU")           \
    X(LIMIT, "larger than the reader or the memory limit allows")             \
    X(MISMATCH, "two things that must agree do not")                          \
    X(DIVERGED, "a training cannot succeed any more")                         \
    X(INTERRUPTED, "stopped on request")                                      \
    X(DEVICE_LOST, "a device or machine that computes has failed")

typedef enum nca_status {
#define X(name, meaning) NCA_##name,
    NCA_STATUS_LIST(X)
#undef X
} nca_status;

enum {
    NCA_ERROR_SIZE = 1024
};

typedef struct nca_error {
    nca_status status;
    char message[NCA_ERROR_SIZE]; /* one line, no final newline, UTF-8 */
} nca_error;

/* "NCA_FORMAT" and "a file is damaged, or not of the expected format"; any value gives a string. */
NCA_API const char *nca_status_name(nca_status status);
NCA_API const char *nca_status_meaning(nca_status status);

/* How long work is stopped: a function of the caller that is called between pieces of the work,
 * with the caller's `user`. When it returns false, the work stops (NCA_INTERRUPTED). */
typedef bool nca_keep_going(void *user);

/* Makes text from a file, a path or a user safe to print on a terminal, in place: control
 * characters (also those of Unicode, and those that turn the direction of text) and bytes that are
 * not UTF-8 become '?'. Messages in an nca_error are clean already. */
NCA_API void nca_clean_text(char *text);

#ifdef __cplusplus
}
#endif
#endif
