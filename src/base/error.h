/* Internal: filling a caller's nca_error. */
#ifndef NCA_BASE_ERROR_H
#define NCA_BASE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

/* Formats the message into `error` (may be NULL), truncating it cleanly if it is too long, and
 * returns `status`, so a failing branch reads `return nca__fail(error, NCA_FORMAT, "...", ...)`.
 * Control characters and bytes that are not UTF-8 become '?': names from files may be quoted
 * unchanged. No argument may point into `error` itself. */
nca_status nca__fail(nca_error *error, nca_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prepends "context: " to a message from a lower layer; returns `status`, which replaces that of
 * the lower layer. */
nca_status nca__fail_in(nca_error *error, nca_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports a failed allocation. */
nca_status nca__fail_memory(nca_error *error, const char *what, size_t bytes);

/* NCA_INVALID_ARGUMENT unless the `count` reserved fields at the end of an options struct
 * (nca/export.h) are 0; `type` is the struct's name. */
nca_status nca__check_reserved(const uint64_t *reserved, size_t count, const char *type,
                               nca_error *error);

/* Makes text from a file or a path safe to print: one line of UTF-8 without terminal control
 * characters. Every other byte becomes '?'. Public as nca_clean_text. */
void nca__clean_text(char *text);

#endif
