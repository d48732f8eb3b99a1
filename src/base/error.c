/* Filling a caller's nca_error; names and meanings of statuses. Knows nothing of any layer above.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef NCA_VERSION
#error "the build defines NCA_VERSION"
#endif

const char *nca_version(void)
{
    return NCA_VERSION;
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

/* A cut message ends in "..." and never in half a UTF-8 sequence. */
static void finish_message(char *message, int wanted)
{
    if (wanted < NCA_ERROR_SIZE) {
        return;
    }
    size_t end = NCA_ERROR_SIZE - 4;
    while (end > 0 && ((unsigned char)message[end] & 0xC0u) == 0x80u) {
        end--;
    }
    memcpy(message + end, "...", 4);
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

nca_status nca__fail_memory(nca_error *error, const char *what, size_t bytes)
{
    return nca__fail(error, NCA_OUT_OF_MEMORY, "%s: %zu bytes of memory could not be had", what,
                     bytes);
}
