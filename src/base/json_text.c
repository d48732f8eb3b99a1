/* Writes JSON strings to a stream, escaped and valid whatever the bytes. */
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "nca/files.h"

/* Whether a terminal could interpret the character of `length` bytes as a control character. All of
 * these have at most four hexadecimal digits. */
static bool is_unsafe(const char *at, size_t length)
{
    char copy[5] = {0};
    memcpy(copy, at, length);
    nca__clean_text(copy);
    return copy[0] == '?' && *at != '?';
}

void nca_file_write_json_text(FILE *to, const char *text)
{
    fputc('"', to);
    while (*text != 0) {
        uint32_t code;
        const size_t length = nca__utf8_read(&code, text, SIZE_MAX);
        if (length == 0) {
            fputs("\\ufffd", to);
        } else if (*text == '"' || *text == '\\') {
            fprintf(to, "\\%c", *text);
        } else if (is_unsafe(text, length)) {
            fprintf(to, "\\u%04x", (unsigned)code);
        } else {
            fwrite(text, 1, length, to);
        }
        text += length > 0 ? length : 1;
    }
    fputc('"', to);
}
