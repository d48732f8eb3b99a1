/* Filling a caller's nca_error; names and meanings of statuses. */
#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "nca/version.h"

const char *nca_version(void)
{
    return NCA_VERSION_STRING;
}

long nca_version_number(void)
{
    return NCA_VERSION_NUMBER;
}

const char *nca_status_name(nca_status status)
{
    switch (status) {
#define X(name, meaning) \
    case NCA_##name:     \
        return "NCA_" #name;
        NCA_STATUS_LIST(X)
#undef X
    }
    return "NCA_UNKNOWN";
}

const char *nca_status_meaning(nca_status status)
{
    switch (status) {
#define X(name, meaning) \
    case NCA_##name:     \
        return meaning;
        NCA_STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

/* Characters that change the direction of the text after them, so that a name can look like
 * another: the embeddings and overrides, the isolates, the marks. */
static bool turns_text(uint32_t code)
{
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200E || code == 0x200F || code == 0x061C;
}

/* The length in bytes of the printable character at `text`, or 0. Refuses both sets of control
 * characters and characters that change the direction of text. */
static size_t printable_length(const char *text)
{
    uint32_t code;
    const size_t length = nca__utf8_read(&code, text, SIZE_MAX);
    if (length == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0) || turns_text(code)) {
        return 0;
    }
    return length;
}

void nca__clean_text(char *text)
{
    for (char *at = text; *at != '\0';) {
        size_t length = printable_length(at);
        if (length == 0) {
            *at = '?';
            length = 1;
        }
        at += length;
    }
}

void nca_clean_text(char *text)
{
    nca__clean_text(text);
}

/* A truncated message ends in "..." and never in an incomplete UTF-8 sequence. `wanted` is the
 * return value of vsnprintf. */
static void finish_message(char *message, int wanted)
{
    if (wanted < 0) {
        message[0] = '\0';
    } else if (wanted >= NCA_ERROR_SIZE) {
        memcpy(message + nca__utf8_cut(message, NCA_ERROR_SIZE - 4), "...", 4);
    }
    nca__clean_text(message);
}

nca_status nca__fail(nca_error *error, nca_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        int wanted = vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        finish_message(error->message, wanted);
        error->status = status;
    }
    return status;
}

nca_status nca__fail_in(nca_error *error, nca_status status, const char *format, ...)
{
    if (error != NULL) {
        char context[NCA_ERROR_SIZE];
        char detail[NCA_ERROR_SIZE];
        va_list arguments;
        va_start(arguments, format);
        int wanted = vsnprintf(context, sizeof context, format, arguments);
        va_end(arguments);
        finish_message(context, wanted);
        memcpy(detail, error->message, sizeof detail);
        nca__fail(error, status, "%s: %s", context, detail);
    }
    return status;
}

nca_status nca__check_reserved(const uint64_t *reserved, size_t count, const char *type,
                               nca_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (reserved[i] != 0) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: expected 0 in every reserved field, found another value; fill "
                             "the struct with %s_default, and do not run a program with an older "
                             "libnca than it was compiled for (this is %s)",
                             type, type, nca_version());
        }
    }
    return NCA_OK;
}

nca_status nca__fail_memory(nca_error *error, const char *what, size_t bytes)
{
    return bytes > 0 ? nca__fail(error, NCA_OUT_OF_MEMORY, "out of memory (%zu bytes for %s)",
                                 bytes, what)
                     : nca__fail(error, NCA_OUT_OF_MEMORY, "out of memory (for %s)", what);
}
