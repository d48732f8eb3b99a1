/* The return value of functions that can fail, and the error record with the details.
 *
 * Every function that can fail returns an nca_status and takes, as its last parameter, a
 * caller-owned nca_error that may be NULL. On failure the outputs are unchanged, and the error's
 * message says what went wrong, where, what was expected, what was found, and what to do next. The
 * library never prints, never exits and never reads the environment.
 *
 * Threads: the library has no global state that a caller could see. Every function may be called
 * from any thread, at the same time as others, if they do not share an object. What threads may
 * share is described where the type is declared. A struct whose fields are in a header (settings,
 * options, models, images ...) is plain data: any number of threads may read it at once, or one may
 * change it; a function with a const parameter only reads it.
 *
 * Errors: the comment of a function lists the statuses that it returns, or refers to another
 * function. Functions that read and write files share these reasons: NCA_NOT_FOUND if a file or the
 * folder of a new file does not exist; NCA_IO if the system refuses (permissions, a full disk, not
 * a regular file); NCA_UNSUPPORTED if a library that is loaded on demand is not installed; the
 * message names the package. A null pointer where an object is expected, and an object that was
 * released, are programming errors and not detected. */
#ifndef NCA_STATUS_H
#define NCA_STATUS_H

#include <stdbool.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The list of statuses: name and meaning. */
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

/* The name ("NCA_FORMAT") and the meaning ("a file is damaged, or not of the expected format"); any
 * value gives a string. */
NCA_API const char *nca_status_name(nca_status status);
NCA_API const char *nca_status_meaning(nca_status status);

/* A callback that stops long operations: it is called between units of work, with the caller's
 * `user`. When it returns false, the operation stops (NCA_INTERRUPTED). */
typedef bool nca_keep_going(void *user);

/* Makes text from a file, a path or a user safe to print on a terminal, in place: control
 * characters (including those of Unicode and those that change the text direction) and bytes that
 * are not UTF-8 become '?'. Messages in an nca_error are already clean. */
NCA_API void nca_clean_text(char *text);

#ifdef __cplusplus
}
#endif
#endif
