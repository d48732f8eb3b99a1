/* JSON strings: escaped, and valid for any bytes. */
#include "cli/json_text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* The bytes of the UTF-8 sequence that begins here, or 0 when none does (Unicode 15, table 3-7). */
static size_t sequence_length(const unsigned char *at)
{
    unsigned char least = 0x80, most = 0xbf;
    size_t length = at[0] < 0x80    ? 1
                    : at[0] < 0xc2  ? 0
                    : at[0] < 0xe0  ? 2
                    : at[0] < 0xf0  ? 3
                    : at[0] <= 0xf4 ? 4
                                    : 0;
    least = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : least;
    most = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : most;
    for (size_t i = 1; i < length; i++) {
        if (at[i] < least || at[i] > most) {
            return 0;
        }
        least = 0x80;
        most = 0xbf;
    }
    return length;
}

/* The character that a sequence stands for where a terminal could take it for more than text, or 0.
 * All of these have four hexadecimal digits at most. */
static unsigned unsafe_character(const unsigned char *at, size_t length)
{
    char copy[5] = {0};
    memcpy(copy, at, length);
    nca_clean_text(copy);
    if (copy[0] != '?' || *at == '?') {
        return 0;
    }
    return length == 1   ? at[0]
           : length == 2 ? (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu)
                         : (at[0] & 0x0fu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
}

void write_json_string(FILE *to, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    fputc('"', to);
    while (*at != 0) {
        size_t length = sequence_length(at);
        if (length == 0) {
            fputs("\\ufffd", to);
        } else if (*at == '"' || *at == '\\') {
            fprintf(to, "\\%c", *at);
        } else if (unsafe_character(at, length) != 0) {
            fprintf(to, "\\u%04x", unsafe_character(at, length));
        } else {
            fwrite(at, 1, length, to);
        }
        at += length > 0 ? length : 1;
    }
    fputc('"', to);
}

void print_json_string(const char *text)
{
    write_json_string(stdout, text);
}
