/* Growing text, plain and escaped. */
#include "base/growing_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

nca__growing_text nca__growing_text_make(size_t capacity)
{
    nca__growing_text made = {.text = malloc(capacity + 1), .capacity = capacity + 1};
    if (made.text != NULL) {
        made.text[0] = 0;
    }
    return made;
}

void nca__grow(nca__growing_text *out, const char *bytes, size_t count)
{
    if (out->text == NULL) {
        return;
    }
    if (out->capacity - out->length <= count) {
        const size_t capacity = 2 * (out->length + count) + 1;
        char *larger = realloc(out->text, capacity);
        if (larger == NULL) {
            free(out->text);
            out->text = NULL;
            return;
        }
        out->text = larger;
        out->capacity = capacity;
    }
    memcpy(out->text + out->length, bytes, count);
    out->length += count;
    out->text[out->length] = 0;
}

void nca__grow_text(nca__growing_text *out, const char *text)
{
    nca__grow(out, text, strlen(text));
}

const char *nca__entity(char character)
{
    switch (character) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

void nca__grow_escaped(nca__growing_text *out, const char *text)
{
    char *clean = strdup(text);
    if (clean == NULL) {
        free(out->text);
        out->text = NULL;
        return;
    }
    nca__clean_text(clean);
    for (const char *at = clean; *at != 0; at++) {
        const char *entity = nca__entity(*at);
        nca__grow(out, entity != NULL ? entity : at, entity != NULL ? strlen(entity) : 1);
    }
    free(clean);
}
