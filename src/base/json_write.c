/* Writing JSON. */
#include "base/json_write.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/number.h"

nca__json_writer nca__json_writer_make(unsigned indent, int digits)
{
    return (nca__json_writer){
        .out = nca__growing_text_make(256), .indent = indent, .digits = digits, .empty = true};
}

static void new_line(nca__json_writer *w)
{
    if (w->indent > 0) {
        nca__grow_text(&w->out, "\n");
        for (unsigned i = 0; i < w->indent * w->depth; i++) {
            nca__grow_text(&w->out, " ");
        }
    }
}

static void grow_string(nca__json_writer *w, const char *text)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    nca__grow_text(&w->out, "\"");
    while (*text != 0) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\') {
            plain++;
        }
        nca__grow(&w->out, text, plain);
        text += plain;
        if (*text != 0) {
            char escape[8];
            const char *known = strchr(escaped, *text);
            if (known != NULL) {
                snprintf(escape, sizeof escape, "\\%c", letters[known - escaped]);
            } else {
                snprintf(escape, sizeof escape, "\\u%04X", (unsigned char)*text);
            }
            nca__grow_text(&w->out, escape);
            text++;
        }
    }
    nca__grow_text(&w->out, "\"");
}

/* Writes what precedes a value: comma, line break, key. */
static void before(nca__json_writer *w, const char *key)
{
    assert((key != NULL) == (w->depth > 0 && w->closing[w->depth - 1] == '}'));
    if (!w->empty) {
        nca__grow_text(&w->out, ",");
    }
    if (w->depth > 0) {
        new_line(w);
    }
    if (key != NULL) {
        grow_string(w, key);
        nca__grow_text(&w->out, w->indent > 0 ? ": " : ":");
    }
    w->empty = false;
}

static void begin(nca__json_writer *w, const char *key, const char *opening, char closing)
{
    assert(w->depth < NCA__JSON_WRITE_DEPTH);
    before(w, key);
    nca__grow_text(&w->out, opening);
    w->closing[w->depth++] = closing;
    w->empty = true;
}

void nca__json_begin_object(nca__json_writer *w, const char *key)
{
    begin(w, key, "{", '}');
}

void nca__json_begin_array(nca__json_writer *w, const char *key)
{
    begin(w, key, "[", ']');
}

void nca__json_end(nca__json_writer *w)
{
    assert(w->depth > 0);
    w->depth--;
    if (!w->empty) {
        new_line(w);
    }
    nca__grow(&w->out, &w->closing[w->depth], 1);
    w->empty = false;
}

void nca__json_string(nca__json_writer *w, const char *key, const char *text)
{
    before(w, key);
    grow_string(w, text);
}

static void give_up(nca__json_writer *w)
{
    free(w->out.text);
    w->out.text = NULL;
}

void nca__json_clean_string(nca__json_writer *w, const char *key, const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL) {
        give_up(w);
        return;
    }
    nca__clean_text(copy);
    nca__json_string(w, key, copy);
    free(copy);
}

static void put_word(nca__json_writer *w, const char *key, const char *word)
{
    before(w, key);
    nca__grow_text(&w->out, word);
}

void nca__json_integer(nca__json_writer *w, const char *key, int64_t value)
{
    char text[NCA__NUMBER_SIZE];
    snprintf(text, sizeof text, "%" PRId64, value);
    put_word(w, key, text);
}

void nca__json_real(nca__json_writer *w, const char *key, double value)
{
    char text[NCA__NUMBER_SIZE];
    if (!isfinite(value)) {
        nca__json_null(w, key);
        return;
    }
    nca__format_digits(text, value, w->digits);
    char *exponent = strchr(text, 'e');
    if (exponent != NULL) { /* "e+07" is written as "e7" */
        char *to = exponent + 1, *from = to;
        to += *to == '-';
        from += strspn(from, "+-0");
        memmove(to, from, strlen(from) + 1);
    } else if (strchr(text, '.') == NULL) { /* so that readers do not treat it as an integer */
        strcat(text, ".0");
    }
    put_word(w, key, text);
}

void nca__json_bool(nca__json_writer *w, const char *key, bool value)
{
    put_word(w, key, value ? "true" : "false");
}

void nca__json_null(nca__json_writer *w, const char *key)
{
    put_word(w, key, "null");
}

void nca__json_bytes(nca__json_writer *w, const char *key, const void *bytes, size_t count)
{
    const size_t length = nca__base64_length(count);
    char *text = bytes != NULL ? malloc(length + 1) : NULL;
    if (text == NULL) {
        give_up(w);
        return;
    }
    nca__base64(text, bytes, count);
    before(w, key);
    nca__grow_text(&w->out, "\"");
    nca__grow(&w->out, text, length);
    nca__grow_text(&w->out, "\"");
    free(text);
}
